"""Optimizers whose updates depend on the sizes of their input: a second check, which needs no probe.

In a process that asks for it, every optax optimizer multiplies its updates by a factor that follows from the sizes of
the tree it was initialised on and of the tree it was asked to update. So usage that the probes could not see changes
the number that the learner's own code returns, and that number is compared with the return values of the author's
solutions under the same optimizers. Nothing is recorded here, so there is nothing to switch off; code that removes
the factor returns the number that would result without any optax optimizer.

    initialised on as much as it updates     1.25 to 1.75, by how much all optimizers together hold
    initialised on more, on less, or never   0.25 to 0.75, by the difference

Sizes are numbers of elements, so names, copies and shapes make no difference. Leaves that a mask or a partition holds
back do not count, nor do those given to transformations that leave everything as it is.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from judge.inside.probes.optax_probes import LEAVE_AS_IS, optimizer_name
from judge.inside.probes.wrappers import original_of

LEAST, LEAST_APART, SPREAD = 1.25, 0.25, 0.5
TURN = (math.sqrt(5) - 1) / 2


@dataclass
class _Call:
    """A running init or update: the leaves that reached transformations which make steps, by path."""

    nested: bool = False
    leaves: dict[str, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(self.leaves.values())


@dataclass
class _Sizes:
    """The sizes that optimizers were initialised on in this call or while the file was loaded, by optimizer."""

    initialised: dict[int, int] = field(default_factory=dict)
    at_load: dict[int, int] | None = None

    def new_call(self) -> None:
        if self.at_load is None:
            self.at_load = dict(self.initialised)
        self.initialised.clear()
        self.initialised.update(self.at_load)

    def factor(self, optimizer: int, updated: int) -> float:
        own = self.initialised.get(optimizer)
        held = [own] if own is not None else list(self.initialised.values())  # rebuilt for its update
        if updated in held:
            return LEAST + SPREAD * math.modf(TURN * sum(self.initialised.values()))[0]
        difference = max(held, default=0) - updated
        return LEAST_APART + SPREAD * math.modf(TURN * (2 * abs(difference) + (difference < 0)))[0]


_sizes = _Sizes()


def new_call() -> None:
    """Forget the sizes of the last call's optimizers."""
    _sizes.new_call()


def install() -> None:
    """Make every optimizer that is created from now on scale its updates. For one process; never undone."""
    import optax

    running = threading.local()
    cls: Any = optax.GradientTransformation
    new = cls.__new__

    def scaling_new(cls: Any, init: Any, update: Any) -> Any:
        if not callable(init) or not callable(update):
            return new(cls, init, update)
        optimizer = len(made)
        made.append(optimizer)
        init, update = original_of(init), original_of(update)
        makes_steps = not optimizer_name(update).endswith(LEAVE_AS_IS)

        def scaling_init(*args: Any, **kwargs: Any) -> Any:
            tree = args[0] if args else kwargs.get("params")
            state, outermost, size = _followed(lambda: init(*args, **kwargs), "init", tree)
            if outermost:
                _sizes.initialised[optimizer] = size
            return state

        def scaling_update(*args: Any, **kwargs: Any) -> Any:
            tree = args[0] if args else kwargs.get("updates")
            result, outermost, size = _followed(lambda: update(*args, **kwargs), "update", tree)
            if not outermost:
                return result
            updates, state = result
            return _scaled(updates, _sizes.factor(optimizer, size)), state

        def _followed(run: Callable[[], Any], kind: str, tree: Any) -> tuple[Any, bool, int]:
            stack = running.__dict__.setdefault(kind, [])
            call = _Call()
            if stack:
                stack[-1].nested = True
            stack.append(call)
            try:
                result = run()
            finally:
                stack.pop()
            if not call.nested and makes_steps:
                call.leaves = _sizes_of_leaves(tree)
            if stack:  # members of a chain see the same paths, parts of a partition see different ones
                stack[-1].leaves.update(call.leaves)
            return result, not stack, call.size

        for ours, theirs in ((scaling_init, init), (scaling_update, update)):
            for name in ("__module__", "__name__", "__qualname__", "__doc__"):
                setattr(ours, name, getattr(theirs, name, None))
        return new(cls, scaling_init, scaling_update)

    made: list[int] = []
    cls.__new__ = staticmethod(scaling_new)


def _sizes_of_leaves(tree: Any) -> dict[str, int]:
    from jax import tree_util

    leaves, _ = tree_util.tree_flatten_with_path(tree)
    return {tree_util.keystr(path): math.prod(getattr(leaf, "shape", ())) for path, leaf in leaves}


def _scaled(updates: Any, factor: float) -> Any:
    import jax.numpy as jnp
    from jax import tree_util

    def scale(leaf: Any) -> Any:
        return leaf * factor if jnp.issubdtype(jnp.result_type(leaf), jnp.floating) else leaf

    return tree_util.tree_map(scale, updates)
