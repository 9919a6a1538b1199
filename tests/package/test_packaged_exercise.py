"""The wheel in an empty folder: there is an exercise to do, and nothing of the reference."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from support.built import ROOT, members
from support.exercise_secrets import hidden_texts, leaks, secret_lines, solutions

from judge.cli import main
from judge.exercise import load_exercise
from judge.exercise.packs.build import build_pack
from judge.exercise.packs.packaged import PACKAGED, in_an_exercise, load_packaged, open_nearest
from judge.grader import load_exercise_with_goldens
from judge.model import UsageError
from judge.pages import page

NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
IN_A_ROW = 4
"""Lines of a solution; pages and docstrings show fewer of a kind that solutions have too."""

# ---------------------------------------------------------------------------------------------------- what is in it


def test_the_packaged_exercise_is_what_judge_pack_makes_today() -> None:
    made = build_pack(load_exercise(ROOT), public=True)
    current = PACKAGED.read_bytes() == made
    assert current, f"the exercise has changed: judge pack --public -o {PACKAGED.relative_to(ROOT)}"
    assert len(made) < 512 * 1024


def test_the_packaged_exercise_holds_nothing_hidden() -> None:
    assert leaks(PACKAGED.read_bytes()) == []


def runs_of(lines: list[str]) -> Iterator[str]:
    """Every few lines of code in a row, without blank ones, comments and imports."""
    code = [line for line in lines if line and not re.match(r"#|import |from \S+ import |@|\"\"\"|[)\]}]+,?$", line)]
    for place in range(len(code) - IN_A_ROW + 1):
        yield "\n".join(code[place : place + IN_A_ROW])


def parts_of_solutions(found: Mapping[str, bytes]) -> list[str]:
    """Files that hold a few lines in a row of some solution, as ``file: first line``."""
    starter = [line.strip() for line in (ROOT / "reference" / "starter.py").read_text().splitlines()]
    secret = {run for lines in solutions() for run in runs_of(lines)} - set(runs_of(starter))
    return [
        f"{name}: {run.splitlines()[0]}"
        for name, data in found.items()
        for run in runs_of([line.strip() for line in data.decode("utf-8", "replace").splitlines()])
        if run in secret
    ]


def told_in(found: Mapping[str, bytes]) -> list[str]:
    """Everything of hidden cases that stands in some file; numbers are compared whole, because there are so many."""
    everything = b"\n".join(found.values())
    numbers = {number.decode().removesuffix(".0") for number in NUMBER.findall(everything)}
    return [
        text
        for text in hidden_texts()
        if (text in numbers if NUMBER.fullmatch(text.encode()) else text.encode() in everything)
    ]


def test_nothing_of_the_reference_is_in_the_wheel(packed: Mapping[str, bytes]) -> None:
    given = {"starter.py", "statement.md", "exercise.schema.json", "cases.schema.json"}
    own = {
        hashlib.sha256(path.read_bytes()).digest()
        for part in ("reference", "cases")
        for path in (ROOT / part).rglob("*")
        if path.is_file() and path.name not in given
    }
    assert len(own) > 100
    assert [name for name, data in packed.items() if hashlib.sha256(data).digest() in own] == []
    assert parts_of_solutions(packed) == []
    assert told_in(packed) == []


def test_what_is_packed_into_the_wheel_is_looked_into(packed: Mapping[str, bytes]) -> None:
    (starter,) = (data for name, data in packed.items() if name.endswith("packaged.zip!starter.py"))
    assert starter == (ROOT / "reference" / "starter.py").read_bytes()


def test_a_solution_in_the_wheel_would_be_found(wheel: Path, tmp_path: Path) -> None:
    copy = tmp_path / wheel.name
    with zipfile.ZipFile(copy, "w") as archive:
        archive.write(ROOT / "reference" / "accepted" / "train_state.py", "judge/example.py")
        archive.writestr("judge/nested.zip", build_pack(load_exercise(ROOT), public=False))
    files = members(copy.read_bytes(), copy.name)
    found = parts_of_solutions(files)
    assert any(where.startswith("judge/example.py:") for where in found)
    assert any(where.startswith("judge/nested.zip!reference/solution.py:") for where in found)
    assert leaks(next(secret_lines()).encode())
    assert len(told_in(files)) > 1_000


# ------------------------------------------------------------------------------------------------- which one is used


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_an_exercise_learners_get_the_packaged_one(empty: Path) -> None:
    exercise = open_nearest(Path("."), or_packaged=True)
    assert exercise == load_packaged()
    assert exercise.pack is not None
    assert exercise.pack.packaged
    assert page("stale-batch-stats", exercise).title


def test_the_nearest_exercise_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    small = ROOT / "tests" / "exercises" / "optax_sgd_step"
    monkeypatch.chdir(small / "submissions")
    assert open_nearest(Path("."), or_packaged=True).name == "optax-sgd-step"
    assert load_exercise_with_goldens(Path("."), or_packaged=True).exercise.pack is None


def test_a_place_that_was_named_and_has_none_is_an_error(empty: Path) -> None:
    with pytest.raises(UsageError, match="no exercise at or above"):
        open_nearest(empty, or_packaged=True)


def test_whoever_needs_solutions_or_grades_a_class_does_not_get_it(empty: Path) -> None:
    with pytest.raises(UsageError, match="no exercise at or above"):
        open_nearest(Path("."))
    with pytest.raises(UsageError, match="no exercise at or above"):
        load_exercise_with_goldens(Path("."))


def test_a_file_in_another_exercise_is_not_graded_with_it(
    empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    robin = ROOT / "tests" / "exercises" / "optax_sgd_step" / "submissions" / "robin.py"
    for command in ([str(robin)], ["watch", str(robin)]):
        assert main(command) == 2
        assert "no exercise at or above ." in capsys.readouterr().err
    assert in_an_exercise(robin)
    assert not in_an_exercise(empty / "mine.py")
    assert not in_an_exercise(Path("mine.py"))


def test_a_package_without_it_says_that_there_is_no_exercise(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("judge.exercise.packs.packaged.PACKAGED", empty / "packaged.zip")
    with pytest.raises(UsageError, match="no exercise at or above"):
        open_nearest(Path("."), or_packaged=True)


# ------------------------------------------------------------------------------------------------------ as installed


class Installed:
    """The wheel, unpacked as pip does it, beside the libraries of this environment; commands run in an empty folder."""

    def __init__(self, wheel: Path, place: Path) -> None:
        self.home, self.folder = place / "installed", place / "empty"
        self.folder.mkdir()
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.home)

    def judge(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "judge", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.home), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=240,
        )


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(wheel, tmp_path_factory.mktemp("wheel"))


@pytest.mark.long
def test_an_empty_folder_and_the_wheel_are_all_that_a_learner_needs(installed: Installed) -> None:
    started = installed.judge("start", "mine.py")
    assert started.returncode == 0, started.stderr
    assert sorted(path.name for path in installed.folder.iterdir()) == ["mine.py", "mine.statement.md"]
    source = (ROOT / "submissions" / "charlie.py").read_text(encoding="utf-8")
    (installed.folder / "mine.py").write_text(source, encoding="utf-8")
    graded = installed.judge("mine.py", "--no-shrink", "-o", "mine.json")
    assert graded.returncode == 1, graded.stderr
    told = " ".join(graded.stdout.split())
    assert "Graded with the exercise that comes with judge, 'One training step with BatchNorm'" in told
    assert "hidden cases" in told
    report = json.loads((installed.folder / "mine.json").read_text(encoding="utf-8"))
    assert report["pack"]["packaged"] is True
    assert [finding["code"] for finding in report["findings"]] == ["stale-batch-stats"]
    explained = installed.judge("explain", "stale-batch-stats")
    assert explained.returncode == 0, explained.stderr
    assert "A question to think about" in explained.stdout


def test_the_installed_wheel_has_schemas_and_a_template(installed: Installed) -> None:
    assert json.loads(installed.judge("schema", "report").stdout)["title"] == "Report"
    made = installed.judge("new", "exercise", "own")
    assert made.returncode == 0, made.stderr
    assert load_exercise(installed.folder / "own").name == "moving-average"
    assert (installed.home / "judge" / "version.py").is_file()


@pytest.mark.long
def test_a_fresh_environment_with_the_built_wheel_grades_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    """As a learner does it: pip and nothing else."""
    environment = tmp_path / "v"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    pip = [str(environment / "bin" / "pip"), "install", "-q", "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "-c", str(ROOT / "constraints.txt"), str(wheel)], capture_output=True, text=True, check=False
    )
    if done.returncode and re.search(r"No matching distribution|name resolution|ConnectionError", done.stderr):
        pytest.skip("packages cannot be installed here")
    assert done.returncode == 0, done.stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    judge = str(environment / "bin" / "judge")
    for arguments, status in ((["start", "mine.py"], 0), (["mine.py"], 1), (["explain", "stale-batch-stats"], 0)):
        done = subprocess.run([judge, *arguments], capture_output=True, text=True, check=False, cwd=empty)
        assert done.returncode == status, done.stdout + done.stderr
    source = (ROOT / "submissions" / "alice.py").read_bytes()
    (empty / "mine.py").write_bytes(source)
    done = subprocess.run([judge, "mine.py"], capture_output=True, text=True, check=False, cwd=empty)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "comes with judge" in " ".join(done.stdout.split())
