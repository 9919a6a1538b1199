"""Findings about wrong answers that equal no known mistake's, by the first divergence from the reference's run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from judge.compare import Mismatch
from judge.diagnosis import messages
from judge.diagnosis.context import FirstDifference, Run
from judge.diagnosis.divergence.checkpoints import checkpoints_of_case
from judge.diagnosis.divergence.difference import Divergence
from judge.diagnosis.divergence.rows import (
    IN_ANOTHER_SHAPE,
    OTHER_FEATURES,
    OTHER_SHAPE,
)
from judge.diagnosis.divergence.stages import comes_first, statistics
from judge.diagnosis.divergence.training import (
    OTHER_LOSS,
    OTHER_STEP,
    PART_BY_PART,
    WHY_OTHER_LOSS,
    in_words,
    rows_of,
)
from judge.diagnosis.evidence import uses_other_optimizer
from judge.diagnosis.explanation import Explained, Explanation
from judge.model import Json, SourceSpan
from judge.pages import Page, page_of_misconception
from judge.vocabulary import Shape, Stage

WHATEVER = {Stage.TRAINING_LOSS: f"{OTHER_LOSS}: {WHY_OTHER_LOSS}", Stage.STEP: OTHER_STEP}
"""The text for a stage in which several cases differ, each in its own way."""
Key = tuple[Stage, Shape | None]


@dataclass(frozen=True)
class Group:
    """Cases that first differ in the same stage and in the same shape."""

    stage: Stage
    shape: Shape | None
    cases: tuple[str, ...]


def find_divergences(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Explain wrong answers by the first difference of their runs, where the exercise has a name for it."""
    known = explained.cases | explained.set_aside
    wrong = [case for case in run.outcomes.wrong(Mismatch.VALUE) if case not in known]
    not_finite = [case for case in run.outcomes.wrong(Mismatch.NOT_FINITE) if case not in known]
    first = {case: run.first_difference(case) for case in (*wrong, *not_finite)}
    groups = _groups(run, first)
    # Compiled programs are traced once per shape, and a small difference can be too small to be seen: a case without
    # a visible difference joins the others if those form one group.
    silent = [case for case in wrong if first[case][0] is None]
    in_parts = groups.pop(MEAN_OF_PARTS, [])
    if in_parts:
        alone = (
            not groups and not silent and all(_can_be_mean_of_means(run, case, first) for case in in_parts)
        )
        groups[MEAN_OF_PARTS if alone else (Stage.EVALUATION_ROWS, None)] = in_parts
    if len(groups) == 1:
        next(iter(groups.values())).extend(silent)
    for (stage, shape), cases in groups.items():
        yield from _named(run, Group(stage, shape, tuple(cases)), first)


def differences_left(run: Run, explained: Explained, cases: Sequence[str]) -> Mapping[str, FirstDifference]:
    """Return the first difference of each of these cases, in words that hold for all that differ at its stage.

    Cases with nothing to tell are left out.
    """
    first = {case: run.first_difference(case) for case in cases if case not in explained.set_aside}
    shapes: dict[Stage, set[Shape | None]] = {}
    for it, _ in first.values():
        if it is not None:
            shapes.setdefault(it.stage, set()).add(it.shape)
    found = {}
    for case, (it, agreed) in first.items():
        if it is not None and len(shapes[it.stage]) > 1:
            it = replace(it, words=WHATEVER.get(it.stage, it.words), title="", special=())
        if it is not None or agreed:
            found[case] = it, agreed
    return found


MISPAIRED = (Stage.TRAINING_LOSS, Shape.REORDERED)
ANOTHER_LOSS = (Stage.TRAINING_LOSS, None)


def _take_mispaired(run: Run, groups: dict[Key, list[str]]) -> None:
    """Blame a wrong loss on reordered rows only if every case supports it.

    A shuffle of few rows can leave them in place, and the order of the targets is never seen: such cases join those
    in which the features moved, if these are the majority.
    """
    moved, others = groups.pop(MISPAIRED, []), groups.pop(ANOTHER_LOSS, [])
    cases = [*moved, *others]
    if not cases:
        return
    sure = len(moved) > len(others) and _single_rows_are_right(run)
    sure = sure and all(_only_the_loss_of_moved_rows(run, case) for case in cases)
    groups[MISPAIRED if sure else ANOTHER_LOSS] = cases


def _only_the_loss_of_moved_rows(run: Run, case: str) -> bool:
    """Return True if statistics show that rows moved as a whole, and a step uses the loss, so that it matters."""
    pair = run.pair(case)
    return statistics(pair) is True and pair.reference.factor != 0


