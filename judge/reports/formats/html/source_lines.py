"""Source for a web page: lines in which every character is visible, and spans as places in them.

Places are counted in UTF-16 code units, as the page's script counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from judge.model import SourceSpan
from judge.reports.escape import split_lines, visible_chars
from judge.reports.queries import region

MAX_LINE_CHARS = 1_000
TAB = 4


@dataclass(frozen=True)
class Mark:
    """A marked part of one line: 1-based line, UTF-16 places from 0, the end exclusive."""

    line: int
    start: int
    end: int


def shown_lines(source: str, max_chars: int) -> list[str]:
    """Return the source's lines, visible, as many as fit ``max_chars``; long lines are cut."""
    shown: list[str] = []
    used = 0
    lines = split_lines(source)
    for line in lines[:-1] if lines[-1] == "" else lines:  # a final line end does not start another line
        piece = _shown(line)
        used += len(piece) + 1
        if used > max_chars:
            break
        shown.append(piece)
    return shown


def marks(source: str, span: SourceSpan | None, shown: list[str]) -> list[Mark]:
    """Return the parts of the shown lines that a span covers, without blank ends; [] when it is outside of them."""
    place = region(source, span)
    if place is None:
        return []
    lines = split_lines(source)
    found = []
    for number in range(place.line, min(place.end_line, len(shown)) + 1):
        line = lines[number - 1]
        start = place.column - 1 if number == place.line else len(line) - len(line.lstrip())
        end = place.end_column - 1 if number == place.end_line else len(line.rstrip())
        limit = _units(shown[number - 1])
        from_unit, to_unit = min(_place(line, start), limit), min(_place(line, end), limit)
        if to_unit > from_unit or number == place.line:
            found.append(Mark(number, from_unit, max(to_unit, from_unit)))
    return found


def _shown(line: str) -> str:
    if len(line) > MAX_LINE_CHARS:
        more = len(line) - MAX_LINE_CHARS
        return "".join(_pieces(line[:MAX_LINE_CHARS])) + f" … {more:,} more characters"
    return "".join(_pieces(line))


def _pieces(line: str) -> list[str]:
    """Return what each character is shown as; a tab extends to the next multiple of ``TAB``."""
    if line.isascii() and line.isprintable():
        return list(line)
    pieces: list[str] = []
    at = 0
    for piece in visible_chars(line):
        if piece == r"\t":
            piece = " " * (TAB - at % TAB)
        pieces.append(piece)
        at += len(piece)
    return pieces


def _place(line: str, column: int) -> int:
    return sum(_units(piece) for piece in _pieces(line[: min(column, MAX_LINE_CHARS)]))


def _units(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)
