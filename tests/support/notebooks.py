"""Notebooks for tests: made of cells, or of a Python file, with what people have between their definitions."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "version": "3.11.7"},
}


def code(source: str, *tags: str) -> dict[str, Any]:
    metadata = {"tags": list(tags)} if tags else {}
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}


def document(*cells: Mapping[str, Any] | str, **changes: Any) -> dict[str, Any]:
    made = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    return {"cells": made, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 4, **changes}


def notebook(*cells: Mapping[str, Any] | str, **changes: Any) -> bytes:
    """A notebook file with these cells; a text is a code cell."""
    return json.dumps(document(*cells, **changes), indent=1).encode()


@dataclass(frozen=True)
class Split:
    """A Python file as a notebook. ``places``: the cell and the line in it, by the file's own line."""

    data: bytes
    places: Mapping[int, tuple[int, int]]


LOOSE_ENDS = (
    "%matplotlib inline\nimport matplotlib.pyplot as plt\n!pip install flax\n",
    "losses = []\nfor epoch in range(10**9):\n    losses.append(train(epoch))\nplt.plot(losses);\n",
    "%%bash\nrm -rf ~\n",
    "data = load_from_the_internet()\nprint(data.shape)\n",
)
"""What is in many notebooks, and would fail, or never end, in the judge."""


def split(source: str) -> Split:
    """The file with each of its top-level statements in a cell, and other cells between them."""
    lines = source.splitlines(keepends=True)
    cells: list[Mapping[str, Any]] = [markdown("# Homework")]
    places = {}
    begin = 0
    for place, end in enumerate(_ends(source, len(lines))):
        cells.append(code("".join(lines[begin:end])))
        places |= {line + 1: (len(cells), line - begin + 1) for line in range(begin, end)}
        cells.append(code(LOOSE_ENDS[place % len(LOOSE_ENDS)]) if place else markdown("Some words."))
        begin = end
    return Split(notebook(*cells, code("solve(0, data, data, 0.1)\n")), places)


def _ends(source: str, lines: int) -> Sequence[int]:
    """The last lines of the cells."""
    try:
        nodes = ast.parse(source).body
    except SyntaxError:
        found = [match.start() for match in re.finditer(r"^(?:def|class) ", source, re.MULTILINE)]
        return [*(source.count("\n", 0, place) for place in found), lines]
    imports = max(
        (n for n, node in enumerate(nodes) if isinstance(node, ast.Import | ast.ImportFrom)), default=0
    )
    return [*(node.end_lineno or 0 for node in nodes[imports:-1]), lines]
