"""Mechanical mutants of a solution: one small change each, as somebody might make it by mistake.

A mutant is the source with one span replaced, so that its diff is one line and comments stay.  Changed are
operators, constants, flags, strings (collections), arguments (swapped, dropped), calls (taken away), names (taken
for a relative: ``params`` for ``new_params``), dictionary entries, tuple orders and whole statements.
"""

from __future__ import annotations

import ast
import difflib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

_BINARY = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
}
_COMPARE = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_RELATIVES = {
    "mean": ("sum", "max"),
    "sum": ("mean",),
    "relu": ("tanh", "gelu"),
    "sgd": ("adam", "adamw"),
    "value_and_grad": ("grad",),
    "square": ("abs",),
    "exp": ("expm1",),
    "add": ("subtract",),
    "subtract": ("add",),
    "multiply": ("divide",),
}
"""Attributes that are easily taken for each other."""


@dataclass(frozen=True)
class Mutant:
    """One changed source; ``was`` and ``now`` are the changed lines, stripped, and identify it across edits."""

    operator: str
    line: int
    was: str
    now: str
    source: str

    def diff(self, original: str, name: str) -> str:
        lines = difflib.unified_diff(
            original.splitlines(), self.source.splitlines(), name, f"{name} (mutant)", lineterm="", n=1
        )
        return "\n".join(lines)


@dataclass(frozen=True)
class _Change:
    operator: str
    start: int
    end: int
    text: str
    """Byte offsets into the source, and what takes the place of that span."""


def make_mutants(source: str) -> tuple[Mutant, ...]:
    """All different mutants that still compile, in the order of the source."""
    data = source.encode()
    found: dict[str, Mutant] = {}
    meanings = {ast.dump(ast.parse(source))}
    for change in sorted(_Changes(source).all(), key=lambda c: (c.start, c.end, c.operator, c.text)):
        mutated = (data[: change.start] + change.text.encode() + data[change.end :]).decode()
        meaning = _meaning(mutated)
        if meaning is None or meaning in meanings:
            continue
        meanings.add(meaning)
        line = data.count(b"\n", 0, change.start) + 1
        was, now = _changed_lines(source, mutated)
        found[mutated] = Mutant(change.operator, line, was, now, mutated)
    return tuple(found.values())


