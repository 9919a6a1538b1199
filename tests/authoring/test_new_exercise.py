"""`judge new exercise DIR`: an exercise that is recorded, checked and graded as it stands."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest

from judge.authoring.exercise_template import FILES, new_exercise
from judge.cli import main
from judge.exercise import load_exercise, load_misconceptions
from judge.grader import Grader
from judge.model import CheckKind, Verdict
from judge.pages import page
from judge.sandbox import Warm
from judge.schema import schema_text
from judge.solutions.strategies import load_strategies


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new exercise with its goldens."""
    folder = tmp_path_factory.mktemp("new") / "exercise"
    assert main(["new", "exercise", str(folder)]) == 0
    assert main(["cases", "record", "--exercise", str(folder)]) == 0
    return folder


def test_a_new_exercise_passes_its_check_untouched(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cases", "check", "--format", "json", "--exercise", str(recorded)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["passed"] is True
    assert found["complaints"] == []
    assert len(found["guards"]) > 10
    assert any(guard["out_of_scope"] for guard in found["guards"])


def test_a_check_of_a_new_exercise_can_fail(recorded: Path, tmp_path: Path) -> None:
    """Without the cases in which nothing is remembered, guards are open."""
    copy = Path(shutil.copytree(recorded, tmp_path / "copy"))
    cases = copy / "cases" / "cases.yaml"
    text = cases.read_text(encoding="utf-8")
    cases.write_text(text[: text.index("  - name: nothing-remembered")], encoding="utf-8")
    assert main(["cases", "record", "--exercise", str(copy)]) == 0
    assert main(["cases", "check", "--exercise", str(copy)]) == 1


def test_its_solutions_get_their_verdicts(recorded: Path) -> None:
    """The accepted variant is accepted, and every wrong solution is named by its own code."""
    with Grader(recorded, warm=Warm.NEVER) as grader:
        for path in sorted((recorded / "reference" / "accepted").glob("*.py")):
            assert grader.grade(path).verdict is Verdict.ACCEPTED
        misconceptions = load_misconceptions(load_exercise(recorded))
        assert len(misconceptions) == 3
        for one in misconceptions:
            report = grader.grade(one.path)
            assert report.verdict is Verdict.WRONG_ANSWER
            assert [finding.code for finding in report.findings] == [one.code]
            assert sum(check.kind is CheckKind.CASE for check in report.checks) == 8
        starter = grader.grade(recorded / "reference" / "starter.py")
        assert [finding.code for finding in starter.findings] == ["not-implemented"]


def test_every_file_that_it_should_have_is_there_and_is_the_authors(tmp_path: Path) -> None:
    folder = new_exercise(tmp_path / "a" / "b")
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {
        "reference/exercise.yaml",
        "reference/statement.md",
        "reference/starter.py",
        "reference/solution.py",
        "reference/oracle.py",
        "reference/strategies.py",
        "cases/cases.yaml",
    } <= files
    assert any(name.startswith("reference/accepted/") for name in files)
    assert not any("__pycache__" in name for name in files)
    for name in files:
        assert (folder / name).stat().st_mode & stat.S_IWUSR, name
    for name, part in (("exercise", "reference"), ("cases", "cases")):
        assert (folder / part / f"{name}.schema.json").read_text(encoding="utf-8") == schema_text(name)
        (described,) = (folder / part).glob("*.yaml")
        first = described.read_text(encoding="utf-8").partition("\n")[0]
        assert first == f"# yaml-language-server: $schema={name}.schema.json"


def test_its_pages_and_strategies_can_be_used(tmp_path: Path) -> None:
    exercise = load_exercise(new_exercise(tmp_path / "x"))
    for one in load_misconceptions(exercise):
        assert "A question to think about" in page(one.code, exercise).sections
    module = load_strategies(exercise)
    assert module is not None
    assert set(module.SPACE) == {"P", *(parameter.name for parameter in exercise.parameters)}


def test_a_case_is_added_with_the_schema_of_the_exercise(tmp_path: Path) -> None:
    folder = new_exercise(tmp_path / "x")
    (folder / "cases" / "cases.yaml").unlink()
    assert main(["cases", "new", "mine", "--exercise", str(folder)]) == 0
    text = (folder / "cases" / "cases.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=cases.schema.json\ncases:\n")


@pytest.mark.parametrize("kind", ["a folder with something in it", "a file", "a link"])
def test_nothing_is_overwritten(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "taken"
    if kind == "a file":
        folder.write_text("mine")
    elif kind == "a link":
        (tmp_path / "elsewhere").mkdir()
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.mkdir()
        (folder / "mine.txt").write_text("mine")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    assert main(["new", "exercise", str(folder)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_place_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["new", "exercise", str(tmp_path / "file" / "x")]) == 2
    assert f"{tmp_path / 'file' / 'x'} cannot be written" in capsys.readouterr().err


def test_only_exercises_are_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "case", str(tmp_path / "x")]) == 2
    assert "exercise" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_the_template_holds_nothing_but_its_files() -> None:
    kinds = {path.suffix for path in FILES.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert kinds == {".py", ".md", ".yaml"}
