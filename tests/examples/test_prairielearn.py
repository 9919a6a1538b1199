"""examples/prairielearn in a scratch folder laid out like PrairieLearn's /grade."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
from support.factories import SAMPLES

from judge.exercise import load_exercise
from judge.exercise.packs.build import build_pack

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "prairielearn"
EXERCISE = ROOT / "tests" / "exercises" / "optax_sgd_step"
REFERENCE = EXERCISE / "reference"
RIGHT = REFERENCE / "accepted" / "jitted.py"
WRONG = REFERENCE / "misconceptions" / "gradient_added.py"

TEXT = {"type": "string"}
SCHEMA = {  # from PrairieLearn's page on external grading, and what <pl-external-grader-results> shows
    "type": "object",
    "additionalProperties": False,
    "required": ["gradable"],
    "properties": {
        "gradable": {"type": "boolean"},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "message": TEXT,
        "output": TEXT,
        "format_errors": {"type": "array", "items": TEXT, "minItems": 1},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "points", "max_points"],
                "properties": {
                    "name": TEXT,
                    "points": {"type": "number"},
                    "max_points": {"type": "number"},
                    "message": TEXT,
                    "output": TEXT,
                },
            },
        },
    },
    "if": {"properties": {"gradable": {"const": True}}},
    "then": {"required": ["score"]},
    "else": {"required": ["format_errors"]},
}


@pytest.fixture
def grade(tmp_path: Path) -> Path:
    """The folder as PrairieLearn lays it out: no folder for results."""
    root = tmp_path / "grade"
    for name in ("student", "tests", "data"):
        (root / name).mkdir(parents=True)
    (root / "tests" / "exercise.zip").write_bytes(build_pack(load_exercise(EXERCISE), public=False))
    ask(root, "solution.py")
    return root


def ask(root: Path, *names: str) -> None:
    data = {"params": {"_required_file_names": list(names)}, "submitted_answers": {}, "variant_seed": 1}
    (root / "data" / "data.json").write_text(json.dumps(data))


def run(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", str(EXAMPLE / "grade.py")],
        cwd=root / "student",
        env={**os.environ, "GRADE_ROOT": str(root)},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


def results_of(root: Path) -> Any:
    assert [path.name for path in (root / "results").iterdir()] == ["results.json"]
    data = (root / "results" / "results.json").read_bytes()
    assert len(data) <= 1_000_000
    results = json.loads(data)
    jsonschema.validate(results, SCHEMA)
    return results


@pytest.mark.long
def test_what_is_submitted_is_graded(grade: Path) -> None:
    shutil.copy(RIGHT, grade / "student" / "solution.py")
    (grade / "student" / "notes.py").write_text("raise SystemExit\n")  # not what the question asks for
    (grade / "student" / "judge.py").write_text("raise SystemExit\n")
    done = run(grade)
    assert done.returncode == 0, done.stderr
    right = results_of(grade)
    assert right["score"] == 1.0
    assert "Accepted" in right["output"]

    shutil.copy(WRONG, grade / "student" / "solution.py")
    done = run(grade)
    assert done.returncode == 0, done.stderr
    wrong = results_of(grade)
    assert 0 <= wrong["score"] < 1
    points = sum(test["points"] for test in wrong["tests"])
    possible = sum(test["max_points"] for test in wrong["tests"])
    assert points / possible == pytest.approx(wrong["score"])
    assert "zero-rate" not in json.dumps(wrong)  # a hidden case
    assert "hidden" in wrong["tests"][-1]["name"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "There are 0 here"),
        ({"a.py": "", "b.py": ""}, "There are 2 here"),
        ({"notes.txt": ""}, "exactly one Python file or notebook (solution.py)"),
        pytest.param({"solution.py": "def sgd_step(:\n"}, "", marks=pytest.mark.long),
        ({"solution.py": "x = 1\n"}, "sgd_step"),
        pytest.param({"solution.py": "\0"}, "", marks=pytest.mark.long),
    ],
    ids=["nothing", "two files", "no program", "a syntax error", "no entry point", "no text"],
)
def test_what_cannot_be_read_is_not_gradable(files: dict[str, str], said: str, grade: Path) -> None:
    for name, text in files.items():
        (grade / "student" / name).write_text(text)
    done = run(grade)
    assert done.returncode == 0, done.stderr
    results = results_of(grade)
    assert results["gradable"] is False
    assert "score" not in results
    assert said in " ".join(results["format_errors"])


def test_a_link_is_no_submission(grade: Path) -> None:
    (grade / "student" / "solution.py").symlink_to(RIGHT)
    assert run(grade).returncode == 0
    assert "There are 0 here" in results_of(grade)["format_errors"][0]


@pytest.mark.parametrize("spoilt", ["no exercise", "damaged pack", "no data"])
def test_when_the_judge_fails_nothing_is_written(spoilt: str, grade: Path) -> None:
    shutil.copy(RIGHT, grade / "student" / "solution.py")
    (grade / "results").mkdir()
    (grade / "results" / "results.json").write_text('{"score": 1.0}')  # left by somebody else
    if spoilt == "no data":
        (grade / "data" / "data.json").unlink()
    elif spoilt == "no exercise":
        (grade / "tests" / "exercise.zip").unlink()
    else:
        (grade / "tests" / "exercise.zip").write_bytes(b"PK\x03\x04 and nothing more")
    done = run(grade)
    assert done.returncode == 3
    assert done.stderr.startswith("the judge could not grade this submission: ")
    assert list((grade / "results").iterdir()) == []


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The run script as a module."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("prairielearn_grade", EXAMPLE / "grade.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_kind_of_report_fits(script: ModuleType) -> None:
    for make in SAMPLES.values():
        jsonschema.validate(json.loads(script.fitted(script.results_of(make()))), SCHEMA)


def test_the_largest_report_is_cut_to_what_is_taken(script: ModuleType) -> None:
    one = SAMPLES["accepted"]()
    noisy = replace(one.checks[0], stdout="\N{SNOWMAN}" * 100_000)
    large = replace(one, checks=tuple(replace(noisy, id=f"case:a/{place}") for place in range(400)))
    document = script.fitted(script.results_of(large))
    assert 100_000 < len(document) <= script.MAX_BYTES
    jsonschema.validate(json.loads(document), SCHEMA)


def test_the_page_and_the_question_name_the_script() -> None:
    question = json.loads((EXAMPLE / "info.json").read_text(encoding="utf-8"))["externalGradingOptions"]
    page = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    assert question["entrypoint"][-1] in page
    assert question["timeout"] <= 600
