"""Fuzzing finds wrong submissions, shrinks what it found, and leaves right ones alone."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from support.in_process import InProcess, InProcessSession, step
from support.rows_exercise import FILES, make

from judge.authoring.pin import check_pin_name, pin
from judge.authoring.record import record, write
from judge.exercise import load_cases, load_exercise, load_goldens
from judge.model import Ended, Limits, Origin, StepObservation, UsageError
from judge.solutions.fuzz import Fuzzer, FuzzResult, as_counterexample, counterexample, failure_text, fuzz
from judge.solutions.runner import AUTHOR_LIMITS

HEAD = "import numpy as np\n\n\ndef weigh(factor, rows, weights):\n    right = factor * rows.sum(axis=1) * weights\n"


def run(root: Path, body: str, count: int = 40) -> FuzzResult:
    return fuzz(make(root), InProcess(), (HEAD + f"    {body}\n").encode(), count=count, seed=0)


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ("return right + 1", 3),
        ("return right if len(rows) == 1 else right[::-1]", 7),
        pytest.param("return right * 1.001", 3, marks=pytest.mark.long),
        ("return factor * rows.mean(axis=1) * weights", 7),
        ("return right if len(rows) < 3 else right + 1", 16),
        pytest.param("return right * np.where(rows[:, 0] > 2, 2, 1)", 3, marks=pytest.mark.long),
        pytest.param("return right if factor < 3 else 0 * right", 3, marks=pytest.mark.long),
    ],
)
def test_a_wrong_submission_is_shrunk_to_the_smallest_size_that_shows_it(
    tmp_path: Path, body: str, size: int
) -> None:
    result = run(tmp_path, body)
    assert result.failure is not None
    assert result.failure.size == size
    assert result.failure.kind == "wrong numbers"


def test_a_slow_machine_finds_the_same_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "return right if len(rows) == 1 else right + 1"
    quick = run(tmp_path, body).failure
    clock = itertools.count(0.0, 3.0)  # every look at the clock finds three more seconds gone
    monkeypatch.setattr("judge.solutions.fuzz.time", SimpleNamespace(monotonic=lambda: next(clock)))
    slow = run(tmp_path, body).failure
    assert quick is not None
    assert slow is not None
    assert quick.size == 7
    assert as_counterexample(slow) == as_counterexample(quick)


def test_shrinking_gives_plain_numbers(tmp_path: Path) -> None:
    failure = run(tmp_path, "return right * np.where(rows[:, 0] > 2, 2, 1)").failure
    assert failure is not None
    inputs = as_counterexample(failure).inputs
    assert inputs["factor"] == 1.0
    assert inputs["rows"] == [[2.125]]
    assert abs(inputs["weights"][0]) <= 1
    text = failure_text(failure)
    assert "rows = [[2.125]]" in text
    assert "expected" in text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("return right if rows.shape[1] == 1 else {}['x']", "KeyError"),
        ("return 'text'", "no numbers"),
        ("return right[:1] if len(rows) > 1 else right", "wrong numbers"),
        ("return right * np.nan", "wrong numbers"),
        ("raise SystemExit", "exited"),
    ],
)
def test_every_kind_of_failure_is_found(tmp_path: Path, body: str, kind: str) -> None:
    failure = run(tmp_path, body).failure
    assert failure is not None
    assert failure.kind == kind
    found = as_counterexample(failure)
    assert found.raised is not None or found.got is not None


@pytest.mark.parametrize(
    "body",
    [
        "return right",
        "return list(right)",
        "return right * (1 + 1e-6)",
        "return np.asarray(right, dtype=np.float64)",
    ],
)
def test_a_right_submission_is_left_alone(tmp_path: Path, body: str) -> None:
    result = run(tmp_path, body)
    assert result.failure is None
    assert result.tried > 24


def test_inputs_on_which_right_solutions_disagree_convict_nobody(tmp_path: Path) -> None:
    """The submission differs from the reference exactly where the oracle does."""
    oracle = FILES["reference/oracle.py"].replace("return ", "return (1 + 1e-3 * (rows.min() < -1)) * ")
    loaded = make(tmp_path, {"reference/oracle.py": oracle})
    source = HEAD + "    return right * (1 + 1e-3 * (rows.min() < -1))\n"
    result = fuzz(loaded, InProcess(), source.encode(), count=40, seed=0)
    assert result.failure is None
    assert result.discarded > 8


def test_accepted_variants_that_do_the_same_overrule_a_conviction(tmp_path: Path) -> None:
    """The oracle agrees with the reference, but a right solution in another style does what the submission does."""
    loop = FILES["reference/accepted/loop.py"].replace(
        "factor *", "(1 + 1e-3 * (rows.min() < -1)) * factor *"
    )
    loaded = make(tmp_path, {"reference/accepted/loop.py": loop})
    write(record(loaded, [InProcess()], lambda count: lambda word: None))
    source = HEAD + "    return right * (1 + 1e-3 * (rows.min() < -1))\n"
    result = fuzz(loaded, InProcess(), source.encode(), count=40, seed=0)
    assert result.failure is None
    assert result.overruled > 6
    assert result.discarded >= result.overruled
    elsewhere = HEAD + "    return right * (1 + 1e-3 * (rows.min() < -1) + (rows.max() > 1))\n"
    assert fuzz(loaded, InProcess(), elsewhere.encode(), count=40, seed=0).failure is not None


def test_a_submission_that_cannot_be_loaded_fails_on_everything(tmp_path: Path) -> None:
    result = fuzz(make(tmp_path), InProcess(), b"import nothing_of_the_kind\n", count=20, seed=0)
    assert result.failure is not None
    assert result.failure.kind == "ModuleNotFoundError"
    assert "ModuleNotFoundError" in failure_text(result.failure)


class Busy(InProcess):
    """A machine on which everything takes more than a learner's time, and ``hanging`` sources for ever."""

    def __init__(self, hanging: bool = False) -> None:
        super().__init__()
        self._hanging = hanging

    def open(self, limits: Limits | None = None) -> InProcessSession:
        assert limits is not None
        learner = limits.memory_mib < AUTHOR_LIMITS.memory_mib
        late = learner and (self._hanging or limits.wall_s < AUTHOR_LIMITS.wall_s)
        return LateSession(self) if late else InProcessSession(self)


