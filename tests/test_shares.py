"""What uses one fixture of the session runs in one worker; everything else may run in any."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.shares import APART, LARGEST, TOGETHER, rank_of, share_of

ROOT = Path(__file__).resolve().parents[1]
USES_GRADER = re.compile(r"^from support.few_cases import|^def test\w+\(([^)]*\W)?grader: Grader", re.MULTILINE)


@pytest.mark.parametrize(
    ("nodeid", "share"),
    [
        ("tests/diagnosis/test_spans.py::test_it[a::b]", "observations"),
        ("tests/diagnosis/test_memorised.py::test_it", "gradings"),
        ("tests/reports/test_csv.py::TestIt::test_it", "tests/reports/test_csv.py"),
        (f"{APART[0]}[root-good]", f"{APART[0]}[root-good]"),
    ],
)
def test_a_test_belongs_to_one_share(nodeid: str, share: str) -> None:
    assert share_of(nodeid) == share


def test_the_largest_shares_come_first() -> None:
    assert [rank_of(share) for share in ("gradings", "observations", "tests/test_shares.py")] == sorted(
        {rank_of("gradings"), rank_of("observations"), len(LARGEST)}
    )


def test_every_path_that_is_named_is_there() -> None:
    """A file that was renamed would quietly build its fixtures in two workers."""
    named = [path for paths in TOGETHER.values() for path in paths]
    named += [path.partition("::")[0] for path in (*APART, *LARGEST) if path.startswith("tests/")]
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_file_that_grades_the_repository_s_exercise_is_in_one_share() -> None:
    users = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        if USES_GRADER.search(text := path.read_text()) and "def grader(" not in text
    ]
    assert users
    assert {share_of(f"{path}::test") for path in users} == {"gradings"}
