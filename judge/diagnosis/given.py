"""Finds the lines of a submission that the exercise gave: definitions that equal one of the starter file.

If a program fails inside of given code, the learner's code led there, and the call is the place to show.  Names of
classes and functions, docstrings, comments and layout are not compared.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path

from judge.diagnosis.spans import Source
from judge.model import ClaimedException, ClaimedFrame, Exercise

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Given:
    """The lines of one submission that the exercise gave."""

    def __init__(self, source: Source, exercise: Exercise) -> None:
        known = _definitions_of_starter(exercise.reference_dir / "starter.py", exercise.entry_point)
        # Definitions may be nested, so comparing the text of each of them would take quadratic time.
        sizes = _sizes(source.nodes) if known else {}
        self._ranges = tuple(
            (node.lineno, node.end_lineno or node.lineno)
            for node in source.nodes
            if isinstance(node, _DEFINITIONS)
            and sizes.get(id(node), 0) in known
            and _content(node) in known[sizes[id(node)]]
        )

    def holds(self, line: int) -> bool:
        return any(begin <= line <= end for begin, end in self._ranges)

    def own_frame(self, raised: ClaimedException) -> ClaimedFrame | None:
        """Return the innermost frame of the exception in the learner's own code, else the innermost of all."""
        return self.own_frame_of(raised.frames)

    def own_frame_of(self, frames: Sequence[ClaimedFrame]) -> ClaimedFrame | None:
        """Return the innermost of these frames, outermost first, in the learner's own code, else of all."""
        own = [frame for frame in frames if not self.holds(frame.line)] or frames
        return own[-1] if own else None


@functools.lru_cache(maxsize=64)
def _definitions_of_starter(path: Path, entry_point: str) -> Mapping[int, frozenset[str]]:
    """The text of each definition of the starter file but the entry point, by its size."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return {}
    sizes = _sizes(tuple(ast.walk(tree)))
    found: dict[int, set[str]] = {}
    for node in tree.body:
        if isinstance(node, _DEFINITIONS) and node.name != entry_point:
            found.setdefault(sizes[id(node)], set()).add(_content(node))
    return {size: frozenset(texts) for size, texts in found.items()}


def _sizes(nodes: Sequence[ast.AST]) -> dict[int, int]:
    """Count the nodes in each node (of a definition: in its compared parts), in linear time.

    ``nodes``: those of one tree in the order of `ast.walk`, so that a node comes before the nodes inside of it.
    """
    sizes: dict[int, int] = {}
    for node in reversed(nodes):
        parts = _parts(node) if isinstance(node, _DEFINITIONS) else ast.iter_child_nodes(node)
        sizes[id(node)] = 1 + sum(sizes[id(part)] for part in parts)
    return sizes


def _parts(node: Definition) -> list[ast.AST]:
    """The compared parts of a definition: not its name, docstring, return type, type parameters or class keywords."""
    has_docstring = ast.get_docstring(node, clean=False) is not None
    head: list[ast.AST] = [*node.bases] if isinstance(node, ast.ClassDef) else [node.args]
    return [*head, *node.decorator_list, *(node.body[1:] if has_docstring else node.body)]


def _content(node: Definition) -> str:
    """The compared parts of a definition as text, without positions."""
    bases = len(node.bases) if isinstance(node, ast.ClassDef) else 0
    kind = f"{type(node).__name__} {bases} {len(node.decorator_list)}"
    return "\n".join((kind, *map(_statement, _parts(node))))


def _statement(node: ast.AST) -> str:
    return f"{node.name} {_content(node)}" if isinstance(node, _DEFINITIONS) else ast.dump(node)
