"""Explains the remaining wrong answers: by their form, by a factor or the optimizer, else as unrecognised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from judge.compare import Mismatch
from judge.diagnosis import messages
from judge.diagnosis.context import FirstDifference, Run
from judge.diagnosis.divergence.training import FACTOR_IN_WORDS, factors_of, in_words, rows_of
from judge.diagnosis.divergences import (
    OUTPUT_IS_RIGHT,
    UNSEEN,
    UP_TO_THE_END,
    WHAT_IS_LEFT,
    differences_left,
    evaluation_unseen,
    place_of_divergence,
    place_of_the_end,
    right_until,
    to_show,
    why,
)
from judge.diagnosis.evidence import uses_other_optimizer
from judge.diagnosis.explanation import Explained, Explanation
from judge.model import Json, SourceSpan
from judge.pages import page_of_misconception
from judge.vocabulary import FACTORS, Shape, Stage


def find_wrong_types(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Explain answers that are no arrays of real numbers, and those that are right numbers in another shape."""
    in_shape = _left(run, explained, Mismatch.SHAPE)
    if all(run.outcomes.compared[case].values_right for case in in_shape):
        yield from _of_another_shape(run, in_shape, values_right=True)
    cases = _left(run, explained, Mismatch.NOT_NUMBERS)
    if not cases:
        return
    public = messages.public_of(cases, run.cases)
    happened = f"{messages.some_of(len(cases), run.started)} what came back is no array of real numbers"
    facts: dict[str, Json] = {"cases": len(cases), "of": run.started}
    matters = None
    if public:
        returned = run.outcomes.returned[public[0]]
        happened += f": it is {returned.problem}"
        matters = _WHY_NO_NUMBERS.get(returned.type_name, "")
        facts["type"] = returned.type_name
    yield run.explanation(
        "non-numeric-output", f"{happened}.", facts, span=run.place(), cases=cases, matters=matters
    )


_WHY_NO_NUMBERS = {
    "NoneType": "A function that comes to its end without `return` gives back None.",
    "tuple": "A function that returns several things gives back a tuple of them.",
    "coroutine": "A function that is defined with `async def` gives back a coroutine, and nothing of it has run yet.",
    "generator": "A function with `yield` in it gives back a generator, and nothing of it has run yet.",
    "async_generator": "A function with `yield` in it gives back a generator, and nothing of it has run yet.",
    "function": "A function was given back, and it has not been called.",
    "method": "A method was given back, and it has not been called.",
}
"""The known reason, by the type of the returned value."""


