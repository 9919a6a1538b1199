"""examples/gradescope in a scratch folder laid out like Gradescope's /autograder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "examples" / "gradescope"
EXERCISE = ROOT / "tests" / "exercises" / "optax_sgd_step"
RIGHT = EXERCISE / "reference" / "accepted" / "jitted.py"
WRONG = EXERCISE / "reference" / "misconceptions" / "gradient_added.py"

STUB = """#!{python}
import os, sys
from pathlib import Path
Path(os.environ["CALLED_WITH"]).write_text(chr(0).join(sys.argv[1:]))
output = Path(sys.argv[sys.argv.index("-o") + 1])
if os.environ["WRITES"] == "1":
    output.write_text('{{"score": 3.0, "tests": []}}')
print("what instructors see")
sys.exit(int(os.environ["STATUS"]))
"""


@pytest.fixture
def autograder(tmp_path: Path) -> Iterator[Path]:
    """The folder as Gradescope lays it out, with a space in its path, and nothing submitted yet."""
    root = tmp_path / "auto grader"
    for folder in ("source", "submission", "results"):
        (root / folder).mkdir(parents=True)
    yield root
    shutil.rmtree(root)  # an installed environment takes more than a gigabyte


def run(script: str, root: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(SCRIPTS / script)],
        env={**os.environ, "AUTOGRADER_ROOT": str(root), **environment},
        cwd=root,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


def results(root: Path) -> Any:
    return json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))


def with_stub(
    root: Path, *, status: int, writes: bool = True
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """The run of run_autograder with a judge that only notes how it was called, and what it noted."""
    judge = root / "venv" / "bin" / "judge"
    judge.parent.mkdir(parents=True, exist_ok=True)
    judge.write_text(STUB.format(python=sys.executable))
    judge.chmod(0o755)
    noted = root / "called-with"
    done = run("run_autograder", root, CALLED_WITH=str(noted), STATUS=str(status), WRITES=str(int(writes)))
    return done, noted.read_text().split("\0") if noted.exists() else []


@pytest.mark.parametrize("status", [0, 1])
def test_a_graded_submission_leaves_its_results(autograder: Path, status: int) -> None:
    (autograder / "submission" / "my work.py").write_text("x = 1\n")
    (autograder / "submission" / "notes.txt").write_text("not for grading\n")
    done, called_with = with_stub(autograder, status=status)
    assert done.returncode == 0, done.stderr
    assert results(autograder) == {"score": 3.0, "tests": []}
    assert called_with[0] == str(autograder / "submission" / "my work.py")
    assert called_with[called_with.index("--audience") + 1] == "learner"
    assert called_with[called_with.index("--exercise") + 1] == str(autograder / "source")


@pytest.mark.parametrize(("status", "writes"), [(2, False), (3, True), (3, False), (130, True), (0, False)])
def test_no_grade_is_given_when_the_judge_failed(autograder: Path, status: int, writes: bool) -> None:
    (autograder / "submission" / "a.py").write_text("x = 1\n")
    (autograder / "results" / "results.json").write_text('{"score": 100}')  # of an earlier run
    done, _ = with_stub(autograder, status=status, writes=writes)
    assert done.returncode != 0
    assert f"exit status {status}" in done.stderr
    assert not (autograder / "results" / "results.json").exists()


@pytest.mark.parametrize("names", [(), ("a.py", "b.py"), ("a.txt",), ("folder/a.py",)])
def test_anything_but_one_file_is_explained_to_the_learner(autograder: Path, names: tuple[str, ...]) -> None:
    for name in names:
        path = autograder / "submission" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x = 1\n")
    done, called_with = with_stub(autograder, status=0)
    assert done.returncode == 0, done.stderr
    assert called_with == []
    found = results(autograder)
    assert found["score"] == 0
    assert "Upload exactly one Python file" in found["output"]


def test_a_link_is_no_submission(autograder: Path) -> None:
    (autograder / "source" / "solution.py").write_text("secret = 1\n")
    (autograder / "submission" / "a.py").symlink_to(autograder / "source" / "solution.py")
    _, called_with = with_stub(autograder, status=0)
    assert called_with == []
    assert "There are 0 here" in results(autograder)["output"]


@pytest.mark.long
def test_an_uploaded_autograder_installs_and_grades(autograder: Path) -> None:
    """The real scripts from nothing: setup.sh installs the uploaded files and what they need, and two are graded."""
    source = autograder / "source"
    shutil.copytree(ROOT / "judge", source / "judge", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(EXERCISE / "reference", source / "reference")
    shutil.copytree(EXERCISE / "cases", source / "cases")
    shutil.copy(ROOT / "pyproject.toml", source)
    shutil.copy(ROOT / "constraints.txt", source)
    shutil.copy(SCRIPTS / "README.md", source)
    shutil.copy(ROOT / "LICENSE", source)
    home = autograder / "home"
    home.mkdir()
    done = run("setup.sh", autograder, HOME=str(home))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "One step of gradient descent with optax: compiled in " in done.stdout
    installed = subprocess.run(
        [str(autograder / "venv" / "bin" / "python"), "-c", "import judge; print(judge.__file__)"],
        capture_output=True,
        text=True,
        cwd=autograder,
        check=True,
    )
    assert installed.stdout.startswith(str(autograder / "venv" / "lib"))
    constrained = re.search(r"^jax==(\S+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert constrained is not None
    assert list((autograder / "venv").glob(f"lib/python*/site-packages/jax-{constrained[1]}.dist-info"))

    submission = autograder / "submission" / "solution.py"
    shutil.copy(RIGHT, submission)
    done = run("run_autograder", autograder, HOME=str(autograder / "another home"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "compiling" not in done.stderr  # a fresh container: what setup.sh compiled is in the image
    right = results(autograder)
    assert right["score"] > 0
    assert {test["status"] for test in right["tests"] if "status" in test} == {"passed"}
    assert right["extra_data"]["verdict"] == "accepted"
    assert "Accepted" in right["output"]

    shutil.copy(WRONG, submission)
    done = run("run_autograder", autograder)
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = results(autograder)
    assert wrong["score"] < right["score"]
    assert wrong["extra_data"]["verdict"] == "wrong-answer"
    assert all(isinstance(test["score"], int | float) for test in wrong["tests"])
