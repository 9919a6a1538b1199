"""What learners must not get of the repository's exercise: what tells a hidden case, and every line of a solution."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from judge.exercise import load_cases, load_exercise, load_goldens
from judge.model import Visibility

ROOT = Path(__file__).resolve().parents[2]


def hidden_texts() -> Iterator[str]:
    """Everything that tells a hidden case: names, reasons, and numbers with enough digits to be its own."""
    exercise = load_exercise(ROOT)
    cases = load_cases(exercise)
    goldens = load_goldens(exercise, cases)
    numbers: dict[bool, set[float]] = {True: set(), False: set()}
    for case in cases:
        hidden, golden = case.visibility is Visibility.HIDDEN, goldens[case.id]
        if hidden:
            yield case.name
            yield case.why.split(".")[0]
            yield case.digest
        returned = [*golden.misconceptions.values(), *golden.scaled.values()]
        arrays = [golden.expected, *(one.value for one in returned if one.value is not None)]
        for array in [*arrays, *(np.asarray(value) for value in case.inputs.values())]:
            numbers[hidden] |= set(array.astype(float).ravel().tolist())
        numbers[hidden] |= {golden.tolerance, golden.noise}
    for number in numbers[True] - numbers[False]:
        if len(re.sub(r"[^0-9]", "", repr(number).partition("e")[0]).strip("0")) >= 7:
            yield repr(number).removesuffix(".0")


def solutions() -> Iterator[list[str]]:
    """The lines of code of every solution, right or wrong, and of the strategies. (A docstring is a page.)"""
    folder = ROOT / "reference"
    places = [folder / "solution.py", folder / "oracle.py", folder / "strategies.py"]
    places += [
        *folder.glob("accepted/*.py"),
        *folder.glob("misconceptions/*.py"),
        *folder.glob("warm_up/*.py"),
    ]
    for path in places:
        text = path.read_text()
        tree = ast.parse(text)
        lines = text.splitlines()
        if ast.get_docstring(tree) is not None:
            lines = lines[tree.body[0].end_lineno :]
        yield [line.strip() for line in lines]


def secret_lines() -> Iterator[str]:
    """Every line of a solution that is its own: longer than 30 characters, and not in the starter."""
    given = {line.strip() for line in (ROOT / "reference" / "starter.py").read_text().splitlines()}
    for lines in solutions():
        yield from (line for line in lines if len(line) > 30 and line not in given)


@functools.cache
def secrets() -> tuple[str, ...]:
    return tuple(dict.fromkeys((*hidden_texts(), *secret_lines())))


def leaks(pack: bytes) -> list[str]:
    return [text for text in secrets() if text.encode() in pack]
