"""Findings about wrong answers that equal no known mistake's: where the run's course parts from the reference's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from judge.compare import Mismatch
from judge.diagnosis import messages
from judge.diagnosis.context import Run
from judge.diagnosis.divergence.checkpoints import checkpoints_of_case, checkpoints_of_golden
from judge.diagnosis.divergence.difference import Divergence, ObservedPair
from judge.diagnosis.divergence.rows import (
    EVALUATION,
    FEATURES,
    FEATURES_CHANGED,
    FEATURES_LEFT_OUT,
    IN_ANOTHER_SHAPE,
    INPUT,
    LOSS_NOT_MEAN,
    OTHER_FEATURES,
    OTHER_SHAPE,
)
from judge.diagnosis.divergence.stages import comes_first, first_divergence, statistics
from judge.diagnosis.divergence.training import (
    LOSS,
    OTHER_LOSS,
    OTHER_STEP,
    PART_BY_PART,
    ROWS_MISPAIRED,
    WHY_OTHER_LOSS,
    read,
    rows_of,
)
from judge.diagnosis.evidence import uses_other_optimizer
from judge.model import Json, Severity, SourceSpan
from judge.pages import Page, page_of_misconception

OTHER_OPTIMIZER = "wrong-optimizer"
ANOTHER_FACTOR = "loss-not-mean"
WHATEVER = {"the training loss": f"{OTHER_LOSS}: {WHY_OTHER_LOSS}", "the step": OTHER_STEP}
"""What is said of a stage when several cases differ in it, each in its own way."""
Said = tuple[Divergence | None, tuple[str, ...]]
"""The first difference on a case, and what agrees before it."""


def find_divergences(run: Run) -> None:
    """Draft one finding for each first difference that names a mistake; the others are kept for those after it."""
    known = run.explained | run.set_aside
    wrong = [case for case in run.outcomes.wrong(Mismatch.VALUE) if case not in known]
    not_finite = [case for case in run.outcomes.wrong(Mismatch.NOT_FINITE) if case not in known]
    said = {case: divergence_on(run, case) for case in (*wrong, *not_finite)}
    _give_to_stepped_statistics(run, said)
    groups = _groups(run, said)
    # Compiled programs are traced once per shape, and a small difference can be too small to be seen: a case in
    # which nothing is seen to differ goes with the others, when those have one thing in common.
    silent = [case for case in wrong if case in said and said[case][0] is None]
    in_parts = groups.pop(MEAN_OF_PARTS, [])
    if in_parts:
        alone = not groups and not silent and all(_can_be_mean_of_means(run, case, said) for case in in_parts)
        groups[MEAN_OF_PARTS if alone else (EVALUATION, "")] = in_parts
    if len(groups) == 1:
        next(iter(groups.values())).extend(silent)
        silent = []
    in_bank = {m.code for m in run.misconceptions}
    for (stage, code), cases in groups.items():
        if code in in_bank:
            _add(run, code, cases, said)
            continue
        codes = {divergence.code for case in cases if (divergence := said[case][0]) is not None}
        for case in cases:
            divergence, agreed = said[case]
            if divergence is not None and len(codes) > 1:
                divergence = replace(
                    divergence, words=WHATEVER.get(stage, divergence.words), title="", form=""
                )
            if case in wrong and divergence is not None:
                run.divergences[case] = divergence, agreed
    run.divergences.update({case: said[case] for case in silent if said[case][1]})


MISPAIRED = (LOSS, ROWS_MISPAIRED)
ANOTHER_LOSS = (LOSS, "")


def _take_mispaired(run: Run, groups: dict[tuple[str, str], list[str]]) -> None:
    """Let rows in another order be the reason of a wrong loss only where every case speaks for it.

    The order of few rows can come out as it was, and the targets' is never seen: such cases join those in which the
    features moved, unless these are few.
    """
    moved, others = groups.pop(MISPAIRED, []), groups.pop(ANOTHER_LOSS, [])
    cases = [*moved, *others]
    if not cases:
        return
    sure = len(moved) > len(others) and _single_rows_are_right(run)
    sure = sure and all(_only_the_loss_of_moved_rows(run, case) for case in cases)
    groups[MISPAIRED if sure else ANOTHER_LOSS] = cases


def _only_the_loss_of_moved_rows(run: Run, case: str) -> bool:
    """Whether statistics show that rows moved as a whole, and a step is made of the loss, so that it matters."""
    pair = _pair(run, case)
    return statistics(pair) is True and pair.reference.factor != 0


def _single_rows_are_right(run: Run) -> bool:
    """Whether the training loss is right where the batch is a single row, which has no other row to be paired with.

    That rules out another loss, of rows in another order that are paired as they should be.
    """
    single = [case.id for case in run.cases if case.id in run.outcomes.compared and rows_of(case.inputs) == 1]
    agreed = [divergence_on(run, case)[1] for case in single]
    return bool(agreed) and all(LOSS in stages for stages in agreed)


MEAN_OF_PARTS = (EVALUATION, LOSS_NOT_MEAN)


def _can_be_mean_of_means(run: Run, case: str, said: Mapping[str, Said]) -> bool:
    """Whether this answer can be the mean of the means of parts of two sizes whose rows have the expected mean.

    The two numbers decide which means the two sizes had; a mean of squares is not negative.
    """
    import numpy as np

    divergence, returned = said[case][0], run.outcomes.returned[case].array
    expected, parts = (
        run.goldens[case].expected,
        divergence.facts["parts"] if divergence is not None else None,
    )
    if returned is None or returned.size != 1 or expected.size != 1 or not isinstance(parts, list):
        return False
    rows, counts = np.asarray(parts, np.float64).T
    mean_of_means, mean = counts / counts.sum(), rows * counts / (rows * counts).sum()
    means = np.linalg.solve([mean_of_means, mean], [float(returned.item()), float(expected.item())])
    return bool(np.all(means >= 0))


def _give_to_stepped_statistics(run: Run, said: dict[str, Said]) -> None:
    """Where statistics were stepped, statistics that come out different are no mistake of their own."""
    stepped = next((draft for draft in run.drafts if draft.finding.code == "batch-stats-optimized"), None)
    if stepped is None or stepped.finding.severity is not Severity.ERROR:
        return
    for case in [case for case, (it, _) in said.items() if it is not None and it.stage == "the statistics"]:
        run.explain(stepped, case)
        del said[case]


def _groups(run: Run, said: Mapping[str, Said]) -> dict[tuple[str, str], list[str]]:
    """Cases by the stage in which they part and the mistake that it names, '' for none."""
    groups: dict[tuple[str, str], list[str]] = {}
    weak: dict[str, list[str]] = {}
    for case, (divergence, _) in said.items():
        if divergence is None:
            continue
        if divergence.weak and not _code(run, divergence):
            weak.setdefault(divergence.stage, []).append(case)
        else:
            groups.setdefault((divergence.stage, _code(run, divergence)), []).append(case)
    _take_mispaired(run, groups)
    stages = list(dict.fromkeys(stage for stage, _ in groups))
    for stage in stages:
        keys = [key for key in groups if key[0] == stage]
        whole = (stage, OTHER_OPTIMIZER)
        if whole in groups:
            # One number alone is always in proportion: another optimizer looks like another length there.
            for key in [key for key in keys if key[1] in ("", "lr-misused", "gradient-ascent")]:
                groups[whole] += groups.pop(key)
        elif (stage, "") in groups:
            # Where the same difference names a mistake on some cases alone, that is not what it is.
            for key in [key for key in keys if key[1]]:
                groups[stage, ""] += groups.pop(key)
    # Of a batch of one row, changed features can be some of its own.
    left_out, changed = (INPUT, FEATURES_LEFT_OUT), (INPUT, FEATURES_CHANGED)
    if left_out in groups and changed in groups:
        groups[changed] += groups.pop(left_out)
    # A gradient can be zero on one case, whatever the step is like: only alone does this name a dropped update.
    still = ("the step", "update-not-applied")
    others = [key for key in groups if key[0] == "the step" and key != still]
    if still in groups and others:
        groups[max(others, key=lambda key: len(groups[key]))] += groups.pop(still)
    loss = next((key for key in groups if key[0] == "the training loss"), None)
    if (
        loss is not None
    ):  # what the parameters did on other cases, where the loss happens to be right, follows from it
        for key in [key for key in groups if key[0] == "the step"]:
            follow = [case for case in groups[key] if (it := said[case][0]) is not None and it.follows]
            groups[loss] += follow
            groups[key] = [case for case in groups[key] if case not in follow]
    groups = {key: cases for key, cases in groups.items() if cases}
    for stage, cases in weak.items():
        keys = [key for key in groups if key[0] == stage]
        own = keys[0] if len(keys) == 1 else loss if loss is not None and not keys else (stage, "")
        groups.setdefault(own, []).extend(cases)
    return groups


def shown_divergence(run: Run, cases: Sequence[str]) -> Said | None:
    """What to say of the course of several cases: what differs first in any of them; of public ones, when it can be."""
    public = messages.public_of([case for case in cases if case in run.divergences], run.cases)
    for chosen in (public, [case for case in cases if case in run.divergences]):
        differ = [
            (p, run.divergences[case]) for case in chosen if (p := run.divergences[case][0]) is not None
        ]
        if differ:
            return min(differ, key=lambda it: comes_first(it[0]))[1]
    return next((run.divergences[case] for case in cases if case in run.divergences), None)


def place_in_course(run: Run, code: str, cases: Sequence[str]) -> SourceSpan | None:
    """Where the run parts from the reference's, for a mistake of this code that was recognised by its numbers."""
    for case in (*messages.public_of(cases, run.cases), *cases):
        divergence, _ = divergence_on(run, case)
        if divergence is not None and divergence.code == code:
            return place_of_divergence(run, divergence)
    return None


