"""Every accepted variant, on fresh draws that nobody has recorded: not one may be called wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge.exercise import load_cases, load_exercise
from judge.model import Exercise
from judge.sandbox import CompiledPrograms, Sandbox
from judge.solutions.fuzz import Fuzzer
from judge.solutions.live_reference import LiveReference
from judge.solutions.runner import AUTHOR_LIMITS

ROOT = Path(__file__).resolve().parents[2]
DRAWS = int(os.environ.get("JUDGE_DRAWS", "500"))
"""Draws per variant, always the same ones for a number. All 500 take about an hour; CI may ask for fewer."""

SEED = 20240229
EXERCISES = {"repository": ROOT, "second": ROOT / "tests" / "exercises" / "optax_sgd_step"}


@pytest.fixture(params=EXERCISES)
def exercise(request: pytest.FixtureRequest) -> Iterator[Exercise]:
    return load_exercise(EXERCISES[request.param])


@pytest.mark.long
def test_no_accepted_variant_fails_on_fresh_draws(exercise: Exercise) -> None:
    rejected, tried, discarded, overruled = {}, 0, 0, 0
    variants = sorted((exercise.reference_dir / "accepted").glob("*.py"))
    programs = CompiledPrograms(exercise, load_cases(exercise))
    with (
        Sandbox(AUTHOR_LIMITS, secrets=(exercise.root,), programs=programs) as sandbox,
        LiveReference(exercise, sandbox) as truth,
    ):
        for path in variants:
            source = path.read_bytes()
            with Fuzzer(exercise, sandbox, source, AUTHOR_LIMITS, DRAWS, SEED, truth=truth) as fuzzer:
                failure = fuzzer.look()
                result = fuzzer.result
            if failure is not None:
                rejected[path.name] = failure
            tried += result.tried
            discarded += result.discarded
            overruled += result.overruled
            print(
                f"{path.name}: {result.tried} compared, {result.discarded} discarded, "
                f"{result.overruled} of them because other right solutions lay as far off",
                flush=True,
            )
    print(
        f"{len(variants)} variants, {tried} comparisons, {discarded} discarded, {overruled} of them by other "
        f"right solutions, {len(rejected)} rejected",
        flush=True,
    )
    assert not rejected
    assert variants
    assert tried > 0.5 * DRAWS * len(variants), "so few comparisons would prove little"
