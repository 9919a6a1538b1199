"""Probes on flax: variables that are made, models that are applied, and how BatchNorm normalised."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from judge.inside.probes import checksums
from judge.inside.probes.data_flow import Flow
from judge.inside.probes.jax_probes import describe
from judge.inside.probes.layer_settings import layer_facts
from judge.inside.probes.leaf_roles import GRADIENTS, JOINED, PARAMS, STEPPED, Memory
from judge.inside.probes.loop_probes import REPEATED
from judge.inside.probes.wrappers import Sink, dressed_as, followed, quietly

MAX_LAYERS = 64


def install(sink: Sink, memory: Memory, flow: Flow) -> None:
    """Watch the functions that every Module.init, apply, nn.init and nn.apply goes through."""
    import flax
    from flax import linen

    core: Any = flax.core
    core.init = _watched_init(core.init, sink, memory)
    core.apply = _watched_apply(core.apply, sink, memory)
    core.init.__module__ = core.apply.__module__ = (
        "flax.core"  # the public module, so that they pickle by name
    )
    module: Any = linen.Module
    module.bind = _watched_bind(module.bind, sink, memory)
    module._call_wrapped_method = _watched_method(module._call_wrapped_method, sink)
    norm: Any = linen.BatchNorm
    norm.__call__ = _watched_norm(norm.__call__, sink)


def _watched_init(original: Callable[..., Any], sink: Sink, memory: Memory) -> Callable[..., Any]:
    @dressed_as(original)
    def init(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        made = original(*args, **kwargs)

        @dressed_as(made)
        def call(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            if not quietly(sink.is_open):
                return made(*args, **kwargs)
            began, depth = sink.serial(), len(sink.stack("model"))
            given = args[0] if args else kwargs.get("rngs")
            keys = quietly(lambda: _keys(given))
            frame: dict[str, Any] = {"norms": [], "layers": {}}
            sink.stack("model").append(frame)

            def report(result: Any, raised: str | None) -> None:
                sink.stack("model").pop()
                known = {} if raised else memory.learn_variables(result[1], "init", complete=True)
                facts = {
                    "depth": depth,
                    "keys": keys,
                    "variables": known,
                    "layers": [[path, *found] for path, found in frame["layers"].items()],
                    "norms": frame["norms"],
                    "raised": raised,
                }

                def numbers() -> dict[str, Any]:
                    found = {"sums": _sums(result[1], memory)}
                    # Traced keys are known later, if at all; the known ones tell initialisations apart.
                    traced = keys is None or None in keys.values()
                    return {**found, "keys": _keys(given, later=True)} if traced else found

                sink.emit("module-init", facts, numbers, began=began)

            return followed(lambda: made(*args, **kwargs), report)

        return call

    return init


def _watched_apply(original: Callable[..., Any], sink: Sink, memory: Memory) -> Callable[..., Any]:
    @dressed_as(original)
    def apply(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        made = original(*args, **kwargs)
        mutable = kwargs.get("mutable", args[1] if len(args) > 1 else False)

        @dressed_as(made)
        def call(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            if not quietly(sink.is_open):
                return made(*args, **kwargs)
            began, depth = sink.serial(), len(sink.stack("model"))
            given = quietly(lambda: _given(args[0] if args else kwargs["variables"], memory), {})
            batch = quietly(lambda: _batch(args[1:], kwargs, memory))
            frame: dict[str, Any] = {"norms": []}
            sink.stack("model").append(frame)

            def report(result: Any, raised: str | None) -> None:
                sink.stack("model").pop()
                facts = {
                    "depth": depth,
                    "differentiated": bool(sink.stack("differentiated")),
                    "mutable": mutable_of(mutable),
                    "repeated": bool(sink.stack(REPEATED)),
                    "batch": quietly(lambda: [int(n) for n in batch.shape][:8]),
                    **given,
                    "norms": frame["norms"],
                    "raised": raised,
                    "returned": None if raised else describe(result, 2),
                }
                if raised is None and mutable is not False:
                    memory.learn_variables(result[1], "mutable", complete=False)
                    facts["updated"] = sorted(str(name)[:60] for name in result[1])[:8]

                def numbers() -> dict[str, Any]:
                    output = result[0] if raised is None and mutable is not False else result
                    return {
                        "sums": _sums(args[0] if args else kwargs["variables"], memory),
                        "output": _output(output, memory),
                        "batch_sums": checksums.of_leaf(batch, checksums.checksum),
                    }

                sink.emit("module-apply", facts, numbers, began=began)

            return followed(lambda: made(*args, **kwargs), report)

        return call

    return apply


def _watched_bind(original: Callable[..., Any], sink: Sink, memory: Memory) -> Callable[..., Any]:
    @dressed_as(original)
    def bind(self: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if quietly(sink.is_open):

            def report() -> None:
                facts = _given(args[0] if args else kwargs["variables"], memory)
                mutable = mutable_of(kwargs.get("mutable", False))
                sink.emit("module-bind", {"mutable": mutable, **facts}, began=sink.serial())

            quietly(report)
        return original(self, *args, **kwargs)

    return bind


def _watched_method(original: Callable[..., Any], sink: Sink) -> Callable[..., Any]:
    """Record the layers of a model while it is initialised; called below every method of every Module."""

    @dressed_as(original)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        stack = sink.stack("model")
        if stack and "layers" in stack[-1] and len(stack[-1]["layers"]) < MAX_LAYERS:

            def look() -> None:
                path = "/".join(map(str, self.path))[:200]
                if path and path not in stack[-1]["layers"]:
                    facts = layer_facts(self)
                    if facts is not None:
                        stack[-1]["layers"][path] = (facts, sink.line())

            quietly(look)
        return original(self, *args, **kwargs)

    return call


def _watched_norm(original: Callable[..., Any], sink: Sink) -> Callable[..., Any]:
    @dressed_as(original)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if quietly(sink.is_open):

            def report() -> None:
                given = kwargs.get("use_running_average", args[1] if len(args) > 1 else None)
                facts = {
                    "path": "/".join(map(str, self.path))[:200],
                    "use_running_average": _flag(self.use_running_average if given is None else given),
                    "momentum": _number(self.momentum),
                    "epsilon": _number(self.epsilon),
                    "initialising": bool(self.is_initializing()),
                    "mutable": bool(self.is_mutable_collection("batch_stats")),
                }
                stack = sink.stack("model")
                if stack and len(stack[-1]["norms"]) < 16:
                    stack[-1]["norms"].append(facts)
                sink.emit("batch-norm", facts, began=sink.serial())

            quietly(report)
        return original(self, *args, **kwargs)

    return call


def _given(variables: Any, memory: Memory) -> dict[str, Any]:
    """Return the collections of the variables that a model is run with, and the roles of their leaves."""
    names = [str(name)[:60] for name in variables]
    nested = [str(name)[:60] for name in variables if _holds(variables[name], name)]
    found: dict[str, Any] = {
        "collections": names[:8],
        "nested": nested[:8],
        "given": memory.census(variables).facts(),
    }
    if any(_is_stepped(variables[name], memory) for name in variables if name != PARAMS):
        found["stepped"] = True
    return found


def _batch(args: tuple[Any, ...], kwargs: dict[str, Any], memory: Memory) -> Any:
    """Return the first array that a model is run on; None without one."""
    named = {name: value for name, value in kwargs.items() if name not in ("variables", "rngs")}
    return next((leaf for _, leaf in memory.leaves((args, named)) if getattr(leaf, "ndim", 0)), None)


def _is_stepped(collection: Any, memory: Memory) -> bool:
    """Return whether a step was made of some leaf of this collection, in whatever way (see `data_flow`)."""
    origins = {label.origin for label in memory.labels(collection) if label is not None}
    return not origins.isdisjoint({*GRADIENTS, JOINED, STEPPED})


def _sums(variables: Any, memory: Memory) -> dict[str, list[list[Any]]]:
    """Return ``{collection: [[path, checksum or None], ...]}``, of at most `MAX_SUMMED` leaves in all."""
    found: dict[str, list[list[Any]]] = {}
    left = checksums.MAX_SUMMED
    for name in variables:
        leaves = memory.leaves(variables[name])[:left]
        left -= len(leaves)
        found[str(name)[:60]] = [
            ["/".join(path)[:200], checksums.of_leaf(leaf, checksums.checksum)] for path, leaf in leaves
        ]
    return found


def _keys(rngs: Any, *, later: bool = False) -> dict[str, Any]:
    """Return the words of each stream's key, None where it is traced, or a `Later` with ``later``."""
    streams = rngs if hasattr(rngs, "keys") else {"params": rngs}
    look: Callable[[Any], Any] = functools.partial(quietly_words, later=later)
    return {str(name)[:60]: look(streams[name]) for name in list(streams)[:8]}


