"""What a course does not show is not told: what was not seen, hidden cases, forged events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.courses import MOVED, course, divergence, exercise_of, init, outline, run_of_model, sums, updated
from support.made import case, event, golden, misconception, observation, step, submission, value

from judge.diagnosis import diagnose
from judge.diagnosis.divergence.checkpoints import checkpoints_of_golden, kept
from judge.diagnosis.divergence.difference import ObservedPair
from judge.diagnosis.divergence.stages import first_divergence
from judge.model import Event


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
    assert divergence(train=traced) is None
    assert divergence(train=run_of_model(3, False, {})) is not None


def test_what_was_not_seen_is_no_difference() -> None:
    """As under jit: no key, no weights, no loss, no factor."""
    unseen = {"params": [["Dense_0/kernel", None]], "batch_stats": [["BatchNorm_0/mean", None]]}
    assert (
        divergence(
            init=init(keys={"params": None}, sums=unseen),
            loss=event("grad-call", 9, value=None, began=2),
            update=event("optimizer-update", 11, proportion=None, began=4),
            last=run_of_model(5, False, unseen),
        )
        is None
    )


def test_several_initialisations_are_right_when_one_of_them_is() -> None:
    other = init([0, 9], began=0)
    assert (
        first_divergence(
            ObservedPair(outline([other, *course()]), checkpoints_of_golden(kept(course())), {})
        )[0]
        is None
    )


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
