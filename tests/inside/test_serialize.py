"""Odd things that a program returns: what is taken for numbers, and the words for what is none."""

from __future__ import annotations

import subprocess
import sys
from collections import namedtuple
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from judge import wire
from judge.compare import Mismatch, compare
from judge.inside.serialize import describe_value
from judge.sandbox.claims import read_claim
from judge.wire import MAX_ANSWER_NUMBERS

EXPECTED = np.array([0.5])


def claimed(value: object) -> Any:
    """What the judge is told of a returned value, through the frame that it travels in."""
    facts, body = describe_value(value)
    frame = wire.Frame({"kind": "answer", "number": 0, "returned": facts, "events": []}, body)
    return read_claim(frame)["returned"]


class Tensor:
    """A number of another library, which converts to an array like any array-like."""

    def __array__(self, dtype: object = None, copy: object = None) -> Any:
        return np.array([0.5])


Pair = namedtuple("Pair", "loss aux")


def by_type(value: object) -> str:
    """Addresses have no place in the name of a test: each process has others."""
    return value if isinstance(value, str) else type(value).__name__


@pytest.mark.parametrize(
    "value",
    [
        [0.5],
        (0.5,),
        np.float32([0.5]),
        np.array([0.5], dtype=object),
        np.array([np.float32(0.5)], dtype=object),
        np.ma.array([0.5]),
        np.ma.array([0.5], mask=[False]),
        np.asmatrix([[0.5]]),
        np.longdouble([0.5]),
        np.float16([0.5]),
        Tensor(),
        [Fraction(1, 2) * 1.0],
    ],
    ids=by_type,
)
def test_numbers_in_any_dress_are_numbers(value: object) -> None:
    comparison = compare(EXPECTED, 1e-6, claimed(value))
    assert comparison.values_right
    assert comparison.right or comparison.mismatch is Mismatch.SHAPE


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None"),
        (
            np.array([Decimal("0.5")]),
            "an array of objects that are no real numbers, but of type decimal.Decimal",
        ),
        (Decimal("0.5"), "no array, but of type decimal.Decimal"),
        ([Fraction(1, 2)], "an array of objects that are no real numbers, but of type fractions.Fraction"),
        (np.array(["0.5"], dtype=object), "an array of objects that are no real numbers, but of type str"),
        (np.array([True], dtype=object), "an array of objects that are no real numbers, but of type bool"),
        (["0.5"], "an array of texts"),
        ([b"0.5"], "an array of bytes"),
        ("0.5", "of type str"),
        ([True], "an array of booleans"),
        (True, "an array of booleans"),
        ([0.5j], "an array of complex numbers"),
        ({"loss": 0.5}, "of type dict"),
        ({0.5}, "of type set"),
        (lambda: 0.5, "of type function"),
        ([[0.5], [0.5, 0.5]], "a list whose parts have different shapes"),
        ((0.5, [0.5, 0.5]), "a tuple whose parts have different shapes"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "an array of dates"),
        (np.ma.array([0.5], mask=[True]), "an array with masked entries, which stand for no number"),
        (SimpleNamespace(loss=0.5), "no array, but of type types.SimpleNamespace"),
        ((x for x in [0.5]), "no array, but of type generator"),
        ([None], "an array of objects that are no real numbers, but of type NoneType"),
        ([10**400], "a whole number beyond every floating-point number"),
        (np.array([(0.5,)], dtype=[("loss", "f4")]), "an array of dtype [('loss', '<f4')]"),
    ],
    ids=by_type,
)
def test_what_is_no_array_of_real_numbers_is_called_what_it_is(value: object, words: str) -> None:
    comparison = compare(EXPECTED, 1e9, claimed(value))
    assert comparison.mismatch is Mismatch.NOT_NUMBERS
    assert claimed(value).problem == words


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ([], "(0,)"),
        ((), "(0,)"),
        ([[]], "(1, 0)"),
        (np.zeros((0, 5)), "(0, 5)"),
        (np.array([], dtype=object), "(0,)"),
        (np.zeros(MAX_ANSWER_NUMBERS + 1), "(20001,)"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_an_array_without_numbers_and_one_with_too_many_have_a_wrong_shape(value: object, shape: str) -> None:
    comparison = compare(EXPECTED, 1e9, claimed(value))
    assert comparison.mismatch is Mismatch.SHAPE
    assert comparison.reason.endswith(f", shape {shape} instead of (1,)")


def test_a_tuple_of_the_loss_and_the_rest_is_no_number() -> None:
    told = claimed(Pair(np.float32(0.5), {"mean": np.zeros(2)}))
    assert told.problem == "an array of objects that are no real numbers, but of type dict"


JAX = """
import os
os.environ["JAX_PLATFORMS"] = "cpu"
import jax
import jax.numpy as jnp
from judge.inside.serialize import describe_value

for value in (
    jnp.float32([0.5]),
    [jnp.float32(0.5), 1.5],
    jnp.bfloat16([0.5]),
    jnp.array([1], jnp.int4),
    jnp.array([0.5], jnp.float8_e4m3fn),
    jax.random.key(0),
    jnp.array([True]),
    {"loss": jnp.float32(0.5)},
):
    facts, body = describe_value(value)
    print(facts.get("problem", len(body)))
"""


def test_values_of_jax() -> None:
    done = subprocess.run(
        [sys.executable, "-c", JAX], capture_output=True, text=True, timeout=300, check=True
    )
    small = ["8", "16", "8", "8", "8"]
    assert done.stdout.split("\n")[:-1] == [
        *small,
        "an array of random keys",
        "an array of booleans",
        "of type dict",
    ]
