"""Finds code that could bypass the probes: the reason to run a right submission once more.

It proves no mistake: it only decides that a submission is run once more with other optimizers
(`judge.diagnosis.second_look`), and how far the probes are believed when that run shows nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HARMLESS: Mapping[str, frozenset[str]] = {
    "sys": words(
        "argv byteorder exit executable float_info flush getrecursionlimit getsizeof hash_info int_info maxsize path "
        "platform setrecursionlimit stderr stdin stdout version version_info"
    ),
    "gc": words("collect disable enable freeze isenabled"),
    "importlib": words("metadata resources"),
    "threading": words(
        "Barrier Condition Event Lock RLock Semaphore Thread Timer current_thread local main_thread"
    ),
}
"""The harmless names of these modules; any other name may change or find what an ordinary program never sees."""

ANY_OBJECT = words("builtins cffi ctypes judge runpy")
OTHER_WAYS = words(
    "bdb cloudpickle code codeop copyreg dill dis inspect marshal mock pickle pkgutil trace types unittest"
)
OF_CODE = words("__import__ compile eval exec")
OF_NAMES = words("attrgetter delattr getattr globals locals methodcaller setattr vars")
OF_TREES = words(
    "register_dataclass register_pytree_node register_pytree_node_class register_pytree_with_keys "
    "register_pytree_with_keys_class"
)
"""A file's own tree type can show other leaves to an observer than to the computation."""
DEEP = words(
    "__bases__ __builtins__ __class__ __closure__ __code__ __defaults__ __globals__ __mro__ __reduce__ __reduce_ex__ "
    "__self__ __subclasses__ ag_frame cell_contents cr_frame f_back f_globals f_locals gi_frame tb_frame"
)
USUAL = words(
    "__all__ __author__ __call__ __doc__ __enter__ __exit__ __file__ __init__ __len__ __main__ __name__ "
    "__post_init__ __qualname__ __setattr__ __version__ _asdict _fields _make _replace"
)
OWN = words("cls self")


@dataclass(frozen=True, order=True)
class Reach:
    """One such place. A ``far`` one reaches objects that the file never imported."""

    near: bool
    line: int
    what: str

    @property
    def far(self) -> bool:
        return not self.near


def reaches(tree: ast.Module) -> list[Reach]:
    """Return every such place, the far ones first."""
    modules = _modules(tree)
    return sorted(reach for node in ast.walk(tree) for reach in _of_node(node, modules))


def uses(tree: ast.Module, module: str) -> bool:
    """Return True if a module is imported under any name and that name, or one from it, is read."""
    names = {name for name, path in _modules(tree).items() if path.split(".")[0] == module}
    return any(isinstance(node, ast.Name) and node.id in names for node in ast.walk(tree))


def _modules(tree: ast.Module) -> dict[str, str]:
    """The dotted path that each imported name stands for."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"
    return found


def _of_node(node: ast.AST, modules: Mapping[str, str]) -> Iterator[Reach]:
    line = getattr(node, "lineno", 0)
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _of_import(alias.name, line)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield from _of_import(f"{node.module or ''}.{alias.name}", line)
    elif isinstance(node, ast.Name) and node.id in OF_CODE | DEEP:
        yield Reach(False, line, node.id)
    elif isinstance(node, ast.Call):
        yield from _of_call(node, modules, line)
    elif isinstance(node, ast.Attribute):
        yield from _of_attribute(node, modules, line)
    elif isinstance(node, ast.MatchClass):
        yield from (Reach(True, node.cls.lineno, name) for name in node.kwd_attrs if _is_private(name))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_private(node.value):
        yield Reach(True, line, node.value)


def _of_import(path: str, line: int) -> Iterator[Reach]:
    first, *rest = path.split(".")
    if first in ANY_OBJECT:
        yield Reach(False, line, first)
    elif first in HARMLESS and rest and rest[0] not in HARMLESS[first]:
        yield Reach(False, line, path)
    elif first in OTHER_WAYS or (rest and rest[-1] in OF_TREES):
        yield Reach(True, line, rest[-1] if rest and rest[-1] in OF_TREES else first)
    elif any(_is_private(part) for part in rest):
        yield Reach(True, line, path)


def _of_call(node: ast.Call, modules: Mapping[str, str], line: int) -> Iterator[Reach]:
    name = _last_name(node.func)
    if name not in OF_NAMES:
        return
    on_module = bool(node.args) and isinstance(node.args[0], ast.Name) and node.args[0].id in modules
    if not _names_something_plain(node) or (on_module and name != "getattr"):
        yield Reach(True, line, name)


def _of_attribute(node: ast.Attribute, modules: Mapping[str, str], line: int) -> Iterator[Reach]:
    owner = node.value.id if isinstance(node.value, ast.Name) else ""
    module = modules.get(owner, "") if owner else _last_name(node.value)  # also sys in os.sys.modules
    if module in HARMLESS:
        if node.attr not in HARMLESS[module]:
            yield Reach(False, line, f"{module}.{node.attr}")
    elif node.attr in DEEP:
        yield Reach(False, line, node.attr)
    elif node.attr in OF_TREES or (_is_private(node.attr) and owner not in OWN):
        yield Reach(True, line, node.attr)
    elif owner in modules and isinstance(node.ctx, (ast.Store, ast.Del)):
        yield Reach(True, line, f"{module}.{node.attr}")


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _names_something_plain(call: ast.Call) -> bool:
    """Return True if the named attribute is constant and not private, as in ``getattr(module, "hidden")``."""
    named = call.args[1] if len(call.args) > 1 else None
    return isinstance(named, ast.Constant) and isinstance(named.value, str) and not _is_private(named.value)


def _is_private(name: str) -> bool:
    return (
        name.startswith("_") and name.isidentifier() and name not in USUAL and name not in ("_", "__future__")
    )