def place_of_divergence(run: Run, divergence: Divergence) -> SourceSpan | None:
    return run.source.of_return(divergence.defined) or run.source.of_call(divergence.line, divergence.hint)


UP_TO_THE_END = frozenset({"the step", "the statistics", "the mode of the evaluation"})
WHAT_IS_LEFT = "It does not follow which rows the evaluation is given, nor what is made of its output."
"""Where all of these agree, and the answer is wrong."""
OUTPUT = "the output of the evaluation"
OUTPUT_IS_RIGHT = "What the model gave in the evaluation is right, and what was made of it is not."


def evaluation_unseen(run: Run, cases: Sequence[str]) -> bool:
    """Whether in none of these cases a run of the model was seen that could be the evaluation."""
    checkpoints = [checkpoints_of_case(run.outcomes.trace, case) for case in cases]
    return bool(checkpoints) and all(it.last is None and not it.is_empty for it in checkpoints)


UNSEEN = (
    "The evaluation itself was not seen: no run of a flax.linen model came after the training pass. It may be made "
    "without flax.linen, or before the step."
)


def place_of_the_end(run: Run, cases: Sequence[str]) -> SourceSpan | None:
    """Where the model ran last, in the first of these cases in which that is known."""
    for case in (*messages.public_of(cases, run.cases), *cases):
        last = checkpoints_of_case(run.outcomes.trace, case).last
        if last is not None:
            return run.source.of_call(last.line, "apply")
    return None


