"""Plots that need no script: bars that filter the table when pressed, and histograms."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from judge.reports.formats.html.escape_html import text
from judge.reports.phrases import number

WIDTH, HEIGHT, FLOOR, CEILING = 360, 150, 122, 16
"""Units of a histogram's drawing; the bars stand between ``CEILING`` and ``FLOOR``."""

LARGEST = 1e15
"""What is drawn as the largest value: sums and quotients of such numbers are finite."""


@dataclass(frozen=True)
class Bar:
    """One bar: its label, how many, the class that colours it, and the filter that it sets (``key:value``)."""

    label: str
    many: int
    colour: str
    sets: str
    detail: str = ""


def bars(listed: Sequence[Bar], total: int) -> str:
    """Horizontal bars, as long as their share of the largest; each is a button."""
    most = max(bar.many for bar in listed)
    rows = "".join(
        f'<li><button type="button" class="bar" data-filter="{text(bar.sets)}" aria-pressed="false"'
        f' title="{text(bar.detail or bar.label)}">'
        f'<span class="bar-label">{text(bar.label)}</span>'
        f'<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="{bar.colour}" width="{max(1.0, 100 * bar.many / most):.1f}" height="10"/></svg>'
        f'<span class="bar-count">{bar.many:,}<span class="soft"> {_percent(bar.many / total)}</span></span>'
        "</button></li>"
        for bar in listed
    )
    return f'<ul class="bars">{rows}</ul>'


def histogram(
    values: Sequence[float],
    bins: int,
    what: str,
    *,
    percent: bool = False,
    top: float | None = None,
    unit: str = "",
) -> str:
    """How the values spread from 0 to ``top`` (or to a round number over the largest), with their median."""
    if not values:
        return f"<p>No {what} known.</p>"
    values = [min(value, LARGEST) for value in values]
    end = top if top is not None else _round_up(max(values))
    counted = [0] * bins
    for value in values:
        counted[min(bins - 1, int(bins * value / end))] += 1
    most = max(counted)
    step = WIDTH / bins

    def said(value: float) -> str:
        return f"{value:.0%}" if percent else number(value, 3) + unit

    drawn = []
    for place, many in enumerate(counted):
        height = (FLOOR - CEILING) * many / most
        label = f"{said(end * place / bins)} to {said(end * (place + 1) / bins)}: {many:,}"
        drawn.append(
            f"<g><title>{label}</title>"
            f'<rect class="hit" x="{place * step:.2f}" y="0" width="{step:.2f}" height="{FLOOR}"/>'
            f'<rect class="col" x="{place * step + 1:.2f}" y="{FLOOR - height:.2f}" width="{step - 2:.2f}"'
            f' height="{height:.2f}" rx="1.5"/>'
            + (
                f'<text class="n" x="{(place + 0.5) * step:.2f}" y="{FLOOR - height - 4:.2f}">{many:,}</text>'
                if many
                else ""
            )
            + "</g>"
        )
    ordered = sorted(values)
    middle = statistics.median(ordered)
    at = min(WIDTH, WIDTH * middle / end)
    ticks = "".join(
        f'<text class="tick t{place}" x="{WIDTH * place / 4:.0f}" y="{HEIGHT - 10}">{said(end * place / 4)}</text>'
        for place in range(5)
    )
    spread = f"median {said(middle)}, lowest {said(ordered[0])}, highest {said(ordered[-1])}"
    summary = f"{len(values):,} submissions; {spread}"
    return (
        f'<svg class="histogram" viewBox="-4 0 {WIDTH + 8} {HEIGHT}" role="img" aria-label="{text(summary)}">'
        f'{"".join(drawn)}<line class="axis" x1="0" y1="{FLOOR}" x2="{WIDTH}" y2="{FLOOR}"/>{ticks}'
        f'<path class="median" d="M{at:.1f} {FLOOR + 1}l-4 7h8z"/></svg>'
        f'<p class="soft">{text(summary)} <span class="key-median" aria-hidden="true">▲ median</span></p>'
    )


def _percent(part: float) -> str:
    """Few are not none: ``&lt;1%``."""
    return "&lt;1%" if 0 < part < 0.005 else f"{part:.0%}"


def _round_up(value: float) -> float:
    """The next number at which quarters of the axis are short to write."""
    if value <= 0:
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(value))
    return (
        next(
            (step * power for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if step * power >= value), value
        )
        or value
    )
