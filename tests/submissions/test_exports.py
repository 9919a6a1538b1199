"""Grades and feedback of a class load in a strict reader of each platform's import, and nobody has the judge's 0."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from support.batch_fakes import EXERCISE, Tracks, report_on, settings
from support.platforms import CANVAS, MOODLE, PLATFORMS, Platform, write_zip

from judge import retry
from judge.commands.grade_batch import run_batch
from judge.exports import HandedIn, Policy, export_for
from judge.exports.policy import in_digits, policy_of
from judge.model import Report, UsageError, Verdict
from judge.submission import submission_of
from judge.submissions.collect import collect
from judge.submissions.rosters import Learner, Owner


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def exported(platform: Platform, name: str, policy: Policy | None = None) -> Path:
    """Grade the class of a platform with graders that run nothing, and write one export."""
    path = write_zip(Path("class.zip"), platform.files)
    entries = collect([path], roster=platform.name)
    export = export_for(Path(name))
    assert export is not None
    run_batch(entries, settings(Tracks()), exercise=EXERCISE, exports=[export], policy=policy, plain=True)
    return Path(name)


def report(points: float, out_of: float = 3.0, verdict: Verdict = Verdict.WRONG_ANSWER) -> Report:
    return replace(report_on(submission_of("x"), verdict), points=points, out_of=out_of)


def handed_in(owner: Owner | None, made: Report, key: str = "a.py") -> HandedIn:
    return HandedIn(owner, key, made, lambda: made)


def as_canvas_reads_it(data: bytes) -> tuple[str, str, dict[str, str]]:
    """The importer's own rules: which columns the header needs, and which rows are students."""
    header, *rows = csv.reader(io.StringIO(data.decode("utf-8"), newline=""))
    assert len(header) > 3
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert re.search(r"SIS\s+User\s+ID", header[2])
    assert re.search(r"SIS\s+Login\s+ID", header[3])
    assert "Section" in header[4]
    assert len(header) == 6
    possible = ""
    grades: dict[str, str] = {}
    for row in rows:
        assert len(row) == len(header)
        if "Points Possible" in row[0]:
            possible = row[5]
            continue
        assert row[1].isdecimal()
        assert row[1] not in grades
        grades[row[1]] = row[5]
    assert all(re.fullmatch(r"(\d+(\.\d+)?)?", grade) for grade in (possible, *grades.values()))
    return header[5], possible, grades


def as_moodle_reads_it(data: bytes) -> dict[str, str]:
    """The importer's own rules: three columns must be there by name, and a number stands after ``Participant``."""
    header, *rows = csv.reader(io.StringIO(data.decode("utf-8"), newline=""))
    index = {name: header.index(name) for name in ("Identifier", "Grade", "Last modified (grade)")}
    grades = {}
    for row in rows:
        assert len(row) == len(header)
        number = row[index["Identifier"]][len("Participant") :]
        assert int(number) > 0
        assert number.strip() not in grades
        grades[number.strip()] = row[index["Grade"]]
    assert all(re.fullmatch(r"(\d+(\.\d+)?)?", grade) for grade in grades.values())
    return grades


def test_canvas_takes_the_gradebook() -> None:
    policy = policy_of("10", "half-up:0.5", "Homework 3 (1234)")
    title, possible, grades = as_canvas_reads_it(exported(CANVAS, "grades.canvas.csv", policy).read_bytes())
    assert (title, possible) == ("Homework 3 (1234)", "10")
    assert grades == {"101": "10", "102": "10", "103": "10", "104": "3.5", "105": "10", "106": "10"}


def test_moodle_takes_the_worksheet_and_each_member_of_a_team_has_the_grade() -> None:
    grades = as_moodle_reads_it(exported(MOODLE, "grades.moodle.csv").read_bytes())
    assert grades == {"101": "3", "102": "3", "103": "3", "104": "1", "105": "3", "106": "3", "107": "3"}


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda one: one.name)
def test_feedback_has_a_page_for_each_row_under_the_names_of_the_platform(platform: Platform) -> None:
    with zipfile.ZipFile(exported(platform, "feedback.zip")) as archive:
        names = archive.namelist()
        pages = {name: archive.read(name).decode() for name in names}
    assert len(names) == len(set(names)) == len(platform.rows)
    assert all("hard/three" not in page for page in pages.values()), "a hidden case is named"
    assert all("<!DOCTYPE html>" in page for page in pages.values())
    expected = {
        "canvas": "obrienseán_LATE_102_9002_my solve's.py.html",
        "moodle": "Seán O'Brien_102_assignsubmission_file_feedback.html",
        "brightspace": "77123-102 - Seán O'Brien - Sep 12, 2026 333 PM/feedback.html",
        "blackboard": "Homework_3_sean_obrien_attempt_2026-09-12-10-17-33/feedback.html",
        "gradescope": "submission_3/feedback.html",
        "classroom50": "ml-hw3-sean/feedback.html",
    }
    assert expected[platform.name] in names


def test_the_names_of_canvas_and_moodle_are_found_again_in_the_feedback(tmp_path: Path) -> None:
    """Both read the learner's number out of the names of what is uploaded."""
    from judge.archives import read_archive
    from judge.submissions.rosters import Source, assign

    for platform in (CANVAS, MOODLE):
        with read_archive(exported(platform, "feedback.zip")) as archive:
            assert not archive.refused
            names = tuple(member.name for member in archive.members)
        owners = assign(platform.name, Source(names, (), lambda name: ""), names).owners
        found = sorted(learner.id for owner in owners.values() for learner in owner.learners)
        assert found == sorted(learner for row in platform.rows.values() for learner in row)


