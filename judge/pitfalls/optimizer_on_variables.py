"""The optimizer's state was made for all variables, running statistics included.

The pitfall, by what happens to values: leaves of the state (running statistics) enter the `init` of an optimizer that
would make steps of them, together with the parameters, or apart from them where the parameters enter the same
optimizer, or another one on the same line.  It is certain when the state that came out, or the parameters' part of it,
went into an update, or when the run stopped on the way there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from judge.model import Json
from judge.trace import Context, Detection, ProbeEvent, Trace, is_shown_name

CODE = "optimizer-on-variables"
SILENT = True
TITLE = "The optimizer was started on all variables"
MATTERS = (
    "Parameters are chosen by following a gradient; running statistics are measured on the data. With plain SGD "
    "this changes no digit by itself. An optimizer that remembers something for each array (momentum, "
    "Adam) or shrinks it (weight decay) would treat a running variance as a weight, or stop because there is no "
    "gradient for it."
)
PAGE = """
## What happens

The optimizer is initialised on the whole dictionary that `model.init` returned: on `params`, and on `batch_stats`
as well. From then on it counts the running mean and variance among the things that it is there to improve.

## Why it happens

`model.init` hands back one dictionary, and passing on what one was given is natural. But the two collections in it
come about in different ways. Parameters are chosen: a gradient says which way to move them. Running statistics are
measured: the training pass says what they are.

## How it shows

Not in the numbers, for plain SGD: its state is empty, so every digit comes out right. It shows when the optimizer
remembers something for each array. Adam started on all variables and then given the gradients of `params` stops with
`pytree structure error: different numbers of pytree children`; given gradients of everything it goes on, and weight
decay then shrinks a running variance.

## A minimal example

```python
variables = model.init(key, x, train=False)
opt_state = optax.sgd(0.1).init(variables)
```

## A question to think about

For which arrays in `variables` will there be a gradient? What could an optimizer usefully remember about the others?

## Read on

