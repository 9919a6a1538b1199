"""From points to a grade: the scale, and how it is rounded.  All of it is decimal, as people check it by hand."""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from decimal import Decimal

from judge.model import Report, UsageError, Verdict
from judge.reports.queries import finite

WAYS = {
    "half-up": decimal.ROUND_HALF_UP,
    "half-even": decimal.ROUND_HALF_EVEN,
    "up": decimal.ROUND_CEILING,
    "down": decimal.ROUND_FLOOR,
}
DIGITS = 9
"""Decimals to which points are exact: they are sums of binary fractions."""


@dataclass(frozen=True)
class Policy:
    """``scale`` is the grade for all points, None for the exercise's own; ``step`` is what grades are multiples of."""

    scale: Decimal | None = None
    way: str = "half-up"
    step: Decimal = Decimal("0.01")
    column: str = ""
    """The name of the assignment on the platform; '' for the exercise's title."""

    def out_of(self, report: Report) -> Decimal | None:
        """Return the best grade that is possible; None where there is nothing to earn."""
        possible = finite(report.out_of)
        if possible is None or possible <= 0:
            return None
        return self.scale if self.scale is not None else _exact(possible)

    def grade(self, report: Report) -> Decimal | None:
        """Return the rounded grade; None where the judge failed, which says nothing about the learner."""
        share, out_of = _share(report), self.out_of(report)
        if share is None or out_of is None:
            return None
        return _rounded(share * out_of, self.step, WAYS[self.way])


def percentage(report: Report) -> Decimal | None:
    """Return the share of the points in percent, to a tenth; None where there is no grade."""
    share = _share(report)
    return None if share is None else _rounded(share * 100, Decimal("0.1"), decimal.ROUND_HALF_UP)


def in_digits(value: Decimal | None) -> str:
    """Return the number without an exponent and needless zeros; '' for None."""
    if value is None:
        return ""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def policy_of(scale: str, rounding: str, column: str = "") -> Policy:
    """Return the policy that ``--scale`` and ``--round`` ask for; '' for those that were not given."""
    way, _, step = rounding.partition(":") if rounding else ("half-up", ":", "0.01")
    if way not in WAYS or not step:
        raise UsageError(
            f"--round {rounding}: should be WAY:STEP like half-up:0.5; ways are {', '.join(WAYS)}"
        )
    return Policy(_positive("--scale", scale) if scale else None, way, _positive("--round", step), column)


def _positive(option: str, text: str) -> Decimal:
    try:
        value = Decimal(text)
    except decimal.InvalidOperation:
        raise UsageError(f"{option}: {text!r} is no number") from None
    if not value.is_finite() or not Decimal("1e-6") <= value <= Decimal("1e6"):
        raise UsageError(f"{option}: {text} is not between 0.000001 and 1,000,000")
    return value


def _share(report: Report) -> Decimal | None:
    points, possible = finite(report.points), finite(report.out_of)
    if report.verdict is Verdict.JUDGE_ERROR or points is None or possible is None or possible <= 0:
        return None
    return _exact(points) / _exact(possible)


def _exact(value: float) -> Decimal:
    return Decimal(repr(round(value, DIGITS)))


def _rounded(value: Decimal, step: Decimal, way: str) -> Decimal:
    # A share such as 1/3 has no end: what lies beyond the digits of the points must not decide a tie.
    steps = (value / step).quantize(Decimal(1).scaleb(-DIGITS), decimal.ROUND_HALF_EVEN)
    return steps.to_integral_value(way) * step
