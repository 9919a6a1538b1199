"""Finds the smallest honest place to show in a learner's file, for a line that the run itself named.

No finding rests on the syntax tree: it only turns "line 31" into "this call on line 31".  Any text is accepted: a
file that does not parse is shown line by line.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import deque
from collections.abc import Iterable
from functools import cached_property

from judge.model import ClaimedException, ClaimedFrame, Notebook, SourceSpan
from judge.reports.phrases import line_in_words
from judge.submission import text_of
from judge.syntax import parse

MAX_PARSED_CHARS = 50_000
"""Parsing costs the judge some 700 bytes and 10 microseconds per character."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Source:
    """A submission as text, with its syntax tree when it has one."""

    def __init__(self, data: bytes, notebook: Notebook | None = None) -> None:
        self.notebook = notebook
        self.text = text_of(data).replace("\r\n", "\n").replace("\r", "\n")
        self.lines = self.text.split("\n")

    @cached_property
    def tree(self) -> ast.Module | None:
        if len(self.text) > MAX_PARSED_CHARS:
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return parse(self.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree)) if self.tree is not None else ()

    def in_words(self, line: int) -> str:
        """Return ``line 12``, or of a notebook ``cell 5, line 3``."""
        return line_in_words(line, self.notebook)

    def span_of_call(self, line: int | None, hint: str = "") -> SourceSpan | None:
        """Return the call on this line, preferably one of the hinted name; else the line."""
        if not self._is_line(line) or line is None:
            return None
        calls = [node for node in self.nodes if isinstance(node, ast.Call) and _covers(node, line)]
        starting = [call for call in calls if line in (_line_of_call(call), call.lineno)]
        named = [call for call in starting if hint and _name_of(call) == hint]
        named = named or [call for call in calls if hint and _name_of(call) == hint]
        chosen = _smallest(named) or (_smallest(starting) if not hint else _largest(starting))
        return self._span(chosen) if chosen is not None else self.span_of_line(line)

    def span_of_line(self, line: int | None) -> SourceSpan | None:
        """A line without its indentation, comment and trailing space."""
        if not self._is_line(line) or line is None:
            return None
        text = self.lines[line - 1]
        code = _without_comment(text).rstrip()
        begin = len(text) - len(text.lstrip())
        return SourceSpan(line, begin + 1, line, max(len(code), begin + 1) + 1)

    def of_frame(self, frame: ClaimedFrame) -> SourceSpan | None:
        """The expression that the interpreter was evaluating, if it is known and on one line; else the line."""
        if not self._is_line(frame.line):
            return None
        if frame.end_line != frame.line or frame.column is None or frame.end_column is None:
            return self.span_of_line(frame.line)
        text = self.lines[frame.line - 1]
        if not frame.column < frame.end_column <= len(text.encode("utf-8", "replace")):
            return self.span_of_line(frame.line)
        begin, end = _characters(text, frame.column), _characters(text, frame.end_column)
        return SourceSpan(frame.line, begin + 1, frame.line, end + 1)

    def of_exception(self, raised: ClaimedException) -> SourceSpan | None:
        """The innermost line of an exception's frames in the file."""
        return self.of_frame(raised.frames[-1]) if raised.frames else None

    def of_function(self, name: str) -> SourceSpan | None:
        """The name in the last top-level definition (or assignment) of this name."""
        for node in reversed(self.tree.body if self.tree is not None else []):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name == name:
                text = self.lines[node.lineno - 1] if self._is_line(node.lineno) else ""
                at = text.find(name, _characters(text, node.col_offset) + 3)
                if at >= 0:
                    return SourceSpan(node.lineno, at + 1, node.lineno, at + 1 + len(name))
                return self.span_of_line(node.lineno)
            if isinstance(node, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == name for t in node.targets
            ):
                return self.span_of_line(node.lineno)
        return None

    def around(self, line: int | None) -> SourceSpan | None:
        """The name of the top-level definition that contains this line."""
        for node in self.tree.body if self.tree is not None else []:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                inside = line is not None and node.lineno <= line <= (node.end_lineno or node.lineno)
                if inside:
                    return self.of_function(node.name)
        return None

    def of_return(self, line: int | None) -> SourceSpan | None:
        """The value of the last `return` in the function that begins on this line."""
        for node in self.nodes:
            begins = (
                min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
                if isinstance(node, _FUNCTIONS)
                else None
            )
            if begins is None or begins != line or not isinstance(node, _FUNCTIONS):
                continue
            if isinstance(node, ast.Lambda):
                return self._span(node.body)
            returns = _returns_of(node)
            value = max(returns, key=lambda n: n.lineno).value if returns else None
            return self._span(value) if value is not None else self.span_of_line(node.lineno)
        return None

    def of_only_return(self, name: str) -> SourceSpan | None:
        """The return value of the last top-level function of this name, if it has a single `return`."""
        for node in reversed(self.tree.body if self.tree is not None else []):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
                values = [found.value for found in _returns_of(node)]
                return self._span(values[0]) if len(values) == 1 and values[0] is not None else None
        return None

    def names_on(self, line: int) -> frozenset[str]:
        """The variables that are read in the smallest statement that covers a line."""
        covering = [
            n for n in self.nodes if isinstance(n, ast.stmt) and n.lineno <= line <= (n.end_lineno or 0)
        ]
        smallest = min(covering, key=lambda n: (n.end_lineno or n.lineno) - n.lineno, default=None)
        if smallest is None:
            return frozenset()
        return frozenset(
            node.id
            for node in ast.walk(smallest)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        )

    def makes_file(self, line: int) -> bool:
        """True if a call on this line opens a file to write, or is named like those that make files and folders."""
        return any(
            isinstance(node, ast.Call) and node.lineno <= line <= (node.end_lineno or 0) and _makes_file(node)
            for node in self.nodes
        )

    def function_names(self) -> tuple[str, ...]:
        """Names of the functions and classes that the file defines at its top level."""
        body: Iterable[ast.stmt] = self.tree.body if self.tree is not None else ()
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return tuple(node.name for node in body if isinstance(node, kinds))

    def class_with(self, method: str) -> str:
        """The last class at the top level that defines this method; '' without one."""
        for node in reversed(self.tree.body if self.tree is not None else []):
            if isinstance(node, ast.ClassDef) and any(
                isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name == method
                for one in node.body
            ):
                return node.name
        return ""

    def _is_line(self, line: int | None) -> bool:
        return line is not None and 1 <= line <= len(self.lines)

    def _span(self, node: ast.expr) -> SourceSpan | None:
        end_line, end_column = node.end_lineno, node.end_col_offset
        if end_line is None or end_column is None or not self._is_line(end_line):
            return self.span_of_line(node.lineno)
        begin = _characters(self.lines[node.lineno - 1], node.col_offset)
        end = _characters(self.lines[end_line - 1], end_column)
        return SourceSpan(node.lineno, begin + 1, end_line, end + 1)


