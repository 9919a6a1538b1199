"""Plots that need no script: bars that filter the table when pressed, and histograms."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from judge.model import Json
from judge.reports.phrases import number

WIDTH, HEIGHT, FLOOR, CEILING = 360, 150, 122, 16
"""Units of a histogram's drawing; the bars lie between ``CEILING`` and ``FLOOR``."""

LARGEST = 1e15
"""Larger values are drawn as this one: sums and quotients of such numbers are finite."""


@dataclass(frozen=True)
class Bar:
    """One bar: its label, how many, the class that colours it, and the filter that it sets (``key:value``)."""

    label: str
    many: int
    colour: str
    sets: str
    detail: str = ""


def bars(listed: Sequence[Bar], total: int) -> list[Json]:
    """Return horizontal bars, scaled to the largest; each is a button."""
    most = max((bar.many for bar in listed), default=1)
    return [
        {
            "label": bar.label,
            "many": f"{bar.many:,}",
            "colour": bar.colour,
            "sets": bar.sets,
            "detail": bar.detail,
            "width": f"{max(1.0, 100 * bar.many / most):.1f}",
            "percent": _percent(bar.many / total),
        }
        for bar in listed
    ]


def histogram(
    values: Sequence[float], bins: int, *, percent: bool = False, top: float | None = None, unit: str = ""
) -> Json:
    """Return the spread of the values from 0 to ``top`` (or a round number above the largest); None without values."""
    if not values:
        return None
    values = [min(value, LARGEST) for value in values]
    end = top if top is not None else _round_up(max(values))
    counted = [0] * bins
    for value in values:
        counted[min(bins - 1, int(bins * value / end))] += 1
    most, step = max(counted), WIDTH / bins

    def said(value: float) -> str:
        return f"{value:.0%}" if percent else number(value, 3) + unit

    columns = []
    for place, many in enumerate(counted):
        height = (FLOOR - CEILING) * many / most
        columns.append(
            {
                "label": f"{said(end * place / bins)} to {said(end * (place + 1) / bins)}: {many:,}",
                "left": f"{place * step:.2f}",
                "step": f"{step:.2f}",
                "x": f"{place * step + 1:.2f}",
                "y": f"{FLOOR - height:.2f}",
                "width": f"{step - 2:.2f}",
                "height": f"{height:.2f}",
                "middle": f"{(place + 0.5) * step:.2f}",
                "above": f"{FLOOR - height - 4:.2f}",
                "many": f"{many:,}" if many else "",
            }
        )
    middle = statistics.median(values)
    spread = f"median {said(middle)}, lowest {said(min(values))}, highest {said(max(values))}"
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "floor": FLOOR,
        "columns": columns,
        "ticks": [{"x": f"{WIDTH * place / 4:.0f}", "label": said(end * place / 4)} for place in range(5)],
        "median": f"{min(WIDTH, WIDTH * middle / end):.1f}",
        "summary": f"{len(values):,} submissions; {spread}",
    }


def _percent(part: float) -> str:
    """Return a percentage; ``<1%`` rather than 0 for a few."""
    return "<1%" if 0 < part < 0.005 else f"{part:.0%}"


def _round_up(value: float) -> float:
    """Return the next number at which quarters of the axis are short to write."""
    if value <= 0:
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(value))
    return (
        next(
            (step * power for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if step * power >= value), value
        )
        or value
    )
