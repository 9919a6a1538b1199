"""Recognises compiled programs that reveal nothing about the code that caused them: single operations of jax's own.

Theory of operation. Programs that trusted files cause are kept, on disk and in memory, where learner code can find
and call them. ``jnp.mean`` on a shape is no secret; ``jax.jit(solve)`` of the reference would be the solution itself,
ready to run. jax notes for every traced function where it was written. A program is kept only when its function, and
each function inside it (the body of a scan, a custom derivative), was written in one of jax's own folders of
operations. jax's transformations live elsewhere: ``jit(vjp_function)`` is written in jax as well, but is no
operation.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from judge.inside.warmup.jax_internals import package_folder

OPERATIONS = (  # relative to the package jax
    "_src/dispatch.py",  # a primitive applied on its own
    "_src/numpy/",
    "_src/lax/",
    "_src/random/",
    "_src/random.py",
    "_src/prng.py",
    "_src/nn/",
    "_src/scipy/",
    "_src/image/",
    "_src/ops/",
    "../optax/tree_utils/",
)


def is_library_program(closed_jaxpr: Any) -> bool:
    """True when every function in the program was written in jax's own folders of operations."""
    folder = package_folder()
    allowed = tuple(os.path.normpath(folder + place) + os.sep * place.endswith("/") for place in OPERATIONS)
    waiting, seen = [closed_jaxpr], set()
    while waiting:
        jaxpr = waiting.pop()
        jaxpr = getattr(jaxpr, "jaxpr", jaxpr)
        if id(jaxpr) in seen:
            continue
        seen.add(id(jaxpr))
        if not origin_of(jaxpr).startswith(allowed):
            return False
        for equation in jaxpr.eqns:
            for value in equation.params.values():
                waiting.extend(_jaxprs_in(value))
    return True


def origin_of(jaxpr: Any) -> str:
    """Return the file of the traced function: jax writes ``name at file:line``; empty when it does not know."""
    described = getattr(getattr(jaxpr, "debug_info", None), "func_src_info", None)
    if not isinstance(described, str):
        return ""
    return described.partition(" at ")[2].rpartition(":")[0]


def _jaxprs_in(value: Any) -> Iterator[Any]:
    if hasattr(value, "eqns"):  # open and closed ones alike
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _jaxprs_in(part)
