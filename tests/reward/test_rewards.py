"""Rewards of a report, and the code in a model's answer."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from judge.model import CheckKind, CheckResult, Isolation, Limits, Outcome, Report, Verdict, Visibility
from judge.reports.redact import redact
from judge.reward import Rewards, code_in, rewards

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests" / "exercises" / "optax_sgd_step"


def case(name: str, points: float, out_of: float, visibility: Visibility = Visibility.PUBLIC) -> CheckResult:
    outcome = Outcome.PASSED if points else Outcome.FAILED
    return CheckResult(f"case:a/{name}", CheckKind.CASE, name, outcome, points, out_of, visibility)


def pitfall(code: str, outcome: Outcome, points: float = 0.0) -> CheckResult:
    return CheckResult(f"pitfall:{code}", CheckKind.PITFALL, code, outcome, points, 2.0)


def report(verdict: Verdict, checks: Sequence[CheckResult]) -> Report:
    return Report(
        exercise="e",
        exercise_title="E",
        exercise_digest="d",
        path="<string>",
        sha256="",
        source="",
        verdict=verdict,
        points=sum(check.points for check in checks),
        out_of=sum(check.out_of for check in checks),
        checks=tuple(checks),
        findings=(),
        isolation=Isolation("good", (), ()),
        limits=Limits(),
        timing={},
        environment={},
    )


def test_rewards_are_shares_of_points() -> None:
    checks = [
        case("one", 3, 3),
        case("two", 0, 1),
        case("three", 2, 4, Visibility.HIDDEN),
        pitfall("missing-mutable", Outcome.PASSED),
        pitfall("missing-has-aux", Outcome.FAILED),
    ]
    found = rewards(report(Verdict.WRONG_ANSWER, checks))
    assert found == Rewards(5 / 12, 0.75, 0.5, {"missing-mutable": 0.0, "missing-has-aux": 0.0})
    assert found.named() == {
        "reward": 5 / 12,
        "public": 0.75,
        "hidden": 0.5,
        "pitfall:missing-mutable": 0.0,
        "pitfall:missing-has-aux": 0.0,
    }


def test_a_pitfall_is_avoided_only_where_every_answer_is_right() -> None:
    right = [case("one", 1, 1), case("two", 1, 1, Visibility.HIDDEN)]
    pitfalls = [pitfall("missing-mutable", Outcome.PASSED, 2), pitfall("missing-has-aux", Outcome.FAILED)]
    found = rewards(report(Verdict.PITFALL, [*right, *pitfalls]))
    assert found is not None
    assert found.pitfalls == {"missing-mutable": 1.0, "missing-has-aux": 0.0}
    assert found.reward == 4 / 6
    found = rewards(report(Verdict.INVALID_SUBMISSION, pitfalls))
    assert found is not None
    assert set(found.pitfalls.values()) == {0.0}, "a program that answers nothing avoids nothing"


def test_a_failure_of_the_judge_has_no_rewards_and_a_wrong_answer_has_0() -> None:
    checks = [case("one", 0, 1)]
    assert rewards(report(Verdict.JUDGE_ERROR, checks)) is None
    for verdict in set(Verdict) - {Verdict.JUDGE_ERROR, Verdict.ACCEPTED, Verdict.PITFALL}:
        found = rewards(report(verdict, checks))
        assert found is not None
        assert found.reward == 0.0


def test_what_has_no_points_has_no_share() -> None:
    nothing = case("one", 0, 0)
    passed = replace(nothing, outcome=Outcome.PASSED)
    assert rewards(report(Verdict.ACCEPTED, [passed])) == Rewards(1.0, None, None, {})
    assert rewards(report(Verdict.WRONG_ANSWER, [nothing])) == Rewards(0.0, None, None, {})


def test_of_a_learners_report_the_hidden_share_is_unknown() -> None:
    checks = [case("one", 1, 1), case("two", 0, 1, Visibility.HIDDEN)]
    found = rewards(redact(report(Verdict.WRONG_ANSWER, checks)))
    assert found is not None
    assert (found.reward, found.public, found.hidden) == (0.5, 1.0, None)
    assert "hidden" not in found.named()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("Here:\n```python\nx = 1\n```\nDone.", b"x = 1\n"),
        ("```python\nfirst\n```\n```python\nlast\n```", b"last\n"),
        ("```py\nx\n```", b"x\n"),
        ("```Python title='a.py'\nx\n```", b"x\n"),
        ("```python3\r\nx\r\n```\r\n", b"x\r\n"),
        ("~~~ python\n```\n~~~\n", b"```\n"),
        ("````python\n'''\n```\n'''\n````\n", b"'''\n```\n'''\n"),
        ("1. So:\n   ```python\n   def f():\n       return 1\n   ```\n", b"def f():\n    return 1\n"),
        ("```python\nx\n```\n```text\nthe output\n```\n", b"x\n"),
        ("```python\nx = 1", b"x = 1"),
        ("```python\n```", b""),
        ("```python\nx = '\udc80'\n```", b"x = '\xed\xb2\x80'\n"),
    ],
)
def test_the_last_python_block_is_taken(answer: str, code: bytes) -> None:
    assert code_in(answer) == code


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "/etc/passwd",
        "x = 1\n",
        "```\nx = 1\n```",
        "```text\n```python\nx\n```",
        "``python\nx\n``",
        "Use ```python x = 1``` for that.",
        "```python`\nx\n",
    ],
)
def test_an_answer_without_a_python_block_has_no_code(answer: str) -> None:
    assert code_in(answer) is None


def test_answers_that_are_made_to_take_long_do_not() -> None:
    """Compared with a plain one of the same length, so that the machine's speed does not matter."""

    def taken_s(answer: str) -> float:
        start = time.perf_counter()
        code_in(answer)
        return time.perf_counter() - start

    plain = taken_s("```python\n" + "x = 1\n" * 50_000 + "```")
    for answer in (
        "`" * 300_000,
        "```" + "a" * 300_000 + "`",
        " " * 300_000,
        "```python\n" + "````x\n" * 50_000,
    ):
        assert taken_s(answer) < 100 * plain


@pytest.mark.long
def test_the_example_writes_rewards_and_exits_with_0() -> None:
    right = (SMALL / "reference" / "solution.py").read_text()
    answers = [f"So:\n```python\n{right}```", "I cannot.", "```python\ndef solve(:\n```"]
    rows = "".join(
        json.dumps({"id": number, "answer": answer}) + "\n" for number, answer in enumerate(answers)
    )
    command = [sys.executable, str(ROOT / "examples" / "rewards" / "rewards.py"), str(SMALL)]
    told = subprocess.run(command, input=rows, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    written = {row["id"]: row for row in map(json.loads, told.stdout.splitlines())}
    assert {number: row["reward"] for number, row in written.items()} == {0: 1.0, 1: 0.0, 2: 0.0}
    assert written[0]["public"] == 1.0
    assert "public" not in written[1]
