"""Probes on loops and maps, whose body stands for many runs though it is traced only once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from judge.inside.probes.data_flow import Flow
from judge.inside.probes.leaf_roles import LeafRegistry
from judge.inside.probes.wrappers import EventRecorder, without_raising, wraps_safely

LOOPS = ("scan", "map", "fori_loop", "while_loop", "associative_scan")
"""In ``jax.lax``: they run a function while they are called."""
MAPS = ("vmap", "shard_map")
"""In ``jax``: they return a function."""
REPEATED = "repeated"
"""The stack that is not empty inside of a loop or a map."""


def install(recorder: EventRecorder, registry: LeafRegistry, flow: Flow) -> None:
    """Replace the public names; jax's own modules keep calling each other unobserved."""
    import jax

    for name in LOOPS:
        loop = _inside_of(getattr(jax.lax, name), recorder)
        loop.__module__ = "jax.lax"  # the public module, so that it pickles by name
        setattr(jax.lax, name, loop)
    for name in MAPS:
        if hasattr(jax, name):
            make = _map(getattr(jax, name), recorder)
            make.__module__ = "jax"
            setattr(jax, name, make)


def _map(original: Callable[..., Any], recorder: EventRecorder) -> Callable[..., Any]:
    @wraps_safely(original)
    def make(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        return _inside_of(original(*args, **kwargs), recorder)

    return make


def _inside_of(original: Callable[..., Any], recorder: EventRecorder) -> Callable[..., Any]:
    @wraps_safely(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        stack = without_raising(lambda: recorder.stack(REPEATED), [])
        stack.append(None)
        try:
            return original(*args, **kwargs)
        finally:
            without_raising(stack.pop)

    return call
