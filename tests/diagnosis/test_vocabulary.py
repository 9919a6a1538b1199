"""Every word that an exercise can say is one that the engine can see."""

from __future__ import annotations

import ast
import inspect

import pytest
from support.made import misconception

from judge.diagnosis import evidence
from judge.diagnosis.divergence import initialisation, rows, stages, training
from judge.diagnosis.naming import Naming
from judge.exercise import Misconception
from judge.vocabulary import DIFFERENCES, FACTORS, SHAPES, Blame, Difference, Evidence, Shape, Stage


def test_every_word_of_evidence_has_a_rule() -> None:
    assert set(evidence._RULES) == set(Evidence)


def test_every_word_of_blame_has_a_place() -> None:
    assert {*evidence._PLACES, Blame.RETURNED_LOSS} == set(Blame)


def test_every_stage_is_compared_or_is_the_answer() -> None:
    compared = {stage for stage, _ in stages.STAGES}
    assert compared | {Stage.INPUT, Stage.ANSWER} == set(Stage)
    assert len({stage.words for stage in Stage}) == len(Stage)


def test_every_shape_is_seen_by_some_stage() -> None:
    written: set[str] = set()
    for module in (initialisation, rows, stages, training):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Shape":
                written.add(node.attr)
    of_several_cases = {"CONSTANT"}
    assert {shape.name for shapes in SHAPES.values() for shape in shapes} == written | of_several_cases
    assert {shape.name for shape in Shape} == written | of_several_cases


def test_a_difference_is_written_as_its_stage_and_its_shape() -> None:
    assert DIFFERENCES["step: scaled by -1"] == Difference(Stage.STEP, Shape.SCALED_BY_MINUS_1)
    assert str(Difference(Stage.TRAINING_LOSS, Shape.SCALED_BY_N)) == "training-loss: scaled by N"
    assert set(FACTORS) <= set(SHAPES[Stage.TRAINING_LOSS])


def declaring(name: str, *words: str, code: str | None = None) -> Misconception:
    return misconception(name, code, differences=tuple(DIFFERENCES[one] for one in words))


@pytest.mark.parametrize(
    ("special", "found"),
    [
        ((Shape.SCALED_BY_N,), ("sum", True)),
        ((Shape.SCALED_BY_2, Shape.SCALED_BY_N), ("sum", True)),
        ((Shape.SCALED_BY_2,), ("factor", False)),
        ((), ("factor", False)),
    ],
)
def test_the_shape_that_says_most_is_named(special: tuple[Shape, ...], found: tuple[str, bool]) -> None:
    bank = [declaring("sum", "training-loss: scaled by N"), declaring("factor", "training-loss: scaled")]
    named = Naming(bank).of(Stage.TRAINING_LOSS, Shape.SCALED, special)
    assert named is not None
    assert (named.code, named.with_own_page) == found
    assert Naming(bank).of(Stage.STEP, Shape.SCALED, special) is None
    assert Naming(bank).of(Stage.TRAINING_LOSS, None) is None


def test_of_several_files_none_has_the_page() -> None:
    bank = [
        declaring("one", "training-loss: scaled by N", code="loss"),
        declaring("loss", "training-loss: scaled by N"),
    ]
    named = Naming(bank).of(Stage.TRAINING_LOSS, Shape.SCALED, (Shape.SCALED_BY_N,))
    assert named is not None
    assert (named.misconception.name, named.code, named.with_own_page) == ("loss", "loss", False)
