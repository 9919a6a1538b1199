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
from judge.inside.probes.leaf_roles import GRADIENTS, JOINED, PARAMS, STEPPED, LeafRegistry
from judge.inside.probes.loop_probes import REPEATED
from judge.inside.probes.wrappers import EventRecorder, call_and_report, without_raising, wraps_safely

MAX_LAYERS = 64


def install(recorder: EventRecorder, registry: LeafRegistry, flow: Flow) -> None:
    """Watch the functions that every Module.init, apply, nn.init and nn.apply goes through."""
    import flax
    from flax import linen

    core: Any = flax.core
    core.init = _watched_init(core.init, recorder, registry)
    core.apply = _watched_apply(core.apply, recorder, registry)
    core.init.__module__ = core.apply.__module__ = (
        "flax.core"  # the public module, so that they pickle by name
    )
    module: Any = linen.Module
    module.bind = _watched_bind(module.bind, recorder, registry)
    module._call_wrapped_method = _watched_method(module._call_wrapped_method, recorder)
    norm: Any = linen.BatchNorm
    norm.__call__ = _watched_norm(norm.__call__, recorder)


def _watched_init(
    original: Callable[..., Any], recorder: EventRecorder, registry: LeafRegistry
) -> Callable[..., Any]:
    @wraps_safely(original)
    def init(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        made = original(*args, **kwargs)

        @wraps_safely(made)
        def call(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            if not without_raising(recorder.is_open):
                return made(*args, **kwargs)
            began, depth = recorder.serial(), len(recorder.stack("model"))
            given = args[0] if args else kwargs.get("rngs")
            keys = without_raising(lambda: _keys(given))
            frame: dict[str, Any] = {"norms": [], "layers": {}}
            recorder.stack("model").append(frame)

            def report(result: Any, raised: str | None) -> None:
                recorder.stack("model").pop()
                known = {} if raised else registry.learn_variables(result[1], "init", complete=True)
                facts = {
                    "depth": depth,
                    "keys": keys,
                    "variables": known,
                    "layers": [[path, *found] for path, found in frame["layers"].items()],
                    "norms": frame["norms"],
                    "raised": raised,
                }

                def numbers() -> dict[str, Any]:
                    found = {"sums": _sums(result[1], registry)}
                    # Traced keys are known later, if at all; the known ones tell initialisations apart.
                    traced = keys is None or None in keys.values()
                    return {**found, "keys": _keys(given, later=True)} if traced else found

                recorder.emit("module-init", facts, numbers, began=began)

            return call_and_report(lambda: made(*args, **kwargs), report)

        return call

    return init


def _watched_apply(
    original: Callable[..., Any], recorder: EventRecorder, registry: LeafRegistry
) -> Callable[..., Any]:
    @wraps_safely(original)
    def apply(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        made = original(*args, **kwargs)
        mutable = kwargs.get("mutable", args[1] if len(args) > 1 else False)

        @wraps_safely(made)
        def call(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            if not without_raising(recorder.is_open):
                return made(*args, **kwargs)
            began, depth = recorder.serial(), len(recorder.stack("model"))
            given = without_raising(lambda: _given(args[0] if args else kwargs["variables"], registry), {})
            batch = without_raising(lambda: _batch(args[1:], kwargs, registry))
            frame: dict[str, Any] = {"norms": []}
            recorder.stack("model").append(frame)

            def report(result: Any, raised: str | None) -> None:
                recorder.stack("model").pop()
                facts = {
                    "depth": depth,
                    "differentiated": bool(recorder.stack("differentiated")),
                    "mutable": mutable_of(mutable),
                    "repeated": bool(recorder.stack(REPEATED)),
                    "batch": without_raising(lambda: [int(n) for n in batch.shape][:8]),
                    **given,
                    "norms": frame["norms"],
                    "raised": raised,
                    "returned": None if raised else describe(result, 2),
                }
                if raised is None and mutable is not False:
                    registry.learn_variables(result[1], "mutable", complete=False)
                    facts["updated"] = sorted(str(name)[:60] for name in result[1])[:8]

                def numbers() -> dict[str, Any]:
                    output = result[0] if raised is None and mutable is not False else result
                    return {
                        "sums": _sums(args[0] if args else kwargs["variables"], registry),
                        "output": _output(output, registry),
                        "batch_sums": checksums.of_leaf(batch, checksums.checksum),
                    }

                recorder.emit("module-apply", facts, numbers, began=began)

            return call_and_report(lambda: made(*args, **kwargs), report)

        return call

    return apply


def _watched_bind(
    original: Callable[..., Any], recorder: EventRecorder, registry: LeafRegistry
) -> Callable[..., Any]:
    @wraps_safely(original)
    def bind(self: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if without_raising(recorder.is_open):

            def report() -> None:
                facts = _given(args[0] if args else kwargs["variables"], registry)
                mutable = mutable_of(kwargs.get("mutable", False))
                recorder.emit("module-bind", {"mutable": mutable, **facts}, began=recorder.serial())

            without_raising(report)
        return original(self, *args, **kwargs)

    return bind


def _watched_method(original: Callable[..., Any], recorder: EventRecorder) -> Callable[..., Any]:
    """Record the layers of a model while it is initialised; called below every method of every Module."""

    @wraps_safely(original)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        stack = recorder.stack("model")
        if stack and "layers" in stack[-1] and len(stack[-1]["layers"]) < MAX_LAYERS:

            def look() -> None:
                path = "/".join(map(str, self.path))[:200]
                if path and path not in stack[-1]["layers"]:
                    facts = layer_facts(self)
                    if facts is not None:
                        stack[-1]["layers"][path] = (facts, recorder.line())

            without_raising(look)
        return original(self, *args, **kwargs)

    return call


def _watched_norm(original: Callable[..., Any], recorder: EventRecorder) -> Callable[..., Any]:
    @wraps_safely(original)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if without_raising(recorder.is_open):

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
                stack = recorder.stack("model")
                if stack and len(stack[-1]["norms"]) < 16:
                    stack[-1]["norms"].append(facts)
                recorder.emit("batch-norm", facts, began=recorder.serial())

            without_raising(report)
        return original(self, *args, **kwargs)

    return call


def _given(variables: Any, registry: LeafRegistry) -> dict[str, Any]:
    """Return the collections of the variables that a model is run with, and the roles of their leaves."""
    names = [str(name)[:60] for name in variables]
    nested = [str(name)[:60] for name in variables if _holds(variables[name], name)]
    found: dict[str, Any] = {
        "collections": names[:8],
        "nested": nested[:8],
        "given": registry.roles(variables).facts(),
    }
    if any(_is_stepped(variables[name], registry) for name in variables if name != PARAMS):
        found["stepped"] = True
    return found


def _batch(args: tuple[Any, ...], kwargs: dict[str, Any], registry: LeafRegistry) -> Any:
    """Return the first array that a model is run on; None without one."""
    named = {name: value for name, value in kwargs.items() if name not in ("variables", "rngs")}
    return next((leaf for _, leaf in registry.leaves((args, named)) if getattr(leaf, "ndim", 0)), None)


def _is_stepped(collection: Any, registry: LeafRegistry) -> bool:
    """Return whether a step was made of some leaf of this collection, in whatever way (see `data_flow`)."""
    origins = {label.origin for label in registry.labels(collection) if label is not None}
    return not origins.isdisjoint({*GRADIENTS, JOINED, STEPPED})


def _sums(variables: Any, registry: LeafRegistry) -> dict[str, list[list[Any]]]:
    """Return ``{collection: [[path, checksum or None], ...]}``, of at most `MAX_SUMMED` leaves in all."""
    found: dict[str, list[list[Any]]] = {}
    left = checksums.MAX_SUMMED
    for name in variables:
        leaves = registry.leaves(variables[name])[:left]
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
    return without_raising(lambda: checksums.key_words(key))


def _output(result: Any, registry: LeafRegistry) -> list[Any]:
    """Return checksums of the first four leaves of a model's output; updated collections are not passed in."""
    return [checksums.of_leaf(leaf, checksums.checksum) for _, leaf in registry.leaves(result)[:4]]


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
