"""Reading a results folder so that two runs can be compared: everything but what only a clock can say."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

TIMING_COLUMNS = ("wall_s", "cpu_s", "peak_memory_mib")


def without_timing(value: Any) -> Any:
    """A JSON document without what stands under ``timing`` and the checks' ``wall_s``; limits are kept."""
    if isinstance(value, dict):
        return {
            name: without_timing(item)
            for name, item in value.items()
            if name != "timing" and not (name == "wall_s" and "outcome" in value)
        }
    return [without_timing(item) for item in value] if isinstance(value, list) else value


def contents(folder: Path) -> dict[str, Any]:
    """Every file of a results folder by its name, hidden ones and leftovers too, but for the lock."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or name == ".judge/lock":
            continue
        if name == "summary.csv":
            rows = csv.DictReader(io.StringIO(path.read_text(), newline=""))
            found[name] = [{k: v for k, v in row.items() if k not in TIMING_COLUMNS} for row in rows]
        elif name.endswith(".json"):
            found[name] = json.dumps(without_timing(json.loads(path.read_bytes())), indent=2)
        else:
            found[name] = path.read_bytes()
    return found
