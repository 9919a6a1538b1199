"""What is told of the evaluation, and of what came before it."""

from __future__ import annotations

from dataclasses import replace

from support.courses import (
    NO_UPDATE,
    STOOD_STILL,
    TRAINED,
    course,
    differentiated,
    divergence,
    errors_of,
    init,
    of_reference,
    outline,
    run_of_model,
    sums,
    told,
    updated,
)
from support.made import event

from judge.trace import ProbeEvent
from judge.vocabulary import Stage


def test_a_loss_of_a_right_output_is_told_so() -> None:
    right, other = (
        divergence(loss=differentiated(2.3)),
        divergence(loss=differentiated(2.3), train=run_of_model(3, True, {}, 5.0)),
    )
    assert right is not None
    assert other is not None
    assert right.stage == other.stage == Stage.TRAINING_LOSS
    assert "what the model gave there is right" in right.words
    assert "what the model gave there is right" not in other.words


def test_a_gradient_at_other_parameters_is_told() -> None:
    for begins, path in ((sums(), "Dense_0/kernel"), (sums(), "params/Dense_0/kernel")):
        right, other = ([[path, [abs(at), at]]] for at in (10.0, 12.0))
        kept_model = event("grad-call", 9, value=5.0, point=other, api="value_and_grad", began=2)
        found = divergence(init=init(sums=begins), loss=kept_model)
        assert found is not None
        assert (found.stage, found.shape, found.line) == (Stage.GRADIENT_PARAMS, None, 9)
        assert divergence(loss=event("grad-call", 9, value=2.0, point=right, began=2)) is None
        # a change that is added to the parameters begins at 0, and says nothing of them
        assert divergence(loss=event("grad-call", 9, value=2.0, point=[[path, [0.0, 0.0]]], began=2)) is None


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
    assert outline(events).last == ProbeEvent("module-apply", "a", run.line, 7, run.facts)
    stepped = [*events, event("optimizer-update", 11, proportion=None, began=8)]
    assert outline(stepped).last is None, "a second step was made of it"


def test_a_right_output_leaves_what_is_made_of_it() -> None:
    code, _, message = told({"a": of_reference()})
    assert code == "unrecognised-wrong-answer"
    assert "What the model gave in the evaluation is right, and what was made of it is not." in message
    other = of_reference(last=run_of_model(5, False, sums(9.0, 0.5), 4.0, differentiated=False))
    assert "is not what the given model gives for the whole batch" in told({"a": other})[2]
