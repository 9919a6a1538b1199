"""Probes on optax: the trees that optimizers are initialised on and update, and the trees that updates are added to.

Every optimizer is a GradientTransformation, also chains, masks, partitions, injected hyperparameters and home-made
ones; so its constructor is the one place to probe. A chain's init calls the inits of its members: only the outermost
call makes an event, and lists the *innermost* calls below it with the leaves that each of them was given. So the
probe sees that a mask hides the statistics from SGD, or passes them to set_to_zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from judge.inside.probes import checksums
from judge.inside.probes.data_flow import Flow
from judge.inside.probes.leaf_roles import MIXED, PARAMS, STATE, Label, LeafRegistry, TreeRoles
from judge.inside.probes.wrappers import (
    EventRecorder,
    FunctionProxy,
    call_and_report,
    is_stand_in,
    original_of,
    without_raising,
    wraps_safely,
)

MAX_MEMBERS = 24
MAX_STATES = 64
LEAVE_AS_IS = (".set_to_zero", ".identity", ".ema")
"""They make no step of their input."""


def install(recorder: EventRecorder, registry: LeafRegistry, flow: Flow) -> None:
    import optax
    from optax._src import update as update_module

    probe = _OptimizerProbe(recorder, registry, flow)
    cls: Any = optax.GradientTransformation
    new, make = cls.__new__, cls._make.__func__

    @wraps_safely(new)
    def watched_new(cls: Any, init: Any, update: Any) -> Any:
        dressed = without_raising(lambda: probe.dress(init, update))
        return new(cls, *(dressed or (init, update)))

    @wraps_safely(make)
    def watched_make(cls: Any, iterable: Any) -> Any:
        made = make(cls, iterable)  # namedtuple checks the length; its tuple.__new__ bypasses watched_new
        return cls.__new__(cls, *made)

    cls.__new__ = staticmethod(watched_new)
    cls._make = classmethod(watched_make)
    apply_updates = _watched_apply_updates(optax.apply_updates, recorder, registry, flow)
    optax.apply_updates = apply_updates
    update_module.apply_updates = apply_updates


class _OptimizerProbe:
    def __init__(self, recorder: EventRecorder, registry: LeafRegistry, flow: Flow) -> None:
        self._recorder = recorder
        self._registry = registry
        self._flow = flow
        self._states: dict[int, tuple[Any, int]] = {}

    def dress(self, init: Any, update: Any) -> tuple[Any, Any] | None:
        """Return stand-ins for both functions, tied by a serial number; None unless both can be called."""
        if not callable(init) or not callable(update):
            return None
        # An init that is taken over from another optimizer (optax.with_extra_args_support) keeps that one's name.
        facts = {"name": optimizer_name(original_of(update))}
        init_facts = self._init_facts(init) or facts
        init, update = original_of(init), original_of(update)
        optimizer, made = self._recorder.serial(), without_raising(self._recorder.line)
        step_size = without_raising(lambda: _step_size(update))
        if step_size is not None:
            facts["step_size"] = step_size

        def watched_init(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            if not without_raising(self._recorder.is_open):
                return init(*args, **kwargs)
            tree = args[0] if args else kwargs.get("params", next(iter(kwargs.values()), None))
            return self._watch(
                "optimizer-init", init_facts, optimizer, made, tree, lambda: init(*args, **kwargs), None
            )

        def watched_update(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            if not without_raising(self._recorder.is_open):
                return update(*args, **kwargs)
            tree = args[0] if args else kwargs.get("updates")
            state = args[1] if len(args) > 1 else kwargs.get("state")
            return self._watch(
                "optimizer-update", facts, optimizer, made, tree, lambda: update(*args, **kwargs), state
            )

        dressed_init = FunctionProxy(init, watched_init)
        dressed_init.__dict__["_optimizer_facts"] = init_facts
        return dressed_init, FunctionProxy(update, watched_update)

    @staticmethod
    def _init_facts(init: Any) -> dict[str, Any] | None:
        return init.__dict__.get("_optimizer_facts") if is_stand_in(init) else None

    def _watch(
        self,
        kind: str,
        facts: dict[str, Any],
        optimizer: int,
        made: int | None,
        tree: Any,
        run: Callable[[], Any],
        state: Any,
    ) -> Any:
        __tracebackhide__ = True
        stack = self._recorder.stack("optimizer")
        is_update = kind == "optimizer-update"
        # A chain passes the same tree on to its members; it is inspected once.
        same = next((outer for outer in stack if outer["tree"] is tree), None)
        roles = same["roles"] if same else without_raising(lambda: self._registry.roles(tree))
        frame: dict[str, Any] = {
            "members": [],
            "nested": False,
            "kind": kind,
            "tree": tree,
            "roles": roles,
        }
        for outer in stack:
            # an init below an update (a state rebuilt on the spot) is an event of its own, not a member
            outer["nested"] = outer["nested"] or outer["kind"] == kind
        outermost = not any(outer["kind"] == kind for outer in stack)
        if is_update and roles is not None and roles.count(STATE) + roles.count(MIXED):
            without_raising(self._flow.begin)
        began = self._recorder.serial()
        came_from = without_raising(lambda: self._origin_of(state)) if is_update else None
        stack.append(frame)

        def report(result: Any, raised: str | None) -> None:
            stack.pop()
            if not frame["nested"] and roles is not None:
                held = (
                    is_update
                    and raised is None
                    and without_raising(lambda: self._is_held(result[0], roles), False)
                )
                frame["members"] = [{**facts, **_counts(roles), **({"held": True} if held else {})}]
            if not outermost:
                for outer in reversed(stack):
                    if outer["kind"] == kind:
                        outer["members"] = (outer["members"] + frame["members"])[:MAX_MEMBERS]
                        break
            if raised is None and roles is not None and is_update:
                if not self._flow.active:
                    self._registry.remember_like(result[0], roles, "update")
                elif not frame["nested"] and _makes_steps(facts["name"]):
                    self._mark(tree, result[0], roles)
            if not outermost:
                return
            if raised is None:
                self._remember_state(result[1] if is_update else result, came_from or began)
            unique = {"optimizer": optimizer, "began": began}
            if made is not None:
                unique["made"] = made
            if came_from is not None:
                unique["state_from"] = came_from
            sizes = [member["step_size"] for member in frame["members"] if "step_size" in member]
            shown = {**facts, "step_size": sizes[0]} if is_update and len(sizes) == 1 else facts
            self._recorder.emit(
                kind,
                {
                    **shown,
                    "tree": roles and roles.facts(),
                    "members": frame["members"],
                    "raised": raised,
                },
                lambda: (
                    {
                        "proportion": self._proportion(tree, result),
                        "received": checksums.of_leaves(self._registry.leaves(tree)),
                    }
                    if is_update
                    else {}
                ),
                **unique,
            )

        return call_and_report(run, report)

    def _is_held(self, updates: Any, roles: TreeRoles) -> bool:
        """True if every update of the state was made as zeros."""
        leaves = self._registry.leaves(updates)
        made = [leaf for (_, leaf), role in zip(leaves, roles.roles, strict=True) if role == STATE]
        return bool(made) and all(self._flow.is_zero(leaf) for leaf in made)

    def _mark(self, given: Any, updates: Any, roles: TreeRoles) -> None:
        """Remember an optimizer's updates, all but zeros, even when no probe saw the gradients being taken."""
        pairs = zip(self._registry.leaves(given), self._registry.leaves(updates), roles.roles, strict=True)
        collection = min(roles.collections, default="")
        for (_, before), (_, after), role in pairs:
            if role is not None and after is not before and not self._flow.is_zero(after):
                self._registry.remember(
                    after, Label(role, "update", PARAMS if role == PARAMS else collection)
                )

    def _proportion(self, gradients: Any, result: Any) -> dict[str, Any] | None:
        """Return the proportion of updates to gradients; leaves of zeros for held variables are left out."""
        pairs = zip(self._registry.leaves(gradients), self._registry.leaves(result[0]), strict=True)
        return checksums.proportion(
            ("/".join(path)[:200], first, second) for (path, first), (_, second) in pairs
        )

    # A state is followed from init to update: by its own identity when it holds no arrays (plain SGD), else by the
    # identity of an array in it. Under jit neither survives; then there is no ``state_from``.

    def _remember_state(self, state: Any, began: int) -> None:
        if len(self._states) >= MAX_STATES:
            self._states.clear()
        leaves = self._registry.leaves(state)
        if not leaves:
            self._states[id(state)] = (state, began)
            return
        import weakref

        for _, leaf in leaves[:4]:
            try:
                self._states[id(leaf)] = (weakref.ref(leaf), began)
            except TypeError:
                continue

    def _origin_of(self, state: Any) -> int | None:
        for thing in (state, *(leaf for _, leaf in self._registry.leaves(state)[:4])):
            known = self._states.get(id(thing))
            if known is not None:
                kept, began = known
                if kept is thing or (callable(kept) and kept() is thing):
                    return began
        return None