def loss_is_right(run: Run, cases: Sequence[str]) -> bool:
    """Whether the differentiated loss is known to be right on some of these cases, and to be wrong on none."""
    said = [divergence_on(run, case) for case in cases]
    differs = any(
        divergence is not None and divergence.stage == "the training loss" for divergence, _ in said
    )
    return not differs and any("the training loss" in agreed for _, agreed in said)


def divergence_on(run: Run, case: str) -> Said:
    """Where this case parts from the reference's, and what agrees before it."""
    return first_divergence(_pair(run, case)) if run.goldens[case].events else (None, ())


def _pair(run: Run, case: str) -> ObservedPair:
    inputs = next(known.inputs for known in run.cases if known.id == case)
    golden = run.goldens[case].events or ()
    return ObservedPair(checkpoints_of_case(run.outcomes.trace, case), checkpoints_of_golden(golden), inputs)


def _code(run: Run, divergence: Divergence) -> str:
    is_length = divergence.code == "lr-misused" and not divergence.follows  # of the optimizer's own updates
    if (
        divergence.stage == "the step"
        and (not divergence.code or is_length)
        and uses_other_optimizer(run.structure)
    ):
        return OTHER_OPTIMIZER
    return divergence.code


def _add(run: Run, code: str, cases: Sequence[str], said: Mapping[str, Said]) -> None:
    own = [case for case in cases if (it := said[case][0]) is not None and _code(run, it) == code]
    plain = [case for case in own if (it := said[case][0]) is not None and it.code == code]
    own = plain or own
    public = messages.public_of(own, run.cases)
    divergence, agreed = said[(public or own)[0]]
    assert divergence is not None
    if divergence.code != code:
        divergence = replace(divergence, title="", form="")
    if code == ROWS_MISPAIRED and len(own) < len(cases):
        divergence = replace(divergence, words=f"In {len(own)} of these cases: {divergence.words}")
    divergence = _over_all(run, [p for case in own if (p := said[case][0]) is not None], divergence)
    facts: dict[str, Json] = {"cases": len(cases), "of": run.started, "first_difference": divergence.stage}
    if public:
        facts |= divergence.facts
    optimizer = uses_other_optimizer(run.structure) if code == OTHER_OPTIMIZER else ""
    if optimizer:
        facts["optimizer"] = optimizer
    said_of_it = (
        f"{messages.some_of(len(cases), run.started)} the answer is wrong.",
        divergence.words,
        divergence.measured if public else "",
        f"The optimizer is made with `{optimizer}`." if optimizer else "",
        right_until(agreed, divergence),
    )
    happened = " ".join(sentence for sentence in said_of_it if sentence)
    form = next((m for m in run.misconceptions if m.name == divergence.form), None)
    page = page_of_misconception(form) if form is not None else run.pages[code]
    matters = "" if divergence.title and form is None else why(page, optimizer)
    span = place_of_divergence(run, divergence) or run.place(code)
    # Where statistics are stepped as well, that is the cause to begin with: the course may part because of it.
    stepped = any(draft.finding.code == "batch-stats-optimized" for draft in run.drafts)
    draft = run.add(3.2 if stepped else 2.3, code, happened, span, facts, matters=matters, page=page)
    if divergence.title:
        draft.finding = replace(draft.finding, title=divergence.title)
    for case in cases:
        run.explain(draft, case)