def find_wrong_shapes(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Explain answers in another shape than asked for, and those that are NaN or infinite."""
    yield from _of_another_shape(run, _left(run, explained, Mismatch.SHAPE), values_right=False)
    cases = _left(run, explained, Mismatch.NOT_FINITE)
    if not cases:
        return
    reasons = {run.outcomes.compared[case].reason for case in cases}
    what = "NaN" if any("NaN" in reason for reason in reasons) else "infinite"
    happened = f"{messages.some_of(len(cases), run.started)} the answer is {what}."
    facts: dict[str, Json] = {"cases": len(cases), "of": run.started}
    yield run.explanation("non-finite-output", happened, facts, span=run.place(), cases=cases)


def _of_another_shape(run: Run, cases: Sequence[str], *, values_right: bool) -> Iterator[Explanation]:
    if not cases:
        return
    public = messages.public_of(cases, run.cases)
    shown = (public or cases)[0]
    happened = f"{messages.some_of(len(cases), run.started)} the answer has another shape than asked for"
    facts: dict[str, Json] = {"cases": len(cases), "of": run.started, "value_right": values_right}
    if public:
        reason = run.outcomes.compared[shown].reason.partition(";")[0]
        happened += f": {reason}"
        shape = run.outcomes.returned[shown].shape
        facts["shape"] = None if shape is None else list(shape)
    happened += ". The number in it is right." if values_right else "."
    is_empty = 0 in (run.outcomes.returned[shown].shape or ())
    matters = "" if is_empty else None  # the page's reasons are about arrays that are not empty
    yield run.explanation(
        "wrong-output-shape", happened, facts, span=run.place(), cases=cases, matters=matters
    )


def find_numbers_by_form(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Explain wrong numbers by an optimizer that is no plain gradient step, else by one factor that all of them have.

    Nothing is explained by the optimizer where the first difference is elsewhere, or the step is right.
    """
    cases = _left(run, explained, Mismatch.VALUE)
    if not cases:
        return
    differences = differences_left(run, explained, cases).values()
    elsewhere = any(it is not None or Stage.STEP in agreed for it, agreed in differences)
    optimizer = "" if elsewhere else uses_other_optimizer(run.structure)
    other = run.naming.of(Stage.STEP, Shape.OTHER_RULE)
    if optimizer and other is not None and explained.error(other.code) is None:
        happened, facts = _how_far(run, cases)
        happened += (
            f". The optimizer that took the step is made with `{optimizer}`, which is no plain gradient step."
        )
        yield run.explanation(
            other.code,
            happened,
            {**facts, "optimizer": optimizer},
            span=run.place(other.misconception),
            cases=cases,
            matters=why(run.pages[other.code], Shape.OTHER_RULE, optimizer),
        )
    else:
        yield from _by_factor(run, cases)


_SAME_FACTOR = 1e-5


def _by_factor(run: Run, cases: Sequence[str]) -> Iterator[Explanation]:
    """Explain these answers if every one is the right one times one meaningful factor."""
    fitting: list[tuple[Shape, ...]] = []
    inputs = {case.id: case.inputs for case in run.cases}
    for case, comparison in run.outcomes.compared.items():
        got, expected = run.outcomes.returned[case].array, run.goldens[case].expected
        if not comparison.right and case not in cases:
            continue  # another finding explains it
        if got is None or got.size != 1 or expected.size != 1 or not float(expected.ravel()[0]):
            return
        ratio = float(got.ravel()[0]) / float(expected.ravel()[0])
        within = max(_SAME_FACTOR, run.goldens[case].tolerance / abs(float(expected.ravel()[0])))
        fitting.append(factors_of(ratio, rows_of(inputs[case]), within))
    common = [shape for shape in FACTORS if fitting and all(shape in factors for factors in fitting)]
    named = run.naming.of(Stage.ANSWER, Shape.SCALED, common)
    if len(cases) < 2 or not common or named is None:
        return
    where = messages.some_of(len(cases), run.started)
    happened = f"{where} the answer is wrong: it is {in_words(common)} what it should be."
    page = page_of_misconception(named.misconception) if named.with_own_page else run.pages[named.code]
    span = run.place(named.misconception, loss_is_right=True)
    facts: dict[str, Json] = {
        "cases": len(cases),
        "of": run.started,
        "factor": min(FACTOR_IN_WORDS[shape] for shape in common),
    }
    yield run.explanation(
        named.code,
        happened,
        facts,
        span=span,
        cases=cases,
        title="The returned loss has another factor",
        matters="",
        page=page,
    )


def find_unrecognised_answers(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Report the wrong numbers that nothing explains, with the first difference from the reference's run."""
    cases = _left(run, explained, Mismatch.VALUE)
    if not cases:
        return
    happened, facts = _how_far(run, cases)
    happened += ". No mistake that the judge knows gives all of these numbers."
    differences = differences_left(run, explained, cases)
    shown = to_show(run, differences)
    said, first, span = _shown(run, cases, differences, shown) if shown is not None else ("", "", None)
    happened += said
    if first:
        facts["first_difference"] = first
    elif evaluation_unseen(run, cases):
        happened += f" {UNSEEN}"
    yield run.explanation("unrecognised-wrong-answer", happened, facts, span=span or run.place(), cases=cases)


def _shown(
    run: Run, cases: Sequence[str], differences: Mapping[str, FirstDifference], shown: FirstDifference
) -> tuple[str, str, SourceSpan | None]:
    """Return sentences on where these runs first differ, the words for the stage, and the place."""
    divergence, agreed = shown
    until = right_until(agreed, divergence)
    until = f" {until}" if until else ""
    if divergence is not None:
        alike = sum(it is not None and it.stage is divergence.stage for it, _ in differences.values())
        words = divergence.words if alike == len(cases) else f"In {_some(alike)}: {divergence.words}"
        return f" {words}{until}", divergence.stage.words, place_of_divergence(run, divergence)
    if Stage.EVALUATION_OUTPUT in agreed:
        what = "what is made of the evaluation's output"
        return f"{until} {OUTPUT_IS_RIGHT}", what, place_of_the_end(run, cases)
    if UP_TO_THE_END.issubset(agreed):
        what = "the evaluation's input or what is made of its output"
        return f"{until} {WHAT_IS_LEFT}", what, place_of_the_end(run, cases)
    return until, "", None


def _left(run: Run, explained: Explained, mismatch: Mismatch) -> list[str]:
    """Return the cases that are wrong in this way and not explained yet."""
    return [case for case in run.outcomes.wrong(mismatch) if case not in explained.cases]


def _how_far(run: Run, cases: Sequence[str]) -> tuple[str, dict[str, Json]]:
    """Return the beginning of a sentence on these wrong numbers, with the distances that may be shown, and facts."""
    facts: dict[str, Json] = {"cases": len(cases), "of": run.started}
    happened = f"{messages.some_of(len(cases), run.started)} the answer is wrong"
    public = messages.public_of(cases, run.cases)
    differences = [run.outcomes.compared[case].difference for case in public]
    known = [difference for difference in differences if difference is not None]
    if known:
        facts["nearest"], facts["farthest"] = min(known), max(known)
        happened += f", off by at least {_times(min(known))} the tolerated difference in those that are shown"
    return happened, facts


def _some(count: int) -> str:
    return "one of these cases" if count == 1 else f"{count} of these cases"


def _times(difference: float) -> str:
    if difference >= 1e9:
        return "over 1,000,000,000 times"
    return f"{difference:,.0f} times" if difference >= 100 else f"{difference:.3g} times"
