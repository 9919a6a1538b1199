"""An entry point with the statement's parameters in another order: told where nothing is right, else left in peace."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.made import case, exercise, golden, observation, raised, step, submission, value

from judge.diagnosis import diagnose
from judge.model import StepObservation, Submission

CODE = "arguments-in-another-order"
WRONG = step(value(3.0))
RIGHT = step(value(1.0))
STOPPED = step(raised("builtins.TypeError", "only 0-dimensional arrays can be converted to Python scalars"))


def file_of(text: str) -> Submission:
    return replace(submission(), source=text.encode())


def codes(text: str, *steps: StepObservation) -> list[str]:
    names = [f"case-{n}" for n in range(len(steps))]
    seen = observation(**dict(zip(names, steps, strict=True)))
    goldens = {name: golden(name, 1.0) for name in names}
    cases = [case(name) for name in names]
    return [found.code for found in diagnose(exercise(), file_of(text), seen, cases, goldens, ()).findings]


SWAPPED = "def solve(x_batch, y_batch, seed, lr):\n    return [0.0]\n"


@pytest.mark.parametrize("steps", [(WRONG,), (STOPPED,), (WRONG, STOPPED)])
def test_no_right_answer_and_the_names_in_another_order_are_told_as_that(
    steps: tuple[StepObservation, ...],
) -> None:
    assert codes(SWAPPED, *steps) == [CODE]


def test_the_finding_says_what_the_first_wrong_name_holds() -> None:
    seen = observation(a=WRONG)
    found = diagnose(exercise(), file_of(SWAPPED), seen, [case("a")], {"a": golden("a", 1.0)}, ()).findings[0]
    assert "`x_batch` holds what the statement calls `seed`" in found.message
    assert found.span is not None
    assert (found.span.line, found.span.column) == (1, 5)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (SWAPPED, (WRONG, RIGHT)),
        ("def solve(seed, x_batch, y_batch, lr):\n    return [0.0]\n", (WRONG,)),
        ("def solve(x, y, seed, lr):\n    return [0.0]\n", (WRONG,)),
        ("def solve(*arguments):\n    return [0.0]\n", (WRONG,)),
        (f"{SWAPPED}\n\nsolve = lambda *a: [0.0]\n", (WRONG,)),
        (f"{SWAPPED}\n\ndef solve(seed, x_batch, y_batch, lr):\n    return [0.0]\n", (WRONG,)),
        (f"@reordered\n{SWAPPED}", (WRONG,)),
        ("def f(:\n", (WRONG,)),
    ],
)
def test_what_only_looks_like_it_is_left_in_peace(text: str, steps: tuple[StepObservation, ...]) -> None:
    assert CODE not in codes(text, *steps)
