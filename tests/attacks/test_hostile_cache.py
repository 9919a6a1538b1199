"""Compiled programs are native code that zygotes load: what somebody else may have written is not used."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from judge.sandbox.warmup.program_cache import SUFFIX, CacheFolder, CacheFolderError, Compiled, pack, unpack

OURS = Compiled({"jit_add-1": b"native code", "jit_mul-2": b""}, ((0, (0, 2)), (3, ())))
POISON = Compiled({"jit_add-1": b"hostile code"}, ())
KEY = "k" * 64
IS_ROOT = os.getuid() == 0
only_root = pytest.mark.skipif(not IS_ROOT, reason="only root can give files to others")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "judge"
    with CacheFolder(place) as cache:
        cache.write(KEY, OURS)
    return place


def read(place: Path) -> Compiled | None:
    with CacheFolder(place) as cache:
        return cache.read(KEY)


def test_what_was_written_is_read(folder: Path) -> None:
    assert read(folder) == OURS
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / (KEY + SUFFIX)).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_can_write_to_is_refused(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    with pytest.raises(CacheFolderError, match="others may write"):
        read(folder)


@only_root
def test_a_folder_of_somebody_else_is_refused(folder: Path) -> None:
    os.chown(folder, 61777, 61777)
    with pytest.raises(CacheFolderError, match="another user"):
        read(folder)


def test_a_folder_that_is_a_link_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(CacheFolderError):
        CacheFolder(tmp_path / "link")


def _writable(path: Path, other: Path) -> None:
    path.write_bytes(pack(POISON))
    path.chmod(0o666)


def _link(path: Path, other: Path) -> None:
    other.write_bytes(pack(POISON))
    path.unlink()
    path.symlink_to(other)


def _foreign(path: Path, other: Path) -> None:
    path.write_bytes(pack(POISON))
    os.chown(path, 61777, 61777)


def _pipe(path: Path, other: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path, other: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("plant", [_writable, _link, _pipe, _folder, pytest.param(_foreign, marks=only_root)])
def test_a_file_that_somebody_else_may_have_planted_is_not_read(
    folder: Path, tmp_path: Path, plant: Callable[[Path, Path], None]
) -> None:
    path = folder / (KEY + SUFFIX)
    plant(path, tmp_path / "other")
    if plant in (_writable, _foreign, _link):
        assert unpack(path.read_bytes()) == POISON, "it would be believed if it were ours"
    assert read(folder) is None


def test_a_damaged_file_is_not_read(folder: Path) -> None:
    path = folder / (KEY + SUFFIX)
    whole = path.read_bytes()
    for damaged in (
        b"",
        whole[:-1],
        whole[: len(whole) // 2],
        whole + b"!",
        *(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :] for place in range(len(whole))),
    ):
        assert unpack(damaged) is None
    path.write_bytes(whole[:-1])
    assert read(folder) is None


def test_what_is_stored_under_another_key_is_not_found(folder: Path) -> None:
    with CacheFolder(folder) as cache:
        assert cache.read("l" * 64) is None


def test_a_folder_that_is_exchanged_afterwards_changes_nothing(folder: Path, tmp_path: Path) -> None:
    with CacheFolder(folder) as cache:
        folder.rename(tmp_path / "before")
        folder.mkdir()
        (folder / (KEY + SUFFIX)).write_bytes(pack(POISON))
        assert cache.read(KEY) == OURS
