"""From one observed run to findings: one cause first, its consequences with it, and nothing said twice.

Order of trust: how the process ended (measured), the exception and its text, structure that probes saw, numbers that
equal a known mistake's.  A case is explained by at most one error; what explains most comes first, and a guess never
stands above something that was seen.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from judge.diagnosis import exceptions, wording
from judge.diagnosis.compare import Mismatch
from judge.diagnosis.exceptions import recognise, recognise_load
from judge.diagnosis.fingerprint import Match, matches
from judge.diagnosis.outcomes import Outcomes
from judge.diagnosis.spans import Source
from judge.diagnosis.structure import Structure, place_of, supports, uses_other_optimizer
from judge.model import (
    Case,
    ClaimedException,
    Ended,
    Exercise,
    ExerciseError,
    Finding,
    Golden,
    Json,
    Observation,
    Outcome,
    PitfallSpec,
    Severity,
    SourceSpan,
    StepObservation,
    Submission,
)
from judge.pages import Page, all_pages, page_of_misconception, pages_of_misconceptions
from judge.pitfalls import Pitfall, pitfalls
from judge.pitfalls.trace import Sighting

if TYPE_CHECKING:
    from judge.exercise import Misconception

CODE_OF_END = {
    Ended.EXITED: "process-exit",
    Ended.WALL_LIMIT: "time-limit",
    Ended.CPU_LIMIT: "cpu-limit",
    Ended.MEMORY_LIMIT: "memory-limit",
    Ended.OUTPUT_LIMIT: "output-limit",
    Ended.THREAD_LIMIT: "thread-limit",
    Ended.PROTOCOL: "protocol-broken",
    Ended.FORBIDDEN_CALL: "forbidden-call",
}
RETURNED_BY_LOSS = frozenset({"loss-not-mean", "prediction-broadcast"})
"""Mistakes that show in what the differentiated function returns."""


@dataclass(frozen=True)
class Diagnosis:
    """Findings, the most likely cause first, and what came of each pitfall that the exercise checks."""

    findings: tuple[Finding, ...]
    pitfalls: Mapping[str, Outcome]


@dataclass
class _Draft:
    """A finding in the making; ``rank`` orders findings, smallest first."""

    rank: float
    finding: Finding
    cases: list[str] = field(default_factory=list)


def diagnose(
    exercise: Exercise,
    submission: Submission,
    observation: Observation,
    cases: Sequence[Case],
    goldens: Mapping[str, Golden],
    misconceptions: Sequence[Misconception],
    repeats: Mapping[str, StepObservation] | None = None,
) -> Diagnosis:
    """Findings about one observed run, judged on these cases alone.

    ``repeats`` holds second runs of cases in the same process, by case id.  Raises ExerciseError when the exercise
    names a pitfall that the engine does not have.
    """
    return _Diagnosing(exercise, submission, observation, cases, goldens, misconceptions, repeats or {}).run()


class _Diagnosing:
    def __init__(
        self,
        exercise: Exercise,
        submission: Submission,
        observation: Observation,
        cases: Sequence[Case],
        goldens: Mapping[str, Golden],
        misconceptions: Sequence[Misconception],
        repeats: Mapping[str, StepObservation],
    ) -> None:
        self.exercise = exercise
        self.observation = observation
        self.cases = tuple(cases)
        self.goldens = goldens
        self.misconceptions = tuple(misconceptions)
        self.repeats = repeats
        self.source = Source(submission.source)
        self.outcomes = Outcomes.of(observation, cases, goldens)
        self.structure = self.outcomes.structure(exercise)
        own = {page.code: page for page in all_pages(None)}
        self.pages = {**own, **pages_of_misconceptions(self.misconceptions), **_only_pitfalls(own)}
        self.drafts: list[_Draft] = []
        self.explained: set[str] = set()

    def run(self) -> Diagnosis:
        if self._load_failed():
            return Diagnosis(self._findings(), {spec.code: Outcome.NOT_REACHED for spec in self._specs()})
        outcomes = self._pitfalls()
        seen = frozenset(code for code, outcome in outcomes.items() if outcome is Outcome.FAILED)
        self._ended()
        self._exceptions()
        self._numbers(seen)
        self._nondeterministic()
        self._mutated()
        return Diagnosis(self._findings(), outcomes)

    # ----------------------------------------------------------------------------------------------- loading

    def _load_failed(self) -> bool:
        load = self.observation.load
        if load.measured.ended is not Ended.ANSWERED:
            code = CODE_OF_END.get(load.measured.ended)
            if code is not None:
                happened = f"While the file was loaded: {wording.of_end(load, self.exercise.limits)}"
                self._add(0, code, happened, None, _facts_of_end(load))
            return True
        raised = load.claimed.raised
        if raised is None:
            return False
        code = recognise_load(raised)
        facts: dict[str, Json] = {"error": raised.type_name}
        span = self.source.of_exception(raised)
        happened = f"Loading the file ended in {wording.quoted(raised)}."
        entry_point = self.exercise.entry_point
        if code == "missing-solve":
            happened = f"The judge looked for `{wording.call_of(self.exercise)}`: {raised.text}."
            near = difflib.get_close_matches(entry_point, self.source.function_names(), n=1, cutoff=0.6)
            if near:
                happened += f" It does define `{near[0]}`."
                facts["near"], span = near[0], self.source.of_function(near[0])
        elif code == "wrong-signature":
            happened = f"It is called as `{wording.call_of(self.exercise)}`; but {raised.text}."
            span = self.source.of_function(entry_point)
        elif code == "syntax-error" and raised.frames:
            happened = f"Python stopped reading at line {raised.frames[-1].line}: {_bare(raised)}."
        elif code == "process-exit":
            happened = "The program asked to leave while the file was loaded."
        self._add(0, code, happened, span, facts)
        return True

    # ---------------------------------------------------------------------------------------------- pitfalls

    def _specs(self) -> tuple[PitfallSpec, ...]:
        known = pitfalls()
        for spec in self.exercise.pitfalls:
            if spec.code not in known:
                raise ExerciseError(
                    f"{self.exercise.name}: there is no pitfall {spec.code!r}; known are {', '.join(sorted(known))}"
                )
        return self.exercise.pitfalls

    def _pitfalls(self) -> dict[str, Outcome]:
        context = self.outcomes.context()
        found: dict[str, Outcome] = {}
        for spec in self._specs():
            pitfall = pitfalls()[spec.code]
            sightings = pitfall.detect(context)
            certain = [sighting for sighting in sightings if sighting.certain]
            if certain:
                found[spec.code] = Outcome.FAILED
                self._add_pitfall(spec, pitfall, certain)
                continue
            done_right = pitfall.done_right(context) or self.outcomes.all_right
            found[spec.code] = Outcome.PASSED if done_right else Outcome.NOT_REACHED
            if sightings:
                self._add_pitfall(replace(spec, severity=Severity.WARNING), pitfall, sightings)
        return found

    def _add_pitfall(self, spec: PitfallSpec, pitfall: Pitfall, sightings: Sequence[Sighting]) -> None:
        shown = self._best(sightings)
        span = self.source.of_call(shown.line, shown.hint)
        if shown.line is None:
            span = self.source.of_function(self.exercise.entry_point)
        lines = sorted({sighting.line for sighting in sightings if sighting.line is not None})
        facts: dict[str, Json] = {**shown.facts}
        if len(lines) > 1:
            facts["lines"] = lines
        is_error = spec.severity is Severity.ERROR
        page = self.pages[spec.code]
        draft = self._add(
            (3.0 if spec.code == "batch-stats-optimized" else 3.1) if is_error else 7.0,
            spec.code,
            pitfall.happened(shown),
            span,
            facts,
            severity=spec.severity,
            matters=pitfall.matters,
            page=page,
            checks=(f"pitfall:{spec.code}",) if sightings[0].certain else (),
        )
        if not is_error:
            return
        for sighting in sightings:
            for case in [sighting.case] if sighting.case is not None else list(self.outcomes.raised):
                if self._is_consequence(spec.code, case):
                    self._explain(draft, case)
        if draft.cases:
            draft.rank = 1.0

    def _is_consequence(self, code: str, case: str) -> bool:
        """Whether the case failed because of this pitfall, which was seen in it."""
        if case in self.explained:
            return False
        raised = self.outcomes.raised.get(case)
        if raised is not None:
            if recognise(raised, self.outcomes.trace, case).code == code:
                return True
            broken = [s for s in self.outcomes.trace.of_case(case) if s.raised]
            if code in ("optimizer-on-variables", "batch-stats-optimized"):
                kinds = ("optimizer-init", "optimizer-update", "apply-updates")
                return any(seen.kind in kinds for seen in broken)
            return code in ("missing-mutable", "missing-has-aux")
        wrong = case in self.outcomes.compared and case not in self.outcomes.right
        return wrong and code in ("missing-mutable", "missing-has-aux")

    def _best(self, sightings: Sequence[Sighting]) -> Sighting:
        """The sighting to show: of a public case, with a line."""
        public = set(wording.public_of([case.id for case in self.cases], self.cases))
        return min(sightings, key=lambda s: (s.line is None, s.case is not None and s.case not in public))

    # ----------------------------------------------------------------------------------- ended without answer

    def _ended(self) -> None:
        by_code: dict[str, list[str]] = {}
        for case, step in self.outcomes.ended.items():
            code = CODE_OF_END.get(step.measured.ended)
            if code is not None:
                by_code.setdefault(code, []).append(case)
        for code, cases in by_code.items():
            step = self.outcomes.ended[cases[0]]
            draft = self._add(
                0,
                code,
                f"{wording.some_of(len(cases), self._started())}: {wording.of_end(step, self.exercise.limits)}",
                None,
                _facts_of_end(step),
            )
            for case in cases:
                self._explain(draft, case)

    # -------------------------------------------------------------------------------------------- exceptions

    def _exceptions(self) -> None:
        groups: dict[tuple[str, int | None, str], list[str]] = {}
        for case, raised in self.outcomes.raised.items():
            if case in self.explained:
                continue
            found = recognise(raised, self.outcomes.trace, case)
            line = raised.frames[-1].line if raised.frames else None
            unknown = found.code == exceptions.UNRECOGNISED
            key = (found.code, line if unknown else None, raised.type_name if unknown else "")
            groups.setdefault(key, []).append(case)
        for (code, _, _), cases in groups.items():
            self._add_exception(code, cases)

    def _add_exception(self, code: str, cases: list[str]) -> None:
        public = wording.public_of(cases, self.cases)
        shown = (public or cases)[0]
        raised = self.outcomes.raised[shown]
        found = recognise(raised, self.outcomes.trace, shown)
        span = self.source.of_return(found.defined) or self.source.of_call(found.line, found.hint)
        span = span or self.source.of_exception(raised)
        count = wording.some_of(len(cases), self._started())
        said = wording.quoted(raised) if public else "an error"
        happened = f"{count} `{self.exercise.entry_point}` stopped with {said}"
        happened += "" if happened.endswith((".", "...")) else "."
        if raised.frames:
            frame = raised.frames[-1]
            happened += f" The innermost line of the file on the way to it is line {frame.line}"
            happened += f", in `{frame.function}`." if frame.function.isidentifier() else "."
        facts: dict[str, Json] = {"cases": len(cases), "of": self._started()}
        if public:
            facts["error"] = raised.type_name
        rank = 4.0 if code == exceptions.UNRECOGNISED else 1.0
        draft = self._add(rank, code, happened, span, facts)
        for case in cases:
            self._explain(draft, case)

    # ------------------------------------------------------------------------------------------ wrong numbers

    def _numbers(self, pitfalls_seen: frozenset[str]) -> None:
        wrong = [case for case in self.outcomes.compared if case not in self.outcomes.right]
        if any(case not in self.explained for case in wrong):
            self._fingerprint(pitfalls_seen)
        left = [case for case in wrong if case not in self.explained]
        if not left:
            return
        of = {m: [case for case in self.outcomes.wrong(m) if case in left] for m in Mismatch}
        self._add_shape(of[Mismatch.SHAPE])
        self._add_not_numbers(of[Mismatch.NOT_NUMBERS])
        self._add_not_finite(of[Mismatch.NOT_FINITE])
        self._add_other_numbers(of[Mismatch.VALUE])

    def _fingerprint(self, pitfalls_seen: frozenset[str]) -> None:
        """Name the known mistake whose numbers these are, if there is one; several, if they cannot be told apart."""
        for reshaped in (False, True):
            answers = self.outcomes.answers(self.goldens, reshaped=reshaped)
            fitting = [
                match
                for match in matches(answers, self.cases, self.goldens, self.misconceptions)
                if any(case not in self.explained for case in match.telling)
            ]
            if fitting:
                self._add_match(_told_apart(fitting, self.structure, pitfalls_seen))
                return

    def _add_match(self, fitting: Sequence[Match]) -> None:
        best = fitting[0]
        misconception = best.misconception
        code = misconception.code
        own = page_of_misconception(misconception)
        others = [m.misconception for m in fitting[1:] if m.misconception.code != code]
        # It fits every answer, so it explains every one that is not right, also where it tells little by itself.
        failed = [case for case in self.outcomes.answered if case not in self.outcomes.right]
        cases = [case for case in failed if case not in self.explained]
        values = [case for case in cases if case in self.outcomes.compared]
        happened = (
            f"{wording.some_of(len(values), self._started())} the answer is wrong, and each of these answers is the "
            f"number that one gets by this mistake: {_lower(misconception.title)}."
        )
        if len(cases) > len(values):
            happened += " The errors in the other cases belong to it as well."
        if others:
            titles = "; or ".join(_lower(other.title) for other in others)
            happened += (
                f" The same numbers come about in another way, which the judge cannot tell from it: {titles}."
            )
        facts: dict[str, Json] = {
            "cases": len(cases),
            "of": self._started(),
            "misconception": misconception.name,
        }
        if others:
            facts["or"] = sorted({other.code for other in others})
        existing = next((d for d in self.drafts if d.finding.code == code), None)
        if existing is not None and existing.finding.severity is Severity.ERROR:
            existing.rank = min(existing.rank, 1.5)
            existing.finding = replace(
                existing.finding,
                message=wording.message(
                    f"{existing.finding.message.partition(chr(10))[0]} {happened}",
                    own.first_paragraph("What happens"),
                    own,
                ),
                facts={**existing.finding.facts, **facts},
            )
            draft = existing
        else:
            matters = own.first_paragraph("What happens")
            draft = self._add(2.0, code, happened, self._place(code), facts, matters=matters, page=own)
        for case in cases:
            self._explain(draft, case)

    def _add_shape(self, cases: list[str]) -> None:
        if not cases:
            return
        right = all(self.outcomes.compared[case].values_right for case in cases)
        public = wording.public_of(cases, self.cases)
        shown = (public or cases)[0]
        happened = (
            f"{wording.some_of(len(cases), self._started())} the answer has another shape than asked for"
        )
        facts: dict[str, Json] = {"cases": len(cases), "of": self._started(), "value_right": right}
        if public:
            reason = self.outcomes.compared[shown].reason.partition(";")[0]
            happened += f": {reason}"
            shape = self.outcomes.returned[shown].shape
            facts["shape"] = None if shape is None else list(shape)
        happened += ". The number in it is right." if right else "."
        self._claim(2.5 if right else 3.5, "wrong-output-shape", happened, facts, cases)

    def _add_not_numbers(self, cases: list[str]) -> None:
        if not cases:
            return
        public = wording.public_of(cases, self.cases)
        happened = (
            f"{wording.some_of(len(cases), self._started())} what came back is no array of real numbers"
        )
        facts: dict[str, Json] = {"cases": len(cases), "of": self._started()}
        if public:
            returned = self.outcomes.returned[public[0]]
            is_none = returned.problem == "None"
            happened += ": it is None" if is_none else f": {returned.problem} (type {returned.type_name})"
            facts["type"] = returned.type_name
        self._claim(2.5, "non-numeric-output", f"{happened}.", facts, cases)

    def _add_not_finite(self, cases: list[str]) -> None:
        if not cases:
            return
        reasons = {self.outcomes.compared[case].reason for case in cases}
        what = "NaN" if any("NaN" in reason for reason in reasons) else "infinite"
        happened = f"{wording.some_of(len(cases), self._started())} the answer is {what}."
        facts: dict[str, Json] = {"cases": len(cases), "of": self._started()}
        self._claim(3.5, "non-finite-output", happened, facts, cases)

    def _add_other_numbers(self, cases: list[str]) -> None:
        if not cases:
            return
        facts: dict[str, Json] = {"cases": len(cases), "of": self._started()}
        happened = (
            f"{wording.some_of(len(cases), self._started())} the answer is another number than expected"
        )
        public = wording.public_of(cases, self.cases)
        differences = [self.outcomes.compared[case].difference for case in public]
        known = [difference for difference in differences if difference is not None]
        if known:
            facts["nearest"], facts["farthest"] = min(known), max(known)
            happened += f", by {_tolerances(min(known))} at least (of the cases that are shown)"
        noisy = [m for m in self.misconceptions if m.noisy and uses_other_optimizer(self.structure)]
        if noisy and noisy[0].code not in {draft.finding.code for draft in self.drafts}:
            name = uses_other_optimizer(self.structure)
            own = page_of_misconception(noisy[0])
            happened += f". The optimizer that took the step is made with `{name}`, and its numbers depend on rounding"
            matters = own.first_paragraph("What happens")
            facts["optimizer"] = name
            draft = self._add(
                2.2, own.code, f"{happened}.", self._place(own.code), facts, matters=matters, page=own
            )
            for case in cases:
                self._explain(draft, case)
            return
        happened += ", and it is none of the wrong numbers whose cause the judge knows."
        self._claim(5.0, "unrecognised-wrong-answer", happened, facts, cases)

    def _claim(
        self, rank: float, code: str, happened: str, facts: Mapping[str, Json], cases: Iterable[str]
    ) -> None:
        draft = self._add(rank, code, happened, self._place(code), facts)
        for case in cases:
            self._explain(draft, case)

    def _place(self, code: str) -> SourceSpan | None:
        """The best place for a mistake that no line was blamed for; at last, the entry point."""
        place = place_of(code, self.structure)
        span = self.source.of_call(*place) if place is not None else None
        if span is None and code in RETURNED_BY_LOSS:
            calls = list(self.outcomes.trace.all("grad-call"))
            span = self.source.of_return(calls[0].number("defined")) if calls else None
        return span or self.source.of_function(self.exercise.entry_point)

    # ---------------------------------------------------------------------------------------------- conduct

    def _nondeterministic(self) -> None:
        changed = [case for case, step in self.repeats.items() if self._differs(case, step)]
        if not changed:
            return
        happened = (
            f"{wording.some_of(len(changed), len(self.repeats))} that was run twice the second answer is another one, "
            "by more than rounding can explain."
        )
        span = self.source.of_function(self.exercise.entry_point)
        draft = self._add(2.7, "nondeterministic", happened, span, {"cases": len(changed)})
        for case in changed:
            draft.finding = replace(
                draft.finding, checks=tuple(dict.fromkeys((*draft.finding.checks, f"case:{case}")))
            )

    def _differs(self, case: str, again: StepObservation) -> bool:
        import numpy as np

        first = self.observation.cases.get(case)
        if first is None or case not in self.goldens:
            return False
        both = (first, again)
        if any(step.measured.ended is not Ended.ANSWERED for step in both):
            return False  # a limit that was reached the second time says nothing about the answer
        values = [step.claimed.returned.array if step.claimed.returned else None for step in both]
        if values[0] is None or values[1] is None:
            return (values[0] is None) != (values[1] is None)
        if values[0].shape != values[1].shape:
            return True
        apart = np.abs(values[0] - values[1])
        tolerance = self.goldens[case].tolerance
        same = (apart <= tolerance) | (np.isnan(values[0]) & np.isnan(values[1])) | (values[0] == values[1])
        return not bool(np.all(same))

    def _mutated(self) -> None:
        names: dict[str, int | None] = {}
        for seen in self.outcomes.trace.all("input-mutated"):
            known = {parameter.name for parameter in self.exercise.parameters}
            if seen.text("parameter") in known:
                names.setdefault(seen.text("parameter"), seen.line)
        if not names:
            return
        listed = " and ".join(f"`{name}`" for name in sorted(names))
        happened = f"After the call, {listed} held other values than before."
        span = self.source.of_function(self.exercise.entry_point)
        self._add(
            7.0, "input-mutated", happened, span, {"parameters": sorted(names)}, severity=Severity.WARNING
        )

    # --------------------------------------------------------------------------------------------- findings

    def _started(self) -> int:
        return sum(case.id in self.observation.cases for case in self.cases)

    def _add(
        self,
        rank: float,
        code: str,
        happened: str,
        span: SourceSpan | None,
        facts: Mapping[str, Json],
        *,
        severity: Severity = Severity.ERROR,
        matters: str | None = None,
        page: Page | None = None,
        checks: tuple[str, ...] = (),
    ) -> _Draft:
        page = page or self.pages[code]
        if matters is None:
            matters = page.first_paragraph("Why it happens")
        finding = Finding(
            code=code,
            severity=severity,
            title=page.title,
            message=wording.message(happened, matters, page),
            span=span,
            facts=dict(facts),
            checks=checks,
            read_next=(f"judge explain {code}", *page.read_on),
        )
        draft = _Draft(rank, finding)
        self.drafts.append(draft)
        return draft

    def _explain(self, draft: _Draft, case: str) -> None:
        self.explained.add(case)
        draft.cases.append(case)

    def _findings(self) -> tuple[Finding, ...]:
        order = {case.id: index for index, case in enumerate(self.cases)}
        ready = []
        for draft in sorted(self.drafts, key=lambda draft: (draft.rank, -len(draft.cases))):
            cases = sorted(draft.cases, key=lambda case: order.get(case, len(order)))
            checks = (*draft.finding.checks, *(f"case:{case}" for case in cases))
            ready.append(replace(draft.finding, checks=tuple(dict.fromkeys(checks))))
        return tuple(ready)


def _told_apart(
    fitting: Sequence[Match], structure: Structure, pitfalls_seen: frozenset[str]
) -> Sequence[Match]:
    """Those of the matches that structure does not contradict; what it supports stands alone."""
    peers = [match.misconception for match in fitting]
    said = [supports(match.misconception, structure, pitfalls_seen, peers) for match in fitting]
    supported = [match for match, says in zip(fitting, said, strict=True) if says is True]
    if supported:
        return supported
    possible = [match for match, says in zip(fitting, said, strict=True) if says is not False]
    return possible or fitting


def _only_pitfalls(pages: Mapping[str, Page]) -> dict[str, Page]:
    return {code: page for code, page in pages.items() if code in pitfalls()}


def _facts_of_end(step: StepObservation) -> dict[str, Json]:
    measured = step.measured
    facts: dict[str, Json] = {"ended": str(measured.ended), "wall_s": round(measured.wall_s, 3)}
    if measured.signal is not None:
        facts["signal"] = measured.signal
    if measured.exit_code is not None:
        facts["exit_code"] = measured.exit_code
    return facts


def _bare(raised: ClaimedException) -> str:
    """A syntax error's words without the file's name and line, which are said already."""
    return " ".join(raised.text.split()).partition(" (<")[0].partition(" (submission")[0]


def _lower(title: str) -> str:
    """A title in the middle of a sentence: "The loss is a sum." -> "the loss is a sum"."""
    title = title.rstrip(".")
    return title[:1].lower() + title[1:] if title[1:2].islower() or title[1:2] == " " else title


def _tolerances(difference: float) -> str:
    if difference >= 1e9:
        return "over 1,000,000,000 tolerances"
    return f"{difference:,.0f} tolerances" if difference >= 100 else f"{difference:.3g} tolerances"