def _single_rows_are_right(run: Run) -> bool:
    """Return True if the training loss is right where the batch is a single row, which cannot be mispaired.

    That rules out a different loss on rows that are reordered but paired correctly.
    """
    single = [case.id for case in run.cases if case.id in run.outcomes.compared and rows_of(case.inputs) == 1]
    agreed = [run.first_difference(case)[1] for case in single]
    return bool(agreed) and all(Stage.TRAINING_LOSS in stages for stages in agreed)


MEAN_OF_PARTS = (Stage.EVALUATION_ROWS, Shape.IN_PARTS)


def _can_be_mean_of_means(run: Run, case: str, first: Mapping[str, FirstDifference]) -> bool:
    """Return True if this answer can be the mean of means of parts of two sizes whose rows have the expected mean.

    The two numbers determine the means of the two sizes; a mean of squares is not negative.
    """
    import numpy as np

    divergence, returned = first[case][0], run.outcomes.returned[case].array
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


def _groups(run: Run, first: Mapping[str, FirstDifference]) -> dict[Key, list[str]]:
    """Group cases by the stage in which they first differ and the shape of the difference, None without one."""
    groups: dict[Key, list[str]] = {}
    weak: dict[Stage, list[str]] = {}
    for case, (divergence, _) in first.items():
        if divergence is None:
            continue
        shape = _shape(run, divergence)
        if divergence.weak and shape is None:
            weak.setdefault(divergence.stage, []).append(case)
        else:
            groups.setdefault((divergence.stage, shape), []).append(case)
    _take_mispaired(run, groups)
    for stage in dict.fromkeys(stage for stage, _ in groups):
        _merge_shapes(stage, groups)
    # In a batch of one row, changed features can equal a part of its own.
    left_out, changed = (Stage.INPUT, Shape.LEFT_OUT), (Stage.INPUT, Shape.CHANGED)
    if left_out in groups and changed in groups:
        groups[changed] += groups.pop(left_out)
    # A gradient can be zero on one case with any step: this names a dropped update only if no case differs otherwise.
    still = (Stage.STEP, Shape.NOT_APPLIED)
    others = [key for key in groups if key[0] is Stage.STEP and key != still]
    if still in groups and others:
        groups[max(others, key=lambda key: len(groups[key]))] += groups.pop(still)
    loss = next((key for key in groups if key[0] is Stage.TRAINING_LOSS), None)
    if loss is not None:
        # The step on cases where the loss happens to be right can differ because of the wrong loss.
        for key in [key for key in groups if key[0] is Stage.STEP]:
            follow = [case for case in groups[key] if (it := first[case][0]) is not None and it.follows]
            groups[loss] += follow
            groups[key] = [case for case in groups[key] if case not in follow]
    groups = {key: cases for key, cases in groups.items() if cases}
    for stage, cases in weak.items():
        keys = [key for key in groups if key[0] is stage]
        own = keys[0] if len(keys) == 1 else loss if loss is not None and not keys else (stage, None)
        groups.setdefault(own, []).extend(cases)
    return groups


def _merge_shapes(stage: Stage, groups: dict[Key, list[str]]) -> None:
    """Merge groups of one stage that are the same difference, seen better on some cases than on others."""
    shapes = [shape for known, shape in groups if known is stage]
    if Shape.OTHER_RULE in shapes:
        # A single number is always proportional: there another optimizer looks like another step length.
        whole: Shape | None = Shape.OTHER_RULE
        lengths = (None, Shape.SCALED, Shape.SCALED_BY_MINUS_1)
        joined: list[Shape | None] = [shape for shape in shapes if shape in lengths]
    elif None in shapes:
        # A shape that only some cases of a difference have does not describe the difference.
        whole, joined = None, [shape for shape in shapes if shape is not None]
    else:
        return
    for shape in joined:
        groups[stage, whole] += groups.pop((stage, shape))


def to_show(run: Run, differences: Mapping[str, FirstDifference]) -> FirstDifference | None:
    """Return the earliest first difference of several cases, of public ones if possible."""
    public = messages.public_of(list(differences), run.cases)
    for chosen in (public, list(differences)):
        differ = [(it, differences[case]) for case in chosen if (it := differences[case][0]) is not None]
        if differ:
            return min(differ, key=lambda pair: comes_first(pair[0]))[1]
    return next(iter(differences.values()), None)


def place_in_course(run: Run, code: str, cases: Sequence[str]) -> SourceSpan | None:
    """Return the place of the first divergence with this code, for a mistake recognised by its numbers."""
    for case in (*messages.public_of(cases, run.cases), *cases):
        divergence, _ = run.first_difference(case)
        named = run.named(divergence) if divergence is not None else None
        if divergence is not None and named is not None and named.code == code:
            return place_of_divergence(run, divergence)
    return None


