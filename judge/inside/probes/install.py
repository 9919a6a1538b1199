"""Probes around jax, flax and optax: they record the actions of learner code without changing them.

Theory of operation. `install` runs once, in the zygote, after jax, flax and optax are imported and before any learner
file is loaded. It replaces a few functions that every style of code goes through, so an alias, a closure, a
TrainState or a jit cannot bypass them:

    jax.grad, value_and_grad, vjp, ...     the function that is differentiated, with respect to what, and its result
    flax.core.init, flax.core.apply        below Module.init and apply, nn.init and nn.apply
    nn.Module.bind, nn.BatchNorm.__call__  models that are bound; which statistics normalise
    GradientTransformation.__new__         below every optimizer: its init and update become probed
    optax.apply_updates                    the variables that the updates are added to
    jax.tree.map                           steps that are written by hand, as trees
    every operation, after a gradient of   steps of statistics in whatever way they are written (`data_flow`)
    statistics was taken
    jax.jit                                what the others see in a compiled function, in each of its calls
    jax.lax.scan, jax.vmap, ...            models that are traced once and run many times

Each probe reports with ``record(kind, facts)``; facts are JSON values about structure (paths, shapes, counts, flags)
and checksums that show whether two runs were at the same point, never the numbers in an array. A probe calls the
original with the very same arguments, returns its result and lets its exceptions through. An error inside of a probe
is dropped: no event, no trace.

Which leaves of a tree are batch statistics is decided by what they are (see `leaf_roles`), not by a dictionary key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from judge.inside.probes.data_flow import Flow
from judge.inside.probes.leaf_roles import LeafRegistry
from judge.inside.probes.wrappers import EventRecorder

Record = Callable[[str, dict[str, Any]], object]

_installed: tuple[EventRecorder, LeafRegistry, Flow] | None = None


def install(record: Record) -> None:
    """Put the probes in place; a second call only exchanges ``record``."""
    global _installed
    if _installed is not None:
        _installed[0].record = record
        return
    from judge.inside.probes import (
        flax_probes,
        jax_probes,
        jit_probe,
        loop_probes,
        optax_probes,
        tree_map_probe,
    )

    recorder, registry = EventRecorder(record), LeafRegistry()
    flow = Flow(recorder, registry)
    flow.install()
    for part in (jax_probes, loop_probes, tree_map_probe, flax_probes, optax_probes):
        part.install(recorder, registry, flow)
    jit_probe.install(recorder)
    _installed = recorder, registry, flow


def not_recorded() -> dict[str, int]:
    """Return how many events, looks and trees of this step there was no room for."""
    if _installed is None:
        return {}
    recorder, registry, _ = _installed
    return {**recorder.not_recorded, "trees": registry.too_large}


def new_step() -> None:
    """Forget the events of the last step (loading the file, or one call), and allow new ones."""
    if _installed is not None:
        for part in _installed:
            part.new_step()
