"""Python's own errors that have one meaning where submissions run: no network, no keyboard, no files of one's own.

A name that is not defined is here too; with the file at hand, a name of the file that is spelt nearly so is told.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import re
import sys
from collections.abc import Mapping

from judge.diagnosis.library_errors import LibraryError, first_match, rule_of
from judge.diagnosis.spans import Source
from judge.model import ClaimedException
from judge.trace import is_shown_name

UNDEFINED_NAME = "undefined-name"
NO_NETWORK = "no-network"
NOTHING_WRITTEN = "nothing-can-be-written"
_UNDEFINED = re.compile(
    r"^(?:name|cannot access (?:local|free) variable) '(\w+)'|^local variable '(\w+)' referenced before assignment"
)


_NO_MODULE = re.compile(r"^No module named '(\w+)'")
LIBRARIES = ("jax", "flax", "optax", "numpy")


def recognise_python_error(raised: ClaimedException) -> LibraryError | None:
    """Return the mistake that one of Python's own errors identifies; None if there is none."""
    return first_match(_RULES, raised)


def near_name(raised: ClaimedException, source: Source) -> str:
    """Return a sentence on a name of the file that is spelt nearly like the undefined one; '' without one."""
    match = _UNDEFINED.search(raised.text)
    name = (match[1] or match[2]) if match is not None else ""
    if not is_shown_name(name):
        return ""
    known = {one for one in (*_bound_names(source), *dir(builtins)) if is_shown_name(one)} - {name}
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.75)
    return f"A name that there is: `{near[0]}`." if near else ""


def about_module(raised: ClaimedException, environment: Mapping[str, str]) -> str:
    """Return what there is in place of a module that is missing; '' for another error.

    ``environment`` holds the versions of the libraries where submissions run.
    """
    match = _NO_MODULE.match(raised.text)
    there = [name for name in LIBRARIES if name in environment]
    if raised.type_names[:1] != ("builtins.ModuleNotFoundError",) or match is None or not there:
        return ""
    known = {*there, *(name for name in sys.stdlib_module_names if not name.startswith("_"))}
    near = difflib.get_close_matches(match[1], sorted(known), n=1, cutoff=0.75)
    nearly = f"A module that there is: `{near[0]}`. " if near and near[0] != match[1] else ""
    return f"{nearly}Beside Python's own modules, these are installed: {', '.join(there)}."


def _bound_names(source: Source) -> set[str]:
    names: set[str] = set()
    for node in source.nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
    return names


_RULES = (
    rule_of(UNDEFINED_NAME, "builtins.NameError builtins.UnboundLocalError", _UNDEFINED.pattern),
    rule_of(NO_NETWORK, "socket.gaierror", ""),
    rule_of(NO_NETWORK, "urllib.error.URLError", r"^<urlopen error \[Errno"),
    rule_of(NO_NETWORK, "builtins.OSError builtins.ConnectionRefusedError", r"^\[Errno (99|101|111|113)\]"),
    rule_of(NOTHING_WRITTEN, "builtins.OSError", r"^\[Errno 30\]"),
    rule_of(NOTHING_WRITTEN, "builtins.FileNotFoundError", r"^\[Errno 2\] No usable temporary directory"),
    rule_of("file-not-there", "builtins.FileNotFoundError", r"^\[Errno 2\]"),
    rule_of("no-keyboard", "builtins.EOFError", r"^EOF when reading a line$", "`input` asks at a keyboard."),
    rule_of("no-keyboard", "bdb.BdbQuit", r"^$", "A debugger asks at a keyboard."),
    rule_of("endless-recursion", "builtins.RecursionError", r"^maximum recursion depth exceeded"),
    rule_of("no-such-device", "builtins.RuntimeError", r"^Unknown backend:? '?(?:gpu|tpu|cuda|rocm|metal)\b"),
)
