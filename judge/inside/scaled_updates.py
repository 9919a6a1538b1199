"""Optimizers whose steps say what they were given: the second look, which needs no probe.

In a process that was asked for it every optimizer of optax multiplies its updates by a factor that follows from the
sizes of what it was initialised on and of what it was asked to update.  So what the probes could not see changes the
number that the learner's own code returns, and that number is compared with what the author's solutions return under
the same optimizers.  Nothing is recorded here, so there is nothing to switch off; and who takes the factor away
returns the number that would come out without any optimizer of optax.

    initialised on as much as it updates     1.25 to 1.75, by how much all optimizers together hold
    initialised on more, on less, or never   0.25 to 0.75, by the difference

Sizes are numbers of elements, so that names, copies and shapes make no difference.  What a mask or a partition holds
back does not count, nor what goes to transformations that leave everything as it is.
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
    """An init or update that is running: the leaves that reached transformations which make steps, by path."""

    nested: bool = False
    leaves: dict[str, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(self.leaves.values())


@dataclass
class _Sizes:
    """What optimizers were initialised on in this call or while the file was loaded, by optimizer."""

    initialised: dict[int, int] = field(default_factory=dict)
    at_load: dict[int, int] | None = None

    def new_call(self) -> None:
        if self.at_load is None:
            self.at_load = dict(self.initialised)
        self.initialised.clear()
        self.initialised.update(self.at_load)

    def factor(self, optimizer: int, updated: int) -> float:
        own = self.initialised.get(optimizer)
        held = [own] if own is not None else list(self.initialised.values())  # built once more for its update
        if updated in held:
            return LEAST + SPREAD * math.modf(TURN * sum(self.initialised.values()))[0]
        difference = max(held, default=0) - updated
        return LEAST_APART + SPREAD * math.modf(TURN * (2 * abs(difference) + (difference < 0)))[0]


_sizes = _Sizes()


def new_call() -> None:
    """Forget what the last call's optimizers were given."""
    _sizes.new_call()


def install() -> None:
    """From now on every optimizer that is made scales its updates. For one submission's process; never undone."""
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
