"""Observations as large and as badly shaped as the caps of the sandbox let through."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from judge import wire
from judge.grade import LoadedExercise
from judge.model import (
    Claimed,
    ClaimedException,
    ClaimedFrame,
    ClaimedValue,
    Ended,
    Event,
    Isolation,
    Measured,
    Observation,
    StepObservation,
    Submission,
)
from judge.sandbox.claims import MAX_TEXT
from judge.submission import submission_of

TREE = {"params": 1, "state": 1, "leaves": 2}
PARAMS = {"params": 2, "state": 0, "leaves": 2}
NORM = {"path": "BatchNorm_0", "use_running_average": False, "momentum": 0.9, "epsilon": 1e-5}
LEAVES = [[f"layer_{n}/kernel", [1.5, 2.5]] for n in range(20)]


def _facts(n: int) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("optimizer-init", {"began": n + 1, "tree": TREE}),
        ("optimizer-init", {"began": n + 1, "tree": PARAMS}),
        ("optimizer-update", {"began": 9_000 + n, "state_from": n % 7, "tree": PARAMS, "step_size": 0.1}),
        ("optimizer-update", {"began": n, "state_from": n, "tree": TREE, "raised": "ValueError"}),
        ("apply-updates", {"began": 9_999 - n, "params": TREE, "updates": TREE, "sums": LEAVES}),
        ("tree-step", {"began": n, "sums": LEAVES}),
        ("grad-make", {"maker": n, "api": "grad"}),
        ("grad-call", {"began": 20_000 - n, "maker": n, "wrt": TREE, "value": 1.0, "defined": n}),
        ("grad-call", {"began": 9, "maker": n, "returned": {"kind": "tuple", "parts": [1, 2, 3]}}),
        (
            "module-apply",
            {"began": 5, "depth": 0, "norms": [NORM] * 4, "differentiated": True, "batch": [16, 5]},
        ),
        ("module-apply", {"began": n, "depth": 0, "norms": [NORM], "sums": {"params": LEAVES}}),
        ("module-init", {"began": n, "depth": 0, "variables": {"params": LEAVES}, "layers": [["a", {}, 1]]}),
        ("batch-norm", NORM),
        ("hand-step", {"role": "mixed", "sweep": n, "at": n, "began": n}),
        ("hand-step-dropped", {"role": "params", "sweep": n, "began": n}),
        ("hand-joined", {"role": "state", "sweep": n, "began": n}),
        ("hand-used", {"began": 2 * n}),
        ("input-mutated", {"position": n}),
        ("strange", {"deep": json.loads("[" * 200 + "]" * 200)}),
    ]


KINDS = tuple(dict.fromkeys(kind for kind, _ in _facts(0)))


def events(count: int, *kinds: str) -> tuple[Event, ...]:
    """So many events of these kinds, taking turns, on different lines."""
    found: list[Event] = []
    n = 0
    while len(found) < count:
        found += [Event(kind, n % 300 + 1, facts) for kind, facts in _facts(n) if not kinds or kind in kinds]
        n += 1
    return tuple(found[:count])


def step(claimed: Claimed) -> StepObservation:
    return StepObservation(Measured(Ended.ANSWERED, 0.1, 0.0, 0.0, len(claimed.stdout)), claimed)


def observation(
    loaded: LoadedExercise, claim: Callable[[str, int], Claimed], load: Claimed | None = None
) -> Observation:
    cases = {case.id: step(claim(case.id, number)) for number, case in enumerate(loaded.cases)}
    return Observation(step(load or Claimed()), cases, Isolation("strong", (), ()))


def right(loaded: LoadedExercise, case: str) -> ClaimedValue:
    expected = np.array(loaded.goldens[case].expected)
    return ClaimedValue("jax.Array", "float32", expected.shape, expected)


def wrong(loaded: LoadedExercise, case: str, number: int) -> ClaimedValue:
    expected = np.array(loaded.goldens[case].expected) * (1.5 + number) + 0.25
    return ClaimedValue("jax.Array", "float32", expected.shape, expected)


def enormous() -> ClaimedValue:
    size = wire.MAX_ANSWER_NUMBERS
    return ClaimedValue("\u202e" * 300, "float64", (size,), np.arange(size, dtype=np.float64))


def exception(number: int, text: str = "") -> ClaimedException:
    frames = tuple(ClaimedFrame(n * 7 % 900 + 1, "\u202ef" * 100, n + 1, 0, 10_000_000) for n in range(100))
    name = f"x.{number}" + "\u202e" * 290
    return ClaimedException((name,) * 40, (text or "\U000e0001[") * MAX_TEXT, frames)


def sources() -> Mapping[str, Submission]:
    texts = {
        "one long line": "x = [" + "'#', " * 200_000 + "]",
        "only line ends": "\n" * 1_000_000,
        "signs that grow": "# " + "\U000e0001\u202e" * 140_000,
        "as much tree as is parsed": "x = [\n" + "1," * 24_000 + "]",
        "as many functions": "".join(f"def solve(a):\n return a{n}\n" for n in range(1_800)),
        "as many calls on a line": "f(); " * 9_000,
        "calls in calls": ("f(" * 80 + ")" * 80 + "\n") * 300,
        "unpackings": "a, b = c.pop('x')\n" * 2_500,
        "never closed": "(" * 1_000_000,
    }
    return {name: submission_of(text[: 1 << 20].encode()[: 1 << 20], "x.py") for name, text in texts.items()}

