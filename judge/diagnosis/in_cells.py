"""Turns the lines in a run's messages into cells, for a notebook, whose source was put together from cells.

The process that runs a submission knows one file, so Python's and jax's own messages, and what a program prints, name
its lines.  Only places of that file are replaced, never a number that a learner wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath

from judge.model import ClaimedException, Notebook, Observation, StepObservation
from judge.reports.phrases import line_in_words
from judge.wire import FILENAME

_FRAME = re.compile(rf'File "{re.escape(FILENAME)}", line (\d{{1,9}})')
_PLACE = re.compile(rf"{re.escape(FILENAME)}:(\d{{1,9}})(?::\d{{1,9}})?")
_IN_SYNTAX_ERROR = re.compile(r"\b(on )?line (\d{1,9})")


def in_cells(observation: Observation, notebook: Notebook, path: str) -> Observation:
    """Return the observation with its texts about lines in the words of this notebook."""
    texts = _Texts(notebook, PurePath(path).name)

    def steps(found: Mapping[str, StepObservation]) -> dict[str, StepObservation]:
        return {name: texts.step(one) for name, one in found.items()}

    return replace(
        observation,
        load=texts.step(observation.load),
        cases=steps(observation.cases),
        repeats=steps(observation.repeats),
        alone=steps(observation.alone),
        moved=steps(observation.moved),
        scaled=steps(observation.scaled),
    )


class _Texts:
    """Replaces places in texts."""

    def __init__(self, notebook: Notebook, name: str) -> None:
        self._notebook, self._name = notebook, name

    def step(self, step: StepObservation) -> StepObservation:
        claimed = step.claimed
        raised = claimed.raised
        if raised is not None:
            raised = replace(raised, text=self._of_exception(raised))
        return replace(step, claimed=replace(claimed, raised=raised, stdout=self._of_frames(claimed.stdout)))

    def _of_exception(self, raised: ClaimedException) -> str:
        if "builtins.SyntaxError" not in raised.type_names:
            return self._of_frames(raised.text)
        return _IN_SYNTAX_ERROR.sub(
            lambda found: f"{'in ' if found[1] else ''}{self._place(found[2])}", raised.text
        )

    def _of_frames(self, text: str) -> str:
        if FILENAME not in text:
            return text
        text = _FRAME.sub(lambda found: f'File "{self._name}", {self._place(found[1])}', text)
        return _PLACE.sub(lambda found: f"{self._name}, {self._place(found[1])}", text)

    def _place(self, line: str) -> str:
        return line_in_words(int(line), self._notebook)
