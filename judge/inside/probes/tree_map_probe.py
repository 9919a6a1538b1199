"""Probes on jax.tree.map: steps written by hand, leaf by leaf, from a gradient.

The map is inspected only after a gradient was taken, and not inside of an optimizer; all other calls only pass
through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from judge.inside.probes.data_flow import Flow
from judge.inside.probes.leaf_roles import MIXED, PARAMS, STATE, STEPPED, LeafRegistry, TreeRoles, shape_of
from judge.inside.probes.wrappers import EventRecorder, without_raising, wraps_safely


def install(recorder: EventRecorder, registry: LeafRegistry, flow: Flow) -> None:
    """Replace the public names of jax's tree map."""
    import jax

    for module, name in ((jax.tree, "map"), (jax.tree_util, "tree_map")):
        watched = _watched_map(getattr(module, name), recorder, registry, flow)
        watched.__module__ = module.__name__  # the public module, so that it pickles by name
        setattr(module, name, watched)


def _watched_map(
    original: Callable[..., Any], recorder: EventRecorder, registry: LeafRegistry, flow: Flow
) -> Callable[..., Any]:
    @wraps_safely(original)
    def tree_map(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        inside = recorder.stack("optimizer") or recorder.stack("adding")
        if not registry.has_gradient or inside or not without_raising(recorder.is_open):
            return original(*args, **kwargs)
        began = recorder.serial()
        result = original(*args, **kwargs)
        without_raising(lambda: _report(args, kwargs, result, began, recorder, registry, flow))
        return result

    return tree_map


def _report(
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    result: Any,
    began: int,
    recorder: EventRecorder,
    registry: LeafRegistry,
    flow: Flow,
) -> None:
    trees = [kwargs["tree"], *args[1:]] if "tree" in kwargs else list(args[1:])
    found = [registry.roles(tree) for tree in trees]
    if all(_is_gradient(roles) for roles in found):
        if not flow.active:  # otherwise it is known leaf by leaf
            registry.remember_like(result, found[0], "gradient")  # scaled or negated: still a gradient
        return
    # With a third tree (a mask, for example) the effect on the state is unknown.
    if len(found) != 2 or not _is_gradient(found[1], "update") or not any(found[0].roles):
        return
    shapes = [[shape_of(leaf) for _, leaf in registry.leaves(tree)] for tree in (trees[0], result)]
    if shapes[0] == shapes[1]:
        if not flow.active:
            registry.remember_like(result, found[0], STEPPED)
        recorder.emit("tree-step", {"tree": found[0].facts()}, began=began)


def _is_gradient(roles: TreeRoles, *also: str) -> bool:
    """True if the tree's state (where it has any) came from a differentiation, or has one of these other origins."""
    role = next((role for role in (STATE, MIXED, PARAMS) if role in roles.origins), None)
    return role is not None and not roles.origins[role].isdisjoint({"gradient", *also})
