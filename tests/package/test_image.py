"""The image's Containerfile, that of an example and that of an exported task: linted, and of files that are there.

docs/deploy.md says how the image was built and run: that needs a base image, and no test may fetch one.
"""

from __future__ import annotations

import fnmatch
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

from judge.exercise import find_exercise, load_exercise
from judge.exports.harbor import task_files

ROOT = Path(__file__).resolve().parents[2]
HADOLINT = Path(sysconfig.get_path("scripts"), "hadolint")
IMAGE = ROOT / "Containerfile"


def complaints(file: Path) -> str:
    done = subprocess.run(
        [str(HADOLINT), "--no-color", str(file)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("name", ["Containerfile", "examples/prairielearn/Containerfile"])
def test_a_containerfile_has_no_complaint(name: str) -> None:
    assert complaints(ROOT / name) == ""


def test_the_containerfile_of_a_task_has_no_complaint(tmp_path: Path) -> None:
    files = task_files(load_exercise(find_exercise(ROOT)))
    file = tmp_path / "Containerfile"
    file.write_bytes(files["environment/Containerfile"])
    assert complaints(file) == ""


def test_a_complaint_can_be_seen(tmp_path: Path) -> None:
    file = tmp_path / "Containerfile"
    file.write_text("FROM python:latest\nRUN cd /tmp && sudo pip install jax\n")
    assert "DL3007" in complaints(file)


def test_what_is_copied_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    kept = [line[1:] for line in ignored if line.startswith("!")]
    copied = [
        name
        for words in re.findall(r"^COPY (?!--from)(.+) \S+$", IMAGE.read_text(encoding="utf-8"), re.MULTILINE)
        for name in words.split()
    ]
    assert {"judge", "pyproject.toml", "constraints.txt"} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists()
        assert any(fnmatch.fnmatch(name, pattern) for pattern in kept), name
    assert not {"reference", "cases", "tests"} & set(kept)  # nothing secret goes into it


def test_it_runs_as_nobody_special_and_says_how_it_is() -> None:
    text = IMAGE.read_text(encoding="utf-8")
    (user,) = re.findall(r"^USER (\S+)$", text, re.MULTILINE)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)  # a number, as Kubernetes' runAsNonRoot wants
    assert 'ENTRYPOINT ["judge"]' in text
    assert 'CMD ["judge", "doctor"]' in text
    assert "RUN judge prepare" in text
