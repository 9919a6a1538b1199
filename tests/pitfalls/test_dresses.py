"""Each pitfall in many dresses is named with the right line, and no look-alike is accused.

The quick tests take a few of each table, the long ones all (`-m long`); either way all run in one child process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import pytest
from dresses import Dress, dresses
from support.diagnosis_bank import CASES, ROOT, Wanted, goldens_from, observe

from judge.diagnosis import diagnose
from judge.exercise import load_exercise
from judge.model import Finding, Severity, Submission

CASE = CASES[0]
WARNINGS = ("optax-not-used", "value-and-grad-not-used")
ALL = dresses()
GROUPS = sorted({(dress.code, dress.is_wrong) for dress in ALL})
QUICK = [
    dress
    for group in GROUPS
    for dress in [dress for dress in ALL if (dress.code, dress.is_wrong) == group][
        :: 7 if group[0] not in WARNINGS else 13
    ][: 2 if group[1] else 1]
]


def _name(dress: Dress) -> str:
    return f"{dress.code}/{'wrong' if dress.is_wrong else 'right'}/{dress.name}"


def _parameters(chosen: Iterable[Dress]) -> list[object]:
    return [pytest.param(dress, id=_name(dress)) for dress in chosen]


def _judged(chosen: Iterable[Dress]) -> Mapping[str, tuple[Finding, ...]]:
    """Findings by dress; whoever raised where it should have answered is a bug of the table."""
    wanted = [Wanted("reference", (ROOT / "reference/solution.py").read_bytes())]
    wanted += [Wanted(_name(dress), dress.source.encode(), (CASE.id,)) for dress in chosen]
    seen = observe(wanted)
    exercise, goldens = load_exercise(ROOT), goldens_from(seen["reference"], {}, [CASE])
    found = {}
    for one in wanted[1:]:
        submission = Submission(one.name, one.source, "")
        found[one.name] = diagnose(exercise, submission, seen[one.name], [CASE], goldens, ()).findings
    return found


@pytest.fixture(scope="module")
def quick() -> Mapping[str, tuple[Finding, ...]]:
    return _judged(QUICK)


@pytest.fixture(scope="module")
def every() -> Mapping[str, tuple[Finding, ...]]:
    return _judged(ALL)


def check(dress: Dress, findings: tuple[Finding, ...]) -> None:
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    mine = [finding for finding in findings if finding.code == dress.code]
    if not dress.is_wrong:
        assert errors == []
        assert dress.code not in WARNINGS or mine == []
        return
    assert len(mine) == 1, findings
    if dress.code in WARNINGS:
        assert errors == []
        return
    assert mine[0] in errors
    span = mine[0].span
    assert span is not None
    lines = Wanted(dress.name, dress.source.encode()).marked_lines
    assert any(span.line <= line <= span.end_line for line in lines), (span, lines)


def test_each_table_holds_at_least_twenty() -> None:
    counted = Counter((dress.code, dress.is_wrong) for dress in ALL)
    assert {group: counted[group] >= 20 for group in GROUPS} == dict.fromkeys(GROUPS, True)
    assert len({_name(dress) for dress in ALL}) == len(ALL)


@pytest.mark.slow
@pytest.mark.parametrize("dress", _parameters(QUICK))
def test_a_dress_is_seen_through(dress: Dress, quick: Mapping[str, tuple[Finding, ...]]) -> None:
    check(dress, quick[_name(dress)])


@pytest.mark.long
@pytest.mark.parametrize("dress", _parameters(ALL))
def test_every_dress_is_seen_through(dress: Dress, every: Mapping[str, tuple[Finding, ...]]) -> None:
    check(dress, every[_name(dress)])
