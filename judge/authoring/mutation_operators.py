"""Mechanical mutants of a solution: one small change each, such as a person might make by mistake.

A mutant is the source with one span replaced, so that its diff is one line and comments stay.  The operators change
operators, constants, flags, conditions, strings (collections), arguments (swapped, dropped), calls (removed), names
(replaced by a related one, such as ``params`` for ``new_params``, or by another parameter of the same function),
dictionary entries, tuple orders, slices and whole statements.

Mutation testers such as mutmut or cosmic-ray do not fit: they run a test command over an importable package in their
own process, do not know about collections, and would run the mutants outside of the sandbox.
"""

from __future__ import annotations

import ast
import difflib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from judge.syntax import parse

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
    "max": ("min",),
    "min": ("max",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "argmax": ("argmin",),
    "argmin": ("argmax",),
    "var": ("std",),
    "std": ("var",),
    "relu": ("tanh", "gelu"),
    "tanh": ("sigmoid",),
    "sigmoid": ("tanh",),
    "sgd": ("adam", "adamw"),
    "adam": ("sgd", "adamw"),
    "value_and_grad": ("grad",),
    "grad": ("value_and_grad",),
    "jacfwd": ("grad",),
    "square": ("abs",),
    "abs": ("square",),
    "sqrt": ("square",),
    "exp": ("expm1",),
    "log": ("log1p",),
    "add": ("subtract",),
    "subtract": ("add",),
    "multiply": ("divide",),
    "dot": ("multiply",),
    "zeros": ("ones",),
    "ones": ("zeros",),
    "zeros_like": ("ones_like",),
    "ones_like": ("zeros_like",),
    "int": ("round", "float"),
    "float": ("int",),
    "any": ("all",),
    "all": ("any",),
}
"""Attributes and built-in functions that are easily confused."""

_BLOCKS = ("body", "orelse", "finalbody")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


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
    """The replacement of that span, which is given in byte offsets into the source."""


