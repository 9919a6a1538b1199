"""The kill matrix as a heat map (needs the ``plot`` extra)."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from judge.exercise.kill_matrix import CLEAR, Matrix, Sight
from judge.model import UsageError

SUFFIXES = (".png", ".svg")
_MOST_DECADES = 6.0


def plot_matrix(matrix: Matrix, path: Path, title: str) -> None:
    """Write the heat map of the numeric misconceptions. Raises UsageError for another suffix or without matplotlib."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"--plot {path}: the file must end in {' or '.join(SUFFIXES)}")
    try:
        from matplotlib.colors import BoundaryNorm, ListedColormap
        from matplotlib.figure import Figure
        from matplotlib.patches import Patch
    except ImportError:
        raise UsageError("--plot needs matplotlib: pip install 'jax-judge[plot]'") from None

    if not matrix.numeric:
        raise UsageError("--plot: there is nothing to draw, since no misconception changes numbers")
    shown = sorted(matrix.numeric, key=lambda m: len(matrix.seers(m.name)))
    values = np.array(
        [[_decades(matrix, case_id, m.name) for case_id in matrix.case_ids] for m in shown], dtype=float
    )
    colours = ["#f2f2f2", "#f6c177", "#c6e0d9", "#8cc4b8", "#4fa394", "#247a6d", "#0b4f47"]
    bounds = [-20.0, 0.0, math.log10(CLEAR), 2.0, 3.0, 4.0, 5.0, 20.0]
    palette = ListedColormap(colours).with_extremes(bad="#b9b5d6")
    columns, rows = len(matrix.entries), len(shown)
    figure = Figure(figsize=(4.2 + 0.26 * columns, 2.6 + 0.22 * rows), layout="constrained")
    axes = figure.subplots()
    image = np.ma.masked_invalid(values)
    axes.pcolormesh(
        image, cmap=palette, norm=BoundaryNorm(bounds, palette.N), edgecolors="white", linewidth=0.6
    )
    axes.invert_yaxis()
    axes.set_xticks(np.arange(columns) + 0.5, matrix.case_ids, rotation=90, fontsize=7)
    axes.set_yticks(np.arange(rows) + 0.5, [m.name for m in shown], fontsize=7)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_title(title, loc="left", fontsize=10)
    labels = ["not seen", f"1 to {CLEAR:g}", f"{CLEAR:g} to 100", "to 1000", "to 10⁴", "to 10⁵", "beyond"]
    patches = [Patch(color=colour, label=label) for colour, label in zip(colours, labels, strict=True)]
    patches.append(Patch(color="#b9b5d6", label="raises"))
    figure.legend(
        handles=patches, loc="outside lower left", ncols=8, fontsize=7, frameon=False, title_fontsize=7,
        title="distance from the right answer, in tolerances",
    )  # fmt: skip
    try:
        figure.savefig(path, dpi=110, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)
    except OSError as error:
        raise UsageError(f"--plot {path}: cannot be written: {error.strerror or error}") from error


def _decades(matrix: Matrix, case_id: str, name: str) -> float:
    cell = matrix.cells[case_id][name]
    if cell.sight in (Sight.RAISES, Sight.OTHER_FORM) or cell.distance is None:
        return math.nan
    return min(math.log10(max(cell.distance, 1e-9)), _MOST_DECADES)
