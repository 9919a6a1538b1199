"""Courses that are made by hand: what probes would have seen of a run, and what is told of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from judge.diagnosis import diagnose
from judge.diagnosis.divergence.checkpoints import (
    Checkpoints,
    checkpoints_of,
    checkpoints_of_golden,
    kept,
)
from judge.diagnosis.divergence.difference import Divergence, ObservedPair
from judge.diagnosis.divergence.stages import first_divergence
from judge.exercise import Misconception
from judge.model import Event, Exercise, Json, Severity
from judge.trace import ProbeEvent
from support import made
from support.made import case, event, golden, misconception, observation, step, submission, value
from support.observed_files import COURSE, wanted_variants

WRONG = [wanted for wanted in wanted_variants() if wanted.name.startswith(f"{COURSE}/")]


SHAPES: Mapping[str, Json] = {
    "params": [["Dense_0/kernel", [3, 4]]],
    "batch_stats": [["BatchNorm_0/mean", [4]]],
}


LAYERS: list[Json] = [
    ["Dense_0", {"class": "Dense", "features": 4}, 7],
    ["BatchNorm_0", {"momentum": 0.9}, 8],
]


def init(key: list[int] | None = None, **more: Any) -> Event:
    facts = {
        "depth": 0,
        "keys": {"params": key or [0, 2]},
        "variables": SHAPES,
        "layers": LAYERS,
        "sums": sums(),
    }
    return event("module-init", 5, **{**facts, "began": 1, **more})


def sums(kernel: float = 10.0, mean: float = 0.0) -> Json:
    return {
        "params": [["Dense_0/kernel", [abs(kernel), kernel]]],
        "batch_stats": [["BatchNorm_0/mean", [abs(mean), mean]]],
    }


def differentiated(loss: float | None = 2.0) -> Event:
    return event("grad-call", 9, value=loss, began=2)


def run_of_model(began: int, trains: bool, given: Json, output: float = 3.0, **more: Json) -> Event:
    norm = {"path": "BatchNorm_0", "use_running_average": not trains}
    facts = {
        "depth": 0,
        "norms": [norm],
        "sums": given,
        "output": [[output, output]],
        "batch": [4, 3],
        "batch_sums": [12.0, 7.0],
        "differentiated": began < 5,
        "began": began,
    }
    return event("module-apply", 10 + began, **{**facts, **more})


def updated(factor: float | None = -0.1, exact: bool = True) -> Event:
    return event("optimizer-update", 11, proportion={"factor": factor, "exact": exact}, began=4)


def course(**changed: Event) -> list[Event]:
    events = {
        "init": init(),
        "loss": differentiated(),
        "train": run_of_model(3, True, {}),
        "update": updated(),
        "last": run_of_model(5, False, sums(9.0, 0.5)),
    }
    return list({**events, **changed}.values())


def outline(events: list[Event]) -> Checkpoints:
    return checkpoints_of(
        sorted(
            (ProbeEvent(e.kind, "a", e.line, e.facts["began"], e.facts) for e in events),
            key=lambda seen: seen.order,
        )
    )


def divergence(**changed: Event) -> Divergence | None:
    inputs = {"seed": 2.7, "x_batch": np.zeros((4, 3), np.float32), "lr": 0.1}
    return first_divergence(
        ObservedPair(outline(course(**changed)), checkpoints_of_golden(kept(course())), inputs)
    )[0]


def errors_of(cases: Mapping[str, list[Event]], *known: str) -> list[tuple[str, int]]:
    """Codes and numbers of cases of the errors, where every answer is wrong."""
    goldens = {name: replace(golden(name, 1.0), events=kept(course())) for name in cases}
    seen = observation(**{name: step(value(3.0), *events) for name, events in cases.items()})
    bank = [misconception(name) for name in known]
    found = diagnose(exercise_of(), submission(), seen, [case(n) for n in cases], goldens, bank).findings
    return [(f.code, len(f.checks)) for f in found if f.severity is Severity.ERROR]


STOOD_STILL = run_of_model(5, False, sums(10.0, 0.5))


NO_UPDATE = event("optimizer-update", 11, proportion=None, began=4)


def told(
    cases: Mapping[str, list[Event]], *known: str | Misconception, **inputs: Mapping[str, Any]
) -> tuple[str, str, str]:
    """Code, title and message of the one error, where every answer is wrong."""
    goldens = {name: replace(golden(name, 1.0), events=kept(course())) for name in cases}
    seen = observation(**{name: step(value(3.0), *events) for name, events in cases.items()})
    bank = [misconception(one) if isinstance(one, str) else one for one in known]
    given = [replace(case(n), inputs={**case(n).inputs, **inputs.get(n, {})}) for n in cases]
    (found,) = diagnose(exercise_of(), submission(), seen, given, goldens, bank).findings
    return found.code, found.title, found.message


def of_reference(**changed: Event) -> list[Event]:
    """Events as probes report them: with the word whether a run was differentiated."""
    events = {
        "train": run_of_model(3, True, {}, differentiated=True),
        "last": run_of_model(5, False, sums(9.0, 0.5), differentiated=False),
    }
    return course(**{**events, **changed})


TRAINED = run_of_model(3, True, sums(10.0, 0.0), differentiated=True)


"""The training pass, with what it was given."""


MOVED = run_of_model(5, False, sums(8.0, 0.5))


def rows(count: int) -> Mapping[str, Any]:
    return {"x_batch": np.zeros((count, 3), np.float32), "y_batch": np.zeros(count, np.float32)}


def exercise_of() -> Exercise:
    return made.exercise()
