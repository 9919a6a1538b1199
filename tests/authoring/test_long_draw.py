"""The repository's drawn cases: drawn again with the seed that their file names, they are the same, byte for byte."""

from __future__ import annotations

import shutil
from pathlib import Path

import hypothesis
import pytest

from judge.cli import main
from judge.exercise.cases import GENERATED, read_cases
from judge.exercise.definition import load_exercise

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
def test_drawing_again_gives_the_committed_file(tmp_path: Path) -> None:
    for folder in ("reference", "cases"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    frozen = (ROOT / "cases" / f"{GENERATED}.yaml").read_bytes()
    drawn = [entry for entry in read_cases(load_exercise(tmp_path)) if entry.file_name == GENERATED]
    provenance = dict(
        line.strip().split(": ")
        for line in frozen.decode().partition("provenance:\n")[2].partition("cases:")[0].splitlines()
    )
    if provenance["hypothesis"] != hypothesis.__version__:
        pytest.skip(f"drawn with Hypothesis {provenance['hypothesis']}, whose stream this one's may not be")
    (tmp_path / "cases" / f"{GENERATED}.yaml").unlink()
    arguments = ["-n", str(len(drawn)), "--seed", provenance["seed"]]
    assert main(["cases", "draw", *arguments, "--exercise", str(tmp_path)]) == 0
    again = (tmp_path / "cases" / f"{GENERATED}.yaml").read_bytes()
    # The line that tells editors where the schema is, and the two lines that name the command, are the same as well.
    assert again == frozen
