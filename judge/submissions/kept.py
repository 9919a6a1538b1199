"""Which top-level statements of a notebook are taken: definitions, and what the entry point needs.

The rule, as learners are told it: imports, functions, classes, assignments of plain values and settings of jax are
kept, and so is every other statement that gives a value to, or changes, something that the entry point uses.  All else
(training loops, plots, prints) is left out.  So is a definition that the entry point does not use and that cannot be
made here: the import of a package that is not installed, or a function with a default value that is left out.  A plot's
helpers must not keep a right program from being loaded.

Names are followed without regard to order, so that a program runs as it does in a notebook that is run from top to
bottom.  Where in doubt a statement is kept.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, cached_property

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_PLAIN = (
    ast.Constant,
    ast.Tuple,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.UnaryOp,
    ast.BinOp,
    ast.BoolOp,
    ast.Compare,
    ast.Attribute,
    ast.Name,
    ast.Starred,
    ast.expr_context,
    ast.operator,
    ast.unaryop,
    ast.boolop,
    ast.cmpop,
)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_CHANGING = frozenset(
    (
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "extendleft",
        "insert",
        "pop",
        "popitem",
        "remove",
        "reverse",
        "setdefault",
        "sort",
        "update",
    )
)
"""Methods of lists, dictionaries and sets that change them: to call another one, as `model.init`, changes nothing."""
_CHANGING_PREFIXES = ("def", "register", "set")
"""As in `defvjp`, `register_pytree_node` and `set_params`."""


_ALWAYS_THERE = frozenset((*dir(builtins), "__name__", "__file__"))


class _Statement:
    """A top-level statement, and the names that it binds, changes and uses."""

    def __init__(self, node: ast.stmt, functions: Collection[str]) -> None:
        self.node, self.functions = node, functions
        self.kept = False
        self.needed = False
        """Whether something that is kept uses a name that it binds or changes."""

    @cached_property
    def binds(self) -> frozenset[str]:
        return frozenset(_bound(self.node))

    @cached_property
    def gives(self) -> frozenset[str]:
        """The names that it binds or changes."""
        return self.binds | frozenset(_changed(self.node, self.functions))

    @cached_property
    def used_when_run(self) -> frozenset[str]:
        return frozenset(_used(self.node, bodies=False))

    @cached_property
    def used(self) -> frozenset[str]:
        """The names that it uses when it runs, or that functions in it use when they are called."""
        return frozenset(_used(self.node, bodies=True))


def _statements(nodes: Sequence[ast.stmt]) -> list[_Statement]:
    functions = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    return [_Statement(node, functions) for node in nodes]


def kept_statements(nodes: Sequence[ast.stmt], entry_point: str) -> list[bool]:
    """Return for each top-level statement of a notebook, in order, whether it is kept."""
    statements = _statements(nodes)
    _keep_definitions(statements)
    _keep_what_is_needed(statements, entry_point)
    return [one.kept for one in statements]


def lacks_something(nodes: Sequence[ast.stmt], entry_point: str) -> bool:
    """Return whether the entry point, or a name that it needs, gets no value from any of these statements."""
    statements = _statements(nodes)
    _keep_definitions(statements)
    known = _keep_what_is_needed(statements, entry_point)
    given = {name for one in statements for name in one.binds}
    return not known <= given | _ALWAYS_THERE


def _keep_definitions(statements: Iterable[_Statement]) -> None:
    """Keep what does not depend on its use: definitions, assignments of plain values, settings and texts."""
    plain: set[str] = set()
    missing: set[str] = set()
    """Names whose latest value is left out so far."""
    of_jax: set[str] = set()
    for one in statements:
        node = one.node
        if isinstance(node, _IMPORTS):
            of_jax |= {name for name in one.binds if _module_of(node) == "jax"}
        is_one = _is_definition(node, plain) or _is_text(node) or _is_setting(node, of_jax)
        one.kept = is_one and missing.isdisjoint(one.used_when_run)
        if one.kept:
            plain |= one.binds
            missing -= one.binds
        else:
            plain -= one.gives
            missing |= one.binds


def _keep_what_is_needed(statements: Sequence[_Statement], entry_point: str) -> set[str]:
    """Keep what gives the needed names their values, as long as that needs more names; return all of the names."""
    giving: dict[str, list[_Statement]] = defaultdict(list)
    for one in statements:
        for name in one.gives:
            giving[name].append(one)
    waiting = deque([entry_point, *(name for one in statements if one.kept for name in one.used_when_run)])
    known: set[str] = set()
    while waiting:
        name = waiting.popleft()
        if name in known:
            continue
        known.add(name)
        for one in giving[name]:
            if not one.needed and _can_be_needed(one.node):
                one.kept = one.needed = True
                waiting.extend(one.used)
    return known


def _can_be_needed(node: ast.stmt) -> bool:
    """Return whether a statement can be kept for its names; a main guard does not run when the judge loads a file."""
    return not (isinstance(node, ast.If) and _is_main_guard(node.test))


def _is_main_guard(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and any(
        isinstance(part, ast.Name) and part.id == "__name__" for part in (test.left, *test.comparators)
    )


def _is_definition(node: ast.stmt, plain: set[str]) -> bool:
    """Return whether a statement is a definition or a plain assignment, or consists of such under a condition."""
    match node:
        case ast.Import() | ast.ImportFrom():
            return _is_installed(node)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Pass():
            return True
        case ast.Assign(targets=targets, value=value):
            return _is_plain(value, plain) and all(map(_is_names, targets))
        case ast.AnnAssign(target=target, value=value):
            return (value is None or _is_plain(value, plain)) and _is_names(target)
        case ast.If(test=test, body=body, orelse=orelse):
            return not _is_main_guard(test) and all(_is_definition(one, plain) for one in (*body, *orelse))
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
            handled = [one for handler in handlers for one in handler.body]
            return all(_is_definition(one, plain) for one in (*body, *handled, *orelse, *finalbody))
    return type(node).__name__ == "TypeAlias"  # Python 3.12


def _is_names(target: ast.expr) -> bool:
    """Return whether a target is made of names: to set an item or an attribute changes something else."""
    return not any(isinstance(part, ast.Attribute | ast.Subscript) for part in ast.walk(target))


def _is_plain(value: ast.expr, plain: set[str]) -> bool:
    """Return whether an expression is made of constants and of names that are plain themselves, without a call."""
    for part in ast.walk(value):
        if not isinstance(part, _PLAIN):
            return False
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id not in plain:
            return False
    return True


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_setting(node: ast.stmt, of_jax: set[str]) -> bool:
    """Return whether a statement is ``jax.config.update(...)`` or ``jax.config.name = ...``."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=config, attr="update"))):
            pass
        case ast.Assign(targets=[ast.Attribute(value=config)]):
            pass
        case _:
            return False
    return _base(config) in of_jax and ast.unparse(config).rpartition(".")[2] == "config"


