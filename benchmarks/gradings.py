"""Gradings of one file by the judge of a checkout, one after another, each with what it cost.

Run as a program with a checkout, an exercise and a file: for every line ``cold`` or ``warm`` that it reads, it grades
the file in that lane and answers with seconds. CPU time is what the judge itself used and what was measured of the
process inside; what is left out, forking and keeping, is some hundredths of a second.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judge.grader import Grader


def main(checkout: str, exercise: str, file: str) -> None:
    """Serve until nobody asks any more."""
    sys.path.insert(0, checkout)
    from judge import grader
    from judge.grader import Grader
    from judge.sandbox import Warm

    names = vars(grader)
    load = names.get("load_exercise_with_goldens") or names["load_bench"]  # as it was called before 2026-11-29
    loaded = load(Path(exercise))
    with Grader.of(loaded, warm=Warm.NEVER) as cold, Grader.of(loaded, warm=Warm.FIRST) as warm:
        cold.prepare()  # both lanes with compiled programs, as after `judge prepare`
        graders = {"cold": cold, "warm": warm}
        for line in sys.stdin:
            lane = line.strip()
            measured = _measured(graders[lane], Path(file), lane)
            print(json.dumps(measured | {"cases": len(loaded.cases)}), flush=True)


def _measured(grader: Grader, file: Path, lane: str) -> dict[str, object]:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    report = grader.grade(file)
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    timing = report.timing
    if timing["lane"] != lane:
        sys.exit(f"{file} was answered in the {timing['lane']} lane: {timing['lane_reason']}")
    return {"wall_s": wall_s, "cpu_s": cpu_s + timing["cpu_s"], "verdict": report.verdict}


if __name__ == "__main__":
    main(*sys.argv[1:])
