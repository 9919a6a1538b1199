"""judge diff: what it takes for a change, how it says it, and that it says nothing where nothing changed."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import jsonschema
import pytest
from support.batch_fakes import Notes, Tracks, settings, write

from judge.batch.batch import Batch
from judge.batch.results_folder import ResultsFolder
from judge.commands.diff import run
from judge.model import UsageError
from judge.submissions.collect import collect

SCHEMA = Path(__file__).parents[2] / "judge/schema/diff.schema.json"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def grade(out: str, files: dict[str, str]) -> None:
    for path in Path("class").glob("**/*.py"):
        path.unlink()
    write(Path("class"), files)
    with ResultsFolder(Path(out)) as folder:
        Batch(collect([Path("class")]), settings(Tracks()), Notes(), folder).run()


def compared(
    capsys: pytest.CaptureFixture[str], format_name: str = "text", *, common: bool = False
) -> tuple[int, str]:
    status = run(Namespace(before=Path("a"), after=Path("b"), format=format_name, common=common))
    return status, capsys.readouterr().out


BEFORE = {
    "amy.py": "accepted", "bob.py": "wrong-answer", "cid.py": "wrong-answer # 2", "dan.py": "pitfall",
    "eve.py": "accepted # e",
}  # fmt: skip
AFTER = {
    "amy.py": "accepted", "bob.py": "pitfall", "cid.py": "accepted # 3", "dan.py": "pitfall", "fay.py": "violation",
}  # fmt: skip


def test_every_kind_of_change_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    grade("a", BEFORE)
    grade("b", AFTER)
    status, text = compared(capsys)
    assert status == 1
    assert text.splitlines() == [
        "~ class/bob.py: wrong answer -> pitfall; 1/3 -> 3/3 points; +because-pitfall -because-wrong-answer; "
        "the file changed too",
        "~ class/cid.py: wrong answer -> accepted; 1/3 -> 3/3 points; -because-wrong-answer; the file changed too",
        "+ class/fay.py: violation, 1/3 points",
        "- class/eve.py: accepted, 3/3 points",
        "",
        "1 x wrong answer -> accepted",
        "1 x wrong answer -> pitfall",
        "2 submissions changed, 1 added, 1 removed, 2 unchanged",
    ]


def test_json_says_the_same_and_fits_its_schema(capsys: pytest.CaptureFixture[str]) -> None:
    grade("a", BEFORE)
    grade("b", AFTER)
    status, text = compared(capsys, "json")
    document = json.loads(text)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert status == 1
    assert [change["report"] for change in document["changed"]] == ["class/bob.py.json", "class/cid.py.json"]
    assert document["changed"][0]["new_findings"] == ["error:because-pitfall"]
    assert document["changed"][0]["source_changed"] is True
    assert [one["path"] for one in document["added"]] == ["class/fay.py"]
    assert [one["verdict"] for one in document["removed"]] == ["accepted"]
    assert document["unchanged"] == 2


def test_two_runs_of_the_same_are_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """Timing differs between them, and one has copies of bytes that the other does not: no change by itself."""
    grade("a", BEFORE)
    grade("b", {**BEFORE, "amy.py": "accepted # other bytes"})
    status, text = compared(capsys)
    assert (status, text) == (0, "0 submissions changed, 5 unchanged\n")


def edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"points": 1.0,\n    "out_of"', '"points": 2.0,\n    "out_of"', "1/3 -> 2/3 points"),
        ('"out_of": 3.0', '"out_of": 4.0', "1/3 -> 1/4 points"),
        ("because-wrong-answer", "other-code", "+other-code -because-wrong-answer"),
        ('"severity": "error"', '"severity": "note"',
         "+because-wrong-answer (note) -because-wrong-answer"),
    ],
)  # fmt: skip
def test_a_change_under_the_same_verdict_is_told(
    capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    for out in ("a", "b"):
        grade(out, {"bob.py": "wrong-answer"})
    edit("b/class/bob.py.json", old, new)
    status, text = compared(capsys)
    assert status == 1
    assert text.splitlines()[0] == f"~ class/bob.py: {said}"


def test_what_a_reader_must_know_is_remarked(capsys: pytest.CaptureFixture[str]) -> None:
    for out in ("a", "b"):
        grade(out, {"amy.py": "accepted", "bob.py": "wrong-answer", "cid.py": "pitfall"})
    edit("b/class/bob.py.json", "e" * 64, "f" * 64)
    Path("b/class/amy.py.json").write_text("half")
    status, text = compared(capsys)
    assert status == 1
    assert "The second folder holds reports of 2 versions of the exercise: some are old." in text
    assert "In the second folder 1 file could not be read as a report: class/amy.py.json" in text
    assert "The exercise itself is not the same in both" in text
    assert "first folder" not in text


def test_hostile_names_cannot_drive_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    grade("a", {"x.py": "accepted"})
    grade("b", {"x.py": "accepted", "\x1b[2J\n.py": "pitfall"})
    _, text = compared(capsys)
    assert "\x1b" not in text
    assert "+ class/\\x1b[2J\\n.py: pitfall" in text


@pytest.mark.parametrize("missing", ["a", "b"])
def test_a_folder_without_reports_is_a_usage_error(missing: str) -> None:
    grade("b" if missing == "a" else "a", {"x.py": "accepted"})
    options = Namespace(before=Path("a"), after=Path("b"), format="text")
    with pytest.raises(UsageError, match=rf"^{missing}: no such folder$"):
        run(options)
    write(Path(missing), {"summary.json": "{}"})
    with pytest.raises(UsageError, match=rf"^{missing}: holds no report; "):
        run(options)


def test_what_changed_in_common_is_counted_without_names(capsys: pytest.CaptureFixture[str]) -> None:
    grade("a", {f"{name}.py": "wrong-answer" for name in ("amy", "bob", "cid")})
    grade("b", {"amy.py": "accepted", "bob.py": "accepted", "cid.py": "pitfall"})
    status, text = compared(capsys, common=True)
    assert status == 1
    lines = text.splitlines()
    assert "2 x wrong answer -> accepted" in lines
    assert "1 x wrong answer -> pitfall" in lines
    assert lines[-1] == "3 submissions changed, 0 unchanged"
    assert "amy" not in text
