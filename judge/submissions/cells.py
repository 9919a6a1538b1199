"""From the code cells of a notebook to one Python source, line by line, so that every line can be told as its cell's.

Each cell that is taken contributes all of its lines, below a line that names it.  What is left out of a cell stays as a
comment: the source says what was done, and no line moves.
"""

from __future__ import annotations
import __future__

import ast
import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from judge.model import CellLines, Notebook
from judge.submissions.kept import kept_statements, lacks_something
from judge.submissions.magics import TRANSPARENT, cell_magic, magic_lines
from judge.syntax import parse

IGNORE_TAGS = ("judge-ignore", "otter_ignore")
SUBMIT_TAG = "judge"
_SUBMIT_COMMENT = re.compile(r"\s*#\s*judge:\s*submit\b")
HEADER = "# coding: utf-8"
"""The first line: a declaration of another encoding in a cell below it has no effect, as in a notebook."""

_OWN_MAGIC = re.compile(r"\s*(%%?judge\b|%(load|reload)_ext\s+judge\b)")
"""Nobody would miss these."""

MAX_NOTES = 40
MAX_NAMED = 8
MAX_SHOWN_CHARS = 60


@dataclass(frozen=True)
class Cell:
    """A code cell; ``number`` is its place in the notebook as learners are told it."""

    number: int
    source: str
    tags: frozenset[str] = frozenset()

    @property
    def is_submitted(self) -> bool:
        return SUBMIT_TAG in self.tags or bool(_SUBMIT_COMMENT.match(self.source))


@dataclass
class _Part:
    """A cell that is taken, as it changes: its lines, its statements, and which of them are left out."""

    cell: Cell
    lines: list[str]
    tree: ast.Module | None = None
    left_out: dict[ast.stmt, None] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return self.cell.number

    def shown(self, node: ast.stmt) -> str:
        """Return ``line 3, `print(x)```."""
        lines = _from_to(node.lineno, node.end_lineno or node.lineno)
        text = self.lines[node.lineno - 1]
        end = _chars(text, node.end_col_offset or 0) if node.end_lineno == node.lineno else len(text)
        missing = ", which is not installed here" if isinstance(node, ast.Import | ast.ImportFrom) else ""
        return f"{lines}, {_quoted(text[_chars(text, node.col_offset) : end])}{missing}"


def source_of(cells: Sequence[Cell], entry_point: str, *, session: bool = False) -> tuple[str, Notebook]:
    """Return the Python to grade, and the way back from its lines; the source is only a header if no cell is taken.

    ``session``: the cells are those that a running notebook has run, and no mark or tag chooses among them.
    """
    notes: list[str] = []
    chosen = list(cells) if session else _chosen(cells, notes)
    parts = [part for cell in chosen if (part := _read(cell, notes)) is not None]
    takes_all = not session and any(cell.is_submitted for cell in chosen)
    parts = _that_can_be_read(parts, "" if session or takes_all else entry_point, notes)
    futures = [name for part in parts for name in _take_futures(part)]
    if not takes_all:
        _leave_out(parts, entry_point, notes)
    if not session:  # where a cell that was mended and run again defines it again
        _tell_redefinition(parts, entry_point, notes)
    for part in parts:
        _comment_out(part)
    header = [HEADER, *(f"from __future__ import {name}" for name in dict.fromkeys(futures))]
    source, places = list(header), []
    for part in parts:
        source.append(f"# %% cell {part.number}")
        places.append(CellLines(part.number, len(source) + 1, len(part.lines)))
        source.extend(part.lines)
    if len(notes) > MAX_NOTES:
        notes[MAX_NOTES:] = [f"And {len(notes) - MAX_NOTES:,} more notes like these."]
    return "\n".join(source) + "\n", Notebook(tuple(places), tuple(notes))


def is_python(source: str) -> bool:
    """Return whether a cell is Python, apart from IPython's own commands."""
    part = _read(Cell(1, source), [])
    return part is not None and part.tree is not None


