"""Code frames: the lines of a submission that a span covers, escaped, with the cells to underline.

A frame is data; `judge.reports.formats.text` draws it.  It is small for any file: few lines, and of a long line only
the part around the span.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from judge.model import Notebook, SourceSpan
from judge.reports.escape import split_lines, visible_chars

MAX_SPAN_LINES = 6
"""A span over more lines than this is shown by its first and last lines."""

_CUT = "..."


@dataclass(frozen=True)
class FrameLine:
    """One line of a frame; ``text`` is safe to print.

    ``mark`` holds the first underlined terminal cell and the one after the last; None when nothing is underlined.
    """

    number: int
    text: str
    mark: tuple[int, int] | None


@dataclass(frozen=True)
class Frame:
    """The lines to show, in order; a gap in the numbers means that lines were left out."""

    lines: tuple[FrameLine, ...]

    @property
    def number_width(self) -> int:
        return max(len(str(line.number)) for line in self.lines)


def code_frame(
    source: str,
    span: SourceSpan | None,
    *,
    notebook: Notebook | None = None,
    width: int = 80,
    ascii_only: bool = False,
    tab: int = 4,
) -> Frame | None:
    """Return the lines that a span covers, none wider than ``width`` cells; None when there is nothing to show.

    A span that reaches beyond the file's end or has its ends swapped is cut to what exists.  Code around it is not
    shown: the smallest honest place is the point.  Lines of a ``notebook`` have their numbers in the cell.
    """
    if span is None or not source:
        return None
    lines = split_lines(source)
    first = span.line
    if not 1 <= first <= len(lines):
        return None
    last = min(max(span.end_line, first), len(lines))
    numbers = list(range(first, last + 1))
    if len(numbers) > MAX_SPAN_LINES:
        half = MAX_SPAN_LINES // 2
        numbers = [*numbers[:half], *numbers[-half:]]
    shown = []
    for number in numbers:
        text = lines[number - 1]
        start = span.column - 1 if number == first else len(text) - len(text.lstrip())
        end = span.end_column - 1 if number == span.end_line else len(text.rstrip())
        place = notebook.place(number) if notebook is not None else None
        known_as = number if place is None else place[1]
        shown.append(_line(known_as, text, start, end, width, ascii_only, tab))
    return Frame(tuple(shown))


def _line(number: int, text: str, start: int, end: int, width: int, ascii_only: bool, tab: int) -> FrameLine:
    start = min(max(start, 0), len(text))
    end = min(max(end, start), len(text))
    left_out = _left_out(text, start, end, width)
    drawn = [_CUT] if left_out else []
    at = len(_CUT) if left_out else 0
    cell_of = {left_out: at}  # cell at which a character begins, by its index in the line
    piece = text[left_out : left_out + width]
    for place, visible in enumerate(visible_chars(piece, ascii_only=ascii_only), left_out):
        sign = " " * (tab - at % tab) if visible == r"\t" else visible
        after = at + cell_len(sign)
        if after > (width if place == len(text) - 1 else width - len(_CUT)):
            drawn.append(_CUT)
            break
        drawn.append(sign)
        at = after
        cell_of[place + 1] = at
    last = max(cell_of)
    from_cell = cell_of[min(max(start, left_out), last)]
    to_cell = cell_of[min(max(end, left_out), last)]
    # An empty span still needs a cell to point at.
    mark = (from_cell, max(to_cell, from_cell + 1)) if text.strip() else None
    return FrameLine(number, "".join(drawn).rstrip(), mark)


def _left_out(text: str, start: int, end: int, width: int) -> int:
    """Return how many characters to omit at the beginning of a long line so that the span is visible."""
    if len(text) <= width or end <= width - len(_CUT):
        return 0
    room_around = max(width - (end - start), width // 4)
    return max(0, start - room_around // 2)
