"""``judge doctor`` in the places where judges run, and what is said where there is no Linux."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.isolation_settings import REPOSITORY, environment_of, in_setting, why_not

HERE = Path(__file__).resolve().parent
NAMESPACES = ("mount", "pid", "net", "ipc", "uts", "user")
GOOD = ("landlock", "seccomp", "limits")
ALICE = str(REPOSITORY / "submissions" / "alice.py")


def ask(setting: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        in_setting(setting, [sys.executable, "-m", "judge", *arguments]),
        env=environment_of(setting),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def ask_elsewhere(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(HERE / "other_platform.py"), *arguments],
        env={**os.environ, "XDG_CACHE_HOME": "/nonexistent"},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize(
    "setting", ["root-strong", "user-strong", "container-root-good", "container-user-good"]
)
def test_it_names_the_level_and_what_proved_each_layer(setting: str) -> None:
    if reason := why_not(setting):
        pytest.skip(reason)
    done = ask(setting, "doctor", "--format", "json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    level = setting.rpartition("-")[2]
    assert told["level"] == level
    held = {name for name, layer in told["layers"].items() if layer["held"]}
    assert held >= set(GOOD)
    assert all(layer["evidence"] for layer in told["layers"].values())
    missing = {item["layer"]: item for item in told["missing"]}
    if level == "strong":
        assert held >= set(NAMESPACES)
        assert not set(missing) & set(NAMESPACES)
    else:
        assert {"mount", "pid", "net", "ipc", "uts", "user"} & set(missing)
        assert not held & set(missing)
        for name in set(missing) & set(NAMESPACES):
            assert missing[name]["reason"]
            assert "namespaces" in missing[name]["cure"]
    assert re.search(r"version [1-9]", told["layers"]["landlock"]["evidence"])
    assert all(told["also"][name]["held"] for name in ("capabilities", "descriptors"))
    assert "2048 MiB" in told["memory"]
    assert re.search(r"RLIMIT_NPROC: \d+ threads|the keeper, which kills", told["processes"])


@pytest.mark.parametrize("setting", ["root-strong", "container-user-good"])
def test_people_are_told_the_same(setting: str) -> None:
    if reason := why_not(setting):
        pytest.skip(reason)
    done = ask(setting, "doctor")
    assert done.returncode == 0, done.stderr
    assert f"isolation: {setting.rpartition('-')[2]} (" in done.stdout
    shown = set(re.findall(r"^  \+ (\w+)", done.stdout, re.MULTILINE))
    lacking = set(re.findall(r"^  - (\w+)", done.stdout, re.MULTILINE))
    assert shown >= set(GOOD)
    assert not shown & lacking
    assert (shown | lacking) >= set(NAMESPACES)
    for words in ("memory:", "processes:", "capabilities:"):
        assert words in done.stdout


def test_elsewhere_it_says_what_is_missing_and_how_to_get_it() -> None:
    done = ask_elsewhere("doctor")
    assert done.returncode == 1
    assert "isolation: none" in done.stdout
    assert "darwin has nothing" in done.stdout
    assert "needs Linux" in done.stdout
    assert "WSL" in done.stdout
    assert "namespaces" not in done.stdout
    told = json.loads(ask_elsewhere("doctor", "--format", "json").stdout)
    assert told["level"] == "none"
    assert [item["layer"] for item in told["missing"]] == ["sandbox"]
    assert told["memory"] == told["processes"] == "not bounded"


@pytest.mark.parametrize(
    "arguments", [(ALICE,), pytest.param(("--accept-weak", ALICE), marks=pytest.mark.long), ("selftest",)]
)
def test_elsewhere_nothing_is_graded_and_nothing_attacked(arguments: tuple[str, ...]) -> None:
    done = ask_elsewhere(*arguments)
    assert done.returncode == 3
    assert done.stdout == ""
    assert "level 'none'" in done.stderr
    assert "needs Linux" in done.stderr
    assert "--unsafe-no-sandbox" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.long
def test_elsewhere_learners_can_still_grade_their_own_file() -> None:
    done = ask_elsewhere("--unsafe-no-sandbox", ALICE)
    assert done.returncode == 0, done.stderr
    assert "Accepted" in done.stdout
    assert "NO SANDBOX" in done.stdout
    assert "isolation: none" in done.stdout