def place_of_divergence(run: Run, divergence: Divergence) -> SourceSpan | None:
    return run.source.of_return(divergence.defined) or run.source.span_of_call(
        divergence.line, divergence.hint
    )


UP_TO_THE_END = frozenset({Stage.STEP, Stage.STATISTICS, Stage.EVALUATION_MODE})
WHAT_IS_LEFT = "It does not follow which rows the evaluation is given, nor what is made of its output."
"""The text where all of ``UP_TO_THE_END`` agree and the answer is wrong."""
OUTPUT_IS_RIGHT = "What the model gave in the evaluation is right, and what was made of it is not."


def evaluation_unseen(run: Run, cases: Sequence[str]) -> bool:
    """Return True if in none of these cases a model run was seen that could be the evaluation."""
    checkpoints = [checkpoints_of_case(run.outcomes.trace, case) for case in cases]
    return bool(checkpoints) and all(it.last is None and not it.is_empty for it in checkpoints)


UNSEEN = (
    "The evaluation itself was not seen: no run of a flax.linen model came after the training pass. It may be made "
    "without flax.linen, or before the step."
)


def place_of_the_end(run: Run, cases: Sequence[str]) -> SourceSpan | None:
    """Return the place of the evaluation, in the first of these cases in which it is known."""
    for case in (*messages.public_of(cases, run.cases), *cases):
        last = checkpoints_of_case(run.outcomes.trace, case).last
        if last is not None:
            return run.source.span_of_call(last.line, "apply")
    return None


def loss_is_right(run: Run, cases: Sequence[str]) -> bool:
    """Return True if the differentiated loss is known to be right on some of these cases and wrong on none."""
    first = [run.first_difference(case) for case in cases]
    loss = Stage.TRAINING_LOSS
    differs = any(divergence is not None and divergence.stage is loss for divergence, _ in first)
    return not differs and any(loss in agreed for _, agreed in first)


def _shape(run: Run, divergence: Divergence) -> Shape | None:
    """The shape, given the known optimizer: another optimizer's steps look like another step length."""
    of_updates = divergence.shape is Shape.SCALED and not divergence.follows  # the optimizer's own updates
    if divergence.stage is Stage.STEP and (divergence.shape is None or of_updates):
        return Shape.OTHER_RULE if uses_other_optimizer(run.structure) else divergence.shape
    return divergence.shape


def _what_holds(
    run: Run, group: Group, first: Mapping[str, FirstDifference]
) -> tuple[Divergence, Sequence[Stage], bool] | None:
    """Return what holds in all of a group, what agrees before it, and True if its numbers may be shown."""
    known = {case: it for case in group.cases if (it := first[case][0]) is not None}
    own = [case for case, it in known.items() if _shape(run, it) is group.shape]
    own = [case for case in own if known[case].shape is group.shape] or own
    if not own:
        return None
    public = messages.public_of(own, run.cases)
    shown = (public or own)[0]
    divergence = known[shown]
    if divergence.shape is not group.shape:
        divergence = replace(divergence, shape=group.shape, title="", special=())
    if group.shape is Shape.REORDERED and len(own) < len(group.cases):
        divergence = replace(divergence, words=f"In {len(own)} of these cases: {divergence.words}")
    return _over_all([known[case] for case in own], divergence), first[shown][1], bool(public)


def _named(run: Run, group: Group, first: Mapping[str, FirstDifference]) -> Iterator[Explanation]:
    """Explain a group, if the exercise has a name for its common difference."""
    held = _what_holds(run, group, first)
    named = run.named(held[0]) if held is not None else None
    if held is None or named is None:
        return
    divergence, agreed, is_public = held
    facts: dict[str, Json] = {
        "cases": len(group.cases),
        "of": run.started,
        "first_difference": divergence.stage.words,
    }
    if is_public:
        facts |= divergence.facts
    optimizer = uses_other_optimizer(run.structure) if group.shape is Shape.OTHER_RULE else ""
    if optimizer:
        facts["optimizer"] = optimizer
    said_of_it = (
        f"{messages.some_of(len(group.cases), run.started)} the answer is wrong.",
        divergence.words,
        divergence.measured if is_public else "",
        f"The optimizer is made with `{optimizer}`." if optimizer else "",
        right_until(agreed, divergence),
    )
    happened = " ".join(sentence for sentence in said_of_it if sentence)
    if named.with_own_page and named.shape in TITLED_BY_PAGE:
        divergence = replace(divergence, title="")
    page = page_of_misconception(named.misconception) if named.with_own_page else run.pages[named.code]
    matters = "" if divergence.title and not named.with_own_page else why(page, group.shape, optimizer)
    span = place_of_divergence(run, divergence) or run.place(named.misconception)
    yield run.explanation(
        named.code,
        happened,
        facts,
        span=span,
        cases=group.cases,
        title=divergence.title,
        matters=matters,
        page=page,
    )


