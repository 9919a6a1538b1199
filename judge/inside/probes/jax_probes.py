"""Probes on differentiation: the function, the arguments it is differentiated by, and its return value."""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable
from typing import Any

from judge.inside.probes import checksums
from judge.inside.probes.data_flow import Flow
from judge.inside.probes.leaf_roles import MIXED, STATE, LeafRegistry, TreeRoles, shape_of
from judge.inside.probes.wrappers import (
    EventRecorder,
    FunctionProxy,
    call_and_report,
    without_raising,
    wraps_safely,
)

MAKERS = ("grad", "value_and_grad", "jacrev", "jacfwd", "jacobian", "hessian")
"""Take a function and return a function; ``has_aux`` is their third positional parameter."""
GIVE_GRADIENTS = ("grad", "value_and_grad", "jacrev", "jacfwd", "jacobian")
AT_ONCE = ("vjp", "linearize", "jvp")
"""Take a function and its arguments."""


def install(recorder: EventRecorder, registry: LeafRegistry, flow: Flow) -> None:
    """Replace the public names ``jax.NAME``; jax's own modules keep calling each other unobserved."""
    import jax

    for names, watched in ((MAKERS, _watched_maker), (AT_ONCE, _watched_at_once)):
        for name in names:
            if hasattr(jax, name):
                function = watched(getattr(jax, name), name, recorder, registry, flow)
                function.__module__ = "jax"  # the public module, so that it pickles by name
                setattr(jax, name, function)


class _Differentiated:
    """One use of differentiation: the function's stand-in, and its last return value.

    The returned aux values are tracers; jax passes on other objects, leaf for leaf the same. ``aux`` carries the
    known facts about the former over to the latter.
    """

    def __init__(self, function: Callable[..., Any], registry: LeafRegistry, recorder: EventRecorder) -> None:
        self.returned: dict[str, Any] | None = None
        self.aux: list[Any] | None = None
        self.function = FunctionProxy(function, self._call)
        self._original = function
        self._registry = registry
        self._recorder = recorder

    def _call(self, *args: Any, **kwargs: Any) -> Any:
        inside = self._recorder.stack("differentiated")
        inside.append(None)
        try:
            value = self._original(*args, **kwargs)
        finally:
            inside.pop()
        self.returned = without_raising(lambda: describe(value))
        if type(value) is tuple and len(value) == 2:
            self.aux = without_raising(lambda: self._registry.labels(value[1]))
        return value

    def hand_on(self, api: str, result: Any) -> None:
        """Carry the labels of aux over to its place in the result of a call with ``has_aux``."""
        if self.aux is not None:
            aux = result[0][1] if api == "value_and_grad" else result[-1]
            self._registry.remember_labels(aux, self.aux)
            self._registry.roles(aux)  # the type of a flax.nnx variable tells its role


