"""Runs many submissions in one unconfined process, with the worker's own loading, describing and recording.

    python diagnosis_driver.py jobs.json answers.json

The sandbox starts a process per submission; here they share one, so that compiled programs are shared and the whole
bank of variants takes seconds.  What comes out is what the worker would send.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any


def main(jobs_file: str, answers_file: str) -> None:
    import flax  # noqa: F401
    import jax  # noqa: F401
    import numpy as np
    import optax  # noqa: F401

    from judge.inside import serialize, worker
    from judge.inside.probes import install

    install.install(worker.RECORDER)
    jobs = json.loads(Path(jobs_file).read_text())
    answers = []
    for job in jobs["submissions"]:
        install.new_step()
        source = base64.b64decode(job["source"])
        header = {"filename": "<submission>", "entry_point": "solve", "arity": 4}
        loaded = worker._attempt(
            lambda header=header, source=source: worker.execute(
                header, worker.compile_as_python_does(header["filename"], source)
            )
        )
        solve = loaded.pop("value", None)
        steps: list[dict[str, Any]] = []
        load = {"kind": "loaded", **loaded, "events": worker.RECORDER.take()}
        for case in jobs["cases"] if solve else []:
            if case["id"] not in job["cases"]:
                continue
            install.new_step()
            inputs = [
                np.asarray(value, np.float32) if isinstance(value, list) else float(value)
                for value in case["inputs"].values()
            ]
            answer = worker._attempt(lambda solve=solve, inputs=inputs: solve(*inputs))
            body = b""
            if "value" in answer:
                value = answer.pop("value")
                described = worker._attempt(lambda value=value: serialize.describe_value(value))
                if "value" in described:
                    answer["returned"], body = described.pop("value")
                else:
                    answer = described
            header = {"kind": "answer", **answer, "events": worker.RECORDER.take()}
            json.dumps(header, allow_nan=False)  # what the wire asks for
            steps.append({"id": case["id"], "header": header, "body": base64.b64encode(body).decode()})
        answers.append({"name": job["name"], "load": load, "steps": steps})
    Path(answers_file).write_text(json.dumps(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])
