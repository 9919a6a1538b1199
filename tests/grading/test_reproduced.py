"""A golden that this machine's reference does not reproduce is the judge's error, not the learner's."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from judge.cli import main
from judge.grader import Grader
from judge.model import ExerciseError, StaleGoldensError, Verdict
from judge.sandbox import Warm
from judge.sandbox.versions import installed
from judge.solutions import reproduce
from judge.solutions.reproduce import environment_changes

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


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache folder of this test's own, so that nothing was found out before."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def refuse_to_run(*arguments: object) -> list[str]:
    raise AssertionError("the reference was run")


@pytest.mark.long
@pytest.mark.usefixtures("own_cache")
def test_values_that_the_reference_still_gives_are_used_and_a_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = recorded_elsewhere(tmp_path, 1.0)
    with Grader(root, warm=Warm.NEVER) as grader:
        assert grader.grade(SMALL / "reference" / "solution.py").verdict is Verdict.ACCEPTED
        (sentence,) = grader.prepare()
        here = installed()["jax"]
        assert sentence.startswith(f"goldens were recorded with jax 0.1.0, here is {here}")
        assert sentence.endswith(
            "the reference gives the same values here, within the tolerance of each case"
        )
    # found out once: neither this process nor another one runs the reference again
    monkeypatch.setattr(reproduce, "reproduce", refuse_to_run)
    with Grader(root, warm=Warm.NEVER) as grader:
        assert grader.prepare() == [sentence]
    other = recorded_elsewhere(tmp_path / "other", 1.01)
    with Grader(other, warm=Warm.NEVER) as grader, pytest.raises(AssertionError):
        grader.prepare()  # other goldens are another matter


@pytest.mark.usefixtures("own_cache")
def test_values_that_it_no_longer_gives_are_refused(tmp_path: Path) -> None:
    root = recorded_elsewhere(tmp_path, 1.01)
    for _ in range(2):  # it is not remembered as if all were well
        with Grader(root, warm=Warm.NEVER) as grader, pytest.raises(StaleGoldensError) as caught:
            grader.grade(SMALL / "reference" / "solution.py")
        text = str(caught.value)
        assert f"recorded with jax 0.1.0, here is {installed()['jax']}" in text
        assert "pip install jax==0.1.0" in text
        assert "judge cases record" in text
        assert "tolerance" in text


@pytest.mark.long
@pytest.mark.usefixtures("own_cache")
def test_a_reference_that_fails_here_says_with_what_it_was_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*arguments: object) -> list[str]:
        raise ExerciseError("reference/solution.py: fails on sizes/one: exited")

    monkeypatch.setattr(reproduce, "reproduce", fails)
    with Grader(recorded_elsewhere(tmp_path, 1.0)) as grader, pytest.raises(ExerciseError) as caught:
        grader.prepare()
    assert str(caught.value).startswith("reference/solution.py: fails on sizes/one: exited")
    assert "recorded with jax 0.1.0" in str(caught.value)
    assert "pip install jax==0.1.0" in str(caught.value)


def test_goldens_of_this_place_need_no_word() -> None:
    here = {**installed(), "platform": "linux-x86_64", "x64": "false", "xla_flags": "--a=1 --b"}
    assert environment_changes([here, dict(here)], here) == ""


def test_flags_that_differ_are_named_one_by_one() -> None:
    there = {**installed(), "platform": "linux-x86_64", "x64": "false", "xla_flags": "--a=1 --b"}
    here = {**there, "jax": "9.9", "xla_flags": "--b --c"}
    assert environment_changes([there], here) == (
        f"recorded with jax {there['jax']}, here is 9.9; --a=1, here is no such flag; no --c, here it is set"
    )


@pytest.mark.long
@pytest.mark.usefixtures("own_cache")
def test_the_command_says_it_once_on_stderr_and_grades(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = recorded_elsewhere(tmp_path, 1.0)
    status = main(["--exercise", str(root), str(SMALL / "reference" / "solution.py"), "--plain"])
    told = capsys.readouterr()
    assert status == 0, told.err
    assert told.err.count("recorded with jax 0.1.0") == 1
    assert told.out.startswith("Accepted")