- optax, Getting started: https://optax.readthedocs.io/en/latest/getting_started.html
- flax, Batch normalization: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- jax, Pytrees: https://docs.jax.dev/en/latest/pytrees.html
"""


def happened(detection: Detection) -> str:
    said = f"The optimizer was initialised on {counted_leaves(detection)}."
    if detection.facts.get("beside"):
        said += " It was initialised on the parameters as well, in another call."
    return said if detection.certain else f"{said} The resulting state was not used for any update."


def counted_leaves(detection: Detection) -> str:
    """Return the counts as text: ``8 arrays, 2 of them running statistics (batch_stats)``."""
    state, leaves = detection.facts.get("leaves_of_state"), detection.facts.get("leaves")
    names = [name for name in detection.facts.get("collections", []) if is_shown_name(name)]
    where = f" (`{'`, `'.join(names)}`)" if names else ""
    if leaves == 1 and not state:
        return f"one flat array in which running statistics{where} stand among the parameters"
    if not state:
        return f"{leaves} arrays, running statistics{where} among them"
    return f"{leaves} arrays, {state} of them running statistics{where}"


def detect(context: Context) -> list[Detection]:
    """Return every initialisation that passes running statistics to a transformation that would optimise them.

    It is certain when the resulting state went into an update, or when the run stopped before it could.  A state that
    nothing used is only worth a warning.
    """
    found = []
    for seen in context.trace.all("optimizer-init"):
        if not optimises_state(seen) or _holds_state(seen, context):
            continue
        tree = seen.tree("tree")
        alone = not tree.params + tree.mixed
        beside = _beside(seen, context) if alone else ()
        # An optimizer for the statistics alone is not one for all variables; its updates belong to another pitfall.
        if alone and not beside:
            continue
        facts: dict[str, Json] = {
            "leaves": tree.leaves,
            "leaves_of_state": tree.state,
            "collections": list(tree.collections),
            "beside": alone,
        }
        certain = any(_was_used(init, context) for init in (seen, *beside))
        found.append(Detection(seen.line, seen.case, "init", facts, certain))
    return found


def _holds_state(init: ProbeEvent, context: Context) -> bool:
    """Return True if the same optimizer was also given the state to update, and made no step of it."""

    def holding() -> frozenset[int | None]:
        updates = [seen for seen in context.trace.all("optimizer-update") if seen.tree("tree").has_state]
        stepping = {seen.number("optimizer") for seen in updates if optimises_state(seen)}
        return frozenset(seen.number("optimizer") for seen in updates) - stepping

    return init.number("optimizer") in context.trace.remembered("holding", holding)


def _beside(init: ProbeEvent, context: Context) -> tuple[ProbeEvent, ...]:
    """An initialisation on parameters that belongs with this one on state: of the same optimizer, or on its line.

    If there are several, the one that was used, if any.
    """

    def by_place() -> Mapping[object, ProbeEvent]:
        found: dict[object, ProbeEvent] = {}
        for other in context.trace.of_case(init.case, "optimizer-init"):
            tree = other.tree("tree")
            if tree.params and not tree.has_state:
                for place in _places(other):
                    if place not in found or not _was_used(found[place], context):
                        found[place] = other
        return found

    known = context.trace.remembered(("beside", init.case), by_place)
    return tuple(known[place] for place in _places(init) if place in known)


def _places(init: ProbeEvent) -> tuple[object, object]:
    return init.number("optimizer"), (init.line, init.text("name"))


def explains(context: Context, case: str) -> bool:
    """Return True if the optimizer itself raised: its state differs in structure from the gradients."""
    return case in context.raised and (
        optimizer_stopped(context, case) or _trees_did_not_match(context, case)
    )


def _trees_did_not_match(context: Context, case: str) -> bool:
    """Return True if jax reported two different trees before any update: a wrapper compares before it passes on."""
    updated = any(not seen.raised for seen in context.trace.of_case(case, "optimizer-update"))
    return not updated and _OTHER_TREE.search(context.raised[case].text) is not None


_OTHER_TREE = re.compile(r"pytree structure error|[Tt]ree structure|Dict key mismatch|structure mismatch")


def optimizer_stopped(context: Context, case: str) -> bool:
    kinds = ("optimizer-init", "optimizer-update", "apply-updates")
    return any(seen.raised for seen in context.trace.of_case(case, *kinds))


def done_right(context: Context) -> bool:
    """Return True if an optimizer was initialised on recognised parameters, without statistics, and used."""
    return any(
        seen.tree("tree").params and not optimises_state(seen) and _was_used(seen, context)
        for seen in context.trace.all("optimizer-init")
        if not seen.raised
    )


def optimises_state(seen: ProbeEvent) -> bool:
    """Return True if some innermost transformation was given running statistics to optimise.

    Masks and partitions hide them; optax's set_to_zero holds them still, wherever in the chain it is.
    """
    tree = seen.tree("tree")
    if seen.raised and tree.origins.get("state") == ("mutable",):
        return False  # it failed because gradients and new statistics were passed as one pair
    if not seen.members:
        return tree.has_state
    held = any(
        member.freezes and not member.params and member.state >= tree.state > 0 for member in seen.members
    )
    return not held and any(member.optimises_state for member in seen.members)


def _was_used(init: ProbeEvent, context: Context) -> bool:
    cases = (
        [init.case] if init.case is not None else [case for case in context.trace.steps if case is not None]
    )
    return any(_Uses.in_case(context.trace, case).of(init, context) for case in cases)


@dataclass(frozen=True)
class _Uses:
    """The evidence of one case's updates about the origin of their states; made once for all initialisations."""

    case: str | None
    updated: bool
    followed: frozenset[int]
    """The initialisations whose state was seen to go into an update."""
    last_of_optimizer: Mapping[int | None, int]
    """By optimizer, when it last made an update of a state of unknown origin (it went through jit)."""
    last_of_name: Mapping[str, int]
    """The same for optimizers that were not initialised themselves, by the kind of optimizer."""
    right_optimizers: frozenset[int | None]
    """Optimizers that some initialisation gave the right variables."""
    right_names: frozenset[str]

    @classmethod
    def in_case(cls, trace: Trace, case: str | None) -> _Uses:
        return trace.remembered(("uses", case), lambda: cls._of(trace, case))

    @classmethod
    def _of(cls, trace: Trace, case: str | None) -> _Uses:
        updates = trace.of_case(case, "optimizer-update")
        inits = trace.of_case(case, "optimizer-init")
        begun = {init.number("began") for init in inits}
        started = {init.number("optimizer") for init in inits}
        right = [init for init in inits if not optimises_state(init)]
        last_of_optimizer: dict[int | None, int] = {}
        last_of_name: dict[str, int] = {}
        followed: set[int] = set()
        for update in updates:
            came_from, optimizer = update.number("state_from"), update.number("optimizer")
            if came_from is not None and came_from in begun:
                followed.add(came_from)
                continue
            last_of_optimizer[optimizer] = max(last_of_optimizer.get(optimizer, -1), update.order)
            if optimizer not in started:
                name = update.text("name")
                last_of_name[name] = max(last_of_name.get(name, -1), update.order)
        return cls(
            case,
            bool(updates),
            frozenset(followed),
            last_of_optimizer,
            last_of_name,
            frozenset(init.number("optimizer") for init in right),
            frozenset(init.text("name") for init in right),
        )

    def of(self, init: ProbeEvent, context: Context) -> bool:
        """Return True if the state of this initialisation went into an update, as far as can be known.

        If several initialisations could be its origin, a right one gets the benefit of the doubt.
        """
        if init.number("began") in self.followed:
            return True
        optimizer, name, wrong = init.number("optimizer"), init.text("name"), optimises_state(init)
        last = -1
        if not (wrong and optimizer in self.right_optimizers):
            last = self.last_of_optimizer.get(optimizer, -1)
        if not (
            wrong and name in self.right_names
        ):  # the same kind of optimizer, built once more for its update
            last = max(last, self.last_of_name.get(name, -1))
        if last > init.order or (last >= 0 and init.case is None):
            return True
        # Nothing was updated at all because the run stopped on the way there.
        return not self.updated and self.case in context.raised
