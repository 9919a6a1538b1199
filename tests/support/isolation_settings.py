"""The settings that a judge meets: who it is, and how strongly it can isolate; programs are started in each of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
REPOSITORY = TESTS.parent
AS_ORDINARY_USER = Path(__file__).with_name("as_ordinary_user.py")
ORDINARY_UID = 61777
SETTINGS = (
    "root-strong",
    "root-good",
    "user-strong",
    "user-good",
    "container-root-good",
    "container-user-good",
)
CONTAINER = ("--disable-userns", "--dev-bind", "/", "/", "--unshare-user", "--die-with-parent", "--")
"""A stand-in for a container that denies namespaces."""


def why_not(setting: str) -> str:
    """Why a setting cannot be had here; empty when it can."""
    if not sys.platform.startswith("linux"):
        return "confinement is for Linux"
    if os.getuid() != 0:
        return "" if setting.startswith("user") else "needs root"
    if setting.startswith("container") and shutil.which("bwrap") is None:
        return "needs bubblewrap"
    return ""


def run_in(setting: str, program: Path, *arguments: str) -> Iterator[dict[str, object]]:
    """Run a program as the judge of a setting: the JSON lines that it prints."""
    with subprocess.Popen(
        in_setting(setting, [sys.executable, str(program), *arguments]),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment_of(setting),
        cwd="/",
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            yield json.loads(line)
        complaints = process.stderr.read()
    if process.returncode:
        raise AssertionError(f"the judge of {setting} ended with {process.returncode}: {complaints[-3000:]}")


def in_setting(setting: str, command: list[str]) -> list[str]:
    """The command as it is started in a setting; whoever it is run as can read this repository."""
    if setting.startswith("container"):
        command = in_container(command)
    if "user" in setting and os.getuid() == 0:
        command = as_user(ORDINARY_UID, command)
    return command


def in_container(command: Sequence[str]) -> list[str]:
    bwrap = shutil.which("bwrap")
    assert bwrap is not None
    return [bwrap, *CONTAINER, *command]


def as_user(uid: int, command: Sequence[str]) -> list[str]:
    """The command as root starts it for another user, who can read this repository and its Python."""
    return [sys.executable, str(AS_ORDINARY_USER), str(uid), *everything_needed(), "--", *command]


def environment_of(setting: str) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(TESTS),
        "JUDGE_TEST_SETTING": setting,
    }


def only_good() -> None:
    """Have this process not try for anything stronger than ``good``."""
    from judge.inside.confinement import bubblewrap
    from judge.sandbox import levels

    ids_to_try = levels._uids
    levels._uids = lambda level: () if level == "strong" else ids_to_try(level)
    bubblewrap.find_bubblewrap = lambda: None


def installation() -> list[str]:
    """What Python, numpy and jax are loaded from."""
    scheme = sysconfig.get_paths()
    paths = {scheme[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    paths |= {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"}
    library, directory = sysconfig.get_config_var("INSTSONAME"), sysconfig.get_config_var("LIBDIR")
    if str(library).startswith("libpython"):
        paths.add(str(Path(str(directory)) / str(library)))
    return sorted(path for path in paths if os.path.exists(path))


def everything_needed() -> list[str]:
    """What a program of these tests is started from."""
    prefix = [sys.prefix + "/" + name for name in ("bin", "pyvenv.cfg")]
    base = os.path.dirname(os.path.realpath(sys.executable))
    return [path for path in (*installation(), *prefix, base, str(REPOSITORY)) if os.path.exists(path)]
