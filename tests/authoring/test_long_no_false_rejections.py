"""Every accepted variant, on fresh draws that nobody has recorded: not one may be called wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from judge.authoring.fuzz import Fuzzer
from judge.authoring.players import PATIENT
from judge.authoring.truth import Truth
from judge.exercise import load_exercise
from judge.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
DRAWS = int(os.environ.get("JUDGE_DRAWS", "500"))
"""The full number takes about half an hour."""


@pytest.mark.long
def test_no_accepted_variant_fails_on_fresh_draws() -> None:
    exercise = load_exercise(ROOT)
    rejected, tried, discarded = {}, 0, 0
    with Sandbox(PATIENT, secrets=(exercise.root,)) as sandbox, Truth(exercise, sandbox) as truth:
        for path in sorted((exercise.reference_dir / "accepted").glob("*.py")):
            with Fuzzer(
                exercise, sandbox, path.read_bytes(), PATIENT, DRAWS, 20240229, truth=truth
            ) as fuzzer:
                failure = fuzzer.look()
                tried += fuzzer.result.tried
                discarded += fuzzer.result.discarded
                if failure is not None:
                    rejected[path.name] = failure
            print(f"{path.name}: {fuzzer.result.tried} tried, {fuzzer.result.discarded} discarded")
    print(f"{tried} comparisons, {discarded} discarded, {len(rejected)} rejected")
    assert not rejected
    assert tried > 0.5 * DRAWS * 12
