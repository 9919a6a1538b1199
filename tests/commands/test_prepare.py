"""`judge prepare`: compiles what grading runs, says where and how long, and once is enough; one file needs none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from judge import progress
from judge.authoring.exercise_template import new_exercise
from judge.cli import main
from judge.commands.grade_batch import MANY
from judge.grader import Grader

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests" / "exercises" / "optax_sgd_step"


def test_what_is_compiled_is_there_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert main(["prepare", "--exercise", str(SMALL)]) == 0
    first = capsys.readouterr()
    assert first.out.startswith("One step of gradient descent with optax: compiled in ")
    assert first.out.splitlines()[0].endswith(f" s, in {tmp_path / 'judge'}")
    assert first.out.splitlines()[1].endswith(
        ": nothing to compile, since it has no solutions"
    )  # the packaged one
    assert "compiling for this machine, once" in first.err
    assert list((tmp_path / "judge").iterdir())

    assert main(["prepare", "--exercise", str(SMALL)]) == 0
    second = capsys.readouterr()
    assert f"optax: was ready already, in {tmp_path / 'judge'}" in second.out
    assert "compiling" not in second.err


@pytest.mark.parametrize("count", [MANY - 1, MANY])
def test_a_batch_is_compiled_for_where_it_is_large(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "class").mkdir()
    for number in range(count):
        (tmp_path / "class" / f"{number}.py").write_text("")
    assert main([str(tmp_path / "class"), "--exercise", str(SMALL)]) == 1
    assert ("compiling for this machine, once" in capsys.readouterr().err) is (count == MANY)


def test_one_file_is_graded_at_once_with_what_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    command = [str(SMALL / "reference" / "solution.py"), "--exercise", str(SMALL)]
    assert main(command) == 0
    assert "compil" not in capsys.readouterr().err
    (tmp_path / "judge").rename(tmp_path / "other")
    (tmp_path / "judge").write_text("a file")
    assert main(command) == 0
    assert "there are no compiled programs, so grading takes longer: " in capsys.readouterr().err


@pytest.mark.long
def test_a_grader_compiles_for_its_second_submission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with Grader(SMALL) as grader:
        lanes = []
        for _ in range(2):
            report = grader.grade(SMALL / "reference" / "solution.py")
            assert report.accepted
            lanes.append((grader.loaded.programs.wanted(grader._sandbox), report.timing["lane"]))
    assert lanes == [(True, "cold"), (False, "warm")]


def test_in_a_folder_without_an_exercise_it_is_the_packaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["prepare"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_cache_folder_that_cannot_be_used_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "judge").write_text("a file")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert main(["prepare", "--exercise", str(SMALL)]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "there are no compiled programs, so grading takes longer: " in captured.err
    assert str(tmp_path / "judge") in captured.err


def test_an_exercise_that_cannot_be_used_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prepare", "--exercise", str(tmp_path / "nowhere")]) == 2
    assert f"{tmp_path / 'nowhere'}: no such folder or pack" in capsys.readouterr().err
    folder = new_exercise(tmp_path / "new")  # nothing is recorded yet
    assert main(["prepare", "--exercise", str(folder)]) == 3
    assert "judge cases record" in capsys.readouterr().err


def test_the_time_that_is_left_comes_from_the_time_that_it_took(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with progress.compiling() as tell:
        tell(0, 4)
        for done in (1, 2, 3, 4):
            now[0] += 15.0
            tell(done, 4)
    lines = capsys.readouterr().err.splitlines()
    assert [re.sub(r"^judge: compiling for this machine, once: ", "", line) for line in lines] == [
        "0 of 4",
        "1 of 4, about 45 s left",
        "2 of 4, about 30 s left",
        "3 of 4, about 15 s left",
        "4 of 4",
    ]
