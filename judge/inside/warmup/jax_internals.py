"""The few places where the judge uses private parts of jax for speed; outside of the probes there are no others.

Each is optional: where this version of jax has no such part `Unsupported` is raised, the caller goes without, and
only time is lost. None of them changes the results: programs are traced, keyed and compiled by jax as always.
"""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

STORE_PATH = "/nonexistent/in-memory"
"""jax uses its persistent cache only when a path is set; this one is never opened."""
NEVER_S = 1e12


class Unsupported(Exception):
    """This version of jax lacks a part that is needed."""


def use_memory_store(entries: MutableMapping[str, bytes], *, write: bool) -> None:
    """Make ``entries`` jax's persistent compilation cache; with ``write`` compiled programs are put there.

    Without ``write`` nothing is ever put, so that learners neither pay for serialising nor see a warning.
    """
    import jax
    from jax._src import compilation_cache
    from jax._src.compilation_cache_interface import CacheInterface

    class MemoryStore(CacheInterface):  # type: ignore[misc]
        _path = STORE_PATH

        def get(self, key: str) -> bytes | None:
            return entries.get(key)

        def put(self, key: str, value: bytes) -> None:
            entries[key] = value

    for name in ("_cache", "_cache_initialized", "_cache_checked", "_cache_used"):
        if not hasattr(compilation_cache, name):
            raise Unsupported(f"jax._src.compilation_cache has no {name}")
    update = jax.config.update
    update("jax_enable_compilation_cache", True)
    update("jax_compilation_cache_dir", STORE_PATH)
    update("jax_persistent_cache_min_entry_size_bytes", -1)
    update("jax_persistent_cache_min_compile_time_secs", 0.0 if write else NEVER_S)
    update("jax_persistent_cache_enable_xla_caches", "none")
    compilation_cache._cache = MemoryStore()
    compilation_cache._cache_initialized = True


def share_lowering_context() -> None:
    """Lower every program in one MLIR context, made here: making one costs more than the lowering.

    The context has no thread before its first use, so it may be made before a fork.
    """
    from jax._src.interpreters import mlir

    if not hasattr(mlir, "make_ir_context"):
        raise Unsupported("jax._src.interpreters.mlir has no make_ir_context")
    context = mlir.make_ir_context()
    mlir.make_ir_context = lambda: context


def dispatch_synchronously() -> None:
    """Run every program in the thread that asks for it; after a fork no other thread would be there."""
    import jax

    jax.config.update("jax_cpu_enable_async_dispatch", False)


def before_lowering(callback: Callable[[Any], None]) -> None:
    """Call ``callback(closed_jaxpr)`` before a program that is not in memory is lowered, and so compiled or loaded."""
    from jax._src.interpreters import pxla

    original = getattr(pxla, "_cached_lowering_to_hlo", None)
    if not callable(original):
        raise Unsupported("jax._src.interpreters.pxla has no _cached_lowering_to_hlo")

    def lower(closed_jaxpr: Any, *args: Any, **kwargs: Any) -> Any:
        callback(closed_jaxpr)
        return original(closed_jaxpr, *args, **kwargs)

    lower.cache_clear = getattr(original, "cache_clear", lambda: None)  # type: ignore[attr-defined]
    pxla._cached_lowering_to_hlo = lower


def before_compiling(callback: Callable[[], None]) -> None:
    """Call ``callback()`` before a lowered program is compiled or loaded."""
    from jax._src import compiler

    original = getattr(compiler, "compile_or_get_cached", None)
    if not callable(original):
        raise Unsupported("jax._src.compiler has no compile_or_get_cached")

    def compile_or_get_cached(*args: Any, **kwargs: Any) -> Any:
        callback()
        return original(*args, **kwargs)

    compiler.compile_or_get_cached = compile_or_get_cached


@contextlib.contextmanager
def without_tracebacks() -> Iterator[None]:
    """Keep jax from recording Python stacks in the block; otherwise its caches would keep the callers' code alive."""
    from jax._src.lib import _jax

    if not hasattr(_jax, "set_tracebacks_enabled") or not hasattr(_jax, "tracebacks_enabled"):
        raise Unsupported("jaxlib cannot switch tracebacks off")
    before = _jax.tracebacks_enabled()
    _jax.set_tracebacks_enabled(False)
    try:
        yield
    finally:
        _jax.set_tracebacks_enabled(before)


@contextlib.contextmanager
def same_settings() -> Iterator[None]:
    """Restore every setting of jax that the block changes."""
    import jax

    before = dict(jax.config.values)
    try:
        yield
    finally:
        for name, value in jax.config.values.items():
            if name in before and before[name] is not value and before[name] != value:
                jax.config.update(name, before[name])


def drop_lowered() -> None:
    """Forget the MLIR modules of compiled programs (a megabyte each); the programs stay."""
    from jax._src.interpreters import pxla

    for thing in gc.get_objects():
        if type(thing).__name__ == "MeshComputation" and getattr(thing, "_executable", None) is not None:
            thing._hlo = None
    clear = getattr(getattr(pxla, "_cached_lowering_to_hlo", None), "cache_clear", None)
    if clear is not None:
        clear()


def package_folder() -> str:
    """Return the folder of the package jax, with a slash at the end."""
    import jax

    return os.path.dirname(os.path.abspath(str(jax.__file__))) + os.sep
