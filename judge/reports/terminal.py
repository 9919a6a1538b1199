"""The style of a terminal report: width, colour and characters, decided once and outside the renderers.

A ``TerminalStyle`` is a value, so rendering stays pure: the same report and look give the same text anywhere.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TextIO

from judge.reports.escape import visible, visible_block

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

ColorSystem = Literal["standard", "256", "truecolor"]

MIN_WIDTH = 40
MAX_WIDTH = 100
"""Columns.  Prose wider than this is hard to read, however wide the window is."""


@dataclass(frozen=True)
class TerminalStyle:
    """The style of text output: with ``color`` None no escape sequence, without ``unicode`` only ASCII."""

    width: int = MAX_WIDTH
    color: ColorSystem | None = None
    unicode: bool = True

    def pick(self, unicode: str, ascii: str) -> str:
        """Return a sign, or its replacement where only ASCII can be shown."""
        return unicode if self.unicode else ascii


GOOD, BAD, WARN, NOTE = "bold green", "bold red", "bold yellow", "bold cyan"
STRONG, QUIET, CODE, STAMP = "bold", "dim", "cyan", "bold white on red"

_ASCII = str.maketrans(
    {"×": "x", "−": "-", "–": "-", "—": "-", "…": "...", "’": "'", "‘": "'", "“": '"', "”": '"', "±": "+/-"}
    | {"≤": "<=", "≥": ">=", "≠": "!=", "→": "->", "·": "-", "•": "-", "≈": "~"}
    | dict.fromkeys("─━═", "-")
    | dict.fromkeys("│┃║▌", "|")
)
"""ASCII replacements of typographic signs in prose; never applied to source code."""

PLAIN = TerminalStyle()
"""For files and pipes that carry UTF-8."""


def look_for(stream: TextIO, environ: Mapping[str, str], *, plain: bool = False) -> TerminalStyle:
    """Return the style that suits a stream: colour on a terminal unless ``NO_COLOR`` or ``plain`` disables it.

    Unicode is used when the stream's encoding supports it; the width is the terminal's (``COLUMNS`` in pipes), within
    readable bounds.
    """
    from rich.console import Console

    console = Console(file=stream, _environ=environ)
    color = None
    if console.is_terminal and not plain and not environ.get("NO_COLOR"):
        color = _color_system(console.color_system)
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").replace("_", "")
    return TerminalStyle(
        width=max(MIN_WIDTH, min(MAX_WIDTH, console.width)),
        color=color,
        unicode=encoding.startswith("utf") and not plain,
    )


def to_text(renderables: list[RenderableType], look: TerminalStyle) -> str:
    """Return rich renderables as text in this style, without trailing blanks.

    The only escape sequences in it are colours (SGR) that rich adds: hyperlinks are never used, and markup,
    emoji codes and highlighting are off, so that no text can request them.
    """
    from rich.console import Console

    console = Console(
        file=io.StringIO(),
        width=max(MIN_WIDTH, look.width),
        height=100,
        color_system=look.color,
        force_terminal=look.color is not None,
        force_jupyter=False,
        force_interactive=False,
        no_color=look.color is None,
        legacy_windows=False,
        safe_box=not look.unicode,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    with console.capture() as capture:
        for renderable in renderables:
            console.print(renderable, overflow="fold")
    shown = "".join(line.rstrip(" ") + "\n" for line in capture.get().split("\n")[:-1])
    # What rich draws itself (bullets, rules) cannot be chosen here, so it is translated to ASCII.
    return shown if look.unicode else shown.translate(_ASCII).encode("ascii", "backslashreplace").decode()


def said(look: TerminalStyle, text: str, style: str = "") -> Text:
    """Return one line of untrusted text: escaped, in a style."""
    from rich.text import Text

    return Text(visible(text if look.unicode else text.translate(_ASCII), ascii_only=not look.unicode), style)


def block(look: TerminalStyle, text: str) -> str:
    """Return several lines of prose, escaped; as a string, for callers that lay out text themselves."""
    return visible_block(text if look.unicode else text.translate(_ASCII), ascii_only=not look.unicode)


def prose(look: TerminalStyle, text: str, style: str = "") -> Text:
    """Return one paragraph of a message: escaped, with text in backticks highlighted."""
    whole = said(look, text, style)
    whole.highlight_regex(r"`[^`]+`", CODE)
    return whole


def row(*parts: Text) -> Text:
    """Join several parts into one line, each in its own style."""
    from rich.text import Text

    whole = Text()
    for part in parts:
        whole.append_text(part)
    return whole


def grid(*justify: Literal["left", "right"]) -> Table:
    """Return a table without lines or headings, two blanks between its columns; long cells fold."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    for side in justify:
        table.add_column(justify=side, overflow="fold")
    return table


def indented(renderable: RenderableType, columns: int) -> RenderableType:
    """Return a renderable that keeps its indentation when it is wrapped."""
    from rich.padding import Padding

    return Padding(renderable, (0, 0, 0, columns), expand=False)


def _color_system(name: str | None) -> ColorSystem | None:
    return name if name in ("standard", "256", "truecolor") else None  # type: ignore[return-value]