def _watched_apply_updates(
    original: Callable[..., Any], recorder: EventRecorder, registry: LeafRegistry, flow: Flow
) -> Callable[..., Any]:
    @wraps_safely(original)
    def apply_updates(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if recorder.stack("optimizer") or not without_raising(recorder.is_open):
            return original(*args, **kwargs)
        names = ("params", "updates")
        given = [args[n] if len(args) > n else kwargs.get(name) for n, name in enumerate(names)]
        began = recorder.serial()
        params = without_raising(lambda: registry.roles(given[0]))
        updates = without_raising(lambda: registry.roles(given[1]))
        recorder.stack("adding").append(began)

        def report(result: Any, raised: str | None) -> None:
            recorder.stack("adding").pop()
            facts = {
                "params": params and params.facts(),
                "updates": updates and updates.facts(),
                "raised": raised,
            }

            def numbers() -> dict[str, Any]:
                return {"sums": checksums.of_leaves(registry.leaves(result))}

            recorder.emit("apply-updates", facts, numbers, began=began)

        result = call_and_report(lambda: original(*args, **kwargs), report)
        if params is not None:
            without_raising(
                lambda: None if flow.active else registry.remember_like(result, params, "applied")
            )
        return result

    return apply_updates


def _makes_steps(name: str) -> bool:
    """True for one of optax's own transformations that make steps; a home-made one may make zeros."""
    return name.startswith("optax.") and not name.endswith(LEAVE_AS_IS)


def _counts(roles: Any) -> dict[str, int]:
    return {role: roles.count(role) for role in ("params", "state", "mixed")}


def _step_size(update: Any) -> float | None:
    """Return the learning rate in optax.scale(-learning_rate), when it is a plain number."""
    if not optimizer_name(update).endswith("optax._src.transform.scale"):
        return None
    names = update.__code__.co_freevars
    value = update.__closure__[names.index("step_size")].cell_contents
    return -float(value) if type(value) in (int, float) and math.isfinite(value) else None


def optimizer_name(update: Any) -> str:
    """Return an optimizer's origin, such as ``optax.MODULE.sgd``, from its update function's qualified name."""
    module = str(getattr(update, "__module__", ""))
    qualified = str(getattr(update, "__qualname__", type(update).__qualname__))
    return f"{module}.{qualified.split('.<locals>')[0]}"[:120]