def why(page: Page, optimizer: str) -> str:
    """Why it happens, by its page; '' where the page has another optimizer in mind than the one that was seen."""
    paragraph = page.first_paragraph("Why it happens")
    own = optimizer.removeprefix("scale_by_")
    return paragraph if page.code != OTHER_OPTIMIZER or (own and own in paragraph.lower()) else ""


def _over_all(run: Run, divergences: Sequence[Divergence], shown: Divergence) -> Divergence:
    """What several cases together say more than one: a key, or a step, that is the same whatever the inputs are."""
    if len(divergences) < 2:
        return replace(shown, title="") if shown.form == "seed-rounded" else shown
    asked = {repr(p.given) for p in divergences}
    """What the cases ask for: nothing can be said to be the same whatever is asked, when all ask the same."""
    if shown.code == "wrong-seed" and all(p.facts.get("key") == shown.facts.get("key") for p in divergences):
        if len(asked) < 2:
            return shown
        words = "The initial weights were drawn with the same key in all of these cases."
        return replace(shown, words=words, title="", form="wrong-seed")
    if shown.form == "seed-rounded" and all(p.form == shown.form for p in divergences):
        return replace(shown, title="")
    if shown.form == "seed-rounded":
        return replace(shown, form="")
    factors = [p.facts.get("factor") for p in divergences]
    if (
        shown.code == "lr-misused"
        and shown.facts.get("factor") is not None
        and len(set(map(repr, factors))) == 1
        and len(asked) > 1
    ):
        words = "The step has the same length in all of these cases, whatever the learning rate says."
        return replace(shown, words=words, title="", form="lr-misused")
    times = [
        p.facts["factor"] / p.given for p in divergences if p.given and p.facts.get("factor") is not None
    ]
    alike = len(times) == len(divergences) and max(times) - min(times) <= 1e-4 * abs(max(times))
    if shown.code == "lr-misused" and alike and len(asked) > 1:
        words = f"In all of these cases the step is {times[0]:.4g} times as long as the learning rate says."
        return replace(shown, words=words, measured="")
    if shown.code == OTHER_OPTIMIZER:
        # With a gradient of zero here and there a case shows less of the rule than others do.
        return min(divergences, key=lambda p: _RULES.index(p.title) if p.title in _RULES else len(_RULES))
    if shown.stage == INPUT and any(p.title != shown.title for p in divergences):
        return replace(shown, words=OTHER_SHAPE, title=IN_ANOTHER_SHAPE)
    if shown.stage == FEATURES and any(p.words != shown.words for p in divergences):
        return replace(shown, words=OTHER_FEATURES)
    if shown.readings:
        common = frozenset.intersection(*(p.readings for p in divergences))
        words = shown.words.replace(read(shown.readings), read(common))
        if not common:
            words = words.replace("a multiple of", "not always the same multiple of")
        return replace(shown, words=words)
    return shown


_RULES = ("", PART_BY_PART)
"""Titles of steps by another rule, those that say most of the rule first."""


def right_until(agreed: Sequence[str], divergence: Divergence | None) -> str:
    """``Before it, the weights that `init` gave and the training loss are right.``"""
    named = [_TOLD[stage] for stage in agreed if stage in _TOLD]
    if not named:
        return ""
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    verb = "is" if len(named) == 1 and named[0] in _SINGULAR else "are"
    begins = "Before it" if divergence is not None else "As far as the judge could follow the run"
    return f"{begins}, {listed} {verb} right."


_TOLD = {
    "the initial weights": "the weights that `init` gave",
    "the training loss": "the training loss",
    "the step": "the step",
    "the statistics": "the statistics of the evaluation",
}
_SINGULAR = frozenset({"the training loss", "the step"})
