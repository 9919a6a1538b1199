"""``judge selftest``: what an operator is told, and that a sandbox that does not hold is told apart."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
from support.isolation_settings import why_not

from judge.commands import selftest
from judge.model import SandboxTooWeakError, UsageError
from judge.sandbox import levels
from judge.selftest.attack import GROUPS, SHIPPED, attacks_in
from judge.selftest.harness import AttackHarness

pytestmark = pytest.mark.skipif(bool(reason := why_not("user-strong")), reason=reason or "never")

ONE_OF_EACH = {attack.group: attack for attack in reversed(attacks_in(SHIPPED))}
"""The first attack of each group."""


def options(**given: object) -> argparse.Namespace:
    return argparse.Namespace(**{"unsafe_no_sandbox": False, "accept_weak": False, "format": "text", **given})


@pytest.fixture
def few_attacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest, "attacks_in", lambda folder: tuple(ONE_OF_EACH.values()))


@pytest.mark.usefixtures("few_attacks")
def test_it_says_what_was_tried_and_what_held(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert selftest.run(options()) == 0
    told = capsys.readouterr().out
    assert "isolation: " in told
    assert all(group in told for group in GROUPS)
    assert "7 attacks tried, 7 held" in told
    assert "After each group a right submission was accepted." in told
    one = ONE_OF_EACH[GROUPS[0]]
    monkeypatch.setattr(selftest, "attacks_in", lambda folder: (one,))
    assert selftest.run(options(format="json")) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["tried"], document["held"], document["all_held"]) == (1, 1, True)
    assert [attack["group"] for attack in document["attacks"]] == [one.group]


@pytest.mark.parametrize("form", [pytest.param("text", marks=pytest.mark.long), "json"])
def test_a_sandbox_that_does_not_hold_is_told_by_words_and_status(
    form: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same attacks, with a sandbox that is none."""
    monkeypatch.setattr(selftest, "AttackHarness", lambda accept: AttackHarness(unconfined=True))
    few = tuple(ONE_OF_EACH[group] for group in ("outlive", "tamper"))
    monkeypatch.setattr(selftest, "attacks_in", lambda folder: few)
    assert selftest.run(options(format=form)) == 1
    told = capsys.readouterr().out
    if form == "json":
        document = json.loads(told)
        assert document["level"] == "none"
        assert document["all_held"] is False
        assert document["held"] < document["tried"] == 2
        assert any("survivor" in problem for attack in document["attacks"] for problem in attack["problems"])
    else:
        assert "This sandbox does not hold" in told
        assert "survivor: " in told


def test_without_a_sandbox_nothing_is_attacked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="nothing to attack but this machine"):
        selftest.run(options(unsafe_no_sandbox=True))
    assert capsys.readouterr().out == ""


def test_isolation_that_is_too_weak_is_not_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(levels, "assess", lambda probe, accept: levels.Assessment("weak", (), None, {}, ()))
    with pytest.raises(SandboxTooWeakError, match="'weak'"):
        selftest.run(options())
    assert "tried" not in capsys.readouterr().out


def test_the_attacks_come_with_the_package() -> None:
    assert len(attacks_in(SHIPPED)) >= 40
    assert Path(selftest.__file__).parents[1] in SHIPPED.parents
