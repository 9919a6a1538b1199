"""What the exercise's files promise that can be seen without running them."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from judge.exercise.generators import generated

REFERENCE = Path(__file__).parents[2] / "reference"
ACCEPTED = sorted((REFERENCE / "accepted").glob("*.py"))
MISCONCEPTIONS = sorted((REFERENCE / "misconceptions").glob("*.py"))
HEADINGS = ["What happens", "Why it happens", "How it shows", "A question to think about", "Read on"]
MODEL = """class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)
"""


def strategies():
    spec = importlib.util.spec_from_file_location("exercise_strategies", REFERENCE / "strategies.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def declared(path: Path) -> dict:
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "MISCONCEPTION":
            return ast.literal_eval(statement.value)
    raise AssertionError(f"{path.name} declares nothing")


def test_there_is_enough_of_everything():
    assert len(ACCEPTED) >= 16
    assert len(MISCONCEPTIONS) >= 35


@pytest.mark.parametrize("name", ["statement.md", "starter.py", "solution.py"])
def test_the_model_is_given_word_for_word(name):
    assert MODEL in (REFERENCE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", MISCONCEPTIONS, ids=lambda path: path.stem)
def test_a_page_has_its_parts(path):
    page = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    title, *rest = page.splitlines()
    assert title[0].isupper()
    assert not title.endswith(".")
    assert [line.removeprefix("## ") for line in rest if line.startswith("## ")] == HEADINGS
    parts = page.split("## ")[1:]
    assert all(len(part.splitlines()) > 2 for part in parts)
    assert "?" in parts[3]


@pytest.mark.parametrize("path", MISCONCEPTIONS, ids=lambda path: path.stem)
def test_a_misconception_declares_what_it_does(path):
    says = declared(path)
    assert set(says) - {"same_numbers_as", "noisy"} == {"code", "numeric", "raises", "pitfall"}
    assert says["code"] == says["code"].lower()
    assert "# the mistake" in path.read_text(encoding="utf-8")
    others = {other.stem: declared(other) for other in MISCONCEPTIONS}
    for name in says.get("same_numbers_as", ()):
        assert path.stem in others[name]["same_numbers_as"]


def test_every_code_has_a_page_of_its_own():
    """A code shared by several files is also the name of one of them: that one has its page."""
    files = {path.stem.replace("_", "-") for path in MISCONCEPTIONS}
    codes = [declared(path)["code"] for path in MISCONCEPTIONS]
    shared = {code for code in codes if codes.count(code) > 1}
    assert shared <= files


def array_of(drawn) -> np.ndarray:
    """An array, or the one that a generator stands for."""
    return generated(drawn).astype(np.float32) if isinstance(drawn, dict) else drawn


@given(strategies().inputs())
@settings(max_examples=50, deadline=None, database=None)
def test_drawn_inputs_are_valid(drawn):
    assert list(drawn) == ["seed", "x_batch", "y_batch", "lr"]
    x, y = (array_of(drawn[name]) for name in ("x_batch", "y_batch"))
    assert x.shape in strategies().SHAPES
    assert y.shape == x.shape[:1]
    assert x.dtype == y.dtype == np.float32
    assert np.isfinite(x).all()
    assert np.isfinite(y).all()
    assert type(drawn["seed"]) is float
    assert 0 <= drawn["seed"] < 2**32
    assert type(drawn["lr"]) is float
    assert 0 <= drawn["lr"] <= 4
