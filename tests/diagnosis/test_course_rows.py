"""Which rows and features the model was run on, in one piece or in parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from support.courses import (
    SHAPES,
    TRAINED,
    course,
    differentiated,
    divergence,
    exercise_of,
    init,
    of_reference,
    run_of_model,
    sums,
    told,
    updated,
)
from support.made import case, event, golden, misconception, observation, step, submission, value

from judge.diagnosis import diagnose
from judge.diagnosis.divergence.checkpoints import kept
from judge.diagnosis.divergence.rows import parts_of
from judge.inside.probes.checksums import sums_of
from judge.model import Event, Json
from judge.trace import ProbeEvent
from judge.vocabulary import Shape, Stage


def test_rows_in_parts_are_not_left_out() -> None:
    """Where the model ran more than once, other runs may have seen the other rows."""
    halves = {"train": run_of_model(3, True, {}, batch=[2, 3])}
    found = divergence(**halves, second=run_of_model(4, True, {}, batch=[2, 3]))
    assert found is not None
    assert (found.stage, found.shape) == (Stage.TRAINING_ROWS, None)
    ends = {"last": run_of_model(6, False, sums(9.0, 0.5), 4.0, batch=[2, 3])}
    found = divergence(**ends, first=run_of_model(5, False, sums(9.0, 0.5), 4.0, batch=[2, 3]))
    assert found is not None
    assert (found.stage, found.shape) == (Stage.EVALUATION_ROWS, None)


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
            [ProbeEvent("module-apply", "a", 9, n, {"batch": [size, 5]}) for n, size in enumerate(rows)], (307, 5)
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
    alone = divergence(init=init(variables=shapes))
    assert alone is not None
    assert (alone.stage, alone.shape) == (Stage.INPUT, None)
    by_rows = divergence(init=init(variables=shapes), train=run_of_model(3, True, {}, batch=[2]))
    assert by_rows is not None
    assert by_rows.shape is None


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
    found = divergence(train=part_of_batch, again=again, step=step_of_it)
    assert found is not None
    assert (found.stage, found.shape, found.line) == (Stage.TRAINING_ROWS, Shape.REPEATED, 9)


def test_rows_in_another_order_are_no_other_features() -> None:
    assert divergence(train=run_of_model(3, True, {}, batch_sums=[12.0, 9.0])) is None


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
