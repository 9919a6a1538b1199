"""A fresh installation grades, with the versions of constraints.txt and with the newest that pyproject.toml allows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")
FILES = ("pyproject.toml", "constraints.txt", "README.md", "LICENSE")
FOLDERS = ("judge", "reference", "cases", "submissions")
EXPECTED = {
    "alice": (0, "accepted", None),
    "alex": (1, "pitfall", "optimizer-on-variables"),
    "charlie": (1, "wrong-answer", "stale-batch-stats"),
}
"""Exit status, verdict and the first finding of some example submissions."""


def usable(python: str) -> bool:
    """Whether it is there and runs; a name on the path may be a stand-in for a version that is not installed."""
    found = shutil.which(python)
    if found is None:
        return False
    done = subprocess.run([found, "-c", "import ensurepip, venv"], capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.long
@pytest.mark.parametrize("constrained", [False, True], ids=["newest", "constrained"])
@pytest.mark.parametrize("python", PYTHONS)
def test_a_fresh_installation_grades(python: str, constrained: bool, tmp_path: Path) -> None:
    if not usable(python):
        pytest.skip(f"there is no {python} here")
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    pinned = ("-c", "constraints.txt") if constrained else ()
    assert run(python, "-m", "venv", "v").returncode == 0
    done = run("v/bin/pip", "install", "-q", "--disable-pip-version-check", *pinned, ".")
    assert done.returncode == 0, done.stderr
    for name, (status, verdict, code) in EXPECTED.items():
        done = run("v/bin/judge", f"submissions/{name}.py", "--no-shrink", "--format", "json")
        assert done.returncode == status, done.stderr
        report = json.loads(done.stdout)
        assert report["verdict"] == verdict
        assert next((finding["code"] for finding in report["findings"]), None) == code
        assert ("goldens were recorded with" in done.stderr) is (
            not reproduces_exactly(report["environment"])
        )


def reproduces_exactly(environment: dict[str, str]) -> bool:
    """Whether these libraries are those of the goldens."""
    recorded = json.loads(next((ROOT / "cases" / "goldens").glob("*.json")).read_text())["environment"]
    return all(environment[name] == recorded[name] for name in ("jax", "jaxlib", "flax", "optax", "numpy"))
