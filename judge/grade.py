"""The whole flow of grading: submission -> sandbox -> observation -> compare and diagnose -> report."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeAlias

from judge.diagnosis.memorised import moved
from judge.exercise import Misconception
from judge.exercise.golden_file import read_golden_file
from judge.exercise.goldens import golden_path
from judge.model import Case, Exercise, Golden, Observation, Submission, Visibility
from judge.observed import AnswerKey, SecondRun
from judge.same_error import call_after_errors
from judge.sandbox import Call, CompiledPrograms, Sandbox

REPEAT_PREFIX = "again:"
"""Marks the id of a call that repeats a case; no case has a colon in its id."""


class LoadedExercise(AnswerKey):
    """Everything that grading needs besides the submission: loaded once, used for many."""

    def __init__(
        self,
        exercise: Exercise,
        cases: Sequence[Case],
        goldens: Mapping[str, Golden],
        misconceptions: Sequence[Misconception],
    ) -> None:
        super().__init__(exercise, cases, goldens, misconceptions)
        self.programs = CompiledPrograms(exercise, cases)
        self.reproducing = threading.Lock()
        self.reproduced: str | None = None
        """The result of `judge.solutions.reproduce`: None before it ran, '' when there is nothing to report."""

    @cached_property
    def recorded_in(self) -> tuple[Mapping[str, str], ...]:
        """The environment that each file of goldens was recorded in."""
        stems = sorted({case.file for case in self.cases})
        return tuple(read_golden_file(golden_path(self.exercise, stem)).environment for stem in stems)


OnStage: TypeAlias = Callable[[str], None]
"""Called with what is done now: ``case 3 of 20``."""


def observe(
    loaded: LoadedExercise, submission: Submission, sandbox: Sandbox, on_stage: OnStage = lambda stage: None
) -> Observation:
    """Observe the submission in the sandbox on every case, and on the first one once more.

    The repeat comes after the public cases, if there are at least two, and before any hidden one: its result is shown
    to learners.  Where the first and the most different public cases end in the same exception, no
    other is called (`judge.same_error`).
    """
    calls = [Call(case.id, case.inputs) for case in loaded.cases]
    hidden = [case.visibility is Visibility.HIDDEN for case in loaded.cases]
    position = hidden.index(True) if any(hidden) else len(calls)
    if position > 1:
        calls.insert(position, Call(REPEAT_PREFIX + calls[0].id, calls[0].inputs))
    places = {
        call.id: place
        for place, call in enumerate((c for c in calls if not c.id.startswith(REPEAT_PREFIX)), 1)
    }

    def on_step(call_id: str) -> None:
        if call_id in places:
            on_stage(f"case {places[call_id]} of {len(places)}")

    observed = sandbox.observe(
        submission.source,
        loaded.exercise.entry_point,
        calls,
        next_call=call_after_errors(loaded.cases),
        on_step=on_step,
    )
    return replace(
        observed,
        cases={name: step for name, step in observed.cases.items() if not name.startswith(REPEAT_PREFIX)},
        repeats={
            name.removeprefix(REPEAT_PREFIX): step
            for name, step in observed.cases.items()
            if name.startswith(REPEAT_PREFIX)
        },
    )


def observe_again(
    loaded: LoadedExercise, submission: Submission, sandbox: Sandbox, first: Observation, again: SecondRun
) -> Observation:
    """Return the first observation with the result of the second run, if the first left time for it."""
    left_s = sandbox.limits.total_wall_s - first.own_wall_s
    if left_s <= 0:
        return first
    inputs = next(case.inputs for case in loaded.cases if case.id == again.case)
    second = sandbox.observe(
        submission.source,
        loaded.exercise.entry_point,
        [Call(again.case, moved(inputs) if again.kind == "moved" else inputs)],
        limits=replace(sandbox.limits, total_wall_s=left_s),
        scaled=again.kind == "scaled",
    )
    shown: dict[str, Any] = {again.kind: second.cases}
    if again.kind == "scaled" and not second.cases:
        # that it cannot even be loaded with other optimizers is a result
        shown = {"scaled": {again.case: second.load}}
    return replace(
        first,
        **shown,
        wall_s=first.wall_s + second.wall_s,
        cpu_s=first.cpu_s + second.cpu_s,
        peak_memory_mib=max(first.peak_memory_mib, second.peak_memory_mib),
    )
