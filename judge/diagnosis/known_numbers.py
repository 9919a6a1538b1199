"""Explains wrong answers by the known mistake that gives the same numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from judge.compare import Mismatch
from judge.diagnosis import messages
from judge.diagnosis.confirmed import confirmed, contradicted
from judge.diagnosis.context import Run
from judge.diagnosis.divergences import loss_is_right, place_in_course, place_of_the_end
from judge.diagnosis.evidence import support_for
from judge.diagnosis.explanation import Explained, Explanation
from judge.diagnosis.fingerprint import Match, matches, matches_of_most
from judge.diagnosis.pitfall_findings import explained_by_pitfall
from judge.model import Json, Outcome, SourceSpan
from judge.pages import QUESTION, page_of_misconception
from judge.vocabulary import Blame

if TYPE_CHECKING:
    from judge.exercise import Misconception

OF_NUMBERS = "The numbers are those of a known mistake"
"""The title if only the numbers support the mistake."""


def find_known_numbers(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Explain wrong answers by the known mistake with these numbers; by several if they cannot be told apart."""
    wrong = [case for case in run.outcomes.compared if case not in run.outcomes.right]
    if all(case in explained.cases for case in wrong):
        return
    for reshaped in (False, True):
        answers = run.outcomes.answers(run.goldens, reshaped=reshaped)
        likeliest = _likeliest(run, explained, matches(answers, run.cases, run.goldens, run.misconceptions))
        if likeliest:
            yield _explained_by(run, explained, likeliest)
            return
    answers = {
        case: it
        for case, it in run.outcomes.answers(run.goldens, reshaped=False).items()
        if it.raised is None
    }
    of_most = matches_of_most(answers, run.outcomes.right, run.cases, run.goldens, run.misconceptions)
    if likeliest := _likeliest(run, explained, of_most):
        yield replace(_explained_by(run, explained, likeliest), set_aside=of_most[0].misfits)


def _likeliest(run: Run, explained: Explained, found: Sequence[Match]) -> Sequence[Match]:
    """Return the matches that tell something new and that structure and course do not contradict."""
    fitting = [match for match in found if any(case not in explained.cases for case in match.distinguishing)]
    fitting = [match for match in fitting if not contradicted(run, match)]
    said = [_support(run, match, fitting) for match in fitting]
    supported = [match for match, says in zip(fitting, said, strict=True) if says is True]
    return supported or [match for match, says in zip(fitting, said, strict=True) if says is not False]


def _support(run: Run, match: Match, fitting: Sequence[Match]) -> bool | None:
    """Return True if structure supports this match among its peers, False if it contradicts it, else None."""
    failed = frozenset(seen.code for seen in run.pitfalls if seen.outcome is Outcome.FAILED)
    peers = [one.misconception for one in fitting]
    return support_for(match.misconception, run.structure, failed, peers)


def _explained_by(run: Run, explained: Explained, fitting: Sequence[Match]) -> Explanation:
    """Return the explanation by the best match, joined with what is known of its mistake already."""
    best = fitting[0]
    by_structure = _support(run, best, fitting) is True
    is_seen = by_structure or confirmed(run, best)
    misconception = best.misconception
    own = page_of_misconception(misconception)
    others = [m.misconception for m in fitting[1:] if m.misconception.code != misconception.code]
    # It explains every wrong answer that it fits, also those that distinguish little by themselves.
    fitted = [case for case in run.outcomes.answered if case not in best.misfits]
    failed = [case for case in fitted if case not in run.outcomes.right]
    cases = [case for case in failed if case not in explained.cases]
    in_shape = [case for case in cases if _comes_in_another_shape(run, case)]
    value_right = bool(in_shape) and all(run.outcomes.compared[case].values_right for case in in_shape)
    known = explained.error(misconception.code) or _seen_pitfall(run, misconception.code)
    title_says_it = is_seen and (known is None or known.title == own.title)
    if value_right:
        what = "the answer is the right number in a wrong shape."
    else:
        what = "the answer is wrong, and each time it is the very number that this mistake gives"
        what += "." if title_says_it else f": {_lower(misconception.title)}."
        what += "" if is_seen else " How the program came to it, the judge did not see."
        what += " Besides, it has another shape than asked for." if in_shape else ""
    happened = f"{_where(run, cases)} {what}{_belongs_to_it(run, cases)}{_or_else(others)}"
    facts: dict[str, Json] = {
        "cases": len(cases),
        "of": run.started,
        "misconception": misconception.name,
    }
    if in_shape:
        facts["value_right"] = value_right
    if others:
        facts["or"] = sorted({other.code for other in others})
    if known is not None:
        return replace(
            known,
            happened=f"{known.happened} {happened}",
            matters=own.first_paragraph("What happens") if is_seen else "",
            question=own.first_paragraph(QUESTION),
            facts={**known.facts, **facts},
            cases=(*known.cases, *cases),
            replaces=known,
        )
    return run.explanation(
        misconception.code,
        happened,
        facts,
        span=_place(run, best, cases, by_structure=by_structure, is_seen=is_seen, is_right=value_right),
        cases=cases,
        title="" if is_seen or value_right else OF_NUMBERS,
        matters=own.first_paragraph("What happens") if is_seen or value_right else "",
        page=own,
    )


def _comes_in_another_shape(run: Run, case: str) -> bool:
    comparison = run.outcomes.compared.get(case)
    return comparison is not None and comparison.mismatch is Mismatch.SHAPE


def _where(run: Run, cases: Sequence[str]) -> str:
    """Return ``In 3 of 16 cases``, of those with an answer."""
    return messages.some_of(sum(case in run.outcomes.compared for case in cases), run.started)


def _belongs_to_it(run: Run, cases: Sequence[str]) -> str:
    """Return a sentence on the cases that ended in an error; '' without such a case."""
    raised = any(case not in run.outcomes.compared for case in cases)
    return " The errors in the other cases belong to it as well." if raised else ""


def _or_else(others: Sequence[Misconception]) -> str:
    """Return a sentence on other mistakes with the same numbers; '' without such a mistake."""
    if not others:
        return ""
    titles = "; or ".join(_lower(other.title) for other in others)
    return f" The same numbers come about in another way, which the judge cannot tell from it: {titles}."


def _seen_pitfall(run: Run, code: str) -> Explanation | None:
    """Return the explanation by the pitfall with this code, if it was seen for certain and is forbidden."""
    seen = [one for one in run.pitfalls if one.code == code and one.detections and one.is_error]
    return explained_by_pitfall(run, seen[0]) if seen else None


def _place(
    run: Run, match: Match, cases: Sequence[str], *, by_structure: bool, is_seen: bool, is_right: bool
) -> SourceSpan | None:
    """Return the place of a mistake; of one that only numbers show, the place of the entry point."""
    misconception = match.misconception
    span = place_in_course(run, misconception.code, cases)
    if misconception.blame is Blame.MODEL and not by_structure:
        # Numbers do not show which line of the model it is.
        norm = next(run.outcomes.trace.all("batch-norm"), None)
        span = span or (run.source.around(norm.line) if norm is not None and is_seen else None)
    elif is_seen or is_right:
        span = span or run.place(misconception, loss_is_right=loss_is_right(run, cases))
    if is_seen or is_right:
        span = span or place_of_the_end(run, cases)
    return span or run.source.of_function(run.exercise.entry_point)


def _lower(title: str) -> str:
    """Adapt a title to the middle of a sentence: "The loss is a sum." -> "the loss is a sum"."""
    title = title.rstrip(".")
    first = title.partition(" ")[0]
    return title[:1].lower() + title[1:] if first[1:] == first[1:].lower() else title
