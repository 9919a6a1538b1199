"""Reads a notebook as data, never as a program: nothing in it runs here, and outputs are not looked at.

Its JSON is read with the standard library and not with nbformat: five fields are needed, and nbformat would bring
jsonschema, jupyter-core and traitlets into every installation, check outputs against a schema that a stranger's file
can make slow, and has no caps.  The tests read with both.  The work is done within limits (`judge.bounded`), as all
work on what learners send.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from judge.model import Json, Limits, Submission
from judge.submission import NOT_A_NOTEBOOK, TOO_LARGE, Unusable
from judge.submissions.cells import Cell, source_of

MAJOR = 4
"""The format's version that is read, with any minor version: new ones only add fields."""


MAX_CELLS = 2_000
"""Of code: a report holds a line for each."""


class _Refused(Exception):
    """The notebook cannot be read; the message continues "it"."""


def read_notebook(submission: Submission, entry_point: str, limits: Limits) -> Submission | Unusable:
    """Return the submission with the Python that is graded as its source, or why there is none."""
    try:
        cells = code_cells(submission.source)
        if not any(cell.source.strip() for cell in cells):
            return Unusable(submission.path, "empty", "it has no code cell with code in it")
        if len(cells) > MAX_CELLS:
            said = f"it has {len(cells):,} code cells; at most {MAX_CELLS:,} are read"
            return Unusable(submission.path, TOO_LARGE, said)
        source, notebook = source_of(cells, entry_point)
    except _Refused as error:
        return Unusable(submission.path, NOT_A_NOTEBOOK, f"it {error}")
    if not notebook.cells:
        left_out = " ".join(notebook.notes)
        return Unusable(
            submission.path, "empty", f"no code cell of it is left to grade. {left_out}".rstrip(".")
        )
    data = source.encode()
    if len(data) > limits.source_kib * 1024:
        return Unusable(
            submission.path,
            TOO_LARGE,
            f"its code has {len(data) / 2**20:.1f} MiB; at most {limits.source_kib} KiB of code are read",
        )
    return replace(submission, source=data, notebook=notebook)


def code_cells(data: bytes) -> list[Cell]:
    """Return the code cells of a notebook file in order. Raises _Refused."""
    document = _document(data)
    _check_version(document)
    _check_language(document)
    cells = document.get("cells")
    if not isinstance(cells, list):
        raise _Refused("is not a notebook: it has no list of cells")
    read = [_cell(number, one) for number, one in enumerate(cells, 1)]
    return [cell for cell in read if cell is not None]


def _document(data: bytes) -> Mapping[str, Json]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Refused(f"is not UTF-8, as a notebook must be (byte {error.start:,})") from None
    try:
        document = json.loads(
            text, object_pairs_hook=_object, parse_int=_int, parse_float=float, parse_constant=_constant
        )
    except RecursionError:
        raise _Refused("is nested too deeply to be a notebook") from None
    except json.JSONDecodeError as error:
        raise _Refused(f"is not JSON, as a notebook must be: {error.msg} in line {error.lineno:,}") from None
    if not isinstance(document, dict):
        raise _Refused("is not a notebook: its JSON is no object")
    return document


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; one with a key twice would be another one for each reader."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Refused(f"has the key {_short(twice)} twice in one object")
    return found


def _int(text: str) -> int | float:
    return int(text) if len(text) < 20 else float(text[:300])  # Python refuses to read thousands of digits


def _constant(name: str) -> None:
    """Read NaN and Infinity, which outputs do hold, as nothing."""


def _check_version(document: Mapping[str, Json]) -> None:
    version = document.get("nbformat")
    if not isinstance(version, int) or isinstance(version, bool):
        raise _Refused("is not a notebook: it has no nbformat number")
    if version < MAJOR:
        raise _Refused(
            f"is a notebook of the old format {version}, written before 2015; open it in Jupyter and save it"
        )
    if version > MAJOR:
        raise _Refused(
            f"is a notebook of format {version}, which is newer than this judge; it reads format {MAJOR}"
        )


def _check_language(document: Mapping[str, Json]) -> None:
    metadata = _mapping(document.get("metadata"))
    names = (
        _mapping(metadata.get("kernelspec")).get("language"),
        _mapping(metadata.get("language_info")).get("name"),
    )
    language = next((name for name in names if isinstance(name, str) and name), "python")
    if not re.match(r"(?i)i?python", language):
        raise _Refused(f"is a notebook in {_short(language)}, not in Python")


def _cell(number: int, cell: Json) -> Cell | None:
    """Return a code cell; None for a cell of another kind."""
    if not isinstance(cell, dict):
        raise _Refused(f"is not a notebook: cell {number} is {_kind(cell)}, not an object")
    if cell.get("cell_type") != "code":
        return None
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise _Refused(f"is not a notebook: the source of cell {number} is no text")
    if any("\ud800" <= char <= "\udfff" for char in source):
        raise _Refused(f"holds half a character (a lone surrogate) in cell {number}, which is no text")
    tags = _mapping(cell.get("metadata")).get("tags")
    named = frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset()
    return Cell(number, source, named)


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _kind(value: Json) -> str:
    kinds = {str: "a text", list: "a list", bool: "true or false", int: "a number", float: "a number"}
    return kinds.get(type(value), "nothing")


def _short(text: str) -> str:
    shown = text if len(text) <= 40 else f"{text[:37]}..."
    return ascii(shown)
