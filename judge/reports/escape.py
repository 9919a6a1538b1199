"""Makes untrusted text safe to show: nothing that a learner wrote can control a terminal or reorder a line.

Every string of a Report counts as untrusted: paths, output, exception texts and source are the learner's, and
messages quote them.  A character that is not visible is shown as an escape of a Python literal (``\\x1b``,
``\\u202e``): C0 and C1 controls (so ANSI sequences of both kinds), bidirectional controls, zero-width and
other format characters, line and paragraph separators, spaces that are not U+0020, private-use and unassigned
code points, lone surrogates.  Long runs of combining marks, which pile up over the lines above, are cut the
same way.
"""

from __future__ import annotations

import re
import unicodedata

MAX_COMBINING = 3
"""Combining marks that may follow one another: enough for every living script."""

_LINE_END = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """Return the lines of a text as Python counts them in source: ended only by LF, CR LF or CR.

    ``str.splitlines`` also splits at form feeds and at U+2028, which would shift line numbers.
    """
    return _LINE_END.split(text)


def visible(text: str, *, ascii_only: bool = False) -> str:
    """Return the text on one line with every character visible: line ends and tabs are escaped as well."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(visible_chars(text, ascii_only=ascii_only))


def visible_chars(text: str, *, ascii_only: bool = False) -> list[str]:
    """Return what each character is shown as, one entry per character, so that columns can be mapped."""
    shown = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        plain = char.isprintable() and marks <= MAX_COMBINING and (char.isascii() or not ascii_only)
        shown.append(char if plain else _escaped(char))
    return shown


def visible_block(text: str, *, ascii_only: bool = False, tab: int = 4) -> str:
    """Return the text with its line ends kept (as LF), tabs as spaces, and all else as in ``visible``."""
    return "\n".join(
        visible(line.expandtabs(tab), ascii_only=ascii_only)
        if "\t" in line
        else visible(line, ascii_only=ascii_only)
        for line in split_lines(text)
    )


def clip(text: str, max_chars: int) -> str:
    """Return the beginning of a text, with the number of characters left out, if any."""
    if len(text) <= max_chars:
        return text
    return f"{text[:max_chars]}... ({len(text) - max_chars:,} more characters)"


def without_surrogates(text: str) -> str:
    """Return the text with lone surrogates (undecodable bytes of a path, say) escaped: it encodes to UTF-8."""
    return str(text) if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