def _returns_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.Return]:
    """The function's own `return` statements, without those of functions inside of it."""
    found = []
    waiting: deque[ast.AST] = deque(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.popleft()
        if isinstance(node, ast.Return):
            found.append(node)
        if not isinstance(node, _FUNCTIONS):
            waiting.extend(ast.iter_child_nodes(node))
    return found


def _covers(node: ast.expr, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _line_of_call(call: ast.Call) -> int:
    """The line that the interpreter names for this call: in a chain over several lines, that of the method's name."""
    function = call.func
    if isinstance(function, ast.Attribute) and function.end_lineno is not None:
        return function.end_lineno
    return call.lineno


def _name_of(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _length(node: ast.expr) -> tuple[int, int]:
    return (node.end_lineno or node.lineno) - node.lineno, (node.end_col_offset or 0) - node.col_offset


def _smallest(calls: list[ast.Call]) -> ast.Call | None:
    return min(calls, key=_length, default=None)


def _largest(calls: list[ast.Call]) -> ast.Call | None:
    return max(calls, key=_length, default=None)


def _characters(text: str, offset: int) -> int:
    """Convert a byte offset in UTF-8, as the syntax tree counts, to a number of characters."""
    return len(text.encode("utf-8", "replace")[:offset].decode("utf-8", "replace"))


_MARK = re.compile(r"""\\.|\"{3}|'{3}|["'#]""")
"""The start or end of a string, the start of a comment, or a backslash with the character after it."""


def _without_comment(line: str) -> str:
    """Return the line up to its comment, in one pass: a line may be a mebibyte long."""
    opened = ""
    for mark in _MARK.finditer(line):
        sign = mark[0]
        if opened:
            opened = "" if sign.startswith(opened) else opened
        elif sign == "#":
            return line[: mark.start()]
        elif sign[0] != "\\":
            opened = sign
    return line


_MAKERS = frozenset(
    (
        *("makedirs", "mkdir", "mkdtemp", "mkstemp", "touch", "write_text", "write_bytes"),
        *("save", "savez", "savez_compressed", "savetxt", "savefig", "tofile"),
    )
)


def _makes_file(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name != "open":
        return name in _MAKERS
    by_place = call.args[:1] if isinstance(call.func, ast.Attribute) else call.args[1:2]
    texts = [*by_place, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
    modes = [text.value for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str)]
    return any(re.fullmatch(r"[rbt+]*[wax+][bt+]*", mode) for mode in modes)
