"""Syntax trees, one at a time.

CPython 3.11 counts how deep it is in a tree for all threads together, and raises SystemError when two of them make
trees at once and the collector of garbage lets them take turns.  A batch reads submissions in several threads.
"""

from __future__ import annotations

import ast
import threading

_ONE_AT_A_TIME = threading.Lock()


def parse(source: str | bytes) -> ast.Module:
    """The tree of a module. Raises what `ast.parse` raises: SyntaxError, ValueError, RecursionError, MemoryError."""
    with _ONE_AT_A_TIME:
        return ast.parse(source)
