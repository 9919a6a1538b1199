"""Wrong answers that equal no known mistake's: named where their course parts from the reference's, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import made
import numpy as np
import pytest
from conftest import COURSE, wanted_variants
from diagnosis_bank import CASES, Wanted
from hypothesis import given
from hypothesis import strategies as st
from made import case, event, golden, misconception, observation, step, submission, value

from judge.diagnosis import diagnose
from judge.diagnosis.outline import Outline, kept, outline_of, outline_of_golden
from judge.diagnosis.parting import Pair, Parting
from judge.diagnosis.stages import STAGES, part
from judge.exercise import Misconception
from judge.model import Event, Exercise, Golden, Json, Observation, Severity, Submission
from judge.pages import all_pages
from judge.pitfalls.trace import Seen

WRONG = [wanted for wanted in wanted_variants() if wanted.name.startswith(f"{COURSE}/")]


def code_of(wanted: Wanted) -> str:
    return wanted.name.partition("/")[2].partition("__")[0].replace("_", "-")


@pytest.mark.parametrize("wanted", WRONG, ids=lambda wanted: wanted.name)
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


def test_a_silent_difference_is_only_told_as_far_as_it_is_seen(
    exercise: Exercise,
    observed: Mapping[str, Observation],
    goldens: Mapping[str, Golden],
    misconceptions: tuple[Misconception, ...],
) -> None:
    """Without what was recorded of the reference nothing is said beyond the numbers."""
    for wanted in WRONG:
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
        optimizer = code_of(wanted) == "wrong-optimizer"
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
    facts = {"depth": 0, "norms": [norm], "sums": given, "output": [[output, output]], "began": began}
    return event("module-apply", 10 + began, **facts, **more)


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
    ],
)
def test_the_first_difference_is_told(
    changed: dict[str, Event], stage: str, code: str, line: int | None
) -> None:
    found = parting(**changed)
    assert found is not None
    assert (found.stage, found.code, found.line) == (stage, code, line)


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