def _chosen(cells: Sequence[Cell], notes: list[str]) -> list[Cell]:
    """Return the cells that count by their tags: the marked ones if there are any."""
    ignored = [cell for cell in cells if cell.tags & {*IGNORE_TAGS}]
    if ignored:
        notes.append(f"{_cells(ignored)} left out by {'its' if len(ignored) == 1 else 'their'} tag.")
    left = [cell for cell in cells if not cell.tags & {*IGNORE_TAGS}]
    marked = [cell for cell in left if cell.is_submitted]
    if marked and len(marked) < len(left):
        notes.append(f"Of the code cells only those marked for submission are graded: {_numbers(marked)}.")
    return marked or left


def _read(cell: Cell, notes: list[str]) -> _Part | None:
    """Return a cell with its magics as comments; None for one that is not Python at all."""
    source = cell.source.replace("\r\n", "\n").replace("\r", "\n")
    part = _Part(cell, source.removesuffix("\n").split("\n"))
    magic = cell_magic(source)
    if magic and magic not in TRANSPARENT:
        notes.append(f"Cell {cell.number} is left out: it begins with {_quoted(magic)}.")
        return None
    part.tree = _parsed(part.lines)
    if part.tree is None:
        lines = list(part.lines)
        found = magic_lines(lines)
        for index in found:
            text = lines[index]
            indent = text[: len(text) - len(text.lstrip())]
            lines[index] = f"{indent}{'pass  ' if indent else ''}# {text.lstrip()}"
        told = [index for index in found if not _OWN_MAGIC.match(part.lines[index])]
        if told:
            named = (f"line {index + 1}, {_quoted(part.lines[index])}" for index in told)
            notes.append(f"Cell {cell.number}: IPython's own commands are left out ({_listed(named)}).")
        part.lines, part.tree = lines, _parsed(lines)
    return part


def _parsed(lines: Sequence[str]) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return parse("\n".join(lines) + "\n")
    except (SyntaxError, ValueError):
        return None


def _that_can_be_read(parts: list[_Part], entry_point: str, notes: list[str]) -> list[_Part]:
    """Return the parts without those that are no Python, if the entry point needs nothing of them.

    Else, and if no entry point is given, the parts up to the first of them: a notebook that is run from top to bottom
    ends there.
    """
    right = [part for part in parts if part.tree is not None]
    if entry_point and len(right) < len(parts) and not lacks_something(_statements(right), entry_point):
        broken = [part.cell for part in parts if part.tree is None]
        notes.append(f"{_cells(broken)} left out: Python cannot read {'it' if len(broken) == 1 else 'them'}.")
        return right
    for place, part in enumerate(parts, 1):
        if part.tree is None:
            if parts[place:]:
                notes.append(
                    f"Python cannot read cell {part.number}, so the cells after it are left out: "
                    f"{_numbers([one.cell for one in parts[place:]])}."
                )
            return parts[:place]
    return parts


def _statements(parts: Iterable[_Part]) -> list[ast.stmt]:
    return [node for part in parts for node in (part.tree.body if part.tree is not None else [])]


def _take_futures(part: _Part) -> list[str]:
    """Take ``from __future__`` imports out of a cell and return their names: they stand at the top, for all cells."""
    taken = []
    for node in _statements([part]):
        if isinstance(node, ast.ImportFrom) and node.module == "__future__" and not node.level:
            names = [alias.name for alias in node.names]
            if all(name in __future__.all_feature_names for name in names):
                taken += names
                part.left_out[node] = None
    return taken


def _leave_out(parts: Sequence[_Part], entry_point: str, notes: list[str]) -> None:
    """Choose the statements that are left out of the parts, and tell them."""
    statements = [(part, node) for part in parts for node in _statements([part]) if node not in part.left_out]
    kept = kept_statements([node for _, node in statements], entry_point)
    dropped = [pair for pair, is_kept in zip(statements, kept, strict=True) if not is_kept]
    for number, group in groupby(dropped, key=lambda pair: pair[0].number):
        pairs = list(group)
        named = _listed(part.shown(node) for part, node in pairs)
        notes.append(f"Cell {number}: left out, as nothing that is graded needs it ({named}).")
    for part, node in dropped:
        part.left_out[node] = None


