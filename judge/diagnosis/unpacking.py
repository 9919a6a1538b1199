"""Reads how a line of the submission unpacks a call's result, for lines that the run itself named."""

from __future__ import annotations

import ast

from judge.diagnosis.spans import Source


def unpacks_popped_entry(source: Source, line: int) -> bool:
    """Return True if this line unpacks ``something.pop("name")`` into two targets."""
    return any(
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr == "pop"
        and len(value.args) == 1
        and isinstance(value.args[0], ast.Constant)
        and isinstance(value.args[0].value, str)
        and len(targets) == 2
        for targets, value in _unpackings(source)
        if value.lineno <= line <= (value.end_lineno or value.lineno)
    )


def bound_in_pair(source: Source, line: int | None) -> tuple[str, str] | None:
    """The two names in ``(first, second), rest = call(...)`` on this line; also in two steps, through one name."""
    for targets, value in _unpackings(source):
        if line is None or not value.lineno <= line <= (value.end_lineno or value.lineno):
            continue
        inner = targets[0]
        if isinstance(inner, (ast.Tuple, ast.List)):
            return _two_names(inner.elts)
        if isinstance(inner, ast.Name):
            return _unpacked_later(source, inner.id, value.lineno)
    return None


def _unpacked_later(source: Source, name: str, line: int) -> tuple[str, str] | None:
    for targets, value in _unpackings(source):
        if isinstance(value, ast.Name) and value.id == name and value.lineno > line:
            return _two_names(targets)
    return None


def _two_names(targets: list[ast.expr]) -> tuple[str, str] | None:
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return (names[0], names[1]) if len(names) == len(targets) == 2 else None


def _unpackings(source: Source) -> list[tuple[list[ast.expr], ast.expr]]:
    """Assignments to several targets at once: the targets, and what is unpacked into them."""
    return [
        (list(target.elts), node.value)
        for node in source.nodes
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, (ast.Tuple, ast.List))
    ]
