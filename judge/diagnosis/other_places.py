"""Recognises features that moved to other columns, by the checksum of a batch moved the same way.

Rows in another order can be right, so a way counts only if its rows differ from the batch's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from judge.diagnosis.divergence.checkpoints import Sum
from judge.inside.probes.checksums import sums_of

if TYPE_CHECKING:
    from judge.model import Float64Array


def way_of_moving(found: Sum, batch: Float64Array, same: Callable[[Sum, Sum], bool]) -> str:
    """Describe how a batch's numbers moved to other columns, in words that follow "the batch"; '' if unknown.

    found: the checksum of what the model was run on.  batch: float64[N, D].
    """
    for words, moved in _ways(batch):
        if not _same_rows(moved, batch) and same(found, Sum(*sums_of(moved))):
            return words
    return "with its numbers in other columns" if len(batch) == 1 else ""


def _ways(batch: Float64Array) -> Iterator[tuple[str, Float64Array]]:
    import numpy as np

    rows, columns = batch.shape
    yield "with its columns in reverse order", batch[:, ::-1]
    for by in (1, -1):
        yield "with its columns shifted by one", np.roll(batch, by, axis=1)
    yield "with the numbers of each column sorted", np.sort(batch, axis=0)
    yield "with the numbers of each row sorted", np.sort(batch, axis=1)
    if rows == columns:
        yield "turned so that its rows became its columns", batch.T
    else:
        yield "with its numbers laid out in another order", batch.reshape(columns, rows).T
        yield "with its numbers laid out in another order", batch.T.reshape(rows, columns)


def _same_rows(moved: Float64Array, batch: Float64Array) -> bool:
    return sorted(moved.tolist()) == sorted(batch.tolist())