def test_the_judges_failure_is_no_grade_and_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "PAUSES_S", tuple(0.0 for _ in retry.PAUSES_S))
    files = {"ann_1_10_solve.py": b"break", "bob_2_11_solve.py": b"accepted"}
    entries = collect([write_zip(Path("class.zip"), files)], roster="canvas")
    exports = [export_for(Path("grades.canvas.csv")), export_for(Path("feedback.zip"))]
    status = run_batch(
        entries,
        settings(Tracks()),
        exercise=EXERCISE,
        exports=[one for one in exports if one],
        plain=True,
    )
    assert status == 3
    assert as_canvas_reads_it(Path("grades.canvas.csv").read_bytes())[2] == {"1": "", "2": "3"}
    assert "no grade for ann: the judge failed on the submission" in capsys.readouterr().err
    with zipfile.ZipFile("feedback.zip") as archive:
        assert archive.namelist() == ["bob_2_11_solve.py.html"]


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A1", "+1", "@x", "-1"])
def test_no_name_is_a_formula(name: str) -> None:
    one = handed_in(Owner((Learner("7", name),), platform="canvas"), report(1))
    for path in (Path("g.canvas.csv"), Path("g.moodle.csv")):
        export = export_for(path)
        assert export is not None
        cells = [
            cell for row in csv.reader(io.StringIO(export.document([one], Policy()).decode())) for cell in row
        ]
        assert f"'{name}" in cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def owner(platform: str, *ids: str) -> Owner:
    return Owner(tuple(Learner(one) for one in ids), platform=platform)


@pytest.mark.parametrize(
    ("name", "owners", "said"),
    [
        ("g.canvas.csv", [], "nobody is known who could get a grade; --roster tells learners apart"),
        ("g.canvas.csv", [owner("moodle", "1")], "known by their ids in moodle, and Canvas has others"),
        ("g.moodle.csv", [owner("canvas", "1")], "known by their ids in canvas, and Moodle has others"),
        ("g.canvas.csv", [owner("canvas", "anon_a1b2c")], "an import would find nobody"),
    ],
)
def test_what_an_import_would_refuse_is_said_before_anything_is_graded(
    name: str, owners: list[Owner], said: str
) -> None:
    export = export_for(Path(name))
    assert export is not None
    with pytest.raises(UsageError) as caught:
        list(export.check(export.path, owners))
    assert said in str(caught.value)


def test_learners_whom_an_import_would_not_find_are_named_and_not_in_it() -> None:
    export = export_for(Path("g.canvas.csv"))
    assert export is not None
    owners = [owner("canvas", "anon_x"), owner("(?P<id>.)", "12")]
    (line,) = export.check(export.path, owners)
    assert line.endswith("as Canvas would not find them without a number of its own: anon_x")
    data = export.document([handed_in(one, report(1)) for one in owners], Policy())
    assert list(as_canvas_reads_it(data)[2]) == ["12"]


@pytest.mark.parametrize(
    ("points", "out_of", "scale", "rounding", "grade"),
    [
        (2, 3, "", "", "2"),
        (38, 58, "10", "", "6.55"),
        (38, 58, "10", "half-up:0.5", "6.5"),
        (1, 4, "10", "half-up:1", "3"),
        (1, 4, "10", "half-even:1", "2"),
        (1, 4, "10", "up:1", "3"),
        (1, 4, "10", "down:1", "2"),
        (1, 3, "3", "up:1", "1"),
        (0.1 + 0.2, 1, "", "up:0.1", "0.3"),
        (0.7 * 3, 3, "100", "down:1", "70"),
        (58, 58, "10", "down:0.5", "10"),
        (0, 58, "10", "up:0.5", "0"),
    ],
)
def test_grades_are_rounded_as_by_hand(
    points: float, out_of: float, scale: str, rounding: str, grade: str
) -> None:
    assert in_digits(policy_of(scale, rounding).grade(report(points, out_of))) == grade


def test_there_is_no_grade_where_there_is_no_number() -> None:
    policy = policy_of("10", "")
    assert policy.grade(report(float("nan"))) is None
    assert policy.grade(report(0, 0)) is None
    assert policy.grade(report(3, verdict=Verdict.JUDGE_ERROR)) is None
    assert policy.grade(report(0, verdict=Verdict.INVALID_SUBMISSION)) == Decimal(0)


@pytest.mark.parametrize(
    ("scale", "rounding"),
    [
        ("ten", ""),
        ("0", ""),
        ("-1", ""),
        ("nan", ""),
        ("1e9", ""),
        ("", "half-up"),
        ("", "near:1"),
        ("", "up:0"),
    ],
)
def test_a_scale_or_rounding_that_is_none_is_refused(scale: str, rounding: str) -> None:
    with pytest.raises(UsageError, match=r"--scale|--round"):
        policy_of(scale, rounding)


def test_pages_of_one_name_are_told_apart() -> None:
    export = export_for(Path("f.zip"))
    assert export is not None
    same = [handed_in(owner("x", "a/../b"), report(1)), handed_in(owner("x", "a .. b"), report(1))]
    nobody = handed_in(None, report(1), "class.zip/../x.py")
    with zipfile.ZipFile(io.BytesIO(export.document([*same, nobody], Policy()))) as archive:
        names = archive.namelist()
    assert len(set(names)) == 3
    assert not [name for name in names if ".." in name.split("/") or name.startswith("/")]


def test_the_same_reports_make_the_same_zip() -> None:
    export = export_for(Path("f.zip"))
    assert export is not None
    one = [handed_in(owner("x", "a"), report(1))]
    assert export.document(one, Policy()) == export.document(one, Policy())