def make_mutants(source: str) -> tuple[Mutant, ...]:
    """Return all different mutants that still compile, in source order."""
    data = source.encode()
    found: dict[str, Mutant] = {}
    meanings = {ast.dump(parse(source))}
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
    """Return the source without its layout, so that mutants that differ only in layout are one; None if invalid."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # '1(x)' draws a warning, and is a valid mutant
            compile(source, "mutant.py", "exec", dont_inherit=True)
            return ast.dump(parse(source))
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
        self._tree = parse(source)
        lines = source.encode().splitlines(keepends=True)
        self._offsets = [0]
        for line in lines:
            self._offsets.append(self._offsets[-1] + len(line))
        self._skipped = _not_behaviour(self._tree)
        self._names = sorted(
            {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)}
            | {node.arg for node in ast.walk(self._tree) if isinstance(node, ast.arg)}
        )
        self._names_bound = {
            node.id
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        }
        self._siblings = _siblings(self._tree)
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
            if isinstance(node, ast.AugAssign):
                for kind in _BINARY.get(type(node.op), ()):
                    changed = ast.AugAssign(node.target, kind(), node.value)
                    yield self._replace(node, "operator", ast.unparse(changed))
            if isinstance(node, ast.If | ast.While | ast.IfExp) and not isinstance(node.test, ast.UnaryOp):
                yield self._replace(node.test, "condition negated", f"(not {ast.unparse(node.test)})")
            for statement in _statements(node):
                if statement not in self._skipped and not isinstance(statement, ast.Pass):
                    yield self._replace(statement, "statement dropped", "pass")
            if isinstance(node, ast.Slice):
                yield from self._bounds(node)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for decorator in node.decorator_list:
                    yield self._replace(decorator, "decorator dropped", "(lambda function: function)")

    def _bounds(self, node: ast.Slice) -> Iterator[_Change]:
        for bound in (node.lower, node.upper, node.step):
            if bound is not None:
                yield self._replace(bound, "bound dropped", "")

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
            case ast.Compare(left, comparisons, rights):
                for index, comparison in enumerate(comparisons):
                    changed = [*comparisons]
                    changed[index] = _COMPARE[type(comparison)]()
                    yield "operator", ast.Compare(left, changed, rights)
            case ast.IfExp(test, body, orelse):
                yield "branches swapped", ast.IfExp(test, orelse, body)
            case ast.Constant(value):
                yield from self._constants(value)
            case ast.Name(name, ast.Load()):
                for other in self._relatives(name):
                    yield "name", ast.Name(other, ast.Load())
                for other in self._siblings.get(node, ()):
                    yield "other parameter", ast.Name(other, ast.Load())
                for other in _RELATIVES.get(name, ()) if name not in self._names_bound else ():
                    yield "relative", ast.Name(other, ast.Load())
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
                    yield "entries swapped", ast.Dict(keys, _swapped(values, index, index + 1))
            case ast.List(items, ast.Load()):
                for index in range(len(items)):
                    yield "item dropped", ast.List(items[:index] + items[index + 1 :], ast.Load())
            case ast.Tuple(items, context) if len(items) > 1:
                for index in range(len(items) - 1):
                    yield (
                        "order swapped",
                        _parenthesised(ast.Tuple(_swapped(items, index, index + 1), context)),
                    )
            case ast.Subscript(value, _, ast.Load()):
                yield "subscript dropped", value

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
        """Yield the names in the file that share a word with this one."""
        words = set(name.split("_")) - {""}
        for other in self._names:
            if other != name and words & (set(other.split("_")) - {""}):
                yield other


def _calls(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    args, keywords = node.args, node.keywords
    for index, other in combinations(range(len(args)), 2):
        yield "arguments swapped", ast.Call(node.func, _swapped(args, index, other), keywords)
    for index, other in combinations(range(len(keywords)), 2):
        one, two = keywords[index], keywords[other]
        changed = list(keywords)
        changed[index], changed[other] = ast.keyword(one.arg, two.value), ast.keyword(two.arg, one.value)
        yield "keywords swapped", ast.Call(node.func, args, changed)
    for index, keyword in enumerate(keywords):
        if isinstance(keyword.value, ast.Name | ast.Attribute) and keyword.arg is not None:
            flipped = ast.keyword(keyword.arg, ast.UnaryOp(ast.Not(), keyword.value))
            yield (
                "flag negated",
                ast.Call(node.func, args, [*keywords[:index], flipped, *keywords[index + 1 :]]),
            )
    for index, keyword in enumerate(keywords):
        if isinstance(keyword.value, ast.UnaryOp | ast.Compare | ast.BoolOp):
            for value in (True, False):
                fixed = ast.keyword(keyword.arg, ast.Constant(value))
                yield (
                    "flag fixed",
                    ast.Call(node.func, args, [*keywords[:index], fixed, *keywords[index + 1 :]]),
                )
    for index in range(len(args)):
        yield "argument dropped", ast.Call(node.func, args[:index] + args[index + 1 :], keywords)
    for index in range(len(keywords)):
        yield "keyword dropped", ast.Call(node.func, args, keywords[:index] + keywords[index + 1 :])
    if len(args) == 1 and not isinstance(args[0], ast.Starred):
        yield "call dropped", args[0]
    if isinstance(node.func, ast.Attribute):
        yield "method dropped", node.func.value


def _swapped(items: list[ast.expr], index: int, other: int) -> list[ast.expr]:
    changed = list(items)
    changed[index], changed[other] = items[other], items[index]
    return changed


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements directly below a node that can be left out; definitions are not single statements."""
    if isinstance(node, ast.Module):
        return
    for block in _BLOCKS:
        statements = getattr(node, block, None)
        if not isinstance(statements, list):  # a lambda's body is an expression
            continue
        for statement in statements:
            if not (isinstance(node, ast.ClassDef) and isinstance(statement, _DEFINITIONS)):
                yield statement


def _siblings(tree: ast.Module) -> dict[ast.Name, tuple[str, ...]]:
    """Return, for each use of a function's parameter, the other parameters of that function."""
    found: dict[ast.Name, tuple[str, ...]] = {}
    for function in ast.walk(tree):  # from outside in, so that the innermost function wins
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        arguments = function.args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
                found[node] = tuple(name for name in names if name not in (node.id, "self"))
    return found


def _parenthesised(node: ast.expr) -> ast.expr:
    """Return the expression marked so that it keeps its parentheses inside another one."""
    text = ast.unparse(node)
    return ast.Name(text if isinstance(node, ast.Tuple) else f"({text})", ast.Load())


def _not_behaviour(tree: ast.Module) -> set[ast.AST]:
    """Return docstrings, annotations, imports and base classes: changing them changes no answer, or is no mistake."""
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
        if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr):
            skipped |= set(
                ast.walk(node)
            )  # parts of an f-string have no position of their own before Python 3.12
    return skipped
