"""Tries attacks as the judge of one setting, and prints one JSON line for each; tests try some in their own process.

    attack_driver.py attacks LEVEL [NAME...]      with LEVEL ``strong``, or ``good`` where strong is not to be had
    attack_driver.py controls LEVEL [NAME...]     the same attacks where nothing holds them
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from control import NaiveJudge
from support.isolation_settings import environment_of, only_good

from judge.inside.confinement.namespaces import CLONE_FLAGS
from judge.selftest.attack import SHIPPED, Attack, attacks_in
from judge.selftest.decoys import HostDecoys
from judge.selftest.harness import AttackHarness

HERE = Path(__file__).resolve().parent
OWN_PIDS = "JUDGE_TEST_OWN_PIDS"
"""Set where a control has a pid namespace to itself."""


def all_attacks() -> tuple[Attack, ...]:
    """Those that come with the package, and those of this folder."""
    return (*attacks_in(SHIPPED), *attacks_in(HERE))


def lacking(attack: Attack, ground: HostDecoys) -> str:
    """What an unconfined process would need for this attack and does not have here; empty when nothing."""
    present = {
        "root": os.getuid() == 0
        and os.environ.get("JUDGE_TEST_SETTING", "").partition("-")[0] != "container",
        "x86_64": os.uname().machine == "x86_64",
        "two-processors": len(os.sched_getaffinity(0)) > 1,
        "system-v": ground.segment >= 0,
        "keyring": ground.key >= 0,
        "writable-installation": os.access(os.path.dirname(os.__file__), os.W_OK),
        "attributes": _has_attributes(ground.canary_path),
        "own-pids": _has_own_pids(),
        "namespaces": _may_unshare(),
    }
    return next((need for need in attack.needs if not present[need]), "")


def touched_in_own_pids(attack: Attack) -> dict[str, str]:
    """What a bare run of the attack touches where only processes of that run are to be seen, and so to be reached."""
    here = os.environ.get("JUDGE_TEST_SETTING", "user-good")
    program = [sys.executable, str(Path(__file__).resolve()), "controls", "good", attack.name]
    done = subprocess.run(
        [*_in_own_pids(), *program],
        capture_output=True,
        text=True,
        env={**environment_of(here), OWN_PIDS: "yes"},
        cwd="/",
        check=False,
    )
    if done.returncode:
        raise AssertionError(
            f"the control in pids of its own ended with {done.returncode}: {done.stderr[-3000:]}"
        )
    return dict(json.loads(done.stdout.splitlines()[-1])["touched"])


def _in_own_pids() -> list[str]:
    options = ("--dev-bind", "/", "/", "--proc", "/proc", "--unshare-pid", "--die-with-parent", "--")
    return [str(shutil.which("bwrap")), *options]


@functools.cache
def _has_own_pids() -> bool:
    if OWN_PIDS in os.environ:
        return True
    if shutil.which("bwrap") is None:
        return False
    return subprocess.run([*_in_own_pids(), "/bin/true"], capture_output=True, check=False).returncode == 0


@functools.cache
def _may_unshare() -> bool:
    """Whether a process like this one can leave a namespace at all; tried in one that does nothing else."""
    wanted = [CLONE_FLAGS[name] for name in ("user", "mount")]
    attempt = f"import ctypes; raise SystemExit(all(ctypes.CDLL(None).unshare(f) for f in {wanted}))"
    return subprocess.run([sys.executable, "-c", attempt], check=False).returncode == 0


def _has_attributes(path: Path) -> bool:
    try:
        os.setxattr(path, "user.probe", b"1")
        os.removexattr(path, "user.probe")
    except OSError:
        return False
    return True


# --------------------------------------------------------------------------------------------- as a program


def main(what: str, level: str, names: list[str]) -> None:
    if level == "good":
        only_good()
    chosen = [attack for attack in all_attacks() if not names or attack.name in names]
    if what == "controls":
        try_controls(chosen)
    else:
        try_attacks(chosen, level)


def try_attacks(attacks: list[Attack], level: str) -> None:
    with AttackHarness() as arena:
        say({"level": arena.isolation.level, "wanted": level, "uid": os.getuid()})
        group = ""
        for attack in attacks:
            if attack.group != group and group:
                say({"right": arena.right_is_accepted(), "after": group})
            group = attack.group
            trial = arena.try_attack(attack)
            facts = {"attack": attack.name, "group": attack.group, "held": trial.held}
            say({**facts, "problems": list(trial.problems), "wall_s": round(trial.wall_s, 2)})
        say({"right": arena.right_is_accepted(), "after": group})


def try_controls(attacks: list[Attack]) -> None:
    with AttackHarness(unconfined=True) as arena, NaiveJudge(arena.loaded, arena.ground) as naive:
        for attack in attacks:
            if need := lacking(attack, arena.ground):
                say({"control": attack.name, "lacking": need})
                continue
            touched = touched_in_control(attack, arena, naive)
            say({"control": attack.name, "worked": attack.witness in touched, "touched": dict(touched)})


def touched_in_control(attack: Attack, unconfined: AttackHarness, naive: NaiveJudge) -> Mapping[str, str]:
    """The positive control: what the attack touches where nothing holds it.

    It shows that the attack can work, so one try that does is enough; a busy machine may have spoilt the one before.
    """
    touched = _touched_once(attack, unconfined, naive)
    return touched if attack.witness in touched else _touched_once(attack, unconfined, naive)


def _touched_once(attack: Attack, unconfined: AttackHarness, naive: NaiveJudge) -> Mapping[str, str]:
    if attack.control == "naive":
        return naive.touched(attack)
    if attack.control == "own-pids" and OWN_PIDS not in os.environ:
        return touched_in_own_pids(attack)
    return unconfined.try_attack(attack).traces


def say(line: object) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