def _module_of(node: ast.Import | ast.ImportFrom) -> str:
    """Return the top-level package that an import is from; of several, the first."""
    if isinstance(node, ast.ImportFrom):
        return "" if node.level else (node.module or "").partition(".")[0]
    return node.names[0].name.partition(".")[0]


def _is_installed(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.ImportFrom):
        return bool(node.level) or _is_package(_module_of(node))
    return all(_is_package(alias.name.partition(".")[0]) for alias in node.names)


@cache
def _is_package(name: str) -> bool:
    """Return whether a top-level package is installed; nothing is imported."""
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):  # of __main__, for one
        return True


def _base(node: ast.AST) -> str:
    """Return the name that a chain of attributes, items and calls begins with; '' for another expression."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a statement and what belongs to its own scope: not the bodies of functions and classes in it."""
    waiting = deque([node])
    while waiting:
        one = waiting.popleft()
        yield one
        if isinstance(one, ast.comprehension):  # its variables are its own
            waiting.extend((one.iter, *one.ifs))
        elif not isinstance(one, (*_DEFINITIONS, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(one))


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds in its own scope."""
    for one in _own_nodes(node):
        match one:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=asname):
                yield asname or name.partition(".")[0]
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                yield name
            case ast.MatchMapping(rest=str(name)):
                yield name


def _changed(node: ast.stmt, functions: Collection[str]) -> Iterator[str]:
    """Yield the variables that a statement changes in place: by an item, an attribute, or a call made for that.

    A call is made for that if it is a statement, and calls a method of a function (``loss.defvjp(f, b)``), a method
    that is known to change (``layers.append(n)``), or something that registers its arguments.
    """
    for one in _own_nodes(node):
        match one:
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                yield _base(one)
            case ast.Expr(value=ast.Call(func=function, args=arguments)):
                name = function.attr if isinstance(function, ast.Attribute) else _base(function)
                if isinstance(function, ast.Attribute) and (
                    name in _CHANGING or name.startswith(_CHANGING_PREFIXES) or _base(function) in functions
                ):
                    yield _base(function)
                if name.startswith("register"):
                    yield from (argument.id for argument in arguments if isinstance(argument, ast.Name))


def _used(node: ast.AST, *, bodies: bool) -> set[str]:
    """Return the names of its surroundings that a statement reads; with ``bodies`` also those of functions in it."""
    found: set[str] = set()
    waiting: deque[tuple[ast.AST, frozenset[str]]] = deque([(node, frozenset())])
    while waiting:
        one, local = waiting.popleft()
        if isinstance(one, ast.Name):
            if isinstance(one.ctx, ast.Load) and one.id not in local:
                found.add(one.id)
        elif isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting.extend((part, local) for part in _evaluated_at_once(one))
            if bodies:
                inner = local | _locals_of(one)
                body = one.body if isinstance(one.body, list) else [one.body]
                waiting.extend((part, inner) for part in body)
        elif isinstance(one, _COMPREHENSIONS):
            inner = local | {
                part.id
                for generator in one.generators
                for part in ast.walk(generator.target)
                if isinstance(part, ast.Name)
            }
            waiting.append((one.generators[0].iter, local))  # this alone is evaluated outside of it
            waiting.extend((part, inner) for part in ast.iter_child_nodes(one))
        else:
            if isinstance(one, ast.AugAssign):
                waiting.append((ast.copy_location(ast.Name(_base(one.target), ast.Load()), one), local))
            waiting.extend((part, local) for part in ast.iter_child_nodes(one))
    return found - {""}


def _evaluated_at_once(function: Function) -> Iterator[ast.AST]:
    """Yield what runs when a function is defined: decorators, default values and annotations."""
    arguments = function.args
    yield from arguments.defaults
    yield from (value for value in arguments.kw_defaults if value is not None)
    if isinstance(function, ast.Lambda):
        return
    yield from function.decorator_list
    yield from (note for one in _arguments(arguments) if (note := one.annotation) is not None)
    if function.returns is not None:
        yield function.returns


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    extra = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra]


def _locals_of(function: Function) -> frozenset[str]:
    """Return the names that belong to a function itself."""
    names = {one.arg for one in _arguments(function.args)}
    body = function.body if isinstance(function.body, list) else [function.body]
    outer: set[str] = set()
    for statement in body:
        names.update(_bound(statement))
        outer.update(
            name for one in _own_nodes(statement) if isinstance(one, ast.Global) for name in one.names
        )
    return frozenset(names - outer)
