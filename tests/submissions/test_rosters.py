"""Each platform's download has one row for each learner, whatever else lies in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from support.platforms import (
    BLACKBOARD,
    CANVAS,
    GRADESCOPE,
    MOODLE,
    PLATFORMS,
    Platform,
    source,
    write_folder,
    write_tar,
    write_zip,
)

from judge.model import Limits, Submission, UsageError
from judge.submission import Unusable
from judge.submissions.collect import collect
from judge.submissions.entry import Entry
from judge.submissions.listing import LeftOut
from judge.submissions.rosters import check_roster

Writer = Callable[[Path, Mapping[str, bytes]], Path]
WRITERS: dict[str, Writer] = {"zip": write_zip, "tar.gz": write_tar, "folder": write_folder}


class Class:
    """What was collected of a class, and what was said."""

    def __init__(self, path: Path, roster: str, **more: object) -> None:
        self.path = path
        self.left_out: list[LeftOut] = []
        self.said: list[str] = []
        self.entries = collect(
            [path], warn=self.said.append, roster=roster, leave_out=self.left_out.append, **more
        )  # type: ignore[arg-type]

    def name(self, entry: Entry) -> str:
        return entry.path.relative_to(self.path).as_posix()

    @property
    def rows(self) -> dict[str, tuple[str, ...]]:
        return {
            self.name(entry): tuple(one.id for one in entry.owner.learners) if entry.owner else ()
            for entry in self.entries
        }

    @property
    def reasons(self) -> dict[str, str]:
        return {Path(one.path).relative_to(self.path).as_posix(): one.reason for one in self.left_out}


def written(tmp_path: Path, platform: Platform, ending: str) -> Path:
    return WRITERS[ending](tmp_path / f"class.{ending}", platform.files)


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda one: one.name)
def test_every_learner_has_exactly_one_row(tmp_path: Path, platform: Platform, ending: str) -> None:
    found = Class(written(tmp_path, platform, ending), platform.name)
    assert found.rows == platform.rows
    owners = [entry.owner for entry in found.entries if entry.owner]
    learners = [one for owner in owners for one in owner.learners]
    assert len({one.id for one in learners}) == len(learners)
    assert {one.id for owner in owners if owner.late for one in owner.learners} == platform.late
    names = {one.id: one.name for one in learners}
    assert {id_: names[id_] for id_ in platform.names} == platform.names
    (empty,) = [entry for entry in found.entries if isinstance(entry.read(Limits()), Unusable)]
    assert empty.owner is not None
    assert [one.id for one in empty.owner.learners] == [platform.without_file]
    assert empty.read(Limits()).code == "no-file"


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda one: one.name)
def test_auto_finds_the_platform_and_says_which(tmp_path: Path, platform: Platform) -> None:
    found = Class(written(tmp_path, platform, "zip"), "auto")
    assert found.rows == platform.rows
    assert f"{found.path}: the names are those of {platform.name}" in found.said


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda one: one.name)
def test_everything_in_an_archive_is_graded_or_listed(tmp_path: Path, platform: Platform) -> None:
    found = Class(written(tmp_path, platform, "zip"), platform.name)
    files = {name for name in platform.files if not name.endswith("/")}
    listed = set(found.reasons) | set(found.rows)
    assert {
        name for name in files if not any(name == one or name.startswith(f"{one}/") for one in listed)
    } == set()
    assert found.reasons["__MACOSX"] == "is a folder of the operating system"
    assert found.reasons["__pycache__"] == "is a cache"
    assert found.reasons[".DS_Store"] == "is a file of the operating system"


def test_the_newest_attempt_counts_and_the_others_are_listed(tmp_path: Path) -> None:
    canvas = Class(written(tmp_path, CANVAS, "zip"), "canvas")
    assert canvas.reasons["müllerlöhrzoë_101_9001_solve.py"] == "was uploaded again later"
    blackboard = Class(write_zip(tmp_path / "b.zip", BLACKBOARD.files), "blackboard")
    first = "Homework_3_zmueller_attempt_2026-09-09-10-17-33_solve.py"
    assert blackboard.reasons[first] == "is of an earlier attempt"


def test_of_several_files_the_one_that_defines_the_entry_point_is_graded(tmp_path: Path) -> None:
    found = Class(written(tmp_path, CANVAS, "zip"), "canvas")
    assert found.reasons["bo_106_9007_helper.py"] == "is another file of a learner who has one graded"
    assert not [line for line in found.said if "bo" in line]


def notebook(*cells: str) -> bytes:
    made = [
        {"cell_type": "code", "source": cell, "metadata": {}, "outputs": [], "execution_count": None}
        for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def test_a_notebook_counts_like_a_file(tmp_path: Path) -> None:
    """Ann has only one; in Bo's hand-in it defines the entry point, and the file beside it is a helper."""
    files = {
        "ann_1_10_mine.ipynb": notebook("x = 1", source("ann").decode()),
        "bo_2_11_helper.py": b"def helper(x):\n    return x\n",
        "bo_2_12_hw.ipynb": notebook("import jax\n\ndef solve(a):\n    return a\n"),
        "cy_3_13_plots.ipynb": notebook("print('def solve is in the file')"),
        "cy_3_14_hw.py": source("cy"),
    }
    found = Class(write_zip(tmp_path / "a.zip", files), "canvas")
    assert found.rows == {"ann_1_10_mine.ipynb": ("1",), "bo_2_12_hw.ipynb": ("2",), "cy_3_14_hw.py": ("3",)}
    assert not found.said


