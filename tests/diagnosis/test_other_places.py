"""Numbers that moved to other columns are told by their checksum; rows in another order never are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from judge.diagnosis.divergence.checkpoints import Sum
from judge.diagnosis.divergence.difference import close
from judge.diagnosis.other_places import way_of_moving
from judge.inside.probes.checksums import checksum

RANDOM = np.random.default_rng(3)
TALL, SQUARE, ROW = (RANDOM.normal(size=shape).astype(np.float32) for shape in ((6, 5), (5, 5), (1, 5)))
Move = Callable[[Any], Any]


def told(move: Move, batch: Any) -> str:
    sums = checksum(np.ascontiguousarray(move(batch)))
    assert sums is not None
    return way_of_moving(Sum(*sums), batch.astype(np.float64), partial(close, relative=1e-5))


@pytest.mark.parametrize(
    ("move", "words"),
    [
        (lambda x: x[:, ::-1], "with its columns in reverse order"),
        (lambda x: np.roll(x, -1, axis=1), "with its columns shifted by one"),
        (lambda x: np.sort(x, axis=0), "with the numbers of each column sorted"),
        (lambda x: np.sort(x, axis=1), "with the numbers of each row sorted"),
        (lambda x: x.reshape(5, 6).T, "with its numbers laid out in another order"),
        (lambda x: x.T.reshape(6, 5), "with its numbers laid out in another order"),
    ],
)
def test_numbers_in_other_columns_are_told(move: Move, words: str) -> None:
    assert told(move, TALL) == words


def test_a_square_batch_can_be_turned_and_a_single_row_shows_any_way() -> None:
    assert told(np.transpose, SQUARE) == "turned so that its rows became its columns"
    assert told(lambda x: x[:, ::-1], ROW) == "with its columns in reverse order"
    assert told(lambda x: x[:, [2, 4, 0, 3, 1]], ROW) == "with its numbers in other columns"


@pytest.mark.parametrize(
    ("move", "batch"),
    [
        (lambda x: x[::-1], TALL),
        (lambda x: RANDOM.permutation(x), TALL),
        (lambda x: -x, TALL),
        (lambda x: x[:, [2, 0, 1, 4, 3]], TALL),
        (lambda x: np.sort(x, axis=0), TALL[:, :1]),
        (lambda x: x[::-1], np.sort(TALL, axis=0)[::-1]),
    ],
    ids=[
        "reversed",
        "shuffled",
        "negated",
        "an unknown way",
        "rows of one column",
        "rows that sorting restores",
    ],
)
def test_other_differences_are_not_told_as_such(move: Move, batch: Any) -> None:
    assert told(move, batch) == ""


def test_rows_of_hand_written_numbers_that_are_swapped_are_not_told_as_moved_columns() -> None:
    batch = np.array([[1.0, -0.5, 0.75], [-0.25, 2.0, -1.5]], np.float32)
    assert told(lambda x: x[:, ::-1], batch) == "with its columns in reverse order"
    assert told(lambda x: x[::-1], batch) == ""