def quietly_words(key: Any, *, later: bool) -> Any:
    if later:
        return checksums.of_leaf(key, checksums.key_words)
    return quietly(lambda: checksums.key_words(key))


def _output(result: Any, memory: Memory) -> list[Any]:
    """Return checksums of the first four leaves of a model's output; updated collections are not passed in."""
    return [checksums.of_leaf(leaf, checksums.checksum) for _, leaf in memory.leaves(result)[:4]]


def _holds(collection: Any, name: Any) -> bool:
    """True if a collection holds an entry of its own name: a dictionary of collections in a collection's place."""
    return hasattr(collection, "keys") and name in collection


def mutable_of(mutable: Any) -> Any:
    """Return flax's collection filter as JSON: a bool, a list of names, or ``{"all but": ...}``."""
    if isinstance(mutable, bool):
        return mutable
    if isinstance(mutable, str):
        return [mutable[:60]]
    if hasattr(mutable, "deny"):
        return {"all but": mutable_of(mutable.deny)}
    return sorted(str(name)[:60] for name in mutable)[:8]


def _flag(value: Any) -> bool | str:
    kind = type(value).__name__
    return bool(value) if kind in ("bool", "bool_") else kind[:40]


def _number(value: Any) -> float | str:
    if isinstance(value, (int, float)) and math.isfinite(value):
        return float(value)
    return type(value).__name__[:40]
