"""Collects the problems of an author's files, so that all are reported at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from judge.model import ExerciseError

_SHOWN_AT_MOST = 20
_VALUE_WIDTH = 60


def shown(value: object) -> str:
    """A value as it is quoted in an error: one line, short, control characters escaped."""
    text = repr(value) if isinstance(value, str) else str(value)
    text = text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text
    return text if len(text) <= _VALUE_WIDTH else text[: _VALUE_WIDTH - 1] + "…"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'lr'?`` if a known word is near, else the known words, else ''."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; known here: {', '.join(words)}" if words else ""


@dataclass(frozen=True)
class Problem:
    """One problem and its place: a file, a 1-based line (0 for the whole file), a field path."""

    path: Path
    line: int
    field: str
    message: str

    def render(self, root: Path) -> str:
        path = self.path.relative_to(root) if self.path.is_relative_to(root) else self.path
        place = f"{path}:{self.line}" if self.line else f"{path}"
        return f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"


@dataclass
class Problems:
    """A collector: add all problems, then raise them together."""

    root: Path
    found: list[Problem] = field(default_factory=list)

    def add(self, path: Path, line: int, field_path: str, message: str) -> None:
        self.found.append(Problem(path, line, field_path, message))

    def raise_if_any(self, what: str) -> None:
        """Raise one ExerciseError that names every problem; ``what`` says what cannot be used."""
        if not self.found:
            return
        ordered = sorted(self.found, key=lambda p: (str(p.path), p.line))
        lines = [problem.render(self.root) for problem in ordered[:_SHOWN_AT_MOST]]
        if len(ordered) > _SHOWN_AT_MOST:
            lines.append(f"... and {len(ordered) - _SHOWN_AT_MOST} more")
        count = "1 problem" if len(ordered) == 1 else f"{len(ordered)} problems"
        raise ExerciseError(
            f"{what} cannot be used: {count}, to be mended by the author of the exercise\n  "
            + "\n  ".join(lines)
        )
