"""Syntax trees, one at a time.

CPython 3.11 keeps one count of the depth in a tree for all threads, and raises SystemError when two of them make
trees at once and the garbage collector lets them take turns. A batch reads submissions in several threads.
"""

from __future__ import annotations

import ast
import threading

_ONE_AT_A_TIME = threading.Lock()


def parse(source: str | bytes) -> ast.Module:
    """Return the tree of a module. Raises SyntaxError, ValueError, RecursionError or MemoryError, like `ast.parse`."""
    with _ONE_AT_A_TIME:
        return ast.parse(source)