def _tell_redefinition(parts: Sequence[_Part], entry_point: str, notes: list[str]) -> None:
    defining = [
        part.number
        for part in parts
        for node in _statements([part])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node.name == entry_point
    ]
    if len(defining) > 1:
        cells = list(dict.fromkeys(defining))
        where = f"cell {cells[0]}" if len(cells) == 1 else f"cells {_and(map(str, cells))}"
        notes.append(
            f"`{entry_point}` is defined {len(defining)} times, in {where}; the last one counts, in cell "
            f"{defining[-1]}, as in a notebook that is run from top to bottom."
        )


def _comment_out(part: _Part) -> None:
    """Turn the statements that are left out into comments; one that shares a line with a kept one becomes ``0``."""
    if part.tree is None or not part.left_out:
        return
    before = list(part.lines)
    shared = _sharing(part)
    for node in part.left_out:
        if node in shared:
            _blank(part.lines, before, node)
            continue
        for line in _lines(node):
            if part.lines[line - 1] == before[line - 1]:  # else another statement on this line did it
                part.lines[line - 1] = f"# {before[line - 1]}".rstrip()


def _sharing(part: _Part) -> set[ast.stmt]:
    """Return the left out statements that share a line with a kept one, directly or by others in between."""
    assert part.tree is not None
    body = part.tree.body
    taken = {line for node in body if node not in part.left_out for line in _lines(node)}
    shared: set[ast.stmt] = set()
    for node in (*body, *reversed(body)):
        if node in part.left_out and node not in shared and not taken.isdisjoint(_lines(node)):
            shared.add(node)
            taken.update(_lines(node))
    return shared


def _blank(lines: list[str], before: Sequence[str], node: ast.stmt) -> None:
    """Replace a statement by ``0``, or by ``(0`` to ``)`` over several lines; no character around it moves."""
    first, last = node.lineno, node.end_lineno or node.lineno
    begin = _chars(before[first - 1], node.col_offset)
    end = _chars(before[last - 1], node.end_col_offset or 0)
    if first == last:
        text = lines[first - 1]
        lines[first - 1] = f"{text[:begin]}0{' ' * (end - begin - 1)}{text[end:]}"
        return
    lines[first - 1] = lines[first - 1][:begin] + "(0"
    for line in range(first + 1, last):
        lines[line - 1] = ""
    lines[last - 1] = f"{' ' * (end - 1)}){lines[last - 1][end:]}"


def _lines(node: ast.stmt) -> range:
    """Return the lines of a statement, from its first decorator on."""
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    return range(first, (node.end_lineno or node.lineno) + 1)


def _chars(line: str, offset: int) -> int:
    """Convert an offset in UTF-8, as the syntax tree counts, to a number of characters."""
    return len(line.encode("utf-8", "replace")[:offset].decode("utf-8", "replace"))


def _cells(cells: Sequence[Cell]) -> str:
    return f"Cell {cells[0].number} is" if len(cells) == 1 else f"Cells {_numbers(cells)} are"


def _numbers(cells: Iterable[Cell]) -> str:
    numbers = [str(cell.number) for cell in cells]
    return _and(
        [*numbers[:MAX_NAMED], f"{len(numbers) - MAX_NAMED:,} more"] if len(numbers) > MAX_NAMED else numbers
    )


def _and(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _listed(named: Iterable[str]) -> str:
    all_of_them = list(named)
    more = [f"and {len(all_of_them) - MAX_NAMED:,} more"] if len(all_of_them) > MAX_NAMED else []
    return "; ".join([*all_of_them[:MAX_NAMED], *more])


def _from_to(first: int, last: int) -> str:
    return f"line {first}" if first == last else f"lines {first} to {last}"


def _quoted(text: str) -> str:
    """Return code as messages quote it, on one short line, without backticks of its own."""
    shown = " ".join(text.split()).replace("`", "'")
    return f"`{shown[: MAX_SHOWN_CHARS - 3]}...`" if len(shown) > MAX_SHOWN_CHARS else f"`{shown}`"
