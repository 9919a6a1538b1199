"""A golden that this machine's reference does not reproduce is the judge's error, not the learner's."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from judge.grader import Grader
from judge.model import StaleGoldensError, Verdict

SMALL = Path(__file__).resolve().parents[2] / "tests" / "exercises" / "optax_sgd_step"


def recorded_elsewhere(tmp_path: Path, factor: float) -> Path:
    """A copy of the small exercise whose goldens come from another jax, with values changed by a factor."""
    root = tmp_path / "exercise"
    shutil.copytree(SMALL, root)
    for path in (root / "cases" / "goldens").glob("*.json"):
        document = json.loads(path.read_text())
        text = path.read_text().replace(f'"jax": "{_jax(document)}"', '"jax": "0.1.0"')
        assert text != path.read_text()
        path.write_text(text)
        if factor != 1.0:
            document = json.loads(text)
            _scale(document, factor)
            path.write_text(json.dumps(document))
    return root


def _jax(document: object) -> str:
    found = _find(document, "jax")
    assert isinstance(found, str)
    return found


def _find(value: object, key: str) -> object:
    if isinstance(value, dict):
        if key in value:
            return value[key]
        return next((hit for item in value.values() if (hit := _find(item, key)) is not None), None)
    return None


def _scale(value: object, factor: float) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("expected", "tolerance"):  # the tolerance follows the size of the value
                numbers = item if isinstance(item, list) else [item]
                scaled = [number * factor for number in numbers]
                value[key] = scaled if isinstance(item, list) else scaled[0]
            else:
                _scale(item, factor)


def test_values_that_the_reference_still_gives_are_used(tmp_path: Path) -> None:
    with Grader(recorded_elsewhere(tmp_path, 1.0)) as grader:
        assert grader.grade(SMALL / "reference" / "solution.py").verdict is Verdict.ACCEPTED


def test_values_that_it_no_longer_gives_are_refused(tmp_path: Path) -> None:
    with Grader(recorded_elsewhere(tmp_path, 1.01)) as grader, pytest.raises(StaleGoldensError) as caught:
        grader.grade(SMALL / "reference" / "solution.py")
    assert "jax is" in str(caught.value)
    assert "it was 0.1.0" in str(caught.value)
    assert "judge cases record" in str(caught.value)
