"""`judge export harbor`: a task as Harbor reads it, whose verifier is run in a scratch root."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from judge.cli import main
from judge.exercise import load_exercise
from judge.exercise.packs.build import build_pack

ROOT = Path(__file__).resolve().parents[2]
EXERCISE = ROOT / "tests" / "exercises" / "optax_sgd_step"
REFERENCE = EXERCISE / "reference"


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("harbor") / "task"
    assert main(["export", "harbor", "-o", str(folder), "--exercise", str(EXERCISE)]) == 0
    return folder


@pytest.fixture
def container(task: Path, tmp_path: Path) -> Path:
    """The root of a container, as Harbor leaves it when the agent is done: the image's files, and then the tests."""
    root = tmp_path / "ro ot"
    (root / "app").mkdir(parents=True)
    shutil.copy(task / "environment" / "solution.py", root / "app")
    (root / "app" / "json.py").write_text("raise SystemExit(0)\n")  # left by the agent
    shutil.copytree(task / "tests", root / "tests")
    return root


def verify(
    root: Path, judge: str = f'exec "{sys.executable}" -P -m judge "$@"'
) -> subprocess.CompletedProcess[str]:
    tools = root / "bin"
    tools.mkdir(exist_ok=True)
    (tools / "judge").write_text(f"#!/bin/sh\n{judge}\n")
    (tools / "judge").chmod(0o755)
    return subprocess.run(
        [str(root / "tests" / "test.sh")],
        cwd=root / "app",
        env={**os.environ, "HARBOR_ROOT": str(root), "PATH": f"{tools}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


def rewards_of(root: Path) -> Any:
    """The rewards, as Harbor takes them: finite numbers alone."""
    rewards = json.loads((root / "logs" / "verifier" / "reward.json").read_text(encoding="utf-8"))
    assert all(isinstance(value, int | float) for value in rewards.values())
    assert 0.0 <= rewards["reward"] <= 1.0
    return rewards


def test_the_task_has_what_harbor_reads(task: Path) -> None:
    read = tomllib.loads((task / "task.toml").read_text(encoding="utf-8"))
    assert read["schema_version"] == "1.1"
    assert read["task"]["name"] == "judge/optax-sgd-step"
    assert read["metadata"]["exercise_digest"] == load_exercise(EXERCISE).digest
    assert read["agent"]["user"] != read["verifier"]["user"] == "root"
    assert all(read[part]["timeout_sec"] > 0 for part in ("agent", "verifier"))
    instruction = (task / "instruction.md").read_text(encoding="utf-8")
    assert instruction.startswith((REFERENCE / "statement.md").read_text(encoding="utf-8").rstrip())
    assert "`/app/solution.py`" in instruction
    assert "`sgd_step`" in instruction
    image = (task / "environment" / "Dockerfile").read_bytes()
    assert image == (task / "environment" / "Containerfile").read_bytes()
    assert os.access(task / "tests" / "test.sh", os.X_OK)


def test_nothing_that_the_agent_sees_is_secret(task: Path) -> None:
    seen = {path.name for path in (task / "environment").iterdir()}
    assert seen == {"Containerfile", "Dockerfile", "solution.py"}
    assert (task / "environment" / "solution.py").read_bytes() == (REFERENCE / "starter.py").read_bytes()
    assert (task / "tests" / "exercise.zip").read_bytes() == build_pack(load_exercise(EXERCISE), public=False)


@pytest.mark.long
def test_the_reward_is_the_share_of_the_points(task: Path, container: Path) -> None:
    shutil.copy(task / "solution" / "solution.py", container / "app" / "solution.py")
    done = verify(container)
    assert done.returncode == 0, done.stderr
    right = rewards_of(container)
    assert (right["reward"], right["accepted"]) == (1.0, 1)
    assert right["points"] > 0

    shutil.copy(REFERENCE / "misconceptions" / "gradient_added.py", container / "app" / "solution.py")
    done = verify(container)
    assert done.returncode == 0, done.stderr
    wrong = rewards_of(container)
    assert wrong["accepted"] == 0
    assert wrong["reward"] < 1


@pytest.mark.parametrize("kind", ["none", "a link"])
def test_no_submission_is_a_reward_of_0(kind: str, container: Path) -> None:
    (container / "app" / "solution.py").unlink()
    if kind == "a link":
        (container / "app" / "solution.py").symlink_to(REFERENCE / "solution.py")
    done = verify(container)
    assert done.returncode == 0, done.stderr
    assert rewards_of(container)["reward"] == 0.0


@pytest.mark.parametrize("status", [2, 3, 130])
def test_a_failure_of_the_judge_is_no_reward(status: int, container: Path) -> None:
    left = container / "logs" / "verifier"
    left.mkdir(parents=True)
    (left / "reward.json").write_text('{"reward": 1.0}')  # planted by the agent
    done = verify(
        container,
        f'echo \'{{"score": {{"points": 3, "out_of": 3}}, "verdict": "accepted"}}\' >report.json; exit {status}',
    )
    assert done.returncode == status
    assert f"exit status {status}" in done.stderr
    assert list(left.iterdir()) == []


def test_a_report_that_cannot_be_read_is_no_reward(container: Path) -> None:
    done = verify(container, 'echo "{" >report.json; exit 0')
    assert done.returncode == 3
    assert not (container / "logs" / "verifier" / "reward.json").exists()


def test_a_wheel_is_installed_in_the_place_of_the_index(tmp_path: Path) -> None:
    wheel = tmp_path / "jax_judge-0.1.0-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    command = ["export", "harbor", "--exercise", str(EXERCISE), "--wheel", str(wheel)]
    assert main([*command, "-o", str(tmp_path / "task")]) == 0
    image = (tmp_path / "task" / "environment" / "Dockerfile").read_text(encoding="utf-8")
    assert f"COPY {wheel.name} /tmp/\n" in image
    assert (tmp_path / "task" / "environment" / wheel.name).read_bytes() == b"wheel"


def test_what_cannot_be_exported_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").touch()
    public = tmp_path / "public.zip"
    public.write_bytes(build_pack(load_exercise(EXERCISE), public=True))
    for options, said in {
        ("-o", str(full), "--exercise", str(EXERCISE)): f"judge: {full} is there already and is not empty",
        (
            "-o",
            str(tmp_path / "a"),
            "--exercise",
            str(public),
        ): f"judge: {public}: a public pack has no solutions",
        (
            "-o",
            str(tmp_path / "b"),
            "--exercise",
            str(EXERCISE),
            "--wheel",
            str(public),
        ): f"judge: {public}: not a wheel",
    }.items():
        assert main(["export", "harbor", *options]) == 2
        captured = capsys.readouterr()
        assert captured.err.startswith(said)
        assert len(captured.err.splitlines()) == 1
    assert [path.name for path in full.iterdir()] == ["mine.txt"]