def test_where_nothing_tells_which_file_is_meant_that_is_said(tmp_path: Path) -> None:
    files = {"bo_1_10_a.py": source("one"), "bo_1_11_b.py": source("two"), "bo_1_12_c.py": b"x = 1\n"}
    found = Class(write_zip(tmp_path / "a.zip", files), "canvas")
    assert found.rows == {"bo_1_11_b.py": ("1",)}
    assert found.said == ["bo: several files define the entry point; b.py is graded, not a.py"]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("def solve(a):", True),
        ("async  def solve(a):", True),
        ("solve = jax.jit(f)", True),
        ("solve: Callable = f", True),
        ("from lib import solve", True),
        ("import solve as s\nx = 1", True),
        ("    def solve(self):", False),
        ("def solver(a):", False),
        ("solve == 3", False),
        ("# def solve", False),
        ("x = 1\r\ndef solve(a):", True),
    ],
)
def test_the_entry_point_is_found_at_the_top_level(text: str, is_one: bool) -> None:
    from judge.submissions.hand_ins import entry_point_pattern

    assert bool(entry_point_pattern("solve").search(text.encode())) == is_one


def test_files_of_nobody_are_graded_all_the_same(tmp_path: Path) -> None:
    files = {**CANVAS.files, "stray.py": source("accepted stray")}
    found = Class(write_zip(tmp_path / "a.zip", files), "canvas")
    assert found.rows == {**CANVAS.rows, "stray.py": ()}
    assert found.said == [f"{found.path}: of nobody who is known, and graded all the same: stray.py"]


def test_names_of_no_platform_leave_everybody_unassigned(tmp_path: Path) -> None:
    found = Class(write_zip(tmp_path / "a.zip", {"a.py": source("a"), "b/c.py": source("c")}), "auto")
    assert found.rows == {"a.py": (), "b/c.py": ()}
    assert found.said == [
        f"{found.path}: --roster auto: the names are those of no known platform; nobody is assigned"
    ]


def test_a_name_that_looks_like_a_platforms_by_chance_assigns_nobody(tmp_path: Path) -> None:
    files = {"step_1_2_sgd.py": source("a"), "b.py": source("b"), "c.py": source("c")}
    path = write_zip(tmp_path / "a.zip", files)
    assert set(Class(path, "auto").rows.values()) == {()}
    assert Class(path, "canvas").rows["step_1_2_sgd.py"] == ("1",)


def test_a_pattern_tells_learners_apart(tmp_path: Path) -> None:
    files = {
        "week1/ann-9-x.py": source("old"),
        "week1/ann-10-x.py": source("new"),
        "week1/bob-1-late-x.py": source("bob"),
    }
    found = Class(
        write_zip(tmp_path / "a.zip", files),
        r"(?P<id>[a-z]+)-(?P<attempt>\d+)-(?P<late>late-)?(?P<file>.*)",
    )
    assert found.rows == {"week1/ann-10-x.py": ("ann",), "week1/bob-1-late-x.py": ("bob",)}
    assert [entry.owner.late for entry in found.entries if entry.owner] == [False, True]
    assert found.reasons == {"week1/ann-9-x.py": "is of an earlier attempt"}


