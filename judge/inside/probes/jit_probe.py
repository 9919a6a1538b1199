"""Probes on jax.jit: events inside of a compiled function are reported for every call, not only when it is traced.

Theory of operation. A compiled function runs its Python body once per shape; later calls come from jit's cache,
invisible to the probes. So the events of the traced body are kept as a *recording*, with their numbers as references
to inputs and outputs of the function. After each call of the function the references are looked up in the actual
arguments and results. Where the body ran in that call, its events are completed; where it did not, they are reported
once more, as if it had.

A number that is neither an input nor an output of a compiled function stays unknown. Functions that are called in
another way (lowered and compiled by hand) are not followed.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from judge.inside.probes.checksums import Later, of_leaf, over_laters
from judge.inside.probes.wrappers import Entry, EventRecorder, FunctionProxy, without_raising, wraps_safely

MAX_KEPT = 64
"""Functions whose recordings are kept, and recordings of each."""


@dataclass(frozen=True)
class Reference:
    """A leaf of a compiled function's arguments or of its result, by its position."""

    of_result: bool
    place: int


@dataclass
class Recording:
    """The events of a body while it was traced."""

    entries: list[Entry] = field(default_factory=list)
    inputs: dict[int, int] = field(default_factory=dict)
    """Position by the identity of a tracer, while the body runs."""
    held: list[Any] = field(default_factory=list)


