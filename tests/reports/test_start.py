"""judge start: a new file from the starter, what to do next, and never an old file overwritten."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from judge.commands.start import start_file
from judge.model import Exercise, ExerciseError, Limits, OutputSpec, ToleranceRule, UsageError

STARTER = b"\xef\xbb\xbfdef solve(x):\r\n    raise NotImplementedError\n"


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    root = tmp_path / "exercise"
    (root / "reference").mkdir(parents=True)
    (root / "reference" / "starter.py").write_bytes(STARTER)
    return Exercise(
        name="e",
        title="E",
        root=root,
        entry_point="solve",
        parameters=(),
        output=OutputSpec((1,)),
        limits=Limits(),
        pitfalls=(),
        tolerance=ToleranceRule(),
        digest="",
    )


def test_the_starter_is_written_byte_for_byte_and_the_next_steps_are_said(
    exercise: Exercise, tmp_path: Path
) -> None:
    target = tmp_path / "my first.py"
    said = start_file(exercise, target)
    assert target.read_bytes() == STARTER
    assert said == (
        f"{target} is ready.\n"
        f"  1. Write the body of `solve` in {target}\n"
        f"  2. See how it does: judge '{target}'\n"
    )


def test_the_statement_is_pointed_at_when_there_is_one(exercise: Exercise, tmp_path: Path) -> None:
    statement = exercise.reference_dir / "statement.md"
    statement.write_text("Do it.")
    said = start_file(exercise, str(tmp_path / "a.py"))
    assert f"1. Read what is asked: {statement}\n" in said
    assert "3. See how it does" in said


@pytest.mark.parametrize("what", ["file", "empty file", "folder", "link", "dangling link"])
def test_what_is_there_stays(exercise: Exercise, tmp_path: Path, what: str) -> None:
    target, elsewhere = tmp_path / "a.py", tmp_path / "elsewhere.py"
    if what == "folder":
        target.mkdir()
    elif what.endswith("link"):
        if what == "link":
            elsewhere.write_text("mine")
        target.symlink_to(elsewhere)
    else:
        target.write_text("mine" if what == "file" else "")
    before = os.lstat(target)
    with pytest.raises(UsageError, match="is there already and is not overwritten"):
        start_file(exercise, target)
    after = os.lstat(target)
    assert (before.st_ino, before.st_size, before.st_mtime_ns) == (
        after.st_ino,
        after.st_size,
        after.st_mtime_ns,
    )
    assert elsewhere.exists() == (what == "link")
    if what == "link":
        assert elsewhere.read_text() == "mine"


def test_a_place_that_cannot_be_used_is_named(exercise: Exercise, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"the folder .*nowhere does not exist"):
        start_file(exercise, tmp_path / "nowhere" / "a.py")
    (tmp_path / "plain").write_text("")
    with pytest.raises(UsageError, match="cannot be written: Not a directory"):
        start_file(exercise, tmp_path / "plain" / "a.py")
    with pytest.raises(UsageError, match=r"a submission's name ends in \.py"):
        start_file(exercise, tmp_path / "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["exercise", "plain"]


def test_a_full_disk_leaves_no_half_file(exercise: Exercise) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    # A file on a full disk cannot be made here; writing to a descriptor that fails can.
    target = exercise.root / "a.py"
    real_open = os.open

    def full(path: object, flags: int, mode: int) -> int:
        os.close(real_open(target, flags, mode))
        return real_open("/dev/full", os.O_WRONLY)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("judge.commands.start.os.open", full)
        with pytest.raises(UsageError, match="No space left"):
            start_file(exercise, target)
    assert not target.exists()


def test_an_exercise_without_a_starter_is_the_authors_error(exercise: Exercise, tmp_path: Path) -> None:
    (exercise.reference_dir / "starter.py").unlink()
    with pytest.raises(ExerciseError, match=r"starter\.py: the exercise has no usable starter"):
        start_file(exercise, tmp_path / "a.py")
    assert not (tmp_path / "a.py").exists()
