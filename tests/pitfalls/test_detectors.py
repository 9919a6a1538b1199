"""What the detectors make of events, and that each sentence says only what was seen."""

from __future__ import annotations

from support.made import event, observation, step, value

from judge.model import Event
from judge.pitfalls import pitfalls
from judge.trace import Context, Detection, Trace

UNUSED = "No model was seen to be run"


def detections(code: str, *events: Event) -> list[Detection]:
    seen = observation(one=step(value(1.0), *events))
    return pitfalls()[code].detect(Context(Trace.of(seen, ["one"]), frozenset({"one"}), {}))


def said(code: str, *events: Event) -> list[tuple[bool, str]]:
    return [(it.certain, pitfalls()[code].happened(it)) for it in detections(code, *events)]


def made(role: str, sweep: int, began: int, **more: object) -> Event:
    return event("hand-step", 9, role=role, sweep=sweep, began=began, **more)


def run(began: int, **more: object) -> Event:
    return event("module-apply", 12, depth=0, began=began, norms=[], **more)


def tree(params: int, state: int) -> dict[str, object]:
    names = ["batch_stats"] if state else []
    return {"leaves": params + state, "params": params, "state": state, "mixed": 0, "collections": names}


def update(params: int, state: int, began: int, **more: object) -> Event:
    return event("optimizer-update", 7, tree=tree(params, state), members=[], began=began, **more)


def begun(params: int, state: int, began: int, optimizer: int = 1, line: int = 5) -> Event:
    found = tree(params, state)
    return event(
        "optimizer-init", line, tree=found, members=[], began=began, optimizer=optimizer, name="optax.sgd"
    )


def test_a_sweep_over_everything_is_certain_whatever_becomes_of_it() -> None:
    assert said("batch-stats-optimized", made("state", 0, 1), made("params", 0, 2), run(3)) == [
        (True, "A gradient step was made of parameters and running statistics alike.")
    ]
    assert [it.line for it in detections("batch-stats-optimized", made("mixed", 0, 1, at=30))] == [30]


def test_a_step_of_statistics_alone_is_certain_when_a_model_was_run_with_it() -> None:
    apart = made("state", 0, 1), made("params", 1, 2)
    assert said("batch-stats-optimized", *apart, run(3, stepped=True)) == [
        (True, "A gradient step was made of running statistics.")
    ]
    used = event("hand-used", 12, role="state", sweep=2, began=3)
    assert [certain for certain, _ in said("batch-stats-optimized", *apart, used)] == [True]
    ((certain, text),) = said("batch-stats-optimized", *apart, run(3))
    assert not certain
    assert UNUSED in text
    ((certain, text),) = said("batch-stats-optimized", run(0, stepped=True), *apart)
    assert not certain, "a model that was run before says nothing of what was made afterwards"


def test_a_step_that_was_not_chosen_is_none() -> None:
    dropped = event("hand-step-dropped", 9, role="state", sweep=0, began=3)
    assert said("batch-stats-optimized", made("state", 0, 1), made("params", 0, 2), dropped) == []


def test_what_a_mask_lets_pass_counts_when_it_is_used() -> None:
    passed = made("state", 0, 1, adding=True), made("params", 0, 2, adding=True)
    assert [certain for certain, _ in said("batch-stats-optimized", *passed, run(3))] == [False]
    assert [certain for certain, _ in said("batch-stats-optimized", *passed, run(3, stepped=True))] == [True]


def test_a_product_is_a_step_only_when_a_model_was_run_with_it() -> None:
    product = event("hand-joined", 9, role="state", sweep=0, began=1)
    assert said("batch-stats-optimized", product, run(2)) == []
    assert [certain for certain, _ in said("batch-stats-optimized", product, run(2, stepped=True))] == [True]


def test_an_update_is_thrown_away_only_when_nothing_was_made_with_it() -> None:
    applied = event("apply-updates", 8, params=tree(6, 0), updates=tree(6, 0), began=2)
    ((certain, text),) = said("batch-stats-optimized", update(6, 2, 1), applied)
    assert not certain
    assert "was not seen to be added" in text
    by_hand = made("params", 0, 2)
    assert [c for c, _ in said("batch-stats-optimized", update(6, 2, 1), by_hand)] == [False]
    both = by_hand, made("state", 0, 3)
    ((certain, text),) = said("batch-stats-optimized", update(6, 2, 1), *both)
    assert certain
    assert "added" not in text


def test_statistics_apart_count_where_the_parameters_enter_the_same_optimizer() -> None:
    used = update(6, 0, 9, optimizer=1, state_from=1, name="optax.sgd")
    ((certain, text),) = said("optimizer-on-variables", begun(6, 0, 1), begun(0, 2, 2), used)
    assert certain
    assert text.endswith("It was initialised on the parameters as well, in another call.")
    ((certain, text),) = said("optimizer-on-variables", begun(6, 0, 1), begun(0, 2, 2))
    assert not certain
    assert "was not used for any update" in text
    assert said("optimizer-on-variables", begun(6, 0, 1), begun(0, 2, 2, optimizer=2, line=6), used) == []
    assert len(said("optimizer-on-variables", begun(6, 0, 1), begun(0, 2, 2, optimizer=2), used)) == 1


def test_a_learning_rate_of_zero_holds_still() -> None:
    member = {"name": "optax._src.transform.scale", "params": 0, "state": 2, "mixed": 0}
    for size, count in ((0.0, 0), (0.1, 1)):
        seen = update(0, 2, 1)
        facts = {**seen.facts, "members": [{**member, "step_size": size}]}
        assert len(detections("batch-stats-optimized", Event(seen.kind, seen.line, facts))) == count
