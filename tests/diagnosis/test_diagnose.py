"""From an observation to findings: one cause first, nothing of hidden cases, and no way to break it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.made import (
    SOURCE,
    case,
    event,
    exercise,
    golden,
    misconception,
    observation,
    raised,
    step,
    submission,
    value,
)

from judge.diagnosis import Diagnosis, diagnose
from judge.model import (
    Claimed,
    ClaimedException,
    ClaimedFrame,
    ClaimedValue,
    Ended,
    Event,
    ExerciseError,
    Limits,
    Outcome,
    PitfallSpec,
    Severity,
    StepObservation,
)

CASES = [case("a"), case("b"), case("h", hidden=True)]
GOLDENS = {c.id: golden(c.id) for c in CASES}


def judged(
    source: bytes = SOURCE,
    load: StepObservation | None = None,
    repeats: dict[str, StepObservation] | None = None,
    codes: tuple[str, ...] = (),
    compiled: bool = True,
    **steps: StepObservation,
) -> Diagnosis:
    seen = replace(observation(load, **steps), compiled=compiled)
    return diagnose(
        exercise(*codes), submission(source), seen, CASES, GOLDENS, [misconception("known")], repeats
    )


def codes(diagnosis: Diagnosis) -> list[str]:
    return [finding.code for finding in diagnosis.findings]


RIGHT = step(value(1.0))


def test_right_answers_pass_every_check_and_say_nothing() -> None:
    diagnosis = judged(a=RIGHT, b=RIGHT, h=RIGHT)
    assert diagnosis.findings == ()
    assert set(diagnosis.pitfalls.values()) == {Outcome.PASSED}


def test_a_check_needs_positive_evidence() -> None:
    diagnosis = judged(a=RIGHT, b=RIGHT, h=step(value(2.0)))
    assert set(diagnosis.pitfalls.values()) == {Outcome.NOT_REACHED}
    missing = judged(a=RIGHT, b=RIGHT)
    assert set(missing.pitfalls.values()) == {Outcome.NOT_REACHED}


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        (Ended.WALL_LIMIT, "time-limit"),
        (Ended.CPU_LIMIT, "cpu-limit"),
        (Ended.MEMORY_LIMIT, "memory-limit"),
        (Ended.OUTPUT_LIMIT, "output-limit"),
        (Ended.THREAD_LIMIT, "thread-limit"),
        (Ended.FORBIDDEN_CALL, "forbidden-call"),
        (Ended.PROTOCOL, "protocol-broken"),
        (Ended.EXITED, "process-exit"),
    ],
)
def test_a_step_that_ended_without_an_answer(ended: Ended, code: str) -> None:
    diagnosis = judged(a=RIGHT, b=step(ended), h=step(ended))
    assert codes(diagnosis) == [code]
    assert diagnosis.findings[0].checks == ("case:b", "case:h")
    assert diagnosis.findings[0].message.startswith("In 2 of 3 cases")
    assert codes(judged(load=step(ended))) == [code]


def test_a_limit_shows_the_line_where_the_program_was() -> None:
    source = (
        b"def inner(x):\n    while True:\n        x = x + 1\n\ndef solve(a, b, c, d):\n    return inner(a)\n"
    )
    frames = (ClaimedFrame(6, "solve"), ClaimedFrame(3, "inner"))
    stopped = step(Ended.WALL_LIMIT)
    stopped = replace(stopped, claimed=replace(stopped.claimed, stopped_at=frames))
    for found in (judged(source, a=RIGHT, b=stopped, h=stopped), judged(source, load=stopped)):
        (finding,) = found.findings
        assert "When it was stopped it was at line 3, in `inner`." in finding.message
        assert finding.span is not None
        assert finding.span.line == 3


def test_a_line_that_the_file_does_not_have_is_not_shown() -> None:
    stopped = step(Ended.WALL_LIMIT)
    stopped = replace(stopped, claimed=replace(stopped.claimed, stopped_at=(ClaimedFrame(4000, "solve"),)))
    (finding,) = judged(a=RIGHT, b=stopped, h=stopped).findings
    assert "When it was stopped" not in finding.message
    assert finding.span is None


def test_the_output_limit_is_named_and_not_what_chance_let_through() -> None:
    limit = f"{Limits().output_kib:,} KiB"
    (finding,) = judged(a=RIGHT, b=step(Ended.OUTPUT_LIMIT), h=RIGHT).findings
    assert f"printing more than the {limit} that it may." in finding.message
    assert "bytes" not in finding.message


def test_what_was_never_started_is_not_the_learner_s_fault() -> None:
    assert codes(judged(a=RIGHT, b=step(Ended.NOT_STARTED))) == []


def load_error(name: str, text: str, *lines: int) -> StepObservation:
    return step(raised(name, text, *lines))


def test_a_file_that_cannot_be_used_has_one_finding() -> None:
    error = load_error("builtins.SyntaxError", "invalid syntax (submission.py, line 2)", 2)
    syntax = judged(load=error, compiled=False)
    assert codes(syntax) == ["syntax-error"]
    assert "at line 2: invalid syntax." in syntax.findings[0].message
    assert syntax.findings[0].span is not None
    assert syntax.findings[0].span.line == 2
    assert set(syntax.pitfalls.values()) == {Outcome.NOT_REACHED}
    missing = judged(
        b"def slove(a, b, c, d):\n    pass\n", load=load_error("judge.inside.worker.NoEntryPoint", "no")
    )
    assert codes(missing) == ["missing-solve"]
    assert "`slove`" in missing.findings[0].message
    assert missing.findings[0].facts["near"] == "slove"
    assert codes(judged(load=error)) == ["unrecognised-exception"], "Python had taken the file"
    assert codes(judged(load=load_error("builtins.ImportError", "x"))) == ["import-error"]
    assert codes(judged(load=load_error("builtins.ZeroDivisionError", "x"))) == ["unrecognised-exception"]


@pytest.mark.parametrize(
    ("returned", "code", "said"),
    [
        (value(1.0, shape=()), "wrong-output-shape", "The number in it is right."),
        (value(1.0, 2.0), "wrong-output-shape", "another shape"),
        (value(float("nan")), "non-finite-output", "NaN"),
        (value(float("inf")), "non-finite-output", "infinite"),
        (ClaimedValue("NoneType", None, None, None, "None"), "non-numeric-output", "it is None"),
        (ClaimedValue("dict", None, None, None, "dict is not an array"), "non-numeric-output", "dict"),
        (value(2.0), "unrecognised-wrong-answer", "the answer is wrong"),
    ],
)
def test_the_form_of_an_answer(returned: ClaimedValue, code: str, said: str) -> None:
    diagnosis = judged(a=step(returned), b=step(returned), h=step(returned))
    assert codes(diagnosis) == [code]
    assert said in diagnosis.findings[0].message
    assert diagnosis.findings[0].checks == ("case:a", "case:b", "case:h")


def test_one_error_in_all_cases_is_one_finding_with_its_line() -> None:
    error = step(raised("builtins.ZeroDivisionError", "division by zero", 6))
    diagnosis = judged(a=error, b=error, h=error)
    assert codes(diagnosis) == ["unrecognised-exception"]
    assert diagnosis.findings[0].span is not None
    assert diagnosis.findings[0].span.line == 6
    assert "ZeroDivisionError: division by zero." in diagnosis.findings[0].message
    two = judged(a=error, b=step(raised("builtins.KeyError", "'x'", 6)), h=error)
    assert codes(two) == ["unrecognised-exception", "unrecognised-exception"]


SECRET = "424242.25"


def test_nothing_of_a_hidden_case_is_repeated() -> None:
    leaks = [
        step(raised("builtins.ValueError", f"x is {SECRET}", 6)),
        step(raised(f"submission.Error{SECRET}", f"{SECRET}", 6)),
        step(value(float(SECRET))),
        step(value(float(SECRET), float(SECRET))),
        step(ClaimedValue(f"Type{SECRET}", None, None, None, f"no array: {SECRET}")),
    ]
    for leak in leaks:
        diagnosis = judged(a=RIGHT, b=RIGHT, h=leak)
        assert len(diagnosis.findings) == 1
        assert SECRET not in repr(diagnosis.findings)
        # the control: in a public case it is quoted where it helps
    public = judged(a=leaks[0], b=RIGHT, h=RIGHT)
    assert SECRET in repr(public.findings)


def test_an_optimizer_that_stops_is_the_pitfall_s_consequence() -> None:
    tree = {"leaves": 8, "params": 6, "state": 2, "mixed": 0, "collections": ["batch_stats"], "origins": {}}
    members = [{"name": "optax.x.scale_by_adam", "params": 6, "state": 2, "mixed": 0}]
    events = (
        event("optimizer-init", 6, tree=tree, members=members, optimizer=1, began=2, name="n", raised=None),
        event(
            "optimizer-update",
            7,
            tree={},
            members=[],
            optimizer=1,
            began=3,
            state_from=2,
            raised="ValueError",
        ),
    )
    error = step(raised("builtins.ValueError", "pytree structure error", 7), *events)
    diagnosis = judged(a=error, b=error, h=error)
    assert codes(diagnosis) == ["optimizer-on-variables"]
    assert diagnosis.findings[0].checks == ("pitfall:optimizer-on-variables", "case:a", "case:b", "case:h")
    assert diagnosis.pitfalls["optimizer-on-variables"] is Outcome.FAILED


def test_a_second_answer_that_differs_is_a_finding() -> None:
    again = {"a": step(value(1.5))}
    diagnosis = judged(repeats=again, a=RIGHT, b=RIGHT, h=RIGHT)
    assert codes(diagnosis) == ["nondeterministic"]
    assert diagnosis.findings[0].severity is Severity.ERROR
    assert diagnosis.findings[0].checks == ("case:a",)
    assert judged(repeats={"a": step(value(1.0 + 1e-7))}, a=RIGHT, b=RIGHT, h=RIGHT).findings == ()
    assert codes(judged(repeats={"a": step(raised("x.E", ""))}, a=RIGHT, b=RIGHT, h=RIGHT)) == [
        "nondeterministic"
    ]
    assert judged(repeats={"a": step(Ended.WALL_LIMIT)}, a=RIGHT, b=RIGHT, h=RIGHT).findings == ()
    nan = step(value(float("nan")))
    assert codes(judged(repeats={"a": nan}, a=nan, b=nan, h=nan)) == ["non-finite-output"]


def test_a_changed_argument_is_a_warning() -> None:
    changed = step(value(1.0), event("input-mutated", None, position=1))
    diagnosis = judged(a=changed, b=RIGHT, h=RIGHT)
    assert codes(diagnosis) == ["input-mutated"]
    assert diagnosis.findings[0].severity is Severity.WARNING
    forged = step(value(1.0), event("input-mutated", None, position=99))
    assert judged(a=forged, b=RIGHT, h=RIGHT).findings == ()


def test_conduct_is_checked_where_the_exercise_asks_for_it() -> None:
    asked = ("value-and-grad-not-used", "optax-not-used")
    assert set(codes(judged(codes=asked, a=RIGHT, b=RIGHT, h=RIGHT))) == set(asked)
    events = (event("grad-call", api="value_and_grad", raised=None), event("optimizer-update", raised=None))
    used = step(value(1.0), *events)
    assert judged(codes=asked, a=used, b=used, h=used).findings == ()


def test_an_exercise_that_names_an_unknown_pitfall_is_refused() -> None:
    from dataclasses import replace

    unknown = replace(exercise(), pitfalls=(PitfallSpec("no-such-pitfall", Severity.ERROR),))
    with pytest.raises(ExerciseError, match="no-such-pitfall"):
        diagnose(unknown, submission(), observation(a=RIGHT), CASES, GOLDENS, [])


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=True)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["tree", "members", "norms", "mutable", "nested", "returned", "raised", "began", "maker", "optimizer", "state_from",
     "has_aux", "api", "defined", "params", "updates", "collections", "depth", "name", "step_size", "parameter",
     "momentum", "use_running_average", "wrt"]
)  # fmt: skip
KINDS = st.sampled_from(
    ["optimizer-init", "optimizer-update", "apply-updates", "module-apply", "module-init", "module-bind", "batch-norm",
     "grad-make", "grad-call", "input-mutated", "?"]
)  # fmt: skip
EVENTS = st.builds(Event, KINDS, st.none() | st.integers(-5, 10**9), st.dictionaries(NAMES, JSON, max_size=8))
ERRORS = st.builds(
    ClaimedException,
    st.lists(
        st.sampled_from(
            ["builtins.TypeError", "builtins.ValueError", "flax.errors.ModifyScopeVariableError", "x"]
        )
        | st.text(),
        max_size=3,
    ).map(tuple),
    st.text() | st.just("Gradient only defined for scalar-output functions. Output was (1, 2)."),
    st.lists(st.builds(ClaimedFrame, st.integers(-3, 10**7), st.text(max_size=5)), max_size=3).map(tuple),
)
RESULTS = st.one_of(
    st.just(value(1.0)),
    st.just(value(2.0)),
    ERRORS,
    st.sampled_from(list(Ended)),
    st.just(value(float("nan"))),
)
STEPS = st.builds(lambda result, events: step(result, *events), RESULTS, st.lists(EVENTS, max_size=6))


@given(STEPS, STEPS, STEPS, st.binary(max_size=60))
def test_no_claim_can_break_a_diagnosis(
    a: StepObservation, b: StepObservation, h: StepObservation, source: bytes
) -> None:
    diagnosis = judged(source, a=a, b=b, h=h)
    for finding in diagnosis.findings:
        assert finding.title
        assert finding.message
    mistaken = [
        s for s in (a, b, h) if s.measured.ended is not Ended.ANSWERED or s.claimed.raised is not None
    ]
    if any(s.measured.ended is not Ended.NOT_STARTED for s in mistaken):
        assert any(f.severity is Severity.ERROR for f in diagnosis.findings)


@given(JSON)
def test_facts_survive_whatever_a_probe_claims(anything: Any) -> None:
    facts = dict.fromkeys(("tree", "members", "norms", "mutable", "returned", "began"), anything)
    events = tuple(Event(kind, 6, facts) for kind in ("optimizer-init", "module-apply", "grad-call"))
    seen = StepObservation(RIGHT.measured, Claimed(returned=value(1.0), events=events))
    judged(a=seen, b=seen, h=seen)


def test_a_right_number_in_a_type_of_few_digits_is_told_as_rounded() -> None:
    bank = [misconception("result-rounded")]

    def told(number: float, dtype: str) -> list[str]:
        returned = replace(value(number), dtype=dtype)
        seen = observation(**{c.id: step(returned) for c in CASES})
        return codes(diagnose(exercise(), submission(), seen, CASES, GOLDENS, bank))

    assert told(1.0 + 2.0**-12, "float16") == ["result-rounded"]
    assert told(1.0 + 2.0**-9, "bfloat16") == ["result-rounded"]
    assert told(1.0 + 2.0**-9, "float16") == ["unrecognised-wrong-answer"]
    assert told(1.0 + 2.0**-12, "float32") == ["unrecognised-wrong-answer"]


def test_answers_that_change_are_one_finding() -> None:
    wrong = {c.id: step(value(3.0)) for c in CASES}
    diagnosis = judged(repeats={"a": step(value(4.0))}, **wrong)
    assert codes(diagnosis) == ["nondeterministic"]
    assert set(diagnosis.findings[0].checks) == {f"case:{c.id}" for c in CASES}


def test_changed_arguments_come_before_a_number_that_nobody_can_explain() -> None:
    mutated = event("input-mutated", position=1)
    wrong = {c.id: step(value(3.0), mutated) for c in CASES}
    assert codes(judged(**wrong)) == ["input-mutated", "unrecognised-wrong-answer"]
