"""A finding's message in its parts: paragraphs of prose, with code between backticks, and indented blocks of code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from judge.reports.escape import clip, split_lines

_INDENTATION = 4


class Piece(NamedTuple):
    """A part of a paragraph; code stood between backticks."""

    text: str
    is_code: bool


@dataclass(frozen=True)
class Prose:
    """One paragraph, on one line."""

    text: str

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Prose and code in turn, beginning with prose; prose alone where a backtick has no partner."""
        parts = self.text.split("`")
        if len(parts) % 2 == 0:
            return (Piece(self.text, False),)
        return tuple(Piece(part, place % 2 == 1) for place, part in enumerate(parts))


@dataclass(frozen=True)
class CodeBlock:
    """Lines of code without the common indentation of a code block, their tabs expanded."""

    lines: tuple[str, ...]


def parts_of(message: str, max_chars: int) -> Iterator[Prose | CodeBlock]:
    """Yield the parts of a message's first ``max_chars`` characters; blank lines separate them.

    A part is code if each of its lines is indented by four columns or more.  All text is untrusted still.
    """
    part: list[str] = []
    for line in [*split_lines(clip(message.strip(), max_chars)), ""]:
        if line.strip():
            part.append(line)
        elif part:
            if all(one.startswith((" " * _INDENTATION, "\t")) for one in part):
                yield CodeBlock(tuple(one.expandtabs(_INDENTATION)[_INDENTATION:] for one in part))
            else:
                yield Prose(" ".join(one.strip() for one in part))
            part = []
