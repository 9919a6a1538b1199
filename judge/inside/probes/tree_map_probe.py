"""Probes on jax.tree.map: steps written by hand, leaf by leaf, from a gradient.

The map is inspected only after a gradient was taken, and not inside of an optimizer; all other calls only pass
through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from judge.inside.probes.data_flow import Flow
from judge.inside.probes.leaf_roles import MIXED, PARAMS, STATE, STEPPED, Census, Memory, shape_of
from judge.inside.probes.wrappers import Sink, dressed_as, quietly


def install(sink: Sink, memory: Memory, flow: Flow) -> None:
    """Replace the public names of jax's tree map."""
    import jax

    for module, name in ((jax.tree, "map"), (jax.tree_util, "tree_map")):
        watched = _watched_map(getattr(module, name), sink, memory, flow)
        watched.__module__ = module.__name__  # the public module, so that it pickles by name
        setattr(module, name, watched)


def _watched_map(original: Callable[..., Any], sink: Sink, memory: Memory, flow: Flow) -> Callable[..., Any]:
    @dressed_as(original)
    def tree_map(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        inside = sink.stack("optimizer") or sink.stack("adding")
        if not memory.has_gradient or inside or not quietly(sink.is_open):
            return original(*args, **kwargs)
        began = sink.serial()
        result = original(*args, **kwargs)
        quietly(lambda: _report(args, kwargs, result, began, sink, memory, flow))
        return result

    return tree_map


def _report(
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    result: Any,
    began: int,
    sink: Sink,
    memory: Memory,
    flow: Flow,
) -> None:
    trees = [kwargs["tree"], *args[1:]] if "tree" in kwargs else list(args[1:])
    found = [memory.census(tree) for tree in trees]
    if all(_is_gradient(census) for census in found):
        if not flow.active:  # otherwise it is known leaf by leaf
            memory.remember_like(result, found[0], "gradient")  # scaled or negated: still a gradient
        return
    # With a third tree (a mask, for example) the effect on the state is unknown.
    if len(found) != 2 or not _is_gradient(found[1], "update") or not any(found[0].roles):
        return
    shapes = [[shape_of(leaf) for _, leaf in memory.leaves(tree)] for tree in (trees[0], result)]
    if shapes[0] == shapes[1]:
        if not flow.active:
            memory.remember_like(result, found[0], STEPPED)
        sink.emit("tree-step", {"tree": found[0].facts()}, began=began)


def _is_gradient(census: Census, *also: str) -> bool:
    """True if the tree's state (where it has any) came from a differentiation, or has one of these other origins."""
    role = next((role for role in (STATE, MIXED, PARAMS) if role in census.origins), None)
    return role is not None and not census.origins[role].isdisjoint({"gradient", *also})
