"""Findings about wrong answers: recognised by fingerprint, else by their form, else as unrecognised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from judge.compare import Mismatch
from judge.diagnosis import messages
from judge.diagnosis.confirmed import confirmed, contradicted
from judge.diagnosis.context import Run
from judge.diagnosis.divergence.precision import Answered, way_of
from judge.diagnosis.divergence.training import FACTOR_IN_WORDS, factors_of, in_words, rows_of
from judge.diagnosis.divergences import (
    OUTPUT_IS_RIGHT,
    UNSEEN,
    UP_TO_THE_END,
    WHAT_IS_LEFT,
    evaluation_unseen,
    loss_is_right,
    place_in_course,
    place_of_divergence,
    place_of_the_end,
    right_until,
    shown_divergence,
    why,
)
from judge.diagnosis.evidence import Structure, support_for, uses_other_optimizer
from judge.diagnosis.fingerprint import Match, matches, matches_of_most
from judge.model import Json, Severity, SourceSpan
from judge.pages import page_of_misconception
from judge.vocabulary import FACTORS, Blame, Shape, Stage


def find_known_numbers(run: Run, pitfalls_seen: frozenset[str]) -> None:
    """Draft a finding about the known mistake with these numbers, if any; about several that cannot be told apart."""
    wrong = [case for case in run.outcomes.compared if case not in run.outcomes.right]
    if all(case in run.explained for case in wrong):
        return
    for reshaped in (False, True):
        answers = run.outcomes.answers(run.goldens, reshaped=reshaped)
        if _add_likeliest(run, matches(answers, run.cases, run.goldens, run.misconceptions), pitfalls_seen):
            return
    answers = {
        case: it
        for case, it in run.outcomes.answers(run.goldens, reshaped=False).items()
        if it.raised is None
    }
    of_most = matches_of_most(answers, run.outcomes.right, run.cases, run.goldens, run.misconceptions)
    if _add_likeliest(run, of_most, pitfalls_seen):
        run.set_aside |= set(of_most[0].misfits)


def _add_likeliest(run: Run, found: Sequence[Match], pitfalls_seen: frozenset[str]) -> bool:
    """Draft a finding about the matches that structure and course do not contradict; False if there are none."""
    fitting = [match for match in found if any(case not in run.explained for case in match.telling)]
    fitting = [match for match in fitting if not contradicted(run, match)]
    possible = _told_apart(fitting, run.structure, pitfalls_seen)
    if possible:
        _add_match(run, possible, pitfalls_seen)
    return bool(possible)


def find_rounded_numbers(run: Run) -> None:
    """Draft a finding if all answers are right numbers with digits missing."""
    named = run.naming.of(Stage.ANSWER, Shape.ROUNDED)
    if named is None:
        return
    known = run.outcomes.right | run.explained
    wrong = [case for case in run.outcomes.wrong(Mismatch.VALUE) if case not in known]
    coarse = _of_small_types(run, wrong)
    way = None if coarse or not wrong else way_of(_answered(run, [*run.outcomes.right, *wrong]))
    if coarse:
        dtype = run.outcomes.returned[coarse[0]].dtype
        happened = (
            f"{messages.some_of(len(coarse), run.started)} the answer is the right number as far as its type "
            f"can hold it: {dtype} keeps two or three digits."
        )
        facts: dict[str, Json] = {"cases": len(coarse), "of": run.started, "dtype": dtype}
        _claim(run, 2.4, named.code, happened, facts, coarse)
    elif way is not None:
        happened = f"{messages.some_of(len(wrong), run.started)} the answer is the right number, {way.words}."
        facts = {"cases": len(wrong), "of": run.started, "kept": way.words}
        _claim(run, 2.4, named.code, happened, facts, wrong)


def find_other_numbers(run: Run) -> None:
    """Draft findings about every wrong answer that is not explained yet, by its form."""
    left = [case for case in run.outcomes.answered if case not in run.outcomes.right | run.explained]
    of = {m: [case for case in run.outcomes.wrong(m) if case in left] for m in Mismatch}
    _add_shape(run, of[Mismatch.SHAPE])
    _add_not_numbers(run, of[Mismatch.NOT_NUMBERS])
    _add_not_finite(run, of[Mismatch.NOT_FINITE])
    _add_other_numbers(run, of[Mismatch.VALUE])


def _add_match(run: Run, fitting: Sequence[Match], pitfalls_seen: frozenset[str]) -> None:
    best = fitting[0]
    peers = [match.misconception for match in fitting]
    by_structure = support_for(best.misconception, run.structure, pitfalls_seen, peers) is True
    is_seen = by_structure or confirmed(run, best)
    misconception = best.misconception
    code = misconception.code
    own = page_of_misconception(misconception)
    others = [m.misconception for m in fitting[1:] if m.misconception.code != code]
    # It explains every wrong answer that it fits, also those that distinguish little by themselves.
    fitted = [case for case in run.outcomes.answered if case not in best.misfits]
    failed = [case for case in fitted if case not in run.outcomes.right]
    cases = [case for case in failed if case not in run.explained]
    values = [case for case in cases if case in run.outcomes.compared]
    in_shape = [case for case in values if run.outcomes.compared[case].mismatch is Mismatch.SHAPE]
    existing = next((d for d in run.drafts if d.finding.code == code), None)
    value_right = bool(in_shape) and all(run.outcomes.compared[case].values_right for case in in_shape)
    where = messages.some_of(len(values), run.started)
    if value_right:
        happened = f"{where} the answer is the right number in a wrong shape."
    else:
        happened = f"{where} the answer is wrong, and each time it is the very number that this mistake gives"
        # The title says it already.
        said = is_seen and (existing is None or existing.finding.title == own.title)
        happened += "." if said else f": {_lower(misconception.title)}."
        if not is_seen:
            happened += " How the program came to it, the judge did not see."
    if in_shape and not value_right:
        happened += " Besides, it has another shape than asked for."
    if len(cases) > len(values):
        happened += " The errors in the other cases belong to it as well."
    if others:
        titles = "; or ".join(_lower(other.title) for other in others)
        happened += (
            f" The same numbers come about in another way, which the judge cannot tell from it: {titles}."
        )
    facts: dict[str, Json] = {
        "cases": len(cases),
        "of": run.started,
        "misconception": misconception.name,
    }
    if in_shape:
        facts["value_right"] = value_right
    if others:
        facts["or"] = sorted({other.code for other in others})
    if existing is not None and existing.finding.severity is Severity.ERROR:
        existing.rank = min(existing.rank, 1.5)
        existing.finding = replace(
            existing.finding,
            message=messages.message(
                f"{existing.finding.message.partition(chr(10))[0]} {happened}",
                own.first_paragraph("What happens") if is_seen else "",
                own,
            ),
            facts={**existing.finding.facts, **facts},
        )
        draft = existing
    else:
        matters = own.first_paragraph("What happens") if is_seen or value_right else ""
        span = place_in_course(run, code, cases)
        if misconception.blame is Blame.MODEL and not by_structure:
            # Numbers do not show which line of the model it is.
            norm = next(run.outcomes.trace.all("batch-norm"), None)
            span = span or (run.source.around(norm.line) if norm is not None and is_seen else None)
        elif is_seen or value_right:
            span = span or run.place(misconception, loss_is_right=loss_is_right(run, cases))
        if is_seen or value_right:
            span = span or place_of_the_end(run, cases)
        span = span or run.source.of_function(run.exercise.entry_point)
        draft = run.add(2.0, code, happened, span, facts, matters=matters, page=own)
        if not is_seen and not value_right:
            draft.finding = replace(draft.finding, title=OF_NUMBERS)
    for case in cases:
        run.explain(draft, case)


OF_NUMBERS = "The numbers are those of a known mistake"
"""The title if only the numbers support the mistake."""


def _add_shape(run: Run, cases: list[str]) -> None:
    if not cases:
        return
    right = all(run.outcomes.compared[case].values_right for case in cases)
    public = messages.public_of(cases, run.cases)
    shown = (public or cases)[0]
    happened = f"{messages.some_of(len(cases), run.started)} the answer has another shape than asked for"
    facts: dict[str, Json] = {"cases": len(cases), "of": run.started, "value_right": right}
    if public:
        reason = run.outcomes.compared[shown].reason.partition(";")[0]
        happened += f": {reason}"
        shape = run.outcomes.returned[shown].shape
        facts["shape"] = None if shape is None else list(shape)
    happened += ". The number in it is right." if right else "."
    is_empty = 0 in (run.outcomes.returned[shown].shape or ())
    matters = "" if is_empty else None  # the page's reasons are about arrays that are not empty
    _claim(run, 2.5 if right else 3.5, "wrong-output-shape", happened, facts, cases, matters=matters)


def _add_not_numbers(run: Run, cases: list[str]) -> None:
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
    _claim(run, 2.5, "non-numeric-output", f"{happened}.", facts, cases, matters=matters)


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


def _add_not_finite(run: Run, cases: list[str]) -> None:
    if not cases:
        return
    reasons = {run.outcomes.compared[case].reason for case in cases}
    what = "NaN" if any("NaN" in reason for reason in reasons) else "infinite"
    happened = f"{messages.some_of(len(cases), run.started)} the answer is {what}."
    facts: dict[str, Json] = {"cases": len(cases), "of": run.started}
    _claim(run, 3.5, "non-finite-output", happened, facts, cases)


def _of_small_types(run: Run, cases: list[str]) -> list[str]:
    """Return the cases whose right number was returned in a type that keeps too few of its digits."""
    import numpy as np

    coarse = []
    for case in cases:
        dtype = run.outcomes.returned[case].dtype
        got, golden = run.outcomes.returned[case].array, run.goldens[case]
        if dtype not in _DIGITS or got is None or got.shape != golden.expected.shape:
            continue
        allowed = golden.tolerance + np.abs(golden.expected) * _DIGITS[dtype]
        if bool(np.all(np.abs(got - golden.expected) <= allowed)):
            coarse.append(case)
    return coarse


def _answered(run: Run, cases: Iterable[str]) -> list[Answered]:
    """All numbers of these cases, each with the expected one."""
    found = []
    for case in cases:
        got, golden = run.outcomes.returned[case].array, run.goldens[case]
        assert got is not None, "it was compared"
        pairs = zip(got.ravel().tolist(), golden.expected.ravel().tolist(), strict=True)
        found += [Answered(float(mine), right, golden.tolerance) for mine, right in pairs]
    return found


_DIGITS = {"float16": 2.0**-11, "bfloat16": 2.0**-8}
"""The relative error of rounding to these types."""


def _add_other_numbers(run: Run, cases: list[str]) -> None:
    if not cases:
        return
    facts: dict[str, Json] = {"cases": len(cases), "of": run.started}
    happened = f"{messages.some_of(len(cases), run.started)} the answer is wrong"
    public = messages.public_of(cases, run.cases)
    differences = [run.outcomes.compared[case].difference for case in public]
    known = [difference for difference in differences if difference is not None]
    if known:
        facts["nearest"], facts["farthest"] = min(known), max(known)
        happened += f", off by at least {_times(min(known))} the tolerated difference in those that are shown"
    followed = [run.divergences[case] for case in cases if case in run.divergences]
    elsewhere = any(divergence is not None or Stage.STEP in agreed for divergence, agreed in followed)
    optimizer = "" if elsewhere else uses_other_optimizer(run.structure)
    other = run.naming.of(Stage.STEP, Shape.OTHER_RULE)
    if optimizer and other is not None and other.code not in {draft.finding.code for draft in run.drafts}:
        happened += (
            f". The optimizer that took the step is made with `{optimizer}`, which is no plain gradient step."
        )
        facts["optimizer"] = optimizer
        draft = run.add(
            2.4,
            other.code,
            happened,
            run.place(other.misconception),
            facts,
            matters=why(run.pages[other.code], Shape.OTHER_RULE, optimizer),
        )
        for case in cases:
            run.explain(draft, case)
        return
    if _add_factor(run, cases):
        return
    happened += ". No mistake that the judge knows gives all of these numbers."
    shown = shown_divergence(run, cases)
    span = None
    if shown is not None:
        divergence, agreed = shown
        if divergence is not None:
            alike = sum(p is not None and p.stage is divergence.stage for p, _ in followed)
            happened += (
                f" {divergence.words}" if alike == len(cases) else f" In {_some(alike)}: {divergence.words}"
            )
            facts["first_difference"] = divergence.stage.words
            span = place_of_divergence(run, divergence)
        until = right_until(agreed, divergence)
        happened += f" {until}" if until else ""
        if divergence is None and Stage.EVALUATION_OUTPUT in agreed:
            happened += f" {OUTPUT_IS_RIGHT}"
            facts["first_difference"] = "what is made of the evaluation's output"
            span = place_of_the_end(run, cases)
        elif divergence is None and UP_TO_THE_END.issubset(agreed):
            happened += f" {WHAT_IS_LEFT}"
            facts["first_difference"] = "the evaluation's input or what is made of its output"
            span = place_of_the_end(run, cases)
    if "first_difference" not in facts and evaluation_unseen(run, cases):
        happened += f" {UNSEEN}"
    _claim(run, 5.0, "unrecognised-wrong-answer", happened, facts, cases, span)


def _some(count: int) -> str:
    return "one of these cases" if count == 1 else f"{count} of these cases"


_SAME_FACTOR = 1e-5


def _add_factor(run: Run, cases: Sequence[str]) -> bool:
    """Draft a finding if every answer is the right one times one meaningful factor."""
    fitting: list[tuple[Shape, ...]] = []
    inputs = {case.id: case.inputs for case in run.cases}
    for case, comparison in run.outcomes.compared.items():
        got, expected = run.outcomes.returned[case].array, run.goldens[case].expected
        if not comparison.right and case not in cases:
            continue  # another finding explains it
        if got is None or got.size != 1 or expected.size != 1 or not float(expected.ravel()[0]):
            return False
        ratio = float(got.ravel()[0]) / float(expected.ravel()[0])
        within = max(_SAME_FACTOR, run.goldens[case].tolerance / abs(float(expected.ravel()[0])))
        fitting.append(factors_of(ratio, rows_of(inputs[case]), within))
    common = [shape for shape in FACTORS if fitting and all(shape in factors for factors in fitting)]
    named = run.naming.of(Stage.ANSWER, Shape.SCALED, common)
    if len(cases) < 2 or not common or named is None:
        return False
    where = messages.some_of(len(cases), run.started)
    happened = f"{where} the answer is wrong: it is {in_words(common)} what it should be."
    page = page_of_misconception(named.misconception) if named.with_own_page else run.pages[named.code]
    span = run.place(named.misconception, loss_is_right=True)
    facts: dict[str, Json] = {
        "cases": len(cases),
        "of": run.started,
        "factor": min(FACTOR_IN_WORDS[shape] for shape in common),
    }
    draft = run.add(2.4, named.code, happened, span, facts, matters="", page=page)
    draft.finding = replace(draft.finding, title="The returned loss has another factor")
    for case in cases:
        run.explain(draft, case)
    return True


def _claim(
    run: Run,
    rank: float,
    code: str,
    happened: str,
    facts: Mapping[str, Json],
    cases: Iterable[str],
    span: SourceSpan | None = None,
    matters: str | None = None,
) -> None:
    draft = run.add(rank, code, happened, span or run.place(), facts, matters=matters)
    for case in cases:
        run.explain(draft, case)


def _told_apart(
    fitting: Sequence[Match], structure: Structure, pitfalls_seen: frozenset[str]
) -> Sequence[Match]:
    """Return the matches that structure supports, else those that it does not contradict."""
    peers = [match.misconception for match in fitting]
    said = [support_for(match.misconception, structure, pitfalls_seen, peers) for match in fitting]
    supported = [match for match, says in zip(fitting, said, strict=True) if says is True]
    if supported:
        return supported
    return [match for match, says in zip(fitting, said, strict=True) if says is not False]


def _lower(title: str) -> str:
    """Adapt a title to the middle of a sentence: "The loss is a sum." -> "the loss is a sum"."""
    title = title.rstrip(".")
    first = title.partition(" ")[0]
    return title[:1].lower() + title[1:] if first[1:] == first[1:].lower() else title


def _times(difference: float) -> str:
    if difference >= 1e9:
        return "over 1,000,000,000 times"
    return f"{difference:,.0f} times" if difference >= 100 else f"{difference:.3g} times"
