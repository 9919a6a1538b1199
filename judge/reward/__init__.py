"""Rewards for training and evaluating models, from reports; the adapters are modules of this package.

A report on which the judge failed has no rewards: drop the answer from the batch. A reward of 0 would teach a model
that its answer was wrong, which nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from judge.model import CheckId, CheckKind, CheckResult, Outcome, Report, Verdict, Visibility


@dataclass(frozen=True)
class Rewards:
    """Rewards of a report, each from 0 to 1."""

    reward: float
    """The points, as a share of all points."""
    public: float | None
    """The points of public cases, as a share of theirs; None when they have none."""
    hidden: float | None
    """The same of hidden cases; None too when they were removed for a learner."""
    pitfalls: Mapping[str, float]
    """By code: 1 when every answer is right and the pitfall was avoided, else 0."""

    def named(self) -> dict[str, float]:
        """Return all of them by name, with ``pitfall:CODE`` for a pitfall, without those that are None."""
        shares = {"reward": self.reward, "public": self.public, "hidden": self.hidden}
        pitfalls = {str(CheckId.of(CheckKind.PITFALL, code)): self.pitfalls[code] for code in self.pitfalls}
        return {**{name: share for name, share in shares.items() if share is not None}, **pitfalls}


def rewards(report: Report) -> Rewards | None:
    """Return the rewards of a report; None when the judge failed, which is no reason for a reward of 0."""
    if report.verdict is Verdict.JUDGE_ERROR:
        return None
    cases = [check for check in report.checks if check.kind is CheckKind.CASE]
    pitfalls = [check for check in report.checks if check.kind is CheckKind.PITFALL]
    # Without an answer, or with a wrong one, a pitfall is easy to avoid.
    all_right = bool(cases) and all(case.outcome is Outcome.PASSED for case in cases)
    return Rewards(
        reward=report.points / report.out_of if report.out_of else float(report.accepted),
        public=_share(case for case in cases if case.visibility is Visibility.PUBLIC),
        hidden=_share(case for case in cases if case.visibility is Visibility.HIDDEN),
        pitfalls={
            CheckId(check.id).name: float(all_right and check.outcome is Outcome.PASSED) for check in pitfalls
        },
    )


def _share(checks: Iterable[CheckResult]) -> float | None:
    counted = list(checks)
    out_of = sum(check.out_of for check in counted)
    return sum(check.points for check in counted) / out_of if out_of else None


PYTHON = ("python", "python3", "py")
"""The languages of blocks that are taken, in any letter case."""


def code_in(answer: str) -> bytes | None:
    r"""Return the content of the last ``python`` block in a model's answer, to be graded; None without one.

    Bytes are never taken as a path. A block that is not closed, as in an answer that was cut off, ends with the answer.

    >>> code_in("Like this:\n```python\nx = 1\n```\nDone.")
    b'x = 1\n'
    """
    found: list[str] | None = None
    block: _Fence | None = None
    for line in re.split(r"(?<=\n)", answer):
        if block is None:
            block = _opening(line)
            if block is not None and block.language in PYTHON:
                found = []
        elif block.closed_by(line):
            block = None
        elif block.language in PYTHON and found is not None:
            found.append(line.removeprefix(block.indent))
    return None if found is None else "".join(found).encode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class _Fence:
    """The line that opens a block, as CommonMark has it, but indented as far as it likes: in a list, say."""

    indent: str
    marks: str
    language: str

    def closed_by(self, line: str) -> bool:
        text = line.strip()
        return len(text) >= len(self.marks) and set(text) == {self.marks[0]}


def _opening(line: str) -> _Fence | None:
    text = line.lstrip(" \t")
    marks = text[: len(text) - len(text.lstrip(text[:1]))]
    information = text[len(marks) :].split()
    if len(marks) < 3 or marks[0] not in "`~" or (marks[0] == "`" and "`" in text[len(marks) :]):
        return None
    return _Fence(line[: len(line) - len(text)], marks, information[0].lower() if information else "")
