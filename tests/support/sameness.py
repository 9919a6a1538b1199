"""Whether two outputs say the same: apart from times, digests, where a stopped program was, and last digits."""

from __future__ import annotations

import math
import re

TIMES = (
    (re.compile(r"; run in [\d.e+-]+ s\b"), "; run in TIME s"),
    (re.compile(r"graded in \d+:\d\d"), "graded in TIME"),
    (re.compile(r"""("(?:wall_s|cpu_s|elapsed_s|execution_time)":) *[\d.e+-]+"""), r"\1 TIME"),
    (re.compile(r"""("peak_memory_mib":) *[\d.e+-]+"""), r"\1 SIZE"),
    (re.compile(r"""("lane(?:_reason)?":) *"[^"]*\""""), r"\1 LANE"),
    (re.compile(r"""\b(time|timestamp)="[^"]*\""""), r'\1="TIME"'),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "CLOCK"),
    (re.compile(r"\bafter [\d.]+ s\b"), "after TIME s"),
    (re.compile(r"\bused [\d.]+ s of processor\b"), "used TIME s of processor"),
    (re.compile(r"\b[0-9a-f]{12,64}\b"), "DIGEST"),
    (re.compile(r"  --> \S+\n(?:[ \d]+\|.*\n)+(?=\n.*\bit was stopped after\b)"), "  --> LINE\n"),
    (re.compile(r"\bit was at line \d+, in `\w+`"), "it was at LINE"),
)
NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])")
MEASURED = re.compile(
    r"""(?<=; run in )[\d.]+(?= s\b)|(?<=after )[\d.]+(?= s\b)|(?<="wall_s": )[\d.]+|(?<="cpu_s": )[\d.]+"""
    r"""|(?<="execution_time": )[\d.]+|(?<=\btime=")[\d.]+"""
)
"""A time that a machine took, which is longer when the machine has other things to do."""
RELATIVE = 1e-2
"""Numbers with a point, an exponent or a thousands separator may differ by this: another processor rounds otherwise."""


def normalised(text: str) -> str:
    """The text with times, digests and the line of a stop named, and its blanks within lines as few as they can be."""
    for pattern, name in TIMES:
        text = pattern.sub(name, text)
    lines = [re.sub(r"(?<=\S) {2,}", "  ", line.rstrip()) for line in text.strip("\n").split("\n")]
    return "\n".join(lines)


def same(one: str, other: str) -> bool:
    """True when both say the same."""
    left, right = normalised(one), normalised(other)
    if NUMBER.split(left) != NUMBER.split(right):
        return False
    return all(map(_same_number, NUMBER.findall(left), NUMBER.findall(right)))


def _same_number(one: str, other: str) -> bool:
    if one == other:
        return True
    if not any(sign in text for text in (one, other) for sign in ".e,"):
        return False
    return math.isclose(
        float(one.replace(",", "")), float(other.replace(",", "")), rel_tol=RELATIVE, abs_tol=1e-12
    )


def with_calmest_times(new: str, old: str) -> str:
    """The new output with each measured time the smaller one of the two, where both have as many of them.

    So a page shows how long it takes on a machine that has nothing else to do, whenever it was written last.
    """
    before = MEASURED.findall(old)
    if len(before) != len(MEASURED.findall(new)):
        return new
    times = iter(before)
    return MEASURED.sub(lambda now: min(now[0], next(times), key=float), new)
