"""IPython's own syntax in a cell: the lines with magics, shell commands and help, and cell magics."""

from __future__ import annotations

import re
from collections.abc import Sequence

TRANSPARENT = ("%%time", "%%capture", "%%judge", "%%prun")
"""Cell magics that run the rest of the cell as it is; below any other one the cell is not Python of the notebook."""

_LEADING = re.compile(r"\s*[%!?]")
_ASSIGNED = re.compile(r"\s*[A-Za-z_][\w.\[\], ]*=\s*(?:!|%[A-Za-z%])")
_HELP = re.compile(r"\s*[\w.%*]+\?{1,2}\s*")
_TOKEN = re.compile(r"\"{3}|'{3}|[\"'#()\[\]{}]|\\.", re.DOTALL)
_CLOSERS = {")", "]", "}"}


def cell_magic(source: str) -> str:
    """Return the cell magic that a cell begins with, as ``%%bash``; '' without one."""
    first = source.lstrip().split(None, 1)[:1]
    return first[0] if first and first[0].startswith("%%") else ""


def magic_lines(lines: Sequence[str]) -> list[int]:
    """Return the indices of the lines that are IPython's own syntax, for a cell that is not Python as it stands.

    Only where a statement could begin: ``% b`` within brackets or a text is none.
    """
    found: list[int] = []
    scanner = _Scanner()
    continued = False
    for index, line in enumerate(lines):
        fresh = scanner.fresh and not continued
        inside_magic = continued and bool(found) and found[-1] == index - 1
        if inside_magic or (fresh and _is_magic(line)):
            found.append(index)
        else:
            scanner.feed(line)
        continued = line.endswith("\\") and scanner.fresh
    return found


def _is_magic(line: str) -> bool:
    return bool(_LEADING.match(line) or _ASSIGNED.match(line) or _HELP.fullmatch(line))


class _Scanner:
    """Keeps track of open brackets and texts from line to line."""

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""

    @property
    def fresh(self) -> bool:
        """Return whether the next line begins outside of brackets and texts."""
        return self._depth == 0 and not self._quote

    def feed(self, line: str) -> None:
        for match in _TOKEN.finditer(line):
            sign = match[0]
            if self._quote:
                # In '"a"""' the first of the three closes a text, and the others are an empty one.
                if sign == self._quote or sign == self._quote * 3:
                    self._quote = ""
            elif sign == "#":
                break
            elif sign[0] in "\"'":
                self._quote = sign
            elif sign in _CLOSERS:
                self._depth = max(self._depth - 1, 0)
            elif sign in "([{":
                self._depth += 1
        if len(self._quote) == 1:
            self._quote = ""  # a text in single quotes ends with its line
