"""Every attack is held, and every attack works where nothing holds it.

In the main suite the quickest attack of each kind, by the judge that runs the tests, in the strongest level that it
has; in the long one all of them in the strongest and the weakest setting, and the quickest in the others. A kind is a
group with the trace that is left and the control.
Each attack's witness is looked for on the host (`judge.selftest.harness`), never in what the attack says.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from attack_driver import HERE, all_attacks, lacking, touched_in_control
from control import NaiveJudge
from support.isolation_settings import SETTINGS, run_in, why_not

from judge.model import Verdict
from judge.selftest.attack import GROUPS, SHIPPED, Attack, AttackFileError, attacks_in, read_attack
from judge.selftest.harness import AttackHarness
from judge.selftest.target_exercise import RIGHT_SUBMISSION, WRONG_SUBMISSION
from judge.submission import submission_of

DRIVER = HERE / "attack_driver.py"
ATTACKS = all_attacks()
QUICKEST = tuple(
    {(it.group, it.witness, it.control): it for it in sorted(ATTACKS, key=lambda it: -it.bound_s)}.values()
)
Record = Callable[[str, object], None]

pytestmark = pytest.mark.skipif(bool(reason := why_not("user-strong")), reason=reason or "never")


@pytest.fixture(scope="module")
def naive(unconfined: AttackHarness) -> Iterator[NaiveJudge]:
    with NaiveJudge(unconfined.loaded, unconfined.ground) as one:
        yield one


@pytest.mark.parametrize("attack", QUICKEST, ids=lambda attack: attack.name)
def test_the_attack_is_held(arena: AttackHarness, attack: Attack, record_property: Record) -> None:
    trial = arena.try_attack(attack)
    setting = f"{'root' if os.getuid() == 0 else 'user'}-{arena.isolation.level}"
    record_property("trial", (setting, attack.group, trial.held))
    assert trial.problems == ()


@pytest.mark.parametrize(
    "attack",
    [pytest.param(it, id=it.name, marks=() if it in QUICKEST else pytest.mark.long) for it in ATTACKS],
)
def test_the_attack_works_where_nothing_holds_it(
    unconfined: AttackHarness, naive: NaiveJudge, attack: Attack
) -> None:
    if need := lacking(attack, unconfined.ground):
        pytest.skip(f"without {need} this would not work anyway")
    touched = touched_in_control(attack, unconfined, naive)
    assert attack.witness in touched, touched


@pytest.mark.parametrize("group", GROUPS)
def test_after_a_group_a_right_submission_is_accepted(arena: AttackHarness, group: str) -> None:
    """The last attack of each group is tried once more, so that it was right before."""
    last = [attack for attack in ATTACKS if attack.group == group][-1]
    assert arena.try_attack(last).held
    assert arena.right_is_accepted()


# ----------------------------------------------------------------------------------- the suite can fail, too


def test_honest_submissions_leave_no_trace(arena: AttackHarness, unconfined: AttackHarness, naive: NaiveJudge) -> None:
    for place in (arena, unconfined):
        for source, verdict in (
            (RIGHT_SUBMISSION, Verdict.ACCEPTED),
            (WRONG_SUBMISSION, Verdict.WRONG_ANSWER),
        ):
            trial = place.try_attack(honest(source, verdict))
            found = set(trial.traces) - ({"points"} if verdict is Verdict.ACCEPTED else set())
            assert not found, trial.traces
            assert trial.verdict is verdict
    assert set(naive.judge(RIGHT_SUBMISSION)) == {"points"}
    assert naive.judge(WRONG_SUBMISSION) == {}


def honest(source: bytes, verdict: Verdict) -> Attack:
    text = submission_of(source).source.decode()
    return Attack("honest", "an honest submission", "protocol", (verdict,), "points", 60.0, text)


def test_there_are_enough_attacks_of_every_group() -> None:
    counts = Counter(attack.group for attack in ATTACKS)
    assert set(counts) == set(GROUPS)
    assert min(counts.values()) >= 10, counts
    assert len(attacks_in(HERE)) >= 60
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    assert len({attack.source for attack in ATTACKS}) == len(ATTACKS)
    assert {attack.group for attack in QUICKEST} == set(GROUPS)
    assert {attack.witness for attack in QUICKEST} == {attack.witness for attack in ATTACKS}


def test_shipped_attacks_cover_every_group() -> None:
    assert {attack.group for attack in attacks_in(SHIPPED)} == set(GROUPS)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("ATTACK = {'group': f()}", "no literal ATTACK"),
        ("def solve(:", "no literal ATTACK"),
        (
            "'''T'''\nATTACK = {'group': 'magic', 'verdicts': ['violation'], 'witness': 'canary', 'bound_s': 1}",
            "magic",
        ),
        (
            "'''T'''\nATTACK = {'group': 'tamper', 'verdicts': ['accepted'], 'witness': 'canary', 'bound_s': 1}",
            "accepted",
        ),
        (
            "'''T'''\nATTACK = {'group': 'tamper', 'verdicts': ['fine'], 'witness': 'canary', 'bound_s': 1}",
            "fine",
        ),
        (
            "'''T'''\nATTACK = {'group': 'tamper', 'verdicts': [], 'witness': 'canary', 'bound_s': 1}",
            "no verdict",
        ),
        (
            "'''T'''\nATTACK = {'group': 'tamper', 'verdicts': ['violation'], 'witness': 'words', 'bound_s': 1}",
            "words",
        ),
        (
            "ATTACK = {'group': 'tamper', 'verdicts': ['violation'], 'witness': 'canary', 'bound_s': 1}",
            "docstring",
        ),
    ],
)
def test_an_attack_that_says_too_little_is_refused(tmp_path: object, text: str, complaint: str) -> None:
    path = tmp_path / "attack.py"  # type: ignore[operator]
    path.write_text(text)
    with pytest.raises(AttackFileError, match=complaint):
        read_attack(path)


def test_a_placeholder_without_a_value_is_refused() -> None:
    attack = honest(b"PATH = '@NOWHERE@'", Verdict.WRONG_ANSWER)
    with pytest.raises(AttackFileError, match="@NOWHERE@"):
        attack.filled({})


# -------------------------------------------------------------------------------------------- all settings


IN_FULL = ("root-strong", "user-good")
"""The strongest setting and the weakest: whatever holds an attack anywhere holds it in one of them."""
OTHERS = tuple(setting for setting in SETTINGS if setting not in IN_FULL)


@pytest.mark.long
@pytest.mark.parametrize("setting", IN_FULL)
def test_all_attacks_are_held(setting: str, record_property: Record) -> None:
    check_held(setting, ATTACKS, record_property)


@pytest.mark.long
@pytest.mark.parametrize("setting", OTHERS)
def test_the_quickest_attack_of_each_kind_is_held(setting: str, record_property: Record) -> None:
    check_held(setting, QUICKEST, record_property)


@pytest.mark.long
@pytest.mark.parametrize("setting", OTHERS)
def test_all_attacks_are_held_in_every_setting(setting: str, record_property: Record) -> None:
    check_held(setting, ATTACKS, record_property)


def check_held(setting: str, attacks: tuple[Attack, ...], record_property: Record) -> None:
    if reason := why_not(setting):
        pytest.skip(reason)
    problems = []
    tried = 0
    for line in run_in(setting, DRIVER, "attacks", setting.rpartition("-")[2], *(it.name for it in attacks)):
        if "level" in line:
            assert line["level"] == line["wanted"]
            assert (line["uid"] == 0) == (("root" in setting) and os.getuid() == 0)
        elif "right" in line:
            assert line["right"], f"a right submission was not accepted after {line['after']!r}"
        else:
            tried += 1
            record_property("trial", (setting, line["group"], line["held"]))
            problems += [] if line["held"] else [f"{line['attack']}: {line['problems']}"]
    assert not problems, "\n".join(problems)
    assert tried == len(attacks)


@pytest.mark.long
@pytest.mark.parametrize("setting", ["user-good", "container-user-good"])
def test_the_quickest_attacks_work_for_an_ordinary_user_where_nothing_holds_them(setting: str) -> None:
    check_controls(setting, QUICKEST)


@pytest.mark.long
@pytest.mark.parametrize("setting", ["user-good", "container-user-good"])
def test_all_attacks_work_for_an_ordinary_user_in_every_setting(setting: str) -> None:
    check_controls(setting, ATTACKS)


def check_controls(setting: str, attacks: tuple[Attack, ...]) -> None:
    if reason := why_not(setting):
        pytest.skip(reason)
    lines = list(run_in(setting, DRIVER, "controls", "good", *(it.name for it in attacks)))
    failed = [line for line in lines if "lacking" not in line and not line["worked"]]
    assert not failed, failed
    assert len(lines) == len(attacks)
    assert sum("lacking" in line for line in lines) < len(attacks) / 8
