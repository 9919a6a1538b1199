"""What is told of the step: its updates, its length, and what they follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from support.courses import (
    MOVED,
    NO_UPDATE,
    STOOD_STILL,
    course,
    differentiated,
    errors_of,
    exercise_of,
    init,
    of_reference,
    rows,
    run_of_model,
    sums,
    told,
    updated,
)
from support.made import case, event, golden, misconception, observation, step, submission, value

from judge.diagnosis import diagnose
from judge.diagnosis.divergence.checkpoints import kept
from judge.exercise import Misconception
from judge.model import Event, Golden, Json
from judge.vocabulary import DIFFERENCES


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


def test_a_rate_that_is_rounded_a_little_is_told_as_a_step_of_another_length() -> None:
    rounded = run_of_model(5, False, sums(9.0002, 0.5), 3.0002)
    _, _, message = told({"a": of_reference(update=updated(-0.09998), last=rounded)}, "lr-misused")
    assert "the right direction and another length" in message
    assert "Updates are -0.09998 times the gradients." in message


def test_another_factor_of_the_same_movement_is_no_other_length() -> None:
    elsewhere = run_of_model(5, False, sums(9.0, 0.5), 3.1)
    _, _, message = told({"a": of_reference(update=updated(-0.4), last=elsewhere)}, "lr-misused")
    assert "length" not in message
    assert "the step" in message


def test_a_step_that_is_only_nearly_right_is_not_called_right() -> None:
    near, exact = (run_of_model(5, False, sums(kernel, 0.5), 3.1) for kernel in (9.0005, 9.0))
    messages = [told({"a": of_reference(update=NO_UPDATE, last=last)})[2] for last in (near, exact)]
    assert "nearly the right ones, and differ from them by more than rounding" in messages[0]
    assert "the step" not in messages[0]
    assert "nearly" not in messages[1]
    assert "the step and the statistics of the evaluation are right" in messages[1]


@pytest.mark.parametrize(("factor", "direction"), [(-0.05, "right"), (0.05, "opposite"), (0.2, "opposite")])
def test_a_step_of_another_length_is_told_with_its_direction(factor: float, direction: str) -> None:
    moved = run_of_model(5, False, sums(10.0 + 10 * factor, 0.5), differentiated=False)
    _, _, message = told({"a": of_reference(update=updated(factor), last=moved)}, "lr-misused")
    assert f"the {direction} direction and another length" in message


def by_part(*factors: float) -> Event:
    parts = [[f"Dense_{n}/kernel", factor] for n, factor in enumerate(factors)]
    return event(
        "optimizer-update", 11, proportion={"factor": -0.05, "exact": False, "parts": parts}, began=4
    )


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
    assert "different number of axes" in message
    wide = {"params": [["Dense_0/kernel", [3, 5]]], "batch_stats": [["BatchNorm_0/mean", [5]]]}
    code, _, message = told({"a": course(init=init(variables=wide))}, "model-changed")
    assert code == "model-changed"
    assert "is 5 wide" in message
    assert "axes" not in message


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


def declaring(name: str, *words: str, code: str | None = None) -> Misconception:
    return misconception(name, code, differences=tuple(DIFFERENCES[one] for one in words))


SUMMED = declaring("summed", "training-loss: scaled by N", code="other-loss")


HALVED = declaring("halved", "training-loss: scaled by 1/2")


@pytest.mark.parametrize(
    ("factors", "bank", "code"),
    [
        ({2: 2.0, 7: 7.0}, (SUMMED, HALVED), "other-loss"),
        ({2: 0.5, 7: 0.5}, (SUMMED, HALVED), "halved"),
        ({2: 2.0, 7: 2.0}, (SUMMED, HALVED), "unrecognised-wrong-answer"),
        ({2: 2.0, 7: 0.5}, (SUMMED, HALVED), "unrecognised-wrong-answer"),
        ({2: 2.0, 7: 0.5}, (SUMMED, declaring("scaled", "training-loss: scaled")), "scaled"),
    ],
    ids=["N times", "half", "a factor that nobody declares", "two factors", "whatever factor"],
)
def test_an_exercise_names_a_factor_where_it_holds_in_every_case(
    factors: Mapping[int, float], bank: tuple[Misconception, ...], code: str
) -> None:
    cases = {f"n{n}": course(loss=differentiated(2.0 * factor)) for n, factor in factors.items()}
    assert told(cases, *bank, **{f"n{n}": rows(n) for n in factors})[0] == code


def test_a_step_that_is_n_times_as_long_can_have_a_name_of_its_own() -> None:
    long = {
        f"n{n}": course(update=updated(-0.1 * n), last=run_of_model(5, False, sums(8.0, 0.5))) for n in (3, 7)
    }
    inputs = {f"n{n}": rows(n) for n in (3, 7)}
    general = declaring("any-length", "step: scaled")
    assert told(long, general, **inputs)[0] == "any-length"
    assert told(long, declaring("by-rows", "step: scaled by N"), general, **inputs)[0] == "by-rows"


def test_an_exercise_gives_what_was_seen_the_names_that_it_likes() -> None:
    """The control: without the declaration the difference is told, and no mistake."""
    back = course(update=updated(0.1), last=run_of_model(5, False, sums(11.0, 0.5)))
    assert told({"a": back}, declaring("uphill", "step: scaled by -1"))[0] == "uphill"
    assert told({"a": back}, declaring("gradient-ascent"))[0] == "unrecognised-wrong-answer"


GRADIENT = [["Dense_0/kernel", [6.0, 5.0]], ["Dense_0/bias", [3.0, -1.0]]]


def scaled(by: float) -> list[list[Json]]:
    return [[path, [size * abs(by), weighted * by]] for path, (size, weighted) in GRADIENT]


def step_of(received: Json, *, moved: float, additions: int = 1) -> list[Event]:
    """A run that moves its parameters this many times as far, after an optimizer that is right of what it was given."""
    loss = event("grad-call", 9, value=2.0, gradient=GRADIENT, began=2)
    update = event(
        "optimizer-update", 11, proportion={"factor": -0.1, "exact": True}, received=received, began=4
    )
    applied = [event("apply-updates", 12, sums=[], began=4) for _ in range(additions)]
    last = run_of_model(5, False, sums(10.0 - moved, 0.5), differentiated=False)
    return [*of_reference(loss=loss, update=update, last=last), *applied]


@pytest.mark.parametrize("factor", [0.5, 0.37, 2.0, -3.0])
def test_gradients_that_were_scaled_before_the_optimizer_are_told_at_its_call(factor: float) -> None:
    code, title, message = told({"a": step_of(scaled(factor), moved=factor)}, "lr-misused")
    assert (code, title) == ("lr-misused", "The gradients were scaled before the optimizer got them")
    assert "all of it was multiplied by the same number" in message
    assert "updates are what they should be" not in message
    assert f"It is {factor:.4g} times the gradient." in message


def test_a_factor_that_is_another_in_other_cases_is_not_given_as_a_number() -> None:
    _, _, message = told({"a": step_of(scaled(0.25), moved=0.25)}, "lr-misused", a=rows(4))
    assert "all of it was multiplied by the same number" in message
    assert "times the gradient" not in message


def test_updates_are_called_right_only_where_the_gradients_came_unchanged() -> None:
    unchanged = told({"a": step_of(GRADIENT, moved=1.7)}, "lr-misused")[2]
    unknown = told({"a": step_of(None, moved=1.7)}, "lr-misused")[2]
    assert "The optimizer's updates are what they should be." in unchanged
    assert "The optimizer's updates are what they should be." not in unknown
    assert "What the optimizer makes of the gradients that it is given is what it should be." in unknown


def test_updates_count_as_added_more_than_once_only_where_that_was_seen() -> None:
    once, twice = (
        told({"a": step_of(GRADIENT, moved=2.0, additions=n)}, "lr-misused", "extra-step") for n in (1, 2)
    )
    assert once[0] == "lr-misused"
    assert twice[0] == "extra-step"
