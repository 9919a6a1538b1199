"""The workflow for GitHub is well-formed, and its grading step does what the page says, in a scratch folder."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.documents import ROOT
from support.scratch import Scratch

from judge.exercise import find_exercise, load_exercise
from judge.exercise.cases import load_cases
from judge.model import Visibility

FOLDER = ROOT / "examples" / "github"
WORKFLOWS = ("grade.yml",)


def workflow(name: str) -> dict[Any, Any]:
    return dict(yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")))


def steps(name: str) -> list[dict[str, Any]]:
    (job,) = workflow(name)["jobs"].values()
    return list(job["steps"])


def script(name: str, step: str) -> str:
    return str(next(one["run"] for one in steps(name) if one.get("name") == step))


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_is_one_job_of_steps_with_little_permission(name: str) -> None:
    read = workflow(name)
    assert read["permissions"]["contents"] == "read"
    assert set(read["permissions"]) <= {"contents", "security-events"}
    assert all("uses" in step or "run" in step for step in steps(name))
    for step in steps(name):
        assert "uses" not in step or re.fullmatch(r"[\w.-]+(/[\w.-]+)+@v\d+", step["uses"]), step
    (job,) = read["jobs"].values()
    assert job["timeout-minutes"] <= 120


@pytest.mark.parametrize("name", WORKFLOWS)
def test_what_the_workflow_wants_set_is_on_the_page(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    wanted = set(re.findall(r"\b(?:vars|secrets)\.([A-Z_]+)", text))
    assert wanted
    assert all(f"`{one}`" in page for one in wanted)


def test_the_page_shows_the_command_of_the_workflow() -> None:
    page = " ".join((FOLDER / "README.md").read_text(encoding="utf-8").split())
    assert " ".join(script("grade.yml", "Grade").split()) in page


@pytest.mark.long
@pytest.mark.parametrize(("submission", "status"), [("alice.py", 0), ("robin.py", 1)])
def test_the_grading_step_annotates_and_keeps_reports(submission: str, status: int, tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    exercise = scratch.root / ".exercise"
    exercise.mkdir()
    for name in ("judge", "reference", "cases"):
        shutil.copytree(scratch.root / name, exercise / name)
    shutil.copy(scratch.root / "submissions" / submission, scratch.root / "submission.py")
    done = scratch.run(script("grade.yml", "Grade"))
    assert done.returncode == status, done.stderr
    assert ("::error file=submission.py," in done.stdout) == bool(status)
    results = json.loads((scratch.root / "results.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert bool(results) == bool(status)
    summary = scratch.root / "told.md"
    done = scratch.run(f"export GITHUB_STEP_SUMMARY={summary}\n{script('grade.yml', 'Show the report')}")
    assert done.returncode == 0
    told = summary.read_text(encoding="utf-8")
    assert ("Accepted" in told) == (not status)
    cases = load_cases(load_exercise(find_exercise(ROOT)))
    hidden = [case.id for case in cases if case.visibility is Visibility.HIDDEN]
    assert hidden
    assert not [name for name in hidden if name in told]
