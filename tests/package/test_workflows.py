"""The workflows of this repository and of the examples: linted, with little permission, on the Pythons that we name."""

from __future__ import annotations

import re
import subprocess
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ZIZMOR = Path(sysconfig.get_path("scripts"), "zizmor")
OWN = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ALL = [*OWN, ROOT / "examples" / "classroom50" / "regrade.yml", ROOT / "examples" / "github" / "grade.yml"]


def lint(*files: Path) -> subprocess.CompletedProcess[str]:
    command = [str(ZIZMOR), "--offline", "--no-progress", "--config", str(ROOT / ".github" / "zizmor.yml")]
    return subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)


def read(file: Path) -> dict[Any, Any]:
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


def test_the_linter_has_no_finding() -> None:
    done = lint(*ALL)
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout


def test_the_linter_can_find(tmp_path: Path) -> None:
    file = tmp_path / "bad.yml"
    file.write_text(
        "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
        "      - run: echo ${{ github.event.pull_request.title }}\n"
    )
    done = lint(file)
    assert done.returncode != 0
    assert "template-injection" in done.stdout


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.stem)
def test_every_job_has_a_time_limit_and_every_action_a_version(file: Path) -> None:
    for job in read(file)["jobs"].values():
        assert job["timeout-minutes"] <= 120
        for step in job["steps"]:
            assert "uses" in step or "run" in step
            assert "uses" not in step or re.fullmatch(
                r"[\w.-]+(/[\w.-]+)+@(v\d+|release/v\d+)", step["uses"]
            ), step


def test_the_matrix_is_what_the_package_names() -> None:
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "classifiers"
    ]
    named = [found[1] for one in classifiers if (found := re.search(r"Python :: (3\.\d+)$", one))]
    assert (
        read(ROOT / ".github/workflows/tests.yml")["jobs"]["tests"]["strategy"]["matrix"]["python"] == named
    )


def test_a_release_has_no_token_but_the_proof_of_who_publishes() -> None:
    file = ROOT / ".github" / "workflows" / "release.yml"
    assert "secrets." not in file.read_text(encoding="utf-8")
    publish = read(file)["jobs"]["publish"]
    assert publish["permissions"] == {"id-token": "write"}
    assert publish["environment"] == "release"
    assert not any("run" in step for step in publish["steps"])  # nothing else runs where that right is


def test_the_newest_jax_is_tried_every_week() -> None:
    workflow = read(ROOT / ".github" / "workflows" / "newest.yml")
    (when,) = workflow[True]["schedule"]  # YAML reads `on` as true
    assert re.fullmatch(r"\d+ \d+ \* \* \d", when["cron"])
    assert "--upgrade jax flax optax" in str(workflow["jobs"])