def _meaning(source: str) -> str | None:
    """The source without its layout, so that mutants which only look different are one; None when none at all."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # '1(x)' draws a warning, and is a mutant like any other
            compile(source, "mutant.py", "exec", dont_inherit=True)
            return ast.dump(ast.parse(source))
    except (SyntaxError, ValueError):
        return None


def _changed_lines(source: str, mutated: str) -> tuple[str, str]:
    old, new = source.splitlines(), mutated.splitlines()
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    removed, added = [], []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            removed += [line.strip() for line in old[a:b]]
            added += [line.strip() for line in new[c:d]]
    return " ".join(removed), " ".join(added)


class _Changes:
    """Walks a source and lists the changes that can be made to it."""

    def __init__(self, source: str) -> None:
        self._tree = ast.parse(source)
        lines = source.encode().splitlines(keepends=True)
        self._offsets = [0]
        for line in lines:
            self._offsets.append(self._offsets[-1] + len(line))
        self._skipped = _not_behaviour(self._tree)
        self._names = sorted(
            {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)}
            | {node.arg for node in ast.walk(self._tree) if isinstance(node, ast.arg)}
        )
        self._strings = sorted(
            {
                node.value
                for node in ast.walk(self._tree)
                if isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and node not in self._skipped
            }
        )

    def all(self) -> Iterator[_Change]:
        for node in ast.walk(self._tree):
            if node in self._skipped:
                continue
            if isinstance(node, ast.expr):
                for operator, new in self._expressions(node):
                    yield self._replace(node, operator, ast.unparse(new))
            if isinstance(
                node, ast.FunctionDef | ast.AsyncFunctionDef | ast.For | ast.While | ast.If | ast.With
            ):
                for statement in node.body:
                    if statement not in self._skipped and not isinstance(statement, ast.Pass):
                        yield self._replace(statement, "statement dropped", "pass")
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for decorator in node.decorator_list:
                    yield self._replace(decorator, "decorator dropped", "(lambda function: function)")

    def _replace(self, node: ast.expr | ast.stmt, operator: str, text: str) -> _Change:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._offsets[node.lineno - 1] + node.col_offset
        end = self._offsets[node.end_lineno - 1] + node.end_col_offset
        return _Change(operator, start, end, text)

    def _expressions(self, node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
        match node:
            case ast.BinOp(left, op, right):
                for operator in _BINARY.get(type(op), ()):
                    yield "operator", _parenthesised(ast.BinOp(left, operator(), right))
                yield "operand dropped", left
                yield "operand dropped", right
            case ast.UnaryOp(_, operand):
                yield "sign or not dropped", operand
            case ast.BoolOp(op, values):
                yield "operator", ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            case ast.Compare(left, [op], right) if type(op) in _COMPARE:
                yield "operator", ast.Compare(left, [_COMPARE[type(op)]()], right)
            case ast.IfExp(test, body, orelse):
                yield "branches swapped", ast.IfExp(test, orelse, body)
            case ast.Constant(value):
                yield from self._constants(value)
            case ast.Name(name, ast.Load()):
                for other in self._relatives(name):
                    yield "name", ast.Name(other, ast.Load())
            case ast.Attribute(value, name, ast.Load()):
                for other in _RELATIVES.get(name, ()):
                    yield "relative", ast.Attribute(value, other, ast.Load())
            case ast.Call():
                yield from _calls(node)
            case ast.Dict(keys, values):
                for index in range(len(keys)):
                    yield (
                        "entry dropped",
                        ast.Dict(keys[:index] + keys[index + 1 :], values[:index] + values[index + 1 :]),
                    )
                for index in range(len(values) - 1):
                    yield "entries swapped", ast.Dict(keys, _swapped(values, index))
            case ast.List(items, ast.Load()):
                for index in range(len(items)):
                    yield "item dropped", ast.List(items[:index] + items[index + 1 :], ast.Load())
            case ast.Tuple(items, context) if len(items) > 1:
                for index in range(len(items) - 1):
                    yield "order swapped", _parenthesised(ast.Tuple(_swapped(items, index), context))
            case ast.Subscript(value, _, ast.Load()):
                yield "subscript dropped", value
            case ast.Lambda():
                return

    def _constants(self, value: object) -> Iterator[tuple[str, ast.expr]]:
        others: list[bool | int | float | str] = []
        if isinstance(value, bool):
            others = [not value]
        elif isinstance(value, int):
            others = [value + 1, value - 1, 2 * value]
        elif isinstance(value, float):
            others = [float(f"{value * 1.1:.6g}"), value / 10, value + 1.0, -value, 0.0]
        elif isinstance(value, str):
            others = [*(string for string in self._strings if string != value), value + "_"]
        elif value is None:
            others = [0]
        for other in others:
            yield "constant", ast.Constant(other)

    def _relatives(self, name: str) -> Iterator[str]:
        """Names in the file that share a word with this one."""
        words = set(name.split("_")) - {""}
        for other in self._names:
            if other != name and words & (set(other.split("_")) - {""}):
                yield other


def _calls(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    args, keywords = node.args, node.keywords
    for index in range(len(args) - 1):
        yield "arguments swapped", ast.Call(node.func, _swapped(args, index), keywords)
    for index in range(len(args)):
        yield "argument dropped", ast.Call(node.func, args[:index] + args[index + 1 :], keywords)
    for index in range(len(keywords)):
        yield "keyword dropped", ast.Call(node.func, args, keywords[:index] + keywords[index + 1 :])
    if len(args) == 1 and not isinstance(args[0], ast.Starred):
        yield "call dropped", args[0]
    if isinstance(node.func, ast.Attribute):
        yield "method dropped", node.func.value


def _swapped(items: list[ast.expr], index: int) -> list[ast.expr]:
    return [*items[:index], items[index + 1], items[index], *items[index + 2 :]]


def _parenthesised(node: ast.expr) -> ast.expr:
    """An expression that keeps its parentheses when it is written into another one."""
    text = ast.unparse(node)
    return ast.Name(text if isinstance(node, ast.Tuple) else f"({text})", ast.Load())


def _not_behaviour(tree: ast.Module) -> set[ast.AST]:
    """Docstrings, annotations, imports and base classes: changing them changes no answer, or is no mistake."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                skipped |= set(ast.walk(first))
        annotations = [getattr(node, name, None) for name in ("annotation", "returns")]
        for part in [*annotations, *(node.bases if isinstance(node, ast.ClassDef) else [])]:
            if isinstance(part, ast.AST):
                skipped |= set(ast.walk(part))
        if isinstance(node, ast.Import | ast.ImportFrom):
            skipped |= set(ast.walk(node))
    return skipped
