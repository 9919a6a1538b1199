"""How much of the hidden cases a hand-in can tell at most: docs/security.md says what this computes."""

from __future__ import annotations

import math
import re
from itertools import chain
from pathlib import Path

from judge.exercise import find_exercise, load_cases, load_exercise
from judge.model import Outcome, Verdict, Visibility
from judge.pages import all_pages
from judge.reports.redact import STEPS

ROOT = Path(__file__).resolve().parents[2]


def different_scores(points: list[float]) -> int:
    sums = {0.0}
    for one in points:
        sums = set(chain(sums, (known + one for known in sums)))
    return len(sums)


def factors() -> dict[str, int]:
    """Among how many possibilities each thing that learners are told can choose, as if all were free of each other."""
    exercise = load_exercise(find_exercise(ROOT))
    hidden = [case for case in load_cases(exercise) if case.visibility is Visibility.HIDDEN]
    limits = exercise.limits
    codes = len(all_pages(exercise))
    return {
        "verdicts": len(Verdict),
        "scores": different_scores([case.points for case in hidden]),
        "outcomes of pitfalls": len(Outcome) ** len(exercise.pitfalls),
        "findings of public cases": codes + 1,
        "one finding more": codes + 1,
        "steps of time": math.ceil(2 * limits.total_wall_s / STEPS["wall_s"]),
        "steps of memory": math.ceil(limits.memory_mib / STEPS["peak_memory_mib"]),
    }


def test_the_figure_is_what_is_computed() -> None:
    """A little room above it, as an exercise grows."""
    text = " ".join((ROOT / "docs/security.md").read_text().split())
    told = re.search(r"at most (\d+) bits a hand-in", text)
    assert told is not None
    bits = math.log2(math.prod(factors().values()))
    assert bits <= int(told[1]) <= bits + 4
    assert f"steps of {STEPS['wall_s']:g} s and {STEPS['peak_memory_mib']:g} MiB" in text
