"""The evidence of one run, and the findings that are made of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from judge.diagnosis import messages
from judge.diagnosis.divergence.checkpoints import checkpoints_of_case, checkpoints_of_golden
from judge.diagnosis.divergence.difference import Divergence, ObservedPair
from judge.diagnosis.divergence.stages import first_divergence
from judge.diagnosis.evidence import Structure, place_of
from judge.diagnosis.explanation import Explanation
from judge.diagnosis.given import Given
from judge.diagnosis.naming import Named, Naming
from judge.diagnosis.outcomes import Outcomes
from judge.diagnosis.pitfall_outcomes import ExaminedPitfall, examined_pitfalls
from judge.diagnosis.spans import Source
from judge.model import (
    Case,
    CheckId,
    CheckKind,
    Ended,
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
from judge.pages import QUESTION, Page, all_pages, pages_of_misconceptions
from judge.pitfalls import pitfalls
from judge.same_error import FEW
from judge.vocabulary import Blame, Stage

if TYPE_CHECKING:
    from judge.exercise import Misconception

FirstDifference = tuple[Divergence | None, tuple[Stage, ...]]
"""The first difference on a case, and the stages before it that agree."""


class Run:
    """The evidence that diagnosis works with. Nothing in it changes; what takes time is computed when it is needed."""

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
        self.naming = Naming(self.misconceptions)
        self._first_differences: dict[str, FirstDifference] = {}

    @cached_property  # an accepted file needs none of them
    def pages(self) -> Mapping[str, Page]:
        own = {page.code: page for page in all_pages(None)}
        of_pitfalls = {code: own[code] for code in pitfalls()}
        return {**own, **pages_of_misconceptions(self.misconceptions), **of_pitfalls}

    @property
    def loaded(self) -> bool:
        """True if the file could be loaded."""
        load = self.observation.load
        return load.measured.ended is Ended.ANSWERED and load.claimed.raised is None

    @property
    def started(self) -> int:
        """The number of cases that were started."""
        return sum(case.id in self.observation.cases for case in self.cases)

    @cached_property
    def failed(self) -> frozenset[str]:
        """Cases that were started and were not answered correctly."""
        started = {case.id for case in self.cases if case.id in self.observation.cases}
        return frozenset(started - self.outcomes.right)

    @cached_property
    def pitfalls(self) -> tuple[ExaminedPitfall, ...]:
        """Each pitfall that the exercise checks. Raises ExerciseError when the engine lacks one."""
        return examined_pitfalls(self)

    def first_difference(self, case: str) -> FirstDifference:
        """Return the first difference from the reference's run on this case, and the stages before it that agree."""
        if case not in self._first_differences:
            known = self.goldens[case].events
            self._first_differences[case] = first_divergence(self.pair(case)) if known else (None, ())
        return self._first_differences[case]

    def pair(self, case: str) -> ObservedPair:
        """Return what was seen of the submission and of the reference on this case."""
        inputs = next(known.inputs for known in self.cases if known.id == case)
        golden = self.goldens[case].events or ()
        return ObservedPair(
            checkpoints_of_case(self.outcomes.trace, case), checkpoints_of_golden(golden), inputs
        )

    def told_not_run(self, cases: Collection[str | None]) -> str:
        """Return a sentence on the cases that were not started, if all others had one error, these; else ''."""
        alike = (self.outcomes.raised.keys() | self.outcomes.ended.keys()) & set(cases)
        if not FEW <= self.started == len(alike):
            return ""
        return messages.not_run(self.started, len(self.cases) - self.started)

    def explanation(
        self,
        code: str,
        happened: str,
        facts: Mapping[str, Json],
        *,
        span: SourceSpan | None,
        cases: Iterable[str] = (),
        severity: Severity = Severity.ERROR,
        title: str = "",
        matters: str | None = None,
        question: str | None = None,
        page: Page | None = None,
        pitfalls: Iterable[str] = (),
        shown_in: Iterable[str] = (),
    ) -> Explanation:
        """Return an explanation of these cases.

        ``title`` and ``question`` default to those of the page with this code, or of ``page``, and ``matters`` to its
        first paragraph on why it happens.
        """
        page = page or self.pages[code]
        if span is not None and self.given.holds(span.line):
            span = self.entry_point_place()  # the mistake was not made in given code
        return Explanation(
            code=code,
            severity=severity,
            title=title or page.title,
            happened=happened,
            matters=page.first_paragraph("Why it happens") if matters is None else matters,
            question=page.first_paragraph(QUESTION) if question is None else question,
            span=span,
            facts=dict(facts),
            read_on=page.read_on,
            cases=tuple(cases),
            pitfalls=tuple(pitfalls),
            shown_in=tuple(shown_in),
        )

    def finding(self, explanation: Explanation) -> Finding:
        """Return the finding; one that counts the cases it explains also mentions the other cases that failed."""
        explained, happened = set(explanation.cases), explanation.happened
        others = len(self.failed - explained)
        if explained and others and {"cases", "of"} <= explanation.facts.keys():
            happened = f"{happened} {messages.besides(others)}"
        cases = (*explanation.shown_in, *(case.id for case in self.cases if case.id in explained))
        checks = [CheckId.of(CheckKind.PITFALL, code) for code in explanation.pitfalls]
        checks += [CheckId.of(CheckKind.CASE, case) for case in cases]
        return Finding(
            code=explanation.code,
            severity=explanation.severity,
            title=explanation.title,
            message=messages.message(happened, explanation.matters, explanation.question),
            span=explanation.span,
            facts=explanation.facts,
            checks=tuple(dict.fromkeys(checks)),
            read_next=(f"judge explain {explanation.code}", *explanation.read_on),
        )

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