@pytest.mark.parametrize(
    ("roster", "said"),
    [
        ("moddle", "is none of auto, gradescope"),
        ("(?P<id>", "no regular expression"),
        ("(?P<file>x)", "needs a group"),
        ("(?P<id>x)(?P<mark>y)", "unknown groups mark"),
    ],
)
def test_a_roster_that_is_none_is_refused(roster: str, said: str) -> None:
    with pytest.raises(UsageError, match="--roster") as caught:
        check_roster(roster)
    assert said in str(caught.value)


def test_a_learner_in_two_groups_has_one_row(tmp_path: Path) -> None:
    metadata = GRADESCOPE.files["assignment_55_export/submission_metadata.yml"].decode()
    extra = "submission_8:\n  :submitters:\n  - :name: Ben Ek\n    :sid: '107'\n  :created_at: 2026-09-13 10:00:00 Z\n"
    files = {
        **GRADESCOPE.files,
        "assignment_55_export/submission_metadata.yml": (metadata + extra).encode(),
        "assignment_55_export/submission_8/solve.py": source("ben alone"),
    }
    found = Class(write_zip(tmp_path / "a.zip", files), "gradescope")
    assert found.rows["assignment_55_export/submission_8/solve.py"] == ("107",)
    assert found.rows["assignment_55_export/submission_4/solve.py"] == ("103",)
    assert any(line.startswith("Ben Ek: a later submission counts") for line in found.said)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1, 2]",
        "a: &a [*a, *a]\n",
        "submission_1: 3\n",
        "submission_1: {':submitters': [[], 5, {}]}\n",
        "{" * 9000,
    ],
)
def test_a_list_of_gradescope_that_is_none_assigns_nobody(tmp_path: Path, text: str) -> None:
    files = {"submission_metadata.yml": text.encode(), "submission_1/solve.py": source("a")}
    assert Class(write_zip(tmp_path / "a.zip", files), "gradescope").rows == {"submission_1/solve.py": ()}


def test_the_newest_attempt_without_a_python_file_does_not_hide_the_one_before(tmp_path: Path) -> None:
    files = {
        "1-7 - Ann - Sep 9, 2026 1017 AM/solve.py": source("a"),
        "1-7 - Ann - Sep 10, 2026 1017 AM/report.pdf": b"%PDF",
    }
    found = Class(write_zip(tmp_path / "a.zip", files), "brightspace")
    assert found.rows == {"1-7 - Ann - Sep 9, 2026 1017 AM/solve.py": ("7",)}
    assert found.said == ["Ann: the newest attempt holds no program; the one before counts"]


def test_dates_in_an_unknown_form_are_said(tmp_path: Path) -> None:
    files = {
        f"1-7 - Ann - {date}/solve.py": source(date)
        for date in ("9. Sept. 2026, 10.17", "10. Sept. 2026, 9.05")
    }
    found = Class(write_zip(tmp_path / "a.zip", files), "brightspace")
    assert found.rows == {"1-7 - Ann - 10. Sept. 2026, 9.05/solve.py": ("7",)}
    assert found.said == [
        "Ann: dates in an unknown form; '10. Sept. 2026, 9.05' is taken for the newest attempt"
    ]


def test_globs_select_learners_too(tmp_path: Path) -> None:
    found = Class(written(tmp_path, MOODLE, "zip"), "moodle", include=["*O'Brien*"])
    assert found.rows == {"Seán O'Brien_102_assignsubmission_file_/solve.py": ("102",)}


def test_a_file_that_is_refused_is_a_row_of_its_learner(tmp_path: Path) -> None:
    files = {
        "ann_1_10_solve.py": b"0" * 8_000_000,
        "bob_2_11_solve.zip": b"PK",
        "cleo_3_12_solve.py": source("c"),
    }
    found = Class(write_zip(tmp_path / "a.zip", files), "canvas")
    read = {found.name(entry): entry.read(Limits()) for entry in found.entries}
    assert isinstance(read["cleo_3_12_solve.py"], Submission)
    bomb, nested = read["ann_1_10_solve.py"], read["bob_2_11_solve.zip"]
    assert isinstance(bomb, Unusable)
    assert isinstance(nested, Unusable)
    assert bomb.message == "it would be over 200 times larger than it is compressed"
    assert nested.message == (
        "no Python file or notebook was handed in, only solve.zip; solve.zip is an archive inside of the archive"
    )
