"""Given code: what equals a definition of the starter, whatever it is called; and nothing that differs from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.growth import cost_s
from support.made import exercise, raised

from judge.diagnosis.given import Given
from judge.diagnosis.spans import Source

STARTER = '''\
class Model(Module):
    """The model."""

    size: int = 3

    def __call__(self, x):
        return x * self.size  # scaled


def solve(a):
    raise NotImplementedError
'''
SUBMISSION = """\
class Mine(Module):
    size: int = 3
    def __call__(self, x):
        return (x *
                self.size)

def solve(a):
    return Mine()(a)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "starter.py").write_text(STARTER)
    return tmp_path


def given(text: str, folder: Path) -> Given:
    return Given(Source(text.encode()), replace(exercise(), root=folder))


def test_a_copy_of_the_starter_s_definition_is_given_under_any_name(folder: Path) -> None:
    found = given(SUBMISSION, folder)
    assert [line for line in range(1, 9) if found.holds(line)] == [1, 2, 3, 4, 5]
    inside = "def solve(a):\n" + "".join(f"    {line}\n" for line in SUBMISSION.split("\n")[:5])
    assert given(inside, folder).holds(5)


@pytest.mark.parametrize(
    ("old", "new"), [("= 3", "= 4"), ("x *", "x +"), ("(self, x)", "(self, x, y)"), ("(Module)", "(Other)")]
)
def test_what_was_changed_is_the_learner_s(old: str, new: str, folder: Path) -> None:
    assert not given(SUBMISSION.replace(old, new, 1), folder).holds(4)


def test_the_entry_point_is_never_given(folder: Path) -> None:
    assert not given(STARTER, folder).holds(11)
    assert given(STARTER, folder).holds(7)


def test_the_frame_to_show_is_the_innermost_of_the_learner_s_own(folder: Path) -> None:
    found = given(SUBMISSION, folder)
    frame = found.own_frame(raised("builtins.ValueError", "no", 8, 4))
    assert frame is not None
    assert frame.line == 8
    only = found.own_frame(raised("builtins.ValueError", "no", 4))
    assert only is not None
    assert only.line == 4


def test_without_a_starter_nothing_is_given(tmp_path: Path) -> None:
    assert not given(SUBMISSION, tmp_path).holds(4)
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "starter.py").write_text("def solve(:\n")
    assert not given(SUBMISSION, tmp_path).holds(4)


def test_definitions_in_definitions_cost_no_more_than_their_text(folder: Path) -> None:
    def content(depth: int):
        nested = "".join(f"{' ' * above}class A:\n" for above in range(depth))
        text = nested + "".join(f"{' ' * depth}x = {number}\n" for number in range(500))
        source = Source(text.encode())
        assert source.nodes
        return lambda: Given(source, replace(exercise(), root=folder))

    assert cost_s(content(60)) < 15 * cost_s(content(1))  # it was 60 times as much


def test_a_deep_expression_in_a_definition_is_no_failure_of_the_judge(folder: Path) -> None:
    text = "def f(x):\n    return " + "+".join(["x"] * 900) + "\n"
    source = Source(text.encode())
    assert source.tree is not None
    assert not Given(source, replace(exercise(), root=folder)).holds(2)