class LateSession(InProcessSession):
    def call(self, inputs: Sequence[Any]) -> StepObservation:
        self.over = True
        return step(Ended.WALL_LIMIT)


@pytest.mark.parametrize(("body", "kind"), [("return right", None), ("return right + 1", "wrong numbers")])
def test_a_busy_machine_convicts_nobody(tmp_path: Path, body: str, kind: str | None) -> None:
    source = (HEAD + f"    {body}\n").encode()
    result = fuzz(make(tmp_path), Busy(), source, count=30, seed=0)
    assert (result.failure and result.failure.kind) == kind
    assert counterexample(make(tmp_path), Busy(), source, 20.0, Limits()) is None


def test_a_submission_that_hangs_is_found_to_hang(tmp_path: Path) -> None:
    result = fuzz(
        make(tmp_path), Busy(hanging=True), (HEAD + "    return right\n").encode(), count=30, seed=0
    )
    assert result.failure is not None
    assert result.failure.kind == Ended.WALL_LIMIT.value
    assert result.failure.size == 3


def test_a_nondeterministic_submission_ends_in_a_result(tmp_path: Path) -> None:
    result = run(tmp_path, "return right + (__import__('os').urandom(1)[0] < 80)")
    assert result.failure is not None


def test_text_of_the_submission_reaches_the_terminal_escaped(tmp_path: Path) -> None:
    failure = run(tmp_path, "raise type('Bad\\x1b[31m', (Exception,), {})('\\x1b[2J\\nboom')", 10).failure
    assert failure is not None
    assert "\x1b" not in failure_text(failure)
    assert "boom" in failure_text(failure)