TITLED_BY_PAGE = frozenset({Shape.ROUNDED, Shape.CONSTANT})
"""Shapes for which the title of a page of their own says everything."""


def why(page: Page, shape: Shape | None, optimizer: str) -> str:
    """Return the page's reason; '' if the page is about another optimizer than the one that was seen."""
    paragraph = page.first_paragraph("Why it happens")
    own = optimizer.removeprefix("scale_by_")
    return paragraph if shape is not Shape.OTHER_RULE or (own and own in paragraph.lower()) else ""


def _over_all(divergences: Sequence[Divergence], shown: Divergence) -> Divergence:
    """Return the divergence to show for several cases, as far as it holds in each of them.

    Together cases can show more than one alone: a key, or a step length, that is the same whatever the inputs are.
    """
    in_each = tuple(shape for shape in shown.special if all(shape in it.special for it in divergences))
    if shown.stage is Stage.KEY:
        return _over_all_keys(divergences, replace(shown, special=in_each))
    if shown.stage is Stage.STEP and shown.shape is Shape.SCALED:
        return _over_all_lengths(divergences, replace(shown, special=in_each))
    if shown.stage is Stage.STEP and shown.shape is Shape.OTHER_RULE:
        # A case in which some gradients are zero shows less of the rule than others do.
        rules = [it for it in divergences if it.shape is Shape.OTHER_RULE]
        return min(rules, key=_says_less_of_the_rule, default=shown)
    if shown.stage is Stage.INPUT and any(it.title != shown.title for it in divergences):
        return replace(shown, words=OTHER_SHAPE, title=IN_ANOTHER_SHAPE)
    if shown.stage is Stage.TRAINING_FEATURES and any(it.words != shown.words for it in divergences):
        return replace(shown, words=OTHER_FEATURES)
    if shown.stage is Stage.TRAINING_LOSS and shown.shape is Shape.SCALED:
        words = shown.words.replace(in_words(shown.special), in_words(in_each))
        if not in_each:
            words = words.replace("a multiple of", "not always the same multiple of")
        return replace(shown, words=words, special=in_each)
    return shown


def _over_all_keys(divergences: Sequence[Divergence], shown: Divergence) -> Divergence:
    if not _is_same(divergences, "key") or not _differ_in_what_is_asked(divergences):
        return shown
    words = "The initial weights were drawn with the same key in all of these cases."
    return replace(shown, words=words, special=(Shape.CONSTANT,))


def _over_all_lengths(divergences: Sequence[Divergence], shown: Divergence) -> Divergence:
    if not _differ_in_what_is_asked(divergences):
        return shown
    if shown.facts.get("factor") is not None and _is_same(divergences, "factor"):
        words = "The step has the same length in all of these cases, whatever the learning rate says."
        return replace(shown, words=words, special=(Shape.CONSTANT,))
    times = [it.facts["factor"] / it.given for it in divergences if it.given and "factor" in it.facts]
    if len(times) == len(divergences) and max(times) - min(times) <= 1e-4 * abs(max(times)):
        words = f"In all of these cases the step is {times[0]:.4g} times as long as the learning rate says."
        return replace(shown, words=words, measured="")
    return shown


def _says_less_of_the_rule(divergence: Divergence) -> int:
    return _RULES.index(divergence.title) if divergence.title in _RULES else len(_RULES)


def _is_same(divergences: Sequence[Divergence], fact: str) -> bool:
    return len({repr(divergence.facts.get(fact)) for divergence in divergences}) == 1


def _differ_in_what_is_asked(divergences: Sequence[Divergence]) -> bool:
    """Return True if the cases ask for different values; else an equal result shows nothing."""
    return len({repr(divergence.given) for divergence in divergences}) > 1


_RULES = ("", PART_BY_PART)
"""Titles of steps by another rule, the most informative first."""


def right_until(agreed: Sequence[Stage], divergence: Divergence | None) -> str:
    """Return a sentence like ``Before it, the training loss and the step are right.``; '' if nothing agreed."""
    named = [_TOLD[stage] for stage in agreed if stage in _TOLD]
    if not named:
        return ""
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    verb = "is" if len(named) == 1 and named[0] in _SINGULAR else "are"
    begins = "Before it" if divergence is not None else "As far as the judge could follow the run"
    return f"{begins}, {listed} {verb} right."


_TOLD = {
    Stage.WEIGHTS: "the weights that `init` gave",
    Stage.TRAINING_LOSS: "the training loss",
    Stage.STEP: "the step",
    Stage.STATISTICS: "the statistics of the evaluation",
}
_SINGULAR = frozenset({"the training loss", "the step"})
