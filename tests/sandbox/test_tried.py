"""Versions that were tried together, and the line that says that others were not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from judge.model import Report
from judge.sandbox.tried import TRIED, is_tried, notice_of
from judge.sandbox.versions import LIBRARIES

ROOT = Path(__file__).resolve().parents[2]


def versions(number: int = 0) -> dict[str, str]:
    one = TRIED[number]
    return {"python": f"{one.python}.7", "jax": one.jax, "jaxlib": one.jax, "flax": one.flax}


@pytest.mark.parametrize("number", range(len(TRIED)))
def test_a_combination_that_was_tried_needs_no_notice(number: int) -> None:
    assert is_tried(versions(number))
    assert notice_of(versions(number)) == ""


@pytest.mark.parametrize(
    ("name", "other"), [("python", "3.99.0"), ("jax", "0.1.2"), ("flax", "0.3.4"), ("flax", "")]
)
def test_another_python_jax_or_flax_is_named_in_one_line(name: str, other: str) -> None:
    said = notice_of(versions() | {name: other})
    assert "was not tried" in said
    assert other in said
    assert "\n" not in said


def test_what_is_not_installed_was_not_tried() -> None:
    assert "flax unknown" in notice_of({"python": "3.11.7", "jax": TRIED[0].jax})


def test_versions_that_were_each_tried_were_not_tried_together() -> None:
    mixed = [replace(one, flax=other.flax) for one in TRIED for other in TRIED]
    untried = [one for one in mixed if one.flax not in {t.flax for t in TRIED if t.jax == one.jax}]
    for one in untried:
        assert not is_tried({"python": one.python, "jax": one.jax, "flax": one.flax})


def test_the_first_row_is_that_of_the_goldens_and_of_the_constraints() -> None:
    golden = json.loads(next((ROOT / "cases" / "goldens").glob("*.json")).read_text())["environment"]
    pinned = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line
    )
    first = TRIED[0]
    named = {"jax": first.jax, "jaxlib": first.jax, "flax": first.flax, "optax": first.optax, "numpy": first.numpy}
    assert named == {name: golden[name] for name in LIBRARIES} == {name: pinned[name] for name in LIBRARIES}
    assert golden["python"].startswith(f"{first.python}.")


def test_no_combination_stands_twice() -> None:
    assert len({(one.python, one.jax, one.flax) for one in TRIED}) == len(TRIED)


def test_a_grading_says_it_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from judge.grader import Grader
    from judge.sandbox import Warm

    monkeypatch.setattr("judge.sandbox.tried.TRIED", ())
    exercise = ROOT / "tests" / "exercises" / "optax_sgd_step"
    with Grader(exercise, warm=Warm.NEVER) as grader:
        said = [notice for notice in grader.prepare() if "was not tried" in notice]
        report = grader.grade(exercise / "submissions" / "robin.py")
    assert len(said) == 1
    assert isinstance(report, Report)
    assert report.verdict == "accepted"
