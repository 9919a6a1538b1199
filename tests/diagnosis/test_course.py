"""Wrong answers that equal no known mistake's: named where their course parts from the reference's, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import made
import numpy as np
import pytest
from conftest import ALL_IN_LONG, COURSE, marked, wanted_variants
from diagnosis_bank import CASES, Wanted
from hypothesis import given
from hypothesis import strategies as st
from made import case, event, golden, misconception, observation, step, submission, value

from judge.diagnosis import diagnose
from judge.diagnosis.outline import Outline, kept, outline_of, outline_of_golden
from judge.diagnosis.parting import Pair, Parting
from judge.diagnosis.stages import STAGES, part
from judge.diagnosis.stages_of_rows import TRAINING as TRAINING_ROWS
from judge.diagnosis.stages_of_rows import parts_of
from judge.exercise import Misconception
from judge.inside.probe_numbers import sums_of
from judge.model import Event, Exercise, Golden, Json, Observation, Severity, Submission
from judge.pages import all_pages
from judge.pitfalls.trace import Seen

WRONG = [wanted for wanted in wanted_variants() if wanted.name.startswith(f"{COURSE}/")]


def code_of(wanted: Wanted) -> str:
    return wanted.name.partition("/")[2].partition("__")[0].replace("_", "-")


@pytest.mark.parametrize("wanted", marked(WRONG))
def test_what_parts_first_is_named_with_its_line(
    wanted: Wanted,
    exercise: Exercise,
    observed: Mapping[str, Observation],
    goldens: Mapping[str, Golden],
    misconceptions: tuple[Misconception, ...],
) -> None:
    diagnosis = diagnose(
        exercise,
        Submission(wanted.name, wanted.source, ""),
        observed[wanted.name],
        CASES[:2],
        goldens,
        misconceptions,
    )
    errors = [finding for finding in diagnosis.findings if finding.severity is Severity.ERROR]
    assert [finding.code for finding in errors] == [code_of(wanted)]
    assert errors[0].checks == tuple(f"case:{c.id}" for c in CASES[:2])
    assert "misconception" not in errors[0].facts, (
        "its numbers are known: it tests the fingerprint, not the course"
    )
    assert errors[0].facts["first_difference"]
    span = errors[0].span
    assert span is not None
    assert any(span.line <= line <= span.end_line for line in wanted.marked_lines), span


@ALL_IN_LONG
def test_a_silent_difference_is_only_told_as_far_as_it_is_seen(
    suite: str,
    exercise: Exercise,
    observed: Mapping[str, Observation],
    goldens: Mapping[str, Golden],
    misconceptions: tuple[Misconception, ...],
) -> None:
    """Without what was recorded of the reference nothing is said beyond the numbers."""
    for wanted in [one for one in WRONG if one.name in observed]:
        blind = {name: replace(known, events=None) for name, known in goldens.items()}
        diagnosis = diagnose(
            exercise,
            Submission("x", wanted.source, ""),
            observed[wanted.name],
            CASES[:2],
            blind,
            misconceptions,
        )
        errors = [finding for finding in diagnosis.findings if finding.severity is Severity.ERROR]
        optimizer = code_of(wanted) == "wrong-optimizer" and b"optax" in wanted.source
        assert [f.code for f in errors] == ["wrong-optimizer" if optimizer else "unrecognised-wrong-answer"]
        assert all("first_difference" not in finding.facts for finding in errors)


def test_every_code_of_a_parting_is_explained_in_this_exercise(exercise: Exercise) -> None:
    codes = {"wrong-seed", "model-changed", "train-in-eval-mode", "loss-not-mean", "update-not-applied"}
    codes |= {"wrong-optimizer", "gradient-ascent", "lr-misused", "stale-batch-stats", "eval-in-train-mode"}
    assert codes <= {page.code for page in all_pages(exercise)}


# ------------------------------------------------------------------------------------------------- made by hand

SHAPES: Mapping[str, Json] = {
    "params": [["Dense_0/kernel", [3, 4]]],
    "batch_stats": [["BatchNorm_0/mean", [4]]],
}
LAYERS: list[Json] = [
    ["Dense_0", {"class": "Dense", "features": 4}, 7],
    ["BatchNorm_0", {"momentum": 0.9}, 8],
]


def init(key: list[int] | None = None, **more: Any) -> Event:
    facts = {
        "depth": 0,
        "keys": {"params": key or [0, 2]},
        "variables": SHAPES,
        "layers": LAYERS,
        "sums": sums(),
    }
    return event("module-init", 5, **{**facts, "began": 1, **more})


def sums(kernel: float = 10.0, mean: float = 0.0) -> Json:
    return {
        "params": [["Dense_0/kernel", [abs(kernel), kernel]]],
        "batch_stats": [["BatchNorm_0/mean", [abs(mean), mean]]],
    }


def differentiated(loss: float = 2.0) -> Event:
    return event("grad-call", 9, value=loss, began=2)


def run_of_model(began: int, trains: bool, given: Json, output: float = 3.0, **more: Json) -> Event:
    norm = {"path": "BatchNorm_0", "use_running_average": not trains}
    facts = {
        "depth": 0,
        "norms": [norm],
        "sums": given,
        "output": [[output, output]],
        "batch": [4, 3],
        "batch_sums": [12.0, 7.0],
        "differentiated": began < 5,
        "began": began,
    }
    return event("module-apply", 10 + began, **{**facts, **more})


def updated(factor: float = -0.1, exact: bool = True) -> Event:
    return event("optimizer-update", 11, proportion={"factor": factor, "exact": exact}, began=4)


def course(**changed: Event) -> list[Event]:
    events = {
        "init": init(),
        "loss": differentiated(),
        "train": run_of_model(3, True, {}),
        "update": updated(),
        "last": run_of_model(5, False, sums(9.0, 0.5)),
    }
    return list({**events, **changed}.values())


def outline(events: list[Event]) -> Outline:
    return outline_of(
        sorted(
            (Seen(e.kind, "a", e.line, e.facts["began"], e.facts) for e in events),
            key=lambda seen: seen.order,
        )
    )


def parting(**changed: Event) -> Parting | None:
    inputs = {"seed": 2.7, "x_batch": np.zeros((4, 3), np.float32), "lr": 0.1}
    return part(Pair(outline(course(**changed)), outline_of_golden(kept(course())), inputs))[0]


def test_the_same_course_parts_nowhere() -> None:
    assert parting() is None
    given = outline_of_golden(kept(course()))
    # Where a gradient was taken is not recorded of the reference: it is compared with its first parameters.
    recorded = [stage for stage in STAGES if stage.name != "the parameters at the gradient"]
    assert all(stage.look(Pair(given, given, {})) is True for stage in recorded)


@pytest.mark.parametrize(
    ("changed", "stage", "code", "line"),
    [
        ({"init": init([0, 3])}, "the key", "wrong-seed", 5),
        ({"init": init([7, 3])}, "the key", "wrong-seed", 5),
        (
            {"init": init(layers=[LAYERS[0], ["BatchNorm_0", {"momentum": 0.99}, 8]])},
            "the model",
            "model-changed",
            8,
        ),
        ({"init": init(variables={"params": [["fc/kernel", [3, 4]]]})}, "the model", "model-changed", 5),
        ({"init": init(sums=sums(11.0))}, "the initial weights", "model-changed", 5),
        ({"train": run_of_model(3, False, {})}, "the mode of the training pass", "train-in-eval-mode", 13),
        ({"loss": differentiated(8.0)}, "the training loss", "loss-not-mean", None),
        ({"loss": differentiated(2.3)}, "the training loss", "", None),
        (
            {"update": updated(-0.05), "last": run_of_model(5, False, sums(9.5, 0.5))},
            "the step",
            "lr-misused",
            None,
        ),
        (
            {"update": updated(0.1), "last": run_of_model(5, False, sums(11.0, 0.5))},
            "the step",
            "gradient-ascent",
            None,
        ),
        (
            {"update": updated(exact=False), "last": run_of_model(5, False, sums(8.0))},
            "the step",
            "wrong-optimizer",
            None,
        ),
        ({"last": run_of_model(5, False, sums(10.0, 0.5))}, "the step", "update-not-applied", 15),
        ({"last": run_of_model(5, False, sums(9.0, 0.0))}, "the statistics", "stale-batch-stats", 15),
        ({"last": run_of_model(5, False, sums(9.0, 0.7))}, "the statistics", "", 15),
        (
            {"last": run_of_model(5, True, sums(9.0, 0.5))},
            "the mode of the evaluation",
            "eval-in-train-mode",
            15,
        ),
        ({"last": run_of_model(5, False, sums(9.0, 0.5), 4.0)}, "the output of the evaluation", "", 15),
        ({"train": run_of_model(3, True, {}, batch=[3, 3])}, TRAINING_ROWS, "rows-left-out", 13),
        ({"train": run_of_model(3, True, {}, batch=[3, 3], repeated=True)}, TRAINING_ROWS, "", 13),
        ({"train": run_of_model(3, True, {}, batch=[8, 3])}, TRAINING_ROWS, "stats-from-other-batch", 13),
        ({"train": run_of_model(3, True, {}, batch=[1, 4])}, TRAINING_ROWS, "", 13),
        (
            {"train": run_of_model(3, True, {}, batch_sums=[11.0, 7.0])},
            "the features of the training pass",
            "features-changed",
            13,
        ),
        (
            {"last": run_of_model(5, False, sums(9.0, 0.5), 4.0, batch=[1, 3])},
            "the rows of the evaluation",
            "rows-left-out",
            15,
        ),
    ],
)
def test_the_first_difference_is_told(
    changed: dict[str, Event], stage: str, code: str, line: int | None
) -> None:
    found = parting(**changed)
    assert found is not None
    assert (found.stage, found.code, found.line) == (stage, code, line)


def test_rows_in_parts_are_not_left_out() -> None:
    """Where the model ran more than once, other runs may have seen the other rows."""
    halves = {"train": run_of_model(3, True, {}, batch=[2, 3])}
    found = parting(**halves, second=run_of_model(4, True, {}, batch=[2, 3]))
    assert found is not None
    assert (found.stage, found.code) == (TRAINING_ROWS, "")
    ends = {"last": run_of_model(6, False, sums(9.0, 0.5), 4.0, batch=[2, 3])}
    found = parting(**ends, first=run_of_model(5, False, sums(9.0, 0.5), 4.0, batch=[2, 3]))
    assert found is not None
    assert (found.stage, found.code) == ("the rows of the evaluation", "")


def evaluated_in(*rows: int, output: float = 4.0, **more: Json) -> list[Event]:
    """A right run that evaluates a batch of 4 rows in parts."""
    runs = [
        run_of_model(5 + n, False, sums(9.0, 0.5), output, batch=[size, 3], differentiated=False, **more)
        for n, size in enumerate(rows)
    ]
    return [*of_reference(train=TRAINED)[:-1], *runs]


def told_of_parts(answer: float, *cases: list[Event]) -> tuple[str, str, str]:
    goldens = {
        name: replace(golden(name, 1.0), events=kept(course())) for name, _ in zip("ab", cases, strict=False)
    }
    seen = observation(**{name: step(value(answer), *it) for name, it in zip("ab", cases, strict=False)})
    bank = [misconception("mean-of-batch-means", "loss-not-mean"), misconception("rows-left-out")]
    first = diagnose(exercise_of(), submission(), seen, [case(n) for n in goldens], goldens, bank).findings[0]
    return first.code, first.title, first.message


def test_an_evaluation_in_unequal_parts_is_told() -> None:
    code, title, message = told_of_parts(1.1, evaluated_in(3, 1))
    assert (code, title) == ("loss-not-mean", "The evaluation is made in parts of different sizes")
    assert "The parts: 1 of 3 rows and 1 of 1 rows." in message


@pytest.mark.parametrize(
    ("answer", "rows", "repeated"),
    [
        (1.1, (2, 2), False),
        (1.1, (3, 3), False),
        (1.1, (2, 1), False),
        (1.1, (3, 1), True),
        (4.0, (3, 1), False),
    ],
    ids=["equal parts", "too many rows", "too few rows", "runs that are repeated", "no two means give this"],
)
def test_other_evaluations_in_parts_name_nothing(
    answer: float, rows: tuple[int, ...], repeated: bool
) -> None:
    events = evaluated_in(*rows, repeated=repeated)
    assert told_of_parts(answer, events)[0] == "unrecognised-wrong-answer"


def test_parts_are_not_the_reason_where_a_whole_evaluation_is_wrong_too() -> None:
    whole = of_reference()
    assert told_of_parts(1.1, evaluated_in(3, 1), whole)[0] == "unrecognised-wrong-answer"


def test_of_parts_of_one_size_more_can_have_run_than_were_seen() -> None:
    def parts(*rows: int) -> Mapping[int, int] | None:
        return parts_of(
            [Seen("module-apply", "a", 9, n, {"batch": [size, 5]}) for n, size in enumerate(rows)], (307, 5)
        )

    assert parts(64, 64, 64, 51) == {64: 4, 51: 1}
    assert parts(100, 100, 100, 7) == {100: 3, 7: 1}
    assert parts(64, 64, 51) is None
    assert parts(64, 64, 64) is None
    assert parts(64, 64, 64, 50) is None


def with_loss(loss: float, weighted: float, mean: float = 0.5) -> list[Event]:
    """A run with another training loss, of a batch whose numbers stand in these places."""
    return of_reference(
        loss=differentiated(loss),
        train=run_of_model(3, True, {}, batch_sums=[12.0, weighted], differentiated=True),
        last=run_of_model(5, False, sums(8.0, mean), differentiated=False),
    )


def told_of_pairs(
    single: list[Event] | None, *cases: list[Event], factor: float = -0.1
) -> tuple[str, str, str]:
    """Code, title and message of the first error; of one row, ``single``, the answer is right."""
    given = dict(zip("abc", cases, strict=False))
    reference = kept(course(update=updated(factor)))
    rows = {name: {"x_batch": np.ones((4, 3), np.float32)} for name in given}
    numbers = dict.fromkeys(given, 3.0)
    if single is not None:
        given, rows, numbers = (
            {**given, "n": single},
            {**rows, "n": {"x_batch": np.ones((1, 3), np.float32)}},
            {**numbers, "n": 1.0},
        )
    known = [
        replace(case(name), inputs={**case(name).inputs, "y_batch": 0.0, **rows[name]}) for name in given
    ]
    goldens = {name: replace(golden(name, 1.0), events=reference) for name in given}
    seen = observation(**{name: step(value(numbers[name]), *events) for name, events in given.items()})
    bank = [misconception("rows-mispaired")]
    first = diagnose(exercise_of(), submission(), seen, known, goldens, bank).findings[0]
    return first.code, first.title, first.message


def test_rows_in_another_order_with_another_loss_are_paired_with_other_targets() -> None:
    code, _, message = told_of_pairs(of_reference(), with_loss(2.3, 9.0), with_loss(2.4, 5.0))
    assert code == "rows-mispaired"
    assert "given the rows of the batch in another order." in message
    assert "of these cases" not in message
    _, _, message = told_of_pairs(
        of_reference(), with_loss(2.3, 9.0), with_loss(2.4, 5.0), with_loss(2.2, 7.0)
    )
    assert "In 2 of these cases: In the training pass" in message, "of one the features did not move"


def test_another_loss_is_not_one_of_other_pairs() -> None:
    unknown = "unrecognised-wrong-answer"
    moved = with_loss(2.3, 9.0)
    assert told_of_pairs(None, moved, moved)[0] == unknown, (
        "no single row shows that the loss is the right one"
    )
    assert told_of_pairs(with_loss(2.3, 7.0), moved, moved)[0] == unknown, "of a single row it is wrong too"
    in_place = with_loss(2.3, 7.0)
    assert told_of_pairs(of_reference(), in_place, in_place)[0] == unknown, "nothing moved"
    assert told_of_pairs(of_reference(), moved, in_place)[0] == unknown, "mostly nothing moved"
    columns = with_loss(2.3, 9.0, mean=0.7)
    assert told_of_pairs(of_reference(), columns, columns)[0] == unknown, "statistics change with columns"
    assert told_of_pairs(of_reference(), moved, moved, factor=0.0)[0] == unknown, "the loss does not matter"


SOME = sums_of(np.ones((4, 2)))
"""Of two columns of ones."""
MIXED = [SOME[0], SOME[1] + 1.0]
"""Of the same numbers in other places."""


def other_width(batch: list[int], sums: list[float], kernel: int) -> list[Event]:
    """A run on 4 rows of 3 features, all of them 1.0, whose model is given a batch of another shape."""
    shapes = {**SHAPES, "params": [["Dense_0/kernel", [kernel, 4]]]}
    train = run_of_model(3, True, {}, batch=batch, batch_sums=sums, differentiated=True)
    return course(init=init(variables=shapes), train=train)


def told_of_width(*runs: list[Event]) -> tuple[str, str, str]:
    ones = {"x_batch": np.ones((4, 3), np.float32)}
    cases = dict(zip("abc", runs, strict=False))
    return told(cases, "features-changed", "features-left-out", **dict.fromkeys(cases, ones))


def test_a_model_for_inputs_of_another_width_was_given_other_features() -> None:
    code, title, message = told_of_width(other_width([4, 2], SOME, 2))
    assert (code, title) == ("features-left-out", "The model is given fewer features than the batch has")
    assert "It was given an array of shape (4, 2), and the batch has (4, 3)." in message
    code, title, _ = told_of_width(other_width([4, 2], MIXED, 2))
    assert (code, title) == ("features-changed", "The model is given fewer features than the batch has")
    code, title, _ = told_of_width(other_width([4, 5], MIXED, 5))
    assert (code, title) == ("features-changed", "The model is given more features than the batch has")
    code, title, message = told_of_width(other_width([3, 4], MIXED, 4))
    assert (code, title) == ("features-changed", "The model is given the features in another shape")
    assert "features than the batch has" not in message


def test_what_is_said_of_other_features_holds_in_every_case() -> None:
    some, mixed, turned = (
        other_width(batch, sums, batch[1])
        for batch, sums in (([4, 2], SOME), ([4, 2], MIXED), ([3, 4], MIXED))
    )
    code, title, message = told_of_width(some, mixed)
    assert (code, title) == ("features-changed", "The model is given fewer features than the batch has")
    assert "left out" not in message
    assert told_of_width(mixed, turned)[:2] == (
        "features-changed",
        "The model is given the features in another shape",
    )


def test_a_width_that_training_does_not_show_names_nothing() -> None:
    shapes = {**SHAPES, "params": [["Dense_0/kernel", [2, 4]]]}
    alone = parting(init=init(variables=shapes))
    assert alone is not None
    assert (alone.stage, alone.code) == ("the model's input", "")
    by_rows = parting(init=init(variables=shapes), train=run_of_model(3, True, {}, batch=[2]))
    assert by_rows is not None
    assert by_rows.code == ""


def test_a_step_for_each_part_is_another_step() -> None:
    part_of_batch = run_of_model(3, True, {}, batch=[2, 3])
    wrt = {
        "leaves": 1,
        "params": 1,
        "state": 0,
        "mixed": 0,
        "collections": [],
        "origins": {"params": ["applied"]},
    }
    again = event("grad-call", 9, value=5.0, api="value_and_grad", wrt=wrt, began=6)
    step_of_it = event("optimizer-update", 11, proportion={"factor": -0.1, "exact": True}, began=7)
    found = parting(train=part_of_batch, again=again, step=step_of_it)
    assert found is not None
    assert (found.stage, found.code, found.line) == (TRAINING_ROWS, "extra-step", 9)


def test_rows_in_another_order_are_no_other_features() -> None:
    assert parting(train=run_of_model(3, True, {}, batch_sums=[12.0, 9.0])) is None


def test_features_in_other_columns_were_changed() -> None:
    batch = np.arange(12.0, dtype=np.float32).reshape(4, 3)
    wanted, moved, other = (
        run_of_model(3, True, {}, differentiated=True, batch_sums=sums_of(x.astype(np.float64)))
        for x in (batch, batch[:, ::-1], np.roll(batch, 1, axis=1))
    )
    reference = kept(of_reference(train=wanted))
    goldens = {name: replace(golden(name, 1.0), events=reference) for name in "ab"}
    known = [replace(case(name), inputs={**case(name).inputs, "x_batch": batch}) for name in "ab"]

    def message(*runs: Event) -> str:
        events = {name: of_reference(train=run) for name, run in zip("ab", runs, strict=True)}
        seen = observation(**{name: step(value(3.0), *it) for name, it in events.items()})
        bank = [misconception("features-changed")]
        (found,) = diagnose(exercise_of(), submission(), seen, known, goldens, bank).findings
        assert found.code == "features-changed"
        return found.message

    assert "run on the batch with its columns in reverse order" in message(moved, moved)
    assert "run on other features than those that were given" in message(moved, other)


def test_a_loss_of_a_right_output_is_told_so() -> None:
    right, other = (
        parting(loss=differentiated(2.3)),
        parting(loss=differentiated(2.3), train=run_of_model(3, True, {}, 5.0)),
    )
    assert right is not None
    assert other is not None
    assert right.stage == other.stage == "the training loss"
    assert "what the model gave there is right" in right.words
    assert "what the model gave there is right" not in other.words


def test_a_gradient_at_other_parameters_is_told() -> None:
    for begins, path in ((sums(), "Dense_0/kernel"), (sums(), "params/Dense_0/kernel")):
        right, other = ([[path, [abs(at), at]]] for at in (10.0, 12.0))
        kept_model = event("grad-call", 9, value=5.0, point=other, api="value_and_grad", began=2)
        found = parting(init=init(sums=begins), loss=kept_model)
        assert found is not None
        assert (found.stage, found.code, found.line) == ("the parameters at the gradient", "", 9)
        assert parting(loss=event("grad-call", 9, value=2.0, point=right, began=2)) is None
        # a change that is added to the parameters begins at 0, and says nothing of them
        assert parting(loss=event("grad-call", 9, value=2.0, point=[[path, [0.0, 0.0]]], began=2)) is None


def errors_of(cases: Mapping[str, list[Event]], *known: str) -> list[tuple[str, int]]:
    """Codes and numbers of cases of the errors, where every answer is wrong."""
    goldens = {name: replace(golden(name, 1.0), events=kept(course())) for name in cases}
    seen = observation(**{name: step(value(3.0), *events) for name, events in cases.items()})
    bank = [misconception(name) for name in known]
    found = diagnose(exercise_of(), submission(), seen, [case(n) for n in cases], goldens, bank).findings
    return [(f.code, len(f.checks)) for f in found if f.severity is Severity.ERROR]


STOOD_STILL = run_of_model(5, False, sums(10.0, 0.5))
NO_UPDATE = event("optimizer-update", 11, proportion=None, began=4)


def test_what_parameters_did_follows_from_another_loss() -> None:
    """A changed model can have the right loss on one row, and then no gradient: nothing was dropped there."""
    other_loss = course(loss=differentiated(2.3))
    still = course(update=NO_UPDATE, last=STOOD_STILL)
    assert errors_of({"a": other_loss, "b": still}, "update-not-applied") == [
        ("unrecognised-wrong-answer", 2)
    ]
    assert errors_of({"a": still, "b": still}, "update-not-applied") == [("update-not-applied", 2)]


def test_another_optimizer_looks_like_another_length_where_there_is_one_number() -> None:
    length = course(update=updated(-0.5), last=run_of_model(5, False, sums(5.0, 0.5)))
    other = course(update=updated(exact=False), last=run_of_model(5, False, sums(8.0, 0.5)))
    known = ("wrong-optimizer", "lr-misused")
    assert errors_of({"a": length, "b": other}, *known) == [("wrong-optimizer", 2)]
    assert errors_of({"a": length, "b": length}, *known) == [("lr-misused", 2)]


def test_a_case_in_which_nothing_is_seen_to_differ_goes_with_the_others() -> None:
    halved = course(update=updated(-0.05), last=run_of_model(5, False, sums(9.5, 0.5)))
    assert errors_of({"a": course(), "b": halved}, "lr-misused") == [("lr-misused", 2)]


def told(cases: Mapping[str, list[Event]], *known: str, **inputs: Mapping[str, Any]) -> tuple[str, str, str]:
    """Code, title and message of the one error, where every answer is wrong."""
    goldens = {name: replace(golden(name, 1.0), events=kept(course())) for name in cases}
    seen = observation(**{name: step(value(3.0), *events) for name, events in cases.items()})
    bank = [misconception(name) for name in known]
    given = [replace(case(n), inputs={**case(n).inputs, **inputs.get(n, {})}) for n in cases]
    (found,) = diagnose(exercise_of(), submission(), seen, given, goldens, bank).findings
    return found.code, found.title, found.message


def of_reference(**changed: Event) -> list[Event]:
    """Events as probes report them: with the word whether a run was differentiated."""
    events = {
        "train": run_of_model(3, True, {}, differentiated=True),
        "last": run_of_model(5, False, sums(9.0, 0.5), differentiated=False),
    }
    return course(**{**events, **changed})


TRAINED = run_of_model(3, True, sums(10.0, 0.0), differentiated=True)
"""The training pass, with what it was given."""


def test_an_evaluation_that_was_not_seen_is_not_the_training_pass() -> None:
    unseen = of_reference(train=TRAINED)[:-1]
    assert outline(of_reference()).last is not None
    assert outline(unseen).last is None
    code, _, message = told({"a": unseen}, "stale-batch-stats", "eval-in-train-mode", "update-not-applied")
    assert code == "unrecognised-wrong-answer"
    assert "The evaluation itself was not seen" in message
    seen = of_reference(last=run_of_model(5, False, sums(9.0, 0.0), differentiated=False))
    code, _, message = told({"a": seen}, "stale-batch-stats")
    assert code == "stale-batch-stats"
    assert "not seen" not in message


def test_a_look_at_the_model_before_the_training_is_no_evaluation() -> None:
    look = replace(run_of_model(1, False, sums(10.0, 0.0), differentiated=False), line=7)
    before = [init(), look, *of_reference(train=TRAINED)[1:-1]]
    assert outline(before).last is None
    assert outline([*before, of_reference()[-1]]).last is not None


def test_a_loss_that_is_differentiated_once_more_after_the_step_is_the_evaluation() -> None:
    again = event("grad-call", 20, value=1.0, began=6)
    run = run_of_model(7, True, sums(9.0, 0.5), differentiated=True)
    events = [*of_reference()[:-1], again, run]
    assert outline(events).last == Seen("module-apply", "a", run.line, 7, run.facts)
    stepped = [*events, event("optimizer-update", 11, proportion=None, began=8)]
    assert outline(stepped).last is None, "a second step was made of it"


def test_a_right_output_leaves_what_is_made_of_it() -> None:
    code, _, message = told({"a": of_reference()})
    assert code == "unrecognised-wrong-answer"
    assert "What the model gave in the evaluation is right, and what was made of it is not." in message
    other = of_reference(last=run_of_model(5, False, sums(9.0, 0.5), 4.0, differentiated=False))
    assert "is not what the given model gives for the whole batch" in told({"a": other})[2]


def test_a_step_that_is_kept_and_not_evaluated_is_told_so() -> None:
    still = run_of_model(5, False, sums(10.0, 0.5), differentiated=False)
    right = event("apply-updates", 12, sums=[["Dense_0/kernel", [9.0, 9.0]]], began=4)
    wrong = event("apply-updates", 12, sums=[["Dense_0/kernel", [8.0, 8.0]]], began=4)
    said = [
        told({"a": [*of_reference(last=still), made]}, "update-not-applied")[2] for made in (right, wrong)
    ]
    assert "The step itself was made, and made right." in said[0]
    assert "made right" not in said[1]
    assert all("used the parameters from before the step" in message for message in said)


def test_a_gradient_of_zero_on_one_case_is_no_dropped_update() -> None:
    halved = course(update=updated(-0.05), last=run_of_model(5, False, sums(9.5, 0.5)))
    still = course(update=NO_UPDATE, last=STOOD_STILL)
    known = ("lr-misused", "update-not-applied")
    assert errors_of({"a": halved, "b": halved, "c": still}, *known) == [("lr-misused", 3)]
    assert errors_of({"a": still, "b": still}, *known) == [("update-not-applied", 2)]


def by_part(*factors: float) -> Event:
    parts = [[f"Dense_{n}/kernel", factor] for n, factor in enumerate(factors)]
    return event(
        "optimizer-update", 11, proportion={"factor": -0.05, "exact": False, "parts": parts}, began=4
    )


MOVED = run_of_model(5, False, sums(8.0, 0.5))


@pytest.mark.parametrize(
    ("update", "code", "said"),
    [
        (
            by_part(-0.1, 0.0),
            "update-partly-applied",
            "gave updates of zero for some parameters: `Dense_1/kernel`",
        ),
        (by_part(-0.1, 1.0), "wrong-optimizer", "are their gradients themselves: `Dense_1/kernel`"),
        (by_part(-0.1, -0.2), "wrong-optimizer", "not the same multiple of the gradients for all parameters"),
        (updated(exact=False), "wrong-optimizer", "in no proportion to the gradients"),
        (updated(1.0), "wrong-optimizer", "are the gradients themselves"),
        (updated(0.0), "lr-misused", "Every update that the optimizer made of its gradients is zero."),
        (updated(0.3), "lr-misused", "another length than the learning rate gives it"),
    ],
)
def test_updates_are_told_array_by_array(update: Event, code: str, said: str) -> None:
    bank = ("update-partly-applied", "wrong-optimizer", "lr-misused", "update-not-applied")
    found, _, message = told({"a": course(update=update, last=MOVED)}, *bank)
    assert (found, said in message) == (code, True), message


def test_updates_of_zero_behind_a_frozen_part_are_no_learning_rate() -> None:
    members = [{"name": "optax._src.transform.set_to_zero", "params": 4, "state": 0, "mixed": 0}]
    frozen = event(
        "optimizer-update", 11, proportion={"factor": 0.0, "exact": True}, members=members, began=4
    )
    found = told({"a": course(update=frozen, last=STOOD_STILL)}, "lr-misused", "update-not-applied")
    assert found[0] == "update-not-applied"


@pytest.mark.parametrize(
    ("rates", "used", "said"),
    [
        ((0.1, 0.4), (0.05, 0.2), "is 0.5 times as long as the learning rate says"),
        ((0.1, 0.4), (0.05, 0.05), "has the same length in all of these cases"),
        ((0.1, 0.4), (0.05, 0.1), "another length than the learning rate gives it"),
        ((0.1, 0.1), (0.05, 0.05), "another length than the learning rate gives it"),
    ],
)
def test_what_a_step_s_length_follows_is_told_of_all_cases(
    rates: tuple[float, float], used: tuple[float, float], said: str
) -> None:
    end = run_of_model(5, False, sums(8.0, 0.5))
    goldens = {
        name: replace(golden(name, 1.0), events=kept(course(update=updated(-rate))))
        for name, rate in zip("ab", rates, strict=True)
    }
    steps = {
        name: step(value(3.0), *course(update=updated(-rate), last=end))
        for name, rate in zip("ab", used, strict=True)
    }
    cases = [case(name) for name in "ab"]
    bank = [misconception("lr-misused")]
    (found,) = diagnose(exercise_of(), submission(), observation(**steps), cases, goldens, bank).findings
    assert found.code == "lr-misused"
    assert said in found.message


def other_seed(asked: int, used: int) -> tuple[Golden, list[Event]]:
    return replace(golden("x", 1.0), events=kept(course(init=init([0, asked])))), course(init=init([0, used]))


@pytest.mark.parametrize(("asked", "told_so"), [((2, 7), True), ((2, 2), False)])
def test_the_same_key_says_something_only_where_different_ones_are_asked_for(
    asked: tuple[int, int], told_so: bool
) -> None:
    both = {name: other_seed(seed, 0) for name, seed in zip("ab", asked, strict=True)}
    seen = observation(**{name: step(value(3.0), *events) for name, (_, events) in both.items()})
    goldens = {name: known for name, (known, _) in both.items()}
    cases = [case(name) for name in both]
    (found,) = diagnose(
        exercise_of(), submission(), seen, cases, goldens, [misconception("wrong-seed")]
    ).findings
    assert found.code == "wrong-seed"
    assert ("the same key in all of these cases" in found.message) is told_so


def test_a_member_axis_is_no_other_width() -> None:
    shapes = {"params": [["Dense_0/kernel", [1, 3, 4]]], "batch_stats": [["BatchNorm_0/mean", [1, 4]]]}
    code, _, message = told({"a": course(init=init(variables=shapes))}, "model-changed")
    assert code == "unrecognised-wrong-answer"
    assert "another number of axes" in message
    wide = {"params": [["Dense_0/kernel", [3, 5]]], "batch_stats": [["BatchNorm_0/mean", [5]]]}
    code, _, message = told({"a": course(init=init(variables=wide))}, "model-changed")
    assert code == "model-changed"
    assert "is 5 wide" in message
    assert "axes" not in message


def rows(count: int) -> Mapping[str, Any]:
    return {"x_batch": np.zeros((count, 3), np.float32), "y_batch": np.zeros(count, np.float32)}


@pytest.mark.parametrize(
    ("factors", "said"),
    [
        ({2: 2.0, 7: 7.0, 40: 40.0}, "is N times"),
        ({2: 2.0, 7: 2.0, 40: 2.0}, "is twice what"),
        ({2: 0.5, 7: 1 / 7}, "is one N-th of"),
        ({2: 2.0, 7: 7 / 6}, "is N/(N-1) times"),
        ({2: 2.0, 7: 0.5}, "is not always the same multiple of"),
        ({2: 2.0}, "is twice what"),
    ],
)
def test_a_factor_of_the_loss_holds_in_every_case(factors: Mapping[int, float], said: str) -> None:
    cases = {f"n{n}": course(loss=differentiated(2.0 * factor)) for n, factor in factors.items()}
    inputs = {f"n{n}": rows(n) for n in factors}
    code, title, message = told(cases, "loss-not-mean", **inputs)
    assert (code, title) == ("loss-not-mean", "The training loss has another factor")
    assert said in message, message


def test_weights_may_change_after_they_were_initialised() -> None:
    """``from the right initial weights`` needs the parameters at the gradient."""
    at = [["Dense_0/kernel", [10.0, 10.0]]]
    seen = course(loss=event("grad-call", 9, value=2.3, point=at, began=2))
    assert "from the right initial weights" in told({"a": seen})[2]
    unseen = told({"a": course(loss=differentiated(2.3))})[2]
    assert "from the right initial weights" not in unseen
    assert "the weights that `init` gave are right" in unseen


def test_why_it_happens_is_told_of_the_optimizer_that_was_seen() -> None:
    page = "T\n\n## What happens\n\nX.\n\n## Why it happens\n\nAdam is what most tutorials use.\n"
    bank = [replace(misconception("wrong-optimizer"), page=page)]

    def message(name: str) -> str:
        members = [{"name": f"optax._src.transform.{name}", "params": 4, "state": 0, "mixed": 0}]
        update = event(
            "optimizer-update", 11, proportion={"factor": -0.05, "exact": False}, members=members, began=4
        )
        events = course(update=update, last=MOVED)
        known = {"a": replace(golden("a", 1.0), events=kept(course()))}
        seen = observation(a=step(value(3.0), *events))
        return diagnose(exercise_of(), submission(), seen, [case("a")], known, bank).findings[0].message

    assert "Adam is what most" in message("scale_by_adam")
    assert "Adam" not in message("scale_by_lion")
    assert "`scale_by_lion`" in message("scale_by_lion")


def test_a_traced_flag_is_no_evaluation_mode() -> None:
    norm = {"path": "BatchNorm_0", "use_running_average": "BatchTracer"}
    traced = event("module-apply", 13, depth=0, norms=[norm], sums={}, began=3)
    assert parting(train=traced) is None
    assert parting(train=run_of_model(3, False, {})) is not None


def test_what_was_not_seen_is_no_difference() -> None:
    """As under jit: no key, no weights, no loss, no factor."""
    unseen = {"params": [["Dense_0/kernel", None]], "batch_stats": [["BatchNorm_0/mean", None]]}
    assert (
        parting(
            init=init(keys={"params": None}, sums=unseen),
            loss=event("grad-call", 9, value=None, began=2),
            update=event("optimizer-update", 11, proportion=None, began=4),
            last=run_of_model(5, False, unseen),
        )
        is None
    )


def test_several_initialisations_are_right_when_one_of_them_is() -> None:
    other = init([0, 9], began=0)
    assert part(Pair(outline([other, *course()]), outline_of_golden(kept(course())), {}))[0] is None


def test_a_right_answer_that_went_another_way_is_left_alone() -> None:
    events = course(init=init([0, 9]))
    known = {name: replace(golden(name, 1.0), events=kept(course())) for name in "ab"}
    cases = [case(name) for name in "ab"]
    seen = observation(**{c.id: step(value(1.0), *events) for c in cases})
    assert (
        diagnose(exercise_of(), submission(), seen, cases, known, [misconception("wrong-seed")]).findings
        == ()
    )
    seen = observation(**{c.id: step(value(3.0), *events) for c in cases})
    found = diagnose(exercise_of(), submission(), seen, cases, known, [misconception("wrong-seed")]).findings
    assert [finding.code for finding in found] == ["wrong-seed"]


def test_an_exercise_without_the_code_is_told_the_difference_alone() -> None:
    known = {"a": replace(golden("a", 1.0), events=kept(course()))}
    seen = observation(a=step(value(3.0), *course(init=init([0, 9]))))
    (finding,) = diagnose(exercise_of(), submission(), seen, [case("a")], known, []).findings
    assert finding.code == "unrecognised-wrong-answer"
    assert finding.facts["first_difference"] == "the key"


def test_of_a_hidden_case_no_numbers_are_told() -> None:
    known = {"a": replace(golden("a", 1.0), events=kept(course()))}
    changed = course(update=updated(-0.03125), last=run_of_model(5, False, sums(9.5, 0.5)))
    told = []
    for hidden in (False, True):
        seen = observation(a=step(value(3.0), *changed))
        cases = [case("a", hidden=hidden)]
        (finding,) = diagnose(
            exercise_of(), submission(), seen, cases, known, [misconception("lr-misused")]
        ).findings
        assert finding.code == "lr-misused"
        told.append("0.03125" in finding.message or "factor" in finding.facts)
    assert told == [True, False]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
FACTS = ("depth", "keys", "variables", "layers", "sums", "norms", "value", "proportion", "began")
FACTS += ("point", "wrt", "made", "defined", "returned")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("module-init", "module-apply", "grad-call", "optimizer-update")),
            st.dictionaries(st.sampled_from(FACTS), JSON, max_size=5),
        ),
        max_size=4,
    )
)
def test_forged_events_break_nothing(forged: list[tuple[str, dict[str, Any]]]) -> None:
    known = {"a": replace(golden("a", 1.0), events=kept(course()))}
    events = [Event(kind, 3, {"depth": 0, **facts}) for kind, facts in forged]
    seen = observation(a=step(value(3.0), *events))
    findings = diagnose(
        exercise_of(), submission(), seen, [case("a")], known, [misconception("wrong-seed")]
    ).findings
    assert findings


def exercise_of() -> Exercise:
    return made.exercise()
