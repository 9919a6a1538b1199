"""The comparison rule, under anything that a program may return."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.compare import compare
from judge.diagnosis import Mismatch
from judge.model import ClaimedValue

FINITE = st.floats(allow_nan=False, allow_infinity=False)
ANY = st.floats()


def claimed(*values: float, shape: tuple[int, ...] | None = None) -> ClaimedValue:
    array = np.array(values, np.float64).reshape(shape if shape is not None else (len(values),))
    return ClaimedValue("numpy.ndarray", "float64", array.shape, array)


def expected(*values: float) -> np.ndarray:  # type: ignore[type-arg]
    return np.array(values, np.float64)


@given(FINITE, st.floats(min_value=0, allow_infinity=False, allow_nan=False), ANY)
def test_right_exactly_when_finite_and_within(wanted: float, tolerance: float, got: float) -> None:
    comparison = compare(expected(wanted), tolerance, claimed(got))
    with np.errstate(over="ignore", invalid="ignore"):
        within = math.isfinite(got) and bool(np.abs(np.float64(got) - np.float64(wanted)) <= tolerance)
    assert comparison.right is within
    assert comparison.right == (comparison.mismatch is None)
    assert comparison.right == (comparison.reason == "")
    assert comparison.difference is None or math.isfinite(comparison.difference)


@given(ANY, ANY, st.sampled_from([math.nan, math.inf, -math.inf]))
def test_nan_and_infinity_never_pass(wanted: float, tolerance: float, got: float) -> None:
    comparison = compare(expected(wanted), tolerance, claimed(got))
    assert not comparison.right
    assert not comparison.values_right
    assert comparison.mismatch is Mismatch.NOT_FINITE


@given(FINITE, st.sampled_from([math.nan, math.inf, -1.0]))
def test_an_unusable_tolerance_lets_nothing_pass(value: float, tolerance: float) -> None:
    assert not compare(expected(value), tolerance, claimed(value)).right


def test_an_expected_value_that_is_not_finite_lets_nothing_pass() -> None:
    assert not compare(expected(math.nan), 1.0, claimed(1.0)).right
    assert not compare(expected(math.inf), 1.0, claimed(math.inf)).right


@pytest.mark.parametrize("shape", [(), (1, 1), (1, 1, 1)])
def test_the_shape_must_be_equal_and_the_value_is_told(shape: tuple[int, ...]) -> None:
    right = compare(expected(2.0), 1e-3, claimed(2.0, shape=shape))
    wrong = compare(expected(2.0), 1e-3, claimed(3.0, shape=shape))
    assert (right.right, right.values_right, right.mismatch) == (False, True, Mismatch.SHAPE)
    assert (wrong.right, wrong.values_right, wrong.mismatch) == (False, False, Mismatch.SHAPE)
    assert "the number itself is right" in right.reason


def test_nothing_and_too_much_are_wrong_shapes() -> None:
    empty = compare(expected(2.0), 1e-3, claimed(shape=(0,)))
    many = compare(expected(2.0), 1e-3, claimed(2.0, 2.0))
    assert empty.mismatch is many.mismatch is Mismatch.SHAPE
    assert not empty.values_right
    assert not many.values_right
    assert not compare(expected(), 1e-3, claimed(shape=(0,))).right


def test_no_array_is_no_answer() -> None:
    comparison = compare(expected(2.0), 1e-3, ClaimedValue("dict", None, None, None, "dict is not an array"))
    assert comparison.mismatch is Mismatch.NOT_NUMBERS
    assert not comparison.right


def test_every_element_counts() -> None:
    assert compare(expected(1.0, 2.0), 0.1, claimed(1.05, 1.95)).right
    comparison = compare(expected(1.0, 2.0), 0.1, claimed(1.0, 2.5))
    assert not comparison.right
    assert comparison.difference == pytest.approx(5.0)


def test_the_edge_belongs_to_the_right_side() -> None:
    assert compare(expected(0.0), 0.0, claimed(-0.0)).right
    assert compare(expected(1.0), 0.5, claimed(1.5)).right
    assert not compare(expected(1.0), 0.5, claimed(math.nextafter(1.5, 2))).right


@pytest.mark.parametrize(
    ("dtype", "shape", "mismatch"),
    [
        ("float32", (0,), Mismatch.SHAPE),
        ("object", (0,), Mismatch.SHAPE),
        ("float64", (200_000,), Mismatch.SHAPE),
        ("bfloat16", (200_000,), Mismatch.SHAPE),
        ("float32", (1,), Mismatch.NOT_NUMBERS),  # forged: numbers of the right shape travel
        ("complex64", (2,), Mismatch.NOT_NUMBERS),
        ("object", (2,), Mismatch.NOT_NUMBERS),
        ("float32", None, Mismatch.NOT_NUMBERS),
        (None, None, Mismatch.NOT_NUMBERS),
    ],
)
def test_numbers_that_did_not_travel(
    dtype: str | None, shape: tuple[int, ...] | None, mismatch: Mismatch
) -> None:
    """An empty array and one that is too large are told by their shape; nothing of it is right."""
    comparison = compare(expected(1.0), 1e9, ClaimedValue("list", dtype, shape, None, "a problem"))
    assert comparison.mismatch is mismatch
    assert not comparison.right
    assert not comparison.values_right
