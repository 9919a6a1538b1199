"""Kinds of syntax errors, told by Python's message and by the line itself: a merge is no missing bracket."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class SyntaxKind:
    """The cause of a kind of syntax error, a question about it, and the line to show."""

    why: str
    question: str
    line: int


def kind_of(message: str, lines: Sequence[str], line: int) -> SyntaxKind | None:
    """Return the kind of a syntax error that Python reported with this message at this 1-based line, if it is known."""
    for rule in _RULES:
        at = rule.place(message, lines, line)
        if at is not None:
            return SyntaxKind(rule.why, rule.question, at)
    return None


@dataclass(frozen=True)
class _Rule:
    place: Callable[[str, Sequence[str], int], int | None]
    """Returns the line to show if the error is of this kind."""
    why: str
    question: str


def _text(lines: Sequence[str], line: int) -> str:
    return lines[line - 1] if 1 <= line <= len(lines) else ""


def _at_line(pattern: str) -> Callable[[str, Sequence[str], int], int | None]:
    """A rule on the text of the reported line."""
    known = re.compile(pattern)
    return lambda message, lines, line: line if known.search(_text(lines, line)) else None


def _by_message(pattern: str) -> Callable[[str, Sequence[str], int], int | None]:
    known = re.compile(pattern)
    return lambda message, lines, line: line if known.search(message) else None


def _merge(message: str, lines: Sequence[str], line: int) -> int | None:
    marks = re.compile(r"(<{7}|>{7})( |$)|={7}$|\|{7}( |$)")
    return line if marks.match(_text(lines, line)) else None


def _invisible(message: str, lines: Sequence[str], line: int) -> int | None:
    """Blanks other than the ordinary one count as no indentation, and inside of a line as no blank."""
    if re.search("[\u00a0\u2000-\u200b\u202f\u3000\ufeff]", _text(lines, line)) and re.search(
        r"indent|non-printable|invalid character", message
    ):
        return line
    return None


_RULES: tuple[_Rule, ...] = (
    _Rule(
        _at_line(r"^\s*(```|~~~)"),
        "A line of three such signs frames code in a chat or a Markdown page. It came along when the code was copied.",
        "Which lines of the file belong to the page that the code came from?",
    ),
    _Rule(
        _at_line(r"^\s*(>>>|\.\.\.)( |$)"),
        "The line begins with what a Python prompt shows before it; only the rest of it is Python.",
        "Which signs at the beginnings of lines did a prompt print?",
    ),
    _Rule(
        _by_message(r"^invalid syntax\. Maybe you meant '=='"),
        "A single `=` gives a name its value, and here it stands where Python expects something that has a value.",
        "Is that line to give a value, or to compare two?",
    ),
    _Rule(
        _merge,
        "The line is a mark that `git` leaves where it could not merge two versions of a file: both are still in it.",
        "Which of the two versions between the marks do you want to keep?",
    ),
    _Rule(
        _at_line(r"^\s*[!%]{1,2}[A-Za-z]"),
        "A line that begins with `!` or `%` is an order to a notebook and no Python. What a submission may use is "
        "installed already.",
        "Which lines of the file does only the notebook understand?",
    ),
    _Rule(
        _invisible,
        "The line holds a blank that looks like an ordinary one and is another character; it comes along when code is "
        "copied from a web page or a document.",
        "What does your editor show if you let it mark blanks, or delete the blanks of that line and type them?",
    ),
    _Rule(
        _by_message(
            r"invalid character '[\u2018\u2019\u201a-\u201f\u00ab\u00bb\u2039\u203a\u2032\u2033\uff02\uff07]'"
        ),
        "Text in Python stands between straight quotes. Documents and chats turn them into curved ones.",
        "Where was that line written before it came into the file?",
    ),
    _Rule(
        _by_message(r"invalid character"),
        "The line holds a character that Python does not use outside of texts: a dash or a multiplication sign from a "
        "document, for instance.",
        "Which character on that line did you not type on your keyboard?",
    ),
    _Rule(
        _by_message(r"inconsistent use of tabs"),
        "Some lines of this block are indented with tabs and others with spaces. They look alike in an editor, and "
        "Python does not guess how wide a tab is.",
        "What does your editor show if you let it mark tabs?",
    ),
    _Rule(
        _by_message(r"indent"),
        "The lines of a block begin in the same column, and a line that ends in a colon is followed by one that is "
        "indented further.",
        "In which column does each line of this block begin?",
    ),
    _Rule(
        _by_message(r"Missing parentheses in call to"),
        "That is how Python 2 was written. Since Python 3 this is a function, and it is called like every other one.",
        "How does the file call its other functions?",
    ),
    _Rule(
        _by_message(r"was never closed|unmatched|does not match opening"),
        "Every opening bracket needs a partner of its own kind. Python reads on over line ends until it finds one.",
        "Which bracket on that line has no partner?",
    ),
    _Rule(
        _by_message(r"unterminated|EOF while scanning"),
        "A text ends with the quotes that it began with, on the same line unless there are three of them.",
        "Where does the text on that line begin, and where should it end?",
    ),
    _Rule(
        _by_message(r"outside function|outside loop|not properly in loop|outside async"),
        "That statement has a meaning only inside of a function or a loop. Indentation decides what is inside.",
        "Which line would have to stand above it, less indented, for it to be inside?",
    ),
    _Rule(
        _by_message(r"expected ':'"),
        "A line that begins a block, with `def`, `if`, `for` or `class`, ends in a colon.",
        "How do the other lines end that begin a block?",
    ),
)