def test_a_counterexample_for_a_report_is_small(tmp_path: Path) -> None:
    source = (HEAD + "    return factor * rows.mean(axis=1) * weights\n").encode()
    found = counterexample(make(tmp_path), InProcess(), source, 20.0, Limits())
    assert found is not None
    assert np.shape(found.inputs["rows"]) == (2, 2)
    assert found.got is not None
    assert found.raised is None
    right = (HEAD + "    return right\n").encode()
    assert counterexample(make(tmp_path), InProcess(), right, 20.0, Limits()) is None


@pytest.mark.long
def test_the_search_for_a_smaller_one_ends_when_none_comes_for_some_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (HEAD + "    return right if len(rows) < 3 else right + 1\n").encode()
    exercise = make(tmp_path)
    monkeypatch.setattr("judge.solutions.fuzz._QUICK_DRAWS", 40)
    runs: Counter[float] = Counter()
    judge = Fuzzer._judge
    for patience_s in (3.0, float("inf")):
        clock = itertools.count(0.0, 1.0)  # every look at the clock finds a second gone
        monkeypatch.setattr("judge.solutions.fuzz.time", SimpleNamespace(monotonic=clock.__next__))
        monkeypatch.setattr("judge.solutions.fuzz._PATIENCE_S", patience_s)
        monkeypatch.setattr(
            Fuzzer, "_judge", lambda *given, by=patience_s: runs.update([by]) or judge(*given)
        )
        assert counterexample(exercise, InProcess(), source, 1e6, exercise.limits) is not None
    assert runs[3.0] < runs[float("inf")], runs


def test_a_counterexample_is_wrong_in_a_fresh_process_too(tmp_path: Path) -> None:
    """What is wrong only after other calls is no fact about an input."""
    loaded = make(tmp_path)
    kept = "    global CALLS\n    CALLS = globals().get('CALLS', 0) + 1\n"
    for body, is_wrong in (
        ("return right * (1 + (CALLS > 1))", False),
        ("return right * (2 + (CALLS > 1))", True),
    ):
        source = (HEAD + kept + f"    {body}\n").encode()
        found = counterexample(loaded, InProcess(), source, 30.0, loaded.limits)
        assert (found is not None) is is_wrong
        if found is not None and found.got is not None:
            assert np.allclose(found.got, np.multiply(found.expected, 2), rtol=1e-4)


def test_no_budget_gives_no_counterexample(tmp_path: Path) -> None:
    source = (HEAD + "    return right + 1\n").encode()
    assert counterexample(make(tmp_path), InProcess(), source, 0.0, Limits()) is None


def test_a_pinned_counterexample_is_a_case_that_fails_the_submission(tmp_path: Path) -> None:
    source = (HEAD + "    return right * np.where(rows[:, 0] > 2, 2, 1)\n").encode()
    loaded = make(tmp_path)
    failure = fuzz(loaded, InProcess(), source, count=100, seed=3).failure
    assert failure is not None
    path = pin(loaded, "above-two", failure, source, "robin.py", 3)
    assert 'found_by: "judge fuzz --seed 3"' in path.read_text()
    assert "robin.py" in path.read_text()
    loaded = load_exercise(tmp_path)
    write(record(loaded, [InProcess()], lambda count: lambda word: None))
    cases = load_cases(loaded)
    (pinned,) = [case for case in cases if case.origin is Origin.PINNED]
    golden = load_goldens(loaded, cases)[pinned.id]
    session = InProcess().open()
    session.load(source, "s.py", "weigh", 3)
    returned = session.call(list(pinned.inputs.values())).claimed.returned
    assert returned is not None
    assert returned.array is not None
    assert np.abs(returned.array - golden.expected).max() > golden.tolerance
    with pytest.raises(UsageError, match="there is a case of that name"):
        check_pin_name(loaded, "above-two")
    with pytest.raises(UsageError, match="pinned/above-two has these inputs already"):
        pin(loaded, "again", failure, source, "robin.py", 3)
    with pytest.raises(UsageError, match="use lower-case letters"):
        check_pin_name(loaded, "Above Two")
