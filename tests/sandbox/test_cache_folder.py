"""The cache folder in every state: grading goes on without it, and one line says why."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType

import pytest

from judge.exercise import find_exercise, load_cases, load_exercise
from judge.model import SandboxError
from judge.sandbox.warmup import manager as speeds
from judge.sandbox.warmup.manager import CompiledPrograms
from judge.sandbox.warmup.program_cache import CacheFolder, CacheFolderError, Compiled

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests" / "exercises" / "optax_sgd_step"


class NoSandbox:
    """A builder that must not be asked to build."""

    flags = MappingProxyType({})
    affinity = (0,)

    def open(self, limits: object = None, affinity: object = None) -> object:
        raise SandboxError("something was built")


class Building(CompiledPrograms):
    """Builds nothing, in no time."""

    def _build(self, sandbox: object, told: object) -> Compiled:
        return Compiled({"key": b"program"}, ())


def programs_over(folder: Path, kind: type[CompiledPrograms] = Building) -> CompiledPrograms:
    exercise = load_exercise(find_exercise(SMALL))
    return kind(exercise, load_cases(exercise), folder)


def built(folder: Path, kind: type[CompiledPrograms] = Building) -> CompiledPrograms:
    programs = programs_over(folder, kind)
    programs.build(NoSandbox(), lambda done, of: None)  # type: ignore[arg-type]
    return programs


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """As if a judge had been stopped while it was building."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(fd, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(fd)


def test_a_missing_folder_is_made_and_used(tmp_path: Path) -> None:
    assert built(tmp_path / "a" / "b").notice == ""
    assert built(tmp_path / "a" / "b", CompiledPrograms).notice == ""  # what is stored is not built again


def _shared(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


def _a_file(folder: Path) -> None:
    folder.write_text("")


def _below_a_file(folder: Path) -> None:
    folder.parent.rmdir()
    folder.parent.write_text("")


def _a_link(folder: Path) -> None:
    folder.symlink_to(folder.parent)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (_shared, "others may write to it; 'chmod go-w' mends that"),
        (_a_file, "File exists"),
        (_below_a_file, "Not a directory"),
        (_a_link, "Not a directory"),
    ],
)
def test_a_folder_that_cannot_be_used_is_said_once(
    state: Callable[[Path], None], why: str, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    folder = tmp_path / "home" / "judge"
    state(folder)
    programs = built(folder)
    assert programs.notice == f"there are no compiled programs, so grading takes longer: {folder}: {why}"
    assert "\n" not in programs.notice
    assert not programs.wanted(NoSandbox())  # type: ignore[arg-type]


def test_a_lock_that_is_never_given_back_is_waited_for_with_a_word_and_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speeds, "LOCK_WAIT_S", 0.3)
    folder = tmp_path / "judge"
    said: list[str] = []
    with held(folder):
        programs = programs_over(folder)
        programs.say = said.append
        programs.build(NoSandbox(), lambda done, of: None)  # type: ignore[arg-type]
        assert said == [f"{folder}: another judge is at work there; waiting for it, 0.3 s at most"]
        assert programs.notice.endswith(f"{folder}: another judge has kept it locked for 0.3 s")
    assert built(folder).notice == ""


def test_what_is_only_kept_for_later_waits_for_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "judge"
    with held(folder), CacheFolder(folder) as cache, pytest.raises(CacheFolderError), cache.lock():
        pass


def test_programs_that_cannot_be_stored_are_used_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(self: CacheFolder, key: str, compiled: Compiled) -> None:
        raise CacheFolderError("no room")

    monkeypatch.setattr(CacheFolder, "write", no_room)
    programs = built(tmp_path / "judge")
    assert programs.known(NoSandbox()) is not None  # type: ignore[arg-type]
    assert programs.notice.startswith(
        "the compiled programs could not be stored, so each run builds them again: no room"
    )