class Recordings:
    """The recordings of all compiled functions; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._of: dict[Any, dict[Hashable, Recording]] = {}
        self._bodies: dict[Any, FunctionProxy] = {}

    def of(self, function: Any) -> dict[Hashable, Recording]:
        return _kept(self._of, function, dict)  # type: ignore[no-any-return]

    def body(self, function: Any, make: Callable[[], FunctionProxy]) -> FunctionProxy:
        """Return the one stand-in of a function: jit's own cache goes by the function's identity and lifetime."""
        return _kept(self._bodies, function, make)  # type: ignore[no-any-return]


def _kept(store: dict[Any, Any], key: Any, make: Callable[[], Any]) -> Any:
    if key not in store:
        if len(store) >= MAX_KEPT:
            del store[next(iter(store))]
        store[key] = make()
    return store[key]


class Jitted(FunctionProxy):
    """A stand-in for a compiled function, which binds to instances as the compiled function does."""

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    # Defined, and not only passed on: jax.stages.Wrapped looks for them on the class.
    def lower(self, *args: Any, **kwargs: Any) -> Any:
        return self._original.lower(*args, **kwargs)

    def trace(self, *args: Any, **kwargs: Any) -> Any:
        return self._original.trace(*args, **kwargs)

    def eval_shape(self, *args: Any, **kwargs: Any) -> Any:
        return self._original.eval_shape(*args, **kwargs)


def install(recorder: EventRecorder) -> None:
    """Replace the public name ``jax.jit``; functions that jax and flax compiled themselves stay unobserved."""
    import jax

    watched = _watched_jit(jax.jit, recorder, Recordings())
    watched.__module__ = "jax"  # the public module, so that it pickles by name
    jax.jit = watched


def _watched_jit(
    original: Callable[..., Any], recorder: EventRecorder, recordings: Recordings
) -> Callable[..., Any]:
    @wraps_safely(original)
    def jit(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if not args:
            return functools.partial(jit, **kwargs)
        body = without_raising(lambda: _body_of(args[0], recorder, recordings))
        if body is None:
            return original(*args, **kwargs)
        made = original(body, *args[1:], **kwargs)
        return without_raising(lambda: _followed(made, args[0], recorder, recordings), made)

    return jit


def _body_of(function: Any, recorder: EventRecorder, recordings: Recordings) -> FunctionProxy | None:
    """Return the function's stand-in, which records events while it is traced; None unless it can be called."""
    if not callable(function):
        return None

    def make() -> FunctionProxy:
        def body(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            recording = without_raising(lambda: _begin(args, kwargs))
            if recording is None:
                return function(*args, **kwargs)
            recorder.stack("recording").append(recording)
            try:
                result = function(*args, **kwargs)
                without_raising(lambda: _refer(recording, result))
                without_raising(lambda: _keep(recordings.of(function), _key(args, kwargs), recording))
                recorder.stack("traced").append((function, recording))
                return result
            finally:
                without_raising(lambda: recorder.stack("recording").remove(recording))
                without_raising(lambda: _forget_tracers(recording))

        return FunctionProxy(function, body)

    return recordings.body(function, make)


def _begin(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Recording:
    leaves = _leaves((args, kwargs))
    return Recording(inputs={id(leaf): place for place, leaf in enumerate(leaves)}, held=leaves)


def _keep(of: dict[Hashable, Recording], key: Hashable, recording: Recording) -> None:
    of.pop(key, None)
    if len(of) >= MAX_KEPT:
        del of[next(iter(of))]
    of[key] = recording


def _refer(recording: Recording, result: Any) -> None:
    """Replace the tracers in a recording's numbers by references."""
    outputs = {id(leaf): place for place, leaf in enumerate(_leaves(result))}

    def exchange(later: Later) -> Any:
        for of_result, places in ((False, recording.inputs), (True, outputs)):
            place = places.get(id(later.leaf))
            if place is not None:
                return Later(Reference(of_result, place), later.make)
        return None

    for entry in recording.entries:
        entry.numbers = over_laters(entry.numbers, exchange)


def _forget_tracers(recording: Recording) -> None:
    """Drop every tracer of the recording, even after an error, so that no trace lives on."""
    recording.inputs, recording.held = {}, []

    def known(later: Later) -> Any:
        return later if isinstance(later.leaf, Reference) else None

    for entry in recording.entries:
        entry.numbers = over_laters(entry.numbers, known)


def _followed(made: Any, function: Any, recorder: EventRecorder, recordings: Recordings) -> Any:
    info = made._jit_info
    static = tuple(info.static_argnums), tuple(info.static_argnames)

    def call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if not without_raising(recorder.is_open):
            return made(*args, **kwargs)
        traced = recorder.stack("traced")
        before = len(traced)
        result = made(*args, **kwargs)

        def look() -> None:
            mine = [recording for whose, recording in traced[before:] if whose is function]
            del traced[before:]
            seen_again = not mine
            if seen_again:
                recording = recordings.of(function).get(_key(args, kwargs, static))
                mine = [recording] if recording is not None else []
            for recording in mine[-1:]:
                _deliver(recording, args, kwargs, result, recorder, again=seen_again)

        without_raising(look)
        return result

    return Jitted(made, call)


def _deliver(
    recording: Recording, args: Any, kwargs: Any, result: Any, recorder: EventRecorder, *, again: bool
) -> None:
    """Complete the events of a recording with the numbers of this call, or report them ``again``."""
    if not recording.entries:
        return
    leaves = _leaves((args, kwargs)), _leaves(result)
    known: dict[tuple[Reference, Any], Any] = {}

    def look_up(later: Later) -> Any:
        at = later.leaf, later.make
        if at not in known:
            known[at] = of_leaf(leaves[later.leaf.of_result][later.leaf.place], later.make)
        return known[at]

    serials: dict[int, int] = {}
    if again:
        own = {
            n for entry in recording.entries for name, n in entry.unique.items() if name in ("began", "maker")
        }
        serials = {number: recorder.serial() for number in sorted(own)}
    for entry in recording.entries:
        numbers = over_laters(entry.numbers, lambda later: without_raising(lambda: look_up(later)))
        if again:
            unique = {name: serials.get(number, number) for name, number in entry.unique.items()}
            recorder.emit_again(entry.kind, entry.facts, numbers, unique, entry.line)
        else:
            recorder.complete(entry, numbers)


def _key(
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    static: tuple[tuple[int, ...], tuple[str, ...]] | None = None,
) -> Hashable:
    """Return the key of the recording that a call belongs to: structure, shapes, and all static values.

    Inside of the body (``static`` is None) every value that is not traced is static; outside, its position or name
    decides.
    """
    numbers, names = static or ((), ())
    places = {number % len(args) for number in numbers if -len(args) <= number < len(args)}
    parts = [(place in places, arg) for place, arg in enumerate(args)]
    named = [(name in names, kwargs[name]) for name in sorted(kwargs)]
    return (
        *(_part(arg, is_static if static else None) for is_static, arg in parts),
        tuple(sorted(kwargs)),
        *(_part(arg, is_static if static else None) for is_static, arg in named),
    )


def _part(value: Any, is_static: bool | None) -> Hashable:
    import jax

    leaves, structure = jax.tree_util.tree_flatten(value)
    found: list[Hashable] = []
    for leaf in leaves:
        if is_static or (is_static is None and not isinstance(leaf, jax.core.Tracer)):
            found.append(("static", leaf))
            continue
        dtype = getattr(leaf, "dtype", None)
        kind = str(getattr(dtype, "kind", "")) if dtype is not None else type(leaf).__name__[0]
        found.append((tuple(getattr(leaf, "shape", ())), kind))  # a Python float is traced as kind f
    return structure, tuple(found)


def _leaves(tree: Any) -> list[Any]:
    import jax

    return list(jax.tree_util.tree_leaves(tree))
