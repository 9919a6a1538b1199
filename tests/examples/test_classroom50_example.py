"""examples/classroom50 in scratch folders laid out like the real ones: a learner's checkout, and a bundle elsewhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from judge.exercise import load_exercise
from judge.exercise.packs.build import build_pack

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "classroom50"
EXERCISE = ROOT / "tests" / "exercises" / "optax_sgd_step"
REFERENCE = EXERCISE / "reference"

HOSTILE = "import pathlib\npathlib.Path(__file__).with_suffix('.imported').touch()\nraise SystemExit(0)\n"
TRAPS = ("judge", "numpy", "json", "yaml", "tempfile", "importlib", "sitecustomize")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "runtime" / "bundle"
    folder.mkdir(parents=True)
    (folder / "exercise.zip").write_bytes(build_pack(load_exercise(EXERCISE), public=True))
    shutil.copy(EXAMPLE / "autograder.py", folder)
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A learner's checkout, with modules that would be imported by whoever looks there, and a result of their own."""
    folder = tmp_path / "check out"
    folder.mkdir()
    for name in TRAPS:
        (folder / f"{name}.py").write_text(HOSTILE)
    (folder / "result.json").write_text('{"score": 1000}')
    (folder / "release-body.md").write_text("Accepted")
    return folder


def run(bundle: Path, checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(bundle / "autograder.py")],
        cwd=checkout,
        env={**os.environ, "CLASSROOM50_BUNDLE_DIR": str(bundle), **environment},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


def result_of(checkout: Path) -> Any:
    return json.loads((checkout / "result.json").read_text(encoding="utf-8"))


@pytest.mark.long
def test_a_submission_is_graded_with_the_pack_beside_the_autograder(bundle: Path, checkout: Path) -> None:
    shutil.copy(REFERENCE / "accepted" / "jitted.py", checkout / "submission.py")
    done = run(bundle, checkout)
    assert done.returncode == 0, done.stderr
    right = result_of(checkout)
    assert right["score"] == right["max-score"] > 0
    assert "Accepted" in (checkout / "release-body.md").read_text(encoding="utf-8")

    shutil.copy(REFERENCE / "misconceptions" / "gradient_added.py", checkout / "submission.py")
    done = run(bundle, checkout)
    assert done.returncode == 0, done.stderr
    wrong = result_of(checkout)
    assert wrong["score"] < wrong["max-score"] == right["max-score"]
    assert wrong["owner"] == "ann"
    hidden = [case["name"] for case in _cases() if case["visibility"] == "hidden"]
    assert hidden
    assert not [name for name in hidden if name in json.dumps(wrong)]
    assert not list(checkout.glob("*.imported"))


def _cases() -> list[dict[str, Any]]:
    return list(yaml.safe_load((EXERCISE / "cases" / "steps.yaml").read_text(encoding="utf-8"))["cases"])


def test_the_traps_do_catch_who_looks_in_the_checkout(checkout: Path) -> None:
    subprocess.run([sys.executable, "-m", "judge", "--version"], cwd=checkout, check=False)
    assert (checkout / "judge.imported").exists()


@pytest.mark.parametrize("spoilt", ["no pack", "no variable", "damaged pack"])
def test_a_failure_of_the_grader_leaves_no_result(spoilt: str, bundle: Path, checkout: Path) -> None:
    shutil.copy(REFERENCE / "accepted" / "jitted.py", checkout / "submission.py")
    environment = {}
    if spoilt == "no pack":
        (bundle / "exercise.zip").unlink()
    elif spoilt == "damaged pack":
        (bundle / "exercise.zip").write_bytes(b"PK\x03\x04 and nothing more")
    else:
        environment["COMMIT_URL"] = ""
    done = run(bundle, checkout, **environment)
    assert done.returncode in (2, 3)
    assert "::error::" in done.stderr
    assert not (checkout / "result.json").exists()
    assert not (checkout / "release-body.md").exists()


def test_a_submission_that_is_not_there_is_no_grade(bundle: Path, checkout: Path) -> None:
    done = run(bundle, checkout)
    assert done.returncode == 2
    assert "submission.py" in done.stderr
    assert not (checkout / "result.json").exists()


# ------------------------------------------------------------------------------------------------ the nightly workflow


def steps() -> list[dict[str, Any]]:
    read = yaml.safe_load((EXAMPLE / "regrade.yml").read_text(encoding="utf-8"))
    assert read["permissions"] == {"contents": "read"}
    return list(read["jobs"]["regrade"]["steps"])


def script(name: str) -> str:
    return str(next(step["run"] for step in steps() if step.get("name") == name))


def test_what_the_workflow_wants_set_is_on_the_page() -> None:
    wanted = set(re.findall(r"\b(?:vars|secrets)\.([A-Z0-9_]+)", (EXAMPLE / "regrade.yml").read_text()))
    page = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    assert wanted
    assert all(f"`{one}`" in page for one in wanted)


@pytest.mark.long
def test_the_nightly_step_grades_the_class_and_does_not_fail_for_a_wrong_one(tmp_path: Path) -> None:
    for name in ("reference", "cases"):
        shutil.copytree(EXERCISE / name, tmp_path / name)
    who = {"ann": "accepted/jitted.py", "bo": "misconceptions/gradient_added.py"}
    for learner, source in who.items():
        place = tmp_path / "class" / f"jax-101-step-{learner}"
        place.mkdir(parents=True)
        shutil.copy(REFERENCE / source, place / "submission.py")
        (place / "other.py").write_text("raise SystemExit\n", encoding="utf-8")
    rows = "".join(f"{learner},{learner.title()},Who,,1,\n" for learner in who)
    (tmp_path / "class" / "scores.csv").write_text(
        f"username,first_name,last_name,email,section,score\n{rows}"
    )
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "judge").write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m judge "$@"\n')
    (tools / "judge").chmod(0o755)
    for _ in range(2):
        done = subprocess.run(
            ["bash", "-e", "-c", script("Grade")],
            cwd=tmp_path,
            env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert "2 results unchanged" in done.stderr
    assert len((tmp_path / "class.csv").read_text(encoding="utf-8").splitlines()) == 3
    assert (tmp_path / "class.html").stat().st_size > 10_000
