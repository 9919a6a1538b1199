"""``judge explain``: the page of a code, or the list of all pages, for a terminal.

A page is Markdown.  On a terminal with colour it is rendered; elsewhere it is printed as source, which is readable
and can be piped on.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from judge.commands.options import Parser, add_exercise, add_plain, open_exercise, parser_for
from judge.model import PackError, UsageError
from judge.reports.escape import visible_block
from judge.reports.terminal import (
    CODE,
    PLAIN,
    STRONG,
    TerminalStyle,
    block,
    grid,
    indented,
    look_for,
    said,
    to_text,
)

if TYPE_CHECKING:
    from rich.console import RenderableType


_ITEM = re.compile(r"(?:[-*>]|\d+\.) ")
"""The start of a line that does not continue the line before."""


class PageLike(Protocol):
    """The part of judge.pages.Page that is used here."""

    @property
    def code(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...


def parser() -> Parser:
    """The arguments of ``judge explain``."""
    parser = parser_for(
        "judge explain [CODE]",
        "The page about a finding: what happens, why, how it shows, and a question.",
        "exit status: 0 printed, 2 usage, 3 judge error",
    )
    parser.add_argument(
        "code", nargs="?", metavar="CODE", help="as reports name it; without it all are listed"
    )
    add_plain(parser)
    add_exercise(parser)
    return parser


def run(options: argparse.Namespace) -> int:
    """Print a page, or the list of all pages; without any exercise those of the engine's own findings."""
    from judge.pages import all_pages

    try:
        pages = all_pages(open_exercise(options, or_packaged=True))
    except PackError:
        raise
    except UsageError:
        pages = all_pages(None)
    look = look_for(sys.stdout, os.environ, plain=options.plain)
    sys.stdout.write(list_of(pages, look) if options.code is None else page_of(options.code, pages, look))
    return 0


def page_of(code: str, pages: Sequence[PageLike], look: TerminalStyle = PLAIN) -> str:
    """Return the page of this code.  Raises UsageError, naming similar codes, when there is none."""
    for page in pages:
        if page.code == code:
            return page_text(page, look)
    codes = [page.code for page in pages]
    word = code.lower().replace("_", "-")
    near = [known for known in codes if word and word in known] or difflib.get_close_matches(word, codes, n=3)
    hint = f" Did you mean {' or '.join(near[:3])}?" if near else ""
    shown = visible_block(code)[:80]
    raise UsageError(f"there is no page {shown!r}.{hint} `judge explain` alone lists all pages.")


def list_of(pages: Sequence[PageLike], look: TerminalStyle = PLAIN) -> str:
    """Return every page's code and title, sorted by code."""
    if not pages:
        return to_text([said(look, "There are no pages.")], look)
    ordered = sorted(pages, key=lambda page: page.code)
    table = grid("left", "left")
    for page in ordered:
        table.add_row(said(look, page.code, CODE), said(look, page.title))
    hint = said(look, f"judge explain {ordered[0].code} (or any other code) shows a page.")
    return to_text(
        [said(look, "What judge can find, by code", STRONG), "", indented(table, 2), "", hint], look
    )


def page_text(page: PageLike, look: TerminalStyle = PLAIN) -> str:
    """Return one page with its title above it, ending in a line end."""
    body = block(look, textwrap.dedent(page.text).strip("\n"))
    heading = f"{page.title} ({page.code})"
    if look.color is None:
        underline = "=" * min(len(heading), look.width)
        return "\n".join((block(look, heading), underline, "", *_wrapped(body.split("\n"), look.width), ""))
    return to_text([said(look, heading, STRONG), "", _markdown(body)], look)


def _markdown(text: str) -> RenderableType:
    from rich.markdown import Markdown

    # Links are printed with their address: a hidden address is of no use on paper or over ssh.
    return Markdown(text, hyperlinks=False, code_theme="ansi_dark", inline_code_theme="ansi_dark")


def _wrapped(lines: Sequence[str], width: int) -> list[str]:
    """Wrap the paragraphs of Markdown source; code, tables and headings stay as they are."""
    shown: list[str] = []
    paragraph: list[str] = []

    def flush() -> None:
        if paragraph:
            marker = len(paragraph[0]) - len(paragraph[0].lstrip(" -*>0123456789."))
            text = paragraph[0] + "".join(f" {line.strip()}" for line in paragraph[1:])
            shown.extend(
                textwrap.wrap(
                    text,
                    width,
                    subsequent_indent=" " * marker,
                    break_long_words=False,
                    break_on_hyphens=False,
                )
            )
            paragraph.clear()

    in_code = False
    for line in lines:
        begins_anew = bool(_ITEM.match(line))
        kept = in_code or not line.strip() or line.startswith(("    ", "#", "|", "```"))
        if kept or begins_anew:
            flush()
        in_code ^= line.lstrip().startswith("```")
        if kept:
            shown.append(line)
        else:
            paragraph.append(line)
    flush()
    return shown