def _watched_maker(
    original: Callable[..., Any], api: str, recorder: EventRecorder, registry: LeafRegistry, flow: Flow
) -> Callable[..., Any]:
    @wraps_safely(original)
    def make(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        watched = without_raising(lambda: _watch(args, kwargs, registry, recorder))
        if watched is None:
            return original(*args, **kwargs)
        use, args, kwargs = watched
        made = original(*args, **kwargs)
        facts = without_raising(lambda: _making_facts(api, args, kwargs), {"api": api})
        maker = recorder.serial()
        without_raising(lambda: recorder.emit("grad-make", facts, maker=maker))
        return _watched_call(made, use, {**facts}, maker, recorder, registry, flow)

    return make


def _watched_call(
    made: Callable[..., Any],
    use: _Differentiated,
    facts: dict[str, Any],
    maker: int,
    recorder: EventRecorder,
    registry: LeafRegistry,
    flow: Flow,
) -> Callable[..., Any]:
    @wraps_safely(made)
    def call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if not without_raising(recorder.is_open):
            return made(*args, **kwargs)
        roles = without_raising(lambda: registry.roles(_wrt(args, facts["argnums"])))
        began = recorder.serial()
        use.returned = use.aux = None

        def report(result: Any, raised: str | None) -> None:
            recorder.emit(
                "grad-call",
                {**facts, "wrt": roles and roles.facts(), "returned": use.returned, "raised": raised},
                lambda: {
                    "point": _point(args, facts, registry),
                    **({} if raised else _loss_of(result, facts)),
                    **({} if raised else _gradient_sums(result, facts, registry)),
                },
                maker=maker,
                began=began,
            )

        result = call_and_report(lambda: made(*args, **kwargs), report)
        if facts["api"] in GIVE_GRADIENTS and roles is not None:
            wrt = _wrt(args, facts["argnums"])
            without_raising(lambda: _follow(wrt, _gradient(result, facts), roles, registry, flow))
        if facts.get("has_aux"):
            without_raising(lambda: use.hand_on(facts["api"], result))
        return result

    return call


def _watched_at_once(
    original: Callable[..., Any], api: str, recorder: EventRecorder, registry: LeafRegistry, flow: Flow
) -> Callable[..., Any]:
    @wraps_safely(original)
    def differentiate(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        watched = without_raising(lambda: _watch(args, kwargs, registry, recorder))
        if watched is None:
            return original(*args, **kwargs)
        use, args, kwargs = watched
        primals = args[1] if api == "jvp" and len(args) > 1 else args[1:]
        roles = without_raising(lambda: registry.roles(primals))
        began = recorder.serial()

        def report(result: Any, raised: str | None) -> None:
            facts = {
                "api": api,
                "has_aux": kwargs.get("has_aux", False) is True,
                "defined": defined_at(args, kwargs),
                "wrt": roles and roles.facts(),
                "returned": use.returned,
                "raised": raised,
            }
            recorder.emit("grad-call", facts, began=began)

        result = call_and_report(lambda: original(*args, **kwargs), report)
        if kwargs.get("has_aux", False) is True:
            without_raising(lambda: use.hand_on(api, result))
        if api == "vjp" and roles is not None:
            without_raising(lambda: pullbacks.watch(result[1], primals, roles))
        return result

    pullbacks = _Pullbacks(registry, flow)
    return differentiate


def _follow(wrt: Any, gradient: Any, roles: TreeRoles, registry: LeafRegistry, flow: Flow) -> None:
    """Remember the gradient's leaves; from the first gradient of statistics on, follow the values made of them."""
    registry.remember_like(gradient, roles, "gradient")
    if roles.count(STATE) + roles.count(MIXED):
        registry.remember_like(wrt, roles, "unknown")
        flow.begin()


class _Pullbacks:
    """Functions that jax.vjp returned: their results are gradients of the primals."""

    def __init__(self, registry: LeafRegistry, flow: Flow) -> None:
        self._registry = registry
        self._flow = flow
        self._known: dict[int, tuple[weakref.ref[Any], Any, TreeRoles]] = {}
        self._watched: set[type] = set()

    def watch(self, pullback: Any, primals: Any, roles: TreeRoles) -> None:
        if not roles.count(STATE) + roles.count(MIXED) or type(pullback).__name__ != "VJP":
            return
        known, key = self._known, id(pullback)
        known[key] = (weakref.ref(pullback, lambda _: known.pop(key, None)), primals, roles)
        if type(pullback) not in self._watched:
            self._watched.add(type(pullback))
            self._wrap(type(pullback))

    def _wrap(self, cls: Any) -> None:
        original = cls.__call__

        @wraps_safely(original)
        def call(pullback: Any, *args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            result = original(pullback, *args, **kwargs)
            without_raising(lambda: self._report(pullback, result))
            return result

        cls.__call__ = call

    def _report(self, pullback: Any, result: Any) -> None:
        reference, primals, roles = self._known[id(pullback)]
        if reference() is pullback:
            _follow(primals, result, roles, self._registry, self._flow)


def _watch(
    args: tuple[Any, ...], kwargs: dict[str, Any], registry: LeafRegistry, recorder: EventRecorder
) -> tuple[_Differentiated, tuple[Any, ...], dict[str, Any]] | None:
    """Return the call's arguments with the function replaced by its stand-in; None when there is none to watch."""
    if not recorder.is_open():
        return None
    function = args[0] if args else kwargs.get("fun", kwargs.get("f"))
    if not callable(function) or inspect.isgeneratorfunction(function):
        return None
    use = _Differentiated(function, registry, recorder)
    if args:
        return use, (use.function, *args[1:]), kwargs
    name = "fun" if "fun" in kwargs else "f"
    return use, args, {**kwargs, name: use.function}


def _making_facts(api: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    argnums = kwargs.get("argnums", args[1] if len(args) > 1 else 0)
    has_aux = kwargs.get("has_aux", args[2] if len(args) > 2 else False)
    numbers = [int(n) for n in argnums] if isinstance(argnums, (tuple, list)) else int(argnums)
    return {"api": api, "argnums": numbers, "has_aux": bool(has_aux), "defined": defined_at(args, kwargs)}


def defined_at(args: tuple[Any, ...], kwargs: dict[str, Any]) -> int | None:
    """Return the line on which the differentiated function begins, when it is written in Python."""
    function: Any = args[0] if args else kwargs.get("fun", kwargs.get("f"))

    def look() -> int | None:
        it = function
        while isinstance(it, functools.partial):
            it = it.func
        it = inspect.unwrap(it)
        line = getattr(it, "__func__", it).__code__.co_firstlineno
        return line if type(line) is int else None

    return without_raising(look)  # type: ignore[no-any-return]


def _wrt(args: tuple[Any, ...], argnums: int | list[int]) -> Any:
    return args[argnums] if isinstance(argnums, int) else tuple(args[n] for n in argnums)


def _point(args: tuple[Any, ...], facts: dict[str, Any], registry: LeafRegistry) -> list[list[Any]]:
    """Return checksums of the arguments that the function was differentiated by, by path."""
    return checksums.of_leaves(registry.leaves(_wrt(args, facts["argnums"])))


def _gradient_sums(result: Any, facts: dict[str, Any], registry: LeafRegistry) -> dict[str, Any]:
    """Return checksums of the gradient by path, where the call returned one."""
    if facts["api"] not in GIVE_GRADIENTS:
        return {}
    return {"gradient": checksums.of_leaves(registry.leaves(_gradient(result, facts)))}


def _loss_of(result: Any, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the differentiated function's value, where it is part of the result."""
    if facts["api"] != "value_and_grad":
        return {}
    value = result[0][0] if facts["has_aux"] else result[0]
    return {"value": checksums.of_leaf(value, checksums.number)}


def _gradient(result: Any, facts: dict[str, Any]) -> Any:
    if facts["api"] == "value_and_grad":
        return result[1]
    return result[0] if facts["has_aux"] else result


def describe(value: Any, depth: int = 3) -> dict[str, Any]:
    """Describe a return value as structure: kind, shape and dtype of leaves, parts of containers."""
    if value is None:
        return {"kind": "none"}
    if isinstance(value, (tuple, list)):
        found: dict[str, Any] = {"kind": "list" if isinstance(value, list) else "tuple", "length": len(value)}
        if depth:
            found["parts"] = [describe(part, depth - 1) for part in value[:4]]
        return found
    shape = shape_of(value)
    if shape is not None:
        dtype = getattr(value, "dtype", None)
        name = getattr(dtype, "name", None) or str(dtype)
        return {"kind": "array" if shape else "scalar", "shape": list(shape), "dtype": name[:40]}
    if hasattr(value, "keys") and hasattr(value, "values"):
        found = {"kind": "mapping", "keys": [str(key)[:60] for key in list(value)[:8]]}
        if depth:
            found["parts"] = [describe(part, depth - 1) for part in list(value.values())[:4]]
        return found
    if isinstance(value, (bool, int, float)):
        return {"kind": "scalar", "dtype": type(value).__name__}
    return {"kind": "object", "type": type(value).__name__[:80]}
