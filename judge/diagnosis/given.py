"""Which lines of a submission are the exercise's own: what equals a definition of the starter file was given.

A program that fails inside of the given code was brought there by the learner's: the place to look at is the call.
Names of classes and functions, docstrings, comments and layout do not count.
"""

from __future__ import annotations

import ast
import functools
from pathlib import Path

from judge.diagnosis.spans import Source
from judge.model import ClaimedException, ClaimedFrame, Exercise

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Given:
    """The lines of one submission that the exercise gave."""

    def __init__(self, source: Source, exercise: Exercise) -> None:
        known = _definitions_of_starter(exercise.reference_dir / "starter.py", exercise.entry_point)
        self._ranges = tuple(
            (node.lineno, node.end_lineno or node.lineno)
            for node in (source.nodes if known else ())
            if isinstance(node, _DEFINITIONS) and _content(node) in known
        )

    def holds(self, line: int) -> bool:
        return any(begin <= line <= end for begin, end in self._ranges)

    def own_frame(self, raised: ClaimedException) -> ClaimedFrame | None:
        """The innermost line on the way to the exception that the learner wrote; else the innermost of all."""
        frames = [frame for frame in raised.frames if not self.holds(frame.line)] or raised.frames
        return frames[-1] if frames else None


@functools.lru_cache(maxsize=64)
def _definitions_of_starter(path: Path, entry_point: str) -> frozenset[str]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return frozenset()
    return frozenset(
        _content(node) for node in tree.body if isinstance(node, _DEFINITIONS) and node.name != entry_point
    )


def _content(node: Definition) -> str:
    """A definition as text, without its name, its docstring and where it stands."""
    has_docstring = ast.get_docstring(node, clean=False) is not None
    body = node.body[1:] if has_docstring else node.body
    head = node.args if not isinstance(node, ast.ClassDef) else ast.List(elts=[*node.bases], ctx=ast.Load())
    parts = (type(node).__name__, ast.dump(head), *(ast.dump(d) for d in node.decorator_list))
    return "\n".join((*parts, *(_statement(statement) for statement in body)))


def _statement(statement: ast.stmt) -> str:
    if isinstance(statement, _DEFINITIONS):
        return f"{statement.name} {_content(statement)}"
    return ast.dump(statement)
