"""An exercise arrives at a worker as the client has it, or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fleet_fakes import EXERCISE, assignment

from judge.exercise.definition import load_exercise
from judge.exercise.packs.build import archive_of, build_pack
from judge.fleet.assignment import Assignment
from judge.grader import load_exercise_with_goldens
from judge.model import ExerciseError, Limits
from judge.sandbox import Warm


def test_an_exercise_arrives_with_its_digest_cases_and_goldens(tmp_path: Path) -> None:
    here = load_exercise_with_goldens(EXERCISE)
    there = assignment().unpacked_in(tmp_path)
    assert replace(there.exercise, root=here.exercise.root) == here.exercise
    assert [case.id for case in there.cases] == [case.id for case in here.cases]
    assert repr(there.goldens) == repr(here.goldens)
    assert [path.name for path in tmp_path.iterdir()] == ["exercise"]


def test_a_public_pack_arrives_as_one(tmp_path: Path) -> None:
    pack = tmp_path / "public.zip"
    pack.write_bytes(build_pack(load_exercise(EXERCISE), public=True))
    here = load_exercise_with_goldens(pack)
    assert archive_of(here.exercise) == pack.read_bytes()
    sent = Assignment.of(here.exercise, Limits(), "good", Warm.NEVER)
    (tmp_path / "there").mkdir()
    there = sent.unpacked_in(tmp_path / "there").exercise
    assert replace(there, root=here.exercise.root) == here.exercise
    assert there.public


def test_an_altered_archive_is_refused(tmp_path: Path) -> None:
    sent = assignment()
    altered = replace(sent, archive=sent.archive[:-1] + b"x")
    with pytest.raises(ExerciseError, match=r"^its archive of the exercise has the digest \w{16}, not \w{16}$"):
        altered.unpacked_in(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_another_exercise_is_refused(tmp_path: Path) -> None:
    sent = replace(assignment(), exercise_digest="0" * 64)
    with pytest.raises(ExerciseError, match=r"^its exercise has the digest \w{16}, not 0{16}$"):
        sent.unpacked_in(tmp_path)
