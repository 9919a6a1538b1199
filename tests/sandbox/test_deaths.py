"""What is said of a process that died before it did its work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from judge import wire
from judge.exercise import load_cases, load_exercise
from judge.model import ExerciseError, Limits, SandboxError
from judge.sandbox import Sandbox, deaths
from judge.sandbox.versions import LIBRARIES, installed
from judge.solutions.runner import SolutionRunner

SMALL = Path(__file__).resolve().parents[1] / "exercises" / "optax_sgd_step"
DIES = b"""
import os, sys

def ENTRY(*arguments):
    print("F0000 the last word", file=sys.stderr, flush=True)
    os._exit(7)
"""


def test_last_lines_leave_out_the_native_stack_below_the_reason() -> None:
    printed = "first\nF0000 the reason\n*** Check failure stack trace: ***\n    @ 0x7f00  (unknown)\n\n"
    assert deaths.last_lines(printed) == "first | F0000 the reason"
    assert deaths.last_lines("\n \n") == ""
    assert deaths.last_lines("\n".join("abcdefgh")) == "e | f | g | h"


def test_an_end_is_named_as_a_shell_user_knows_it() -> None:
    assert deaths.in_words(3, None) == "exit status 3"
    assert deaths.in_words(None, 6) == "signal SIGABRT"
    assert deaths.in_words(None, 63) == "signal 63"
    assert deaths.in_words(None, None) == ""


def test_here_names_every_version_and_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, version in installed().items():
        assert version in deaths.here(), name
    monkeypatch.setattr(deaths, "installed", lambda: {"python": "3.99.0", "jax": "9.9"})
    assert "Python 3.99.0, jax 9.9, jaxlib missing" in deaths.here()


def test_an_authors_solution_that_dies_shows_how_its_last_lines_and_the_versions() -> None:
    exercise = load_exercise(SMALL)
    case = load_cases(exercise)[0]
    source = DIES.replace(b"ENTRY", exercise.entry_point.encode())
    with (
        Sandbox(exercise.limits, preload=("numpy",)) as sandbox,
        SolutionRunner(sandbox, exercise, "reference/solution.py", source) as solution_runner,
        pytest.raises(ExerciseError) as caught,
    ):
        solution_runner.require(case.inputs, case.id)
    text = str(caught.value)
    assert f"reference/solution.py: fails on {case.id}: exited" in text
    assert "exit status 7" in text
    assert "F0000 the last word" in text
    for name in LIBRARIES:
        assert f"{name} {installed()[name]}" in text


def test_an_authors_solution_that_raises_is_told_without_versions() -> None:
    exercise = load_exercise(SMALL)
    case = load_cases(exercise)[0]
    source = f"def {exercise.entry_point}(*arguments):\n    raise ValueError('no')\n".encode()
    with (
        Sandbox(exercise.limits, preload=("numpy",)) as sandbox,
        SolutionRunner(sandbox, exercise, "reference/solution.py", source) as solution_runner,
        pytest.raises(ExerciseError, match=r"ValueError: no$"),
    ):
        solution_runner.require(case.inputs, case.id)


def test_a_process_that_builds_and_fails_shows_its_last_words() -> None:
    with (
        Sandbox(replace(Limits(), wall_s=60.0), preload=("numpy",)) as sandbox,
        sandbox.open() as session,
        pytest.raises(SandboxError) as caught,
    ):
        session.ask(wire.pack({"kind": "build"}, b""), 60.0)
    assert "KeyError: 'entry_point'" in str(caught.value)
    assert "jax " in str(caught.value)
