"""Probes on jax.tree.map: steps written by hand, leaf by leaf, from a gradient of running statistics.

Nobody but a learner who differentiated with respect to statistics is looked at: for all others the map is only called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from judge.inside.probe_calls import Sink, dressed_as, quietly
from judge.inside.probe_trees import MIXED, STATE, Census, Memory


def install(sink: Sink, memory: Memory) -> None:
    """Replace the public names of jax's tree map."""
    import jax

    for module, name in ((jax.tree, "map"), (jax.tree_util, "tree_map")):
        watched = _watched_map(getattr(module, name), sink, memory)
        watched.__module__ = module.__name__  # where it is found, so that it pickles by its name
        setattr(module, name, watched)


def _watched_map(original: Callable[..., Any], sink: Sink, memory: Memory) -> Callable[..., Any]:
    @dressed_as(original)
    def tree_map(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if not memory.has_gradient_of_state or sink.stack("optimizer") or not quietly(sink.is_open):
            return original(*args, **kwargs)
        began = sink.serial()
        result = original(*args, **kwargs)
        quietly(lambda: _report(args, kwargs, result, began, sink, memory))
        return result

    return tree_map


def _report(
    args: tuple[Any, ...], kwargs: dict[str, Any], result: Any, began: int, sink: Sink, memory: Memory
) -> None:
    trees = [kwargs["tree"], *args[1:]] if "tree" in kwargs else list(args[1:])
    found = [memory.census(tree) for tree in trees]
    if all(_is_gradient(census) for census in found):
        memory.remember_like(result, found[0], "gradient")  # scaled, negated: still what a step is made of
        return
    # With a third tree (a mask, say) it is not known what becomes of the state.
    if len(found) != 2 or not _is_gradient(found[1]) or not found[0].count(STATE) + found[0].count(MIXED):
        return
    if len(memory.leaves(result)) == len(found[0].roles):
        memory.remember_like(result, found[0], "stepped")
        sink.emit("tree-step", {"tree": found[0].facts()}, began=began)


def _is_gradient(census: Census) -> bool:
    """Whether its state leaves came out of a differentiation."""
    return bool(census.origins.get(STATE, census.origins.get(MIXED, set())) & {"gradient"})
