"""Findings about wrong answers that equal no known mistake's: where the run's course parts from the reference's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from judge.diagnosis import wording
from judge.diagnosis.compare import Mismatch
from judge.diagnosis.outline import outline_of_case, outline_of_golden
from judge.diagnosis.parting import Pair, Parting, part
from judge.diagnosis.run import Run
from judge.diagnosis.structure import uses_other_optimizer
from judge.model import Json, SourceSpan
from judge.pages import page_of_misconception

OTHER_OPTIMIZER = "wrong-optimizer"
Said = tuple[Parting | None, tuple[str, ...]]
"""The first difference on a case, and what agrees before it."""


def find_partings(run: Run) -> None:
    """Draft one finding for each first difference that names a mistake; the others are kept for those after it."""
    wrong = [case for case in run.outcomes.wrong(Mismatch.VALUE) if case not in run.explained]
    said = {case: _part(run, case) for case in wrong}
    groups: dict[tuple[str, str], list[str]] = {}
    for case, (parting, _) in said.items():
        if parting is not None:
            groups.setdefault((parting.stage, _code(run, parting)), []).append(case)
    for stage in {stage for stage, code in groups if not code}:
        # Where the same difference names a mistake on some cases alone, that is not what it is.
        for key in [key for key in groups if key[0] == stage and key[1]]:
            groups[stage, ""] += groups.pop(key)
    # Compiled programs are traced once per shape: a case without a trace of its own goes with the others.
    silent = [case for case, (parting, agreed) in said.items() if parting is None and not agreed]
    if len(groups) == 1:
        next(iter(groups.values())).extend(silent)
    known = {m.code for m in run.misconceptions}
    for (_, code), cases in groups.items():
        if code in known:
            _add(run, code, cases, said)
        else:
            run.partings.update({case: said[case] for case in cases})
    run.partings.update({case: said[case] for case in wrong if said[case][0] is None and case not in silent})


def place_in_course(run: Run, code: str, cases: Sequence[str]) -> SourceSpan | None:
    """Where the run parts from the reference's, for a mistake of this code that was recognised by its numbers."""
    for case in (*wording.public_of(cases, run.cases), *cases):
        parting, _ = _part(run, case)
        if parting is not None and parting.code == code:
            return run.source.of_call(parting.line, parting.hint)
    return None


def _part(run: Run, case: str) -> Said:
    golden = run.goldens[case]
    if not golden.events:
        return None, ()
    inputs = next(known.inputs for known in run.cases if known.id == case)
    return part(Pair(outline_of_case(run.outcomes.trace, case), outline_of_golden(golden.events), inputs))


def _code(run: Run, parting: Parting) -> str:
    if parting.stage == "the step" and not parting.code and uses_other_optimizer(run.structure):
        return OTHER_OPTIMIZER
    return parting.code


def _add(run: Run, code: str, cases: Sequence[str], said: Mapping[str, Said]) -> None:
    own = [case for case in cases if said[case][0] is not None]
    public = wording.public_of(own, run.cases)
    parting, agreed = said[(public or own)[0]]
    assert parting is not None
    parting = _over_all(run, [p for case in own if (p := said[case][0]) is not None], parting)
    facts: dict[str, Json] = {"cases": len(cases), "of": run.started, "first_difference": parting.stage}
    if public:
        facts |= parting.facts
    optimizer = uses_other_optimizer(run.structure) if code == OTHER_OPTIMIZER else ""
    if optimizer:
        facts["optimizer"] = optimizer
    said_of_it = (
        f"{wording.some_of(len(cases), run.started)} the answer is wrong.",
        parting.words,
        parting.measured if public else "",
        f"The optimizer is made with `{optimizer}`." if optimizer else "",
        right_until(agreed, parting),
    )
    happened = " ".join(sentence for sentence in said_of_it if sentence)
    form = next((m for m in run.misconceptions if m.name == parting.form), None)
    page = page_of_misconception(form) if form is not None else run.pages[code]
    matters = "" if parting.title and form is None else page.first_paragraph("Why it happens")
    span = run.source.of_call(parting.line, parting.hint) or run.place(code)
    # Where statistics are stepped as well, that is the cause to begin with: the course may part because of it.
    stepped = any(draft.finding.code == "batch-stats-optimized" for draft in run.drafts)
    draft = run.add(3.2 if stepped else 2.3, code, happened, span, facts, matters=matters, page=page)
    if parting.title:
        draft.finding = replace(draft.finding, title=parting.title)
    for case in cases:
        run.explain(draft, case)


def _over_all(run: Run, partings: Sequence[Parting], shown: Parting) -> Parting:
    """What several cases together say more than one: a key, or a step, that is the same whatever the inputs are."""
    if len(partings) < 2:
        return replace(shown, title="") if shown.form == "seed-rounded" else shown
    if shown.code == "wrong-seed" and all(p.facts.get("key") == shown.facts.get("key") for p in partings):
        words = "The initial weights were drawn with the same key in all of these cases."
        return replace(shown, words=words, title="", form="wrong-seed")
    if shown.form == "seed-rounded" and all(p.form == shown.form for p in partings):
        return replace(shown, title="")
    if shown.form == "seed-rounded":
        return replace(shown, form="")
    factors = [p.facts.get("factor") for p in partings]
    if (
        shown.code == "lr-misused"
        and shown.facts.get("factor") is not None
        and len(set(map(repr, factors))) == 1
    ):
        words = "The step has the same length in all of these cases, whatever the learning rate says."
        return replace(shown, words=words, title="", form="lr-misused")
    return shown


def right_until(agreed: Sequence[str], parting: Parting | None) -> str:
    """``Before it, the initial weights and the training loss are right.``"""
    named = [stage for stage in agreed if stage in _TOLD]
    if not named:
        return ""
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    verb = "is" if named in (["the training loss"], ["the step"]) else "are"
    begins = "Before it" if parting is not None else "As far as the judge could follow the run"
    return f"{begins}, {listed} {verb} right."


_TOLD = frozenset({"the initial weights", "the training loss", "the step", "the statistics"})
