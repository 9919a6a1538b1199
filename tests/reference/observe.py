"""Runs exercise code in a process of its own and prints, as JSON, what each file returned on each input.

    python observe.py REQUEST.json    with {"inputs": {name: [seed, x, y, lr]}, "calls": {path: [name, ...]}}
    -> {path: {name: {"value": [...], "shape": [...]} | {"raises": "ClassName", "text": "..."} | {"type": "NoneType"}}}

The test process stays free of jax, and all files share one process because compiled programs are shared.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import sys

os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # before the files that are loaded below, so that none of them can choose another platform
import numpy as np


def load(path: str, index: int):
    spec = importlib.util.spec_from_file_location(f"observed_{index}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def observe(solve, seed, x, y, lr):
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            answer = solve(seed, np.array(x, dtype=np.float32), np.array(y, dtype=np.float32), lr)
    except Exception as error:
        return {"raises": type(error).__name__, "text": str(error)}
    numbers = np.asarray(jax.device_get(answer))
    if numbers.dtype.kind not in "fiu":
        return {"type": type(answer).__name__}
    return {"value": numbers.astype(np.float64).ravel().tolist(), "shape": list(numbers.shape)}


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        request = json.load(file)
    seen = {}
    for index, (path, names) in enumerate(request["calls"].items()):
        module = load(path, index)
        seen[path] = {name: observe(module.solve, *request["inputs"][name]) for name in names}
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
