"""Goldens recorded elsewhere are believed only when the reference still gives them here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from judge.exercise.golden_file import read_golden_file
from judge.exercise.goldens import golden_path
from judge.model import StaleGoldensError

if TYPE_CHECKING:
    from judge.grade import Bench
    from judge.sandbox import Sandbox

DECISIVE = ("jax", "jaxlib", "flax", "optax", "numpy", "platform", "xla_flags", "x64")
"""Where numbers come from. While all of these are as they were at record time, they are not computed again."""


def require_reproduced(bench: Bench, sandbox: Sandbox) -> None:
    """Run the reference on every case when it was recorded in another environment than the sandbox's.

    Raises StaleGoldensError, which is a judge error, with what changed and the cases that come out differently.
    """
    changes = environment_changes(bench, sandbox.environment)
    if not changes:
        return
    from judge.authoring.reproduce import reproduce

    differences = reproduce(bench.exercise, sandbox, bench.cases, bench.goldens)
    if differences:
        lines = "\n  ".join(differences[:10])
        raise StaleGoldensError(
            f"the reference of exercise '{bench.exercise.name}' no longer gives here what was recorded "
            f"({'; '.join(changes)}); 'judge cases record' mends this if the new values are the right ones\n  {lines}"
        )


def environment_changes(bench: Bench, environment: Mapping[str, str]) -> list[str]:
    """What is different from where the goldens were recorded, in words: ``jax 0.10.2, recorded with 0.10.1``."""
    changes: dict[str, None] = {}
    for stem in sorted({case.id.partition("/")[0] for case in bench.cases}):
        recorded = read_golden_file(golden_path(bench.exercise, stem)).environment
        for name in DECISIVE:
            now, then = environment.get(name, "unknown"), recorded.get(name, "unknown")
            if now != then:
                changes[f"{name} is {now}, it was {then}"] = None
    return list(changes)
