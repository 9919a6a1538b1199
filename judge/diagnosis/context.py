"""The state of one diagnosis: what is known of the run, and the findings drafted so far.

A case is explained by at most one error: the first that explains it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from judge.diagnosis import messages
from judge.diagnosis.divergence.difference import Divergence
from judge.diagnosis.evidence import Structure, place_of
from judge.diagnosis.given import Given
from judge.diagnosis.naming import Named, Naming
from judge.diagnosis.outcomes import Outcomes
from judge.diagnosis.spans import Source
from judge.model import (
    Case,
    Exercise,
    Finding,
    Golden,
    Json,
    Observation,
    Severity,
    SourceSpan,
    StepObservation,
    Submission,
)
from judge.pages import Page, all_pages, pages_of_misconceptions
from judge.pitfalls import pitfalls
from judge.same_error import FEW
from judge.vocabulary import Blame, Stage

if TYPE_CHECKING:
    from judge.exercise import Misconception


@dataclass
class Draft:
    """A draft of a finding; ``rank`` orders findings, smallest first."""

    rank: float
    finding: Finding
    cases: list[str] = field(default_factory=list)


class Run:
    def __init__(
        self,
        exercise: Exercise,
        submission: Submission,
        observation: Observation,
        cases: Sequence[Case],
        goldens: Mapping[str, Golden],
        misconceptions: Sequence[Misconception],
        repeats: Mapping[str, StepObservation],
        source: Source | None = None,
    ) -> None:
        self.exercise = exercise
        self.observation = observation
        self.cases = tuple(cases)
        self.goldens = goldens
        self.misconceptions = tuple(misconceptions)
        self.repeats = repeats
        self.alone = {c.id: observation.alone[c.id] for c in cases if c.id in observation.alone}
        self.source = source or Source(submission.source, submission.notebook)
        self.given = Given(self.source, exercise)
        self.outcomes = Outcomes.of(observation, cases, goldens)
        self.structure: Structure = self.outcomes.structure(exercise, goldens)
        self.drafts: list[Draft] = []
        self.explained: set[str] = set()
        self.set_aside: set[str] = set()
        """Cases with wrong answers that a mistake fitting most others does not fit. Their course shows that mistake
        too, so it is not used."""
        self.naming = Naming(self.misconceptions)
        self.divergences: dict[str, tuple[Divergence | None, tuple[Stage, ...]]] = {}
        """By case with an unrecognised wrong answer: the first divergence, and the stages before it that agree."""

    @cached_property  # an accepted file needs none of them
    def pages(self) -> Mapping[str, Page]:
        own = {page.code: page for page in all_pages(None)}
        of_pitfalls = {code: own[code] for code in pitfalls()}
        return {**own, **pages_of_misconceptions(self.misconceptions), **of_pitfalls}

    @property
    def started(self) -> int:
        """The number of cases that were started."""
        return sum(case.id in self.observation.cases for case in self.cases)

    def told_not_run(self, cases: Collection[str | None]) -> str:
        """Return a sentence on the cases that were not started, if all others had one error, these; else ''."""
        alike = (self.outcomes.raised.keys() | self.outcomes.ended.keys()) & set(cases)
        if not FEW <= self.started == len(alike):
            return ""
        return messages.not_run(self.started, len(self.cases) - self.started)

    def add(
        self,
        rank: float,
        code: str,
        happened: str,
        span: SourceSpan | None,
        facts: Mapping[str, Json],
        *,
        severity: Severity = Severity.ERROR,
        matters: str | None = None,
        question: str | None = None,
        page: Page | None = None,
        checks: tuple[str, ...] = (),
    ) -> Draft:
        """Draft a finding.

        ``matters`` defaults to the first paragraph of its page on why it happens, ``question`` to the page's.
        """
        page = page or self.pages[code]
        if span is not None and self.given.holds(span.line):
            span = self.entry_point_place()  # the mistake was not made in given code
        if matters is None:
            matters = page.first_paragraph("Why it happens")
        finding = Finding(
            code=code,
            severity=severity,
            title=page.title,
            message=messages.message(happened, matters, page, question),
            span=span,
            facts=dict(facts),
            checks=checks,
            read_next=(f"judge explain {code}", *page.read_on),
        )
        draft = Draft(rank, finding)
        self.drafts.append(draft)
        return draft

    def explain(self, draft: Draft, case: str) -> None:
        """Record this finding as the reason why the case failed."""
        self.explained.add(case)
        draft.cases.append(case)

    def named(self, divergence: Divergence) -> Named | None:
        """Return the exercise's name for this difference; None if it has none."""
        return self.naming.of(divergence.stage, divergence.shape, divergence.special)

    def place(
        self, misconception: Misconception | None = None, *, loss_is_right: bool = False
    ) -> SourceSpan | None:
        """Return the best place for a mistake that no line was blamed for; at last, the entry point's return value.

        ``loss_is_right``: the differentiated loss is right, so a mistake in a loss was made in the evaluation.
        """
        blame = misconception.blame if misconception is not None else None
        place = place_of(blame, self.structure) if blame is not None else None
        span = self.source.span_of_call(*place) if place is not None else None
        if span is None and blame is Blame.RETURNED_LOSS:
            calls = [] if loss_is_right else list(self.outcomes.trace.all("grad-call"))
            span = self.source.of_return(calls[0].number("defined")) if calls else None
        return span or self.entry_point_place()

    def entry_point_place(self) -> SourceSpan | None:
        """Return the place of the entry point's only return value, which every answer passes, else of its name."""
        name = self.exercise.entry_point
        return self.source.of_only_return(name) or self.source.of_function(name)

    def findings(self) -> tuple[Finding, ...]:
        """The findings in order, each with its checks in the order of the cases."""
        order = {case.id: index for index, case in enumerate(self.cases)}
        ready = []
        for draft in sorted(self.drafts, key=lambda draft: (draft.rank, -len(draft.cases))):
            cases = sorted(draft.cases, key=lambda case: order.get(case, len(order)))
            checks = (*draft.finding.checks, *(f"case:{case}" for case in cases))
            finding = replace(draft.finding, message=self._message(draft))
            ready.append(replace(finding, checks=tuple(dict.fromkeys(checks))))
        return tuple(ready)

    def _message(self, draft: Draft) -> str:
        """The finding's message; one that counts cases also mentions the other cases that failed."""
        counts = draft.cases and {"cases", "of"} <= draft.finding.facts.keys()
        others = len(self._failed - set(draft.cases))
        if not counts or not others:
            return draft.finding.message
        happened, gap, rest = draft.finding.message.partition("\n\n")
        return f"{happened} {messages.besides(others)}{gap}{rest}"

    @property
    def _failed(self) -> set[str]:
        """Cases that were started and were not answered correctly."""
        return {case.id for case in self.cases if case.id in self.observation.cases} - self.outcomes.right
