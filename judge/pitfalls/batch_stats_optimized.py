"""Running statistics went through an optimizer's update."""

from __future__ import annotations

from collections.abc import Mapping

from judge.model import Json
from judge.pitfalls.optimizer_on_variables import counted_leaves, optimises_state, optimizer_stopped
from judge.pitfalls.trace import Context, Seen, Sighting

CODE = "batch-stats-optimized"
BEFORE = ("optimizer-on-variables",)
TITLE = "The running statistics were given to the optimizer to improve"
MATTERS = (
    "Running statistics are not there to lower the loss: they describe the data. In train mode their gradient is "
    "exactly 0, so an optimizer leaves them where they started; with weight decay or momentum it would drive them "
    "away from the data."
)
PAGE = """
## What happens

The optimizer's update is asked for a step for every variable: for the parameters, and for the running mean and
variance in `batch_stats` too. What comes out is added to them as if they were weights.

## Why it happens

One call that brings everything up to date is tempting, and jax differentiates with respect to any tree of arrays
without complaint. But running statistics are not chosen to lower the loss. They describe the data, and the training
pass itself returns what they become.

## How it shows

In train mode BatchNorm uses the batch's own statistics, so the loss does not depend on the running ones and their
gradient is exactly 0. The optimizer then leaves them where they started: mean 0 and variance 1. If they are
overwritten afterwards, the number is right to the last digit and nothing shows. If they are not, the evaluation uses
statistics that never saw the data.

## A minimal example

```python
grads = jax.grad(loss_of_variables)(variables)
updates, opt_state = tx.update(grads, opt_state, variables)
variables = optax.apply_updates(variables, updates)
```

## A question to think about

What is the gradient of the training loss with respect to the running mean? And what would weight decay do to a
running variance?

## Read on

- flax, Batch normalization: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- jax, `jax.value_and_grad`: https://docs.jax.dev/en/latest/_autosummary/jax.value_and_grad.html
- optax, Getting started: https://optax.readthedocs.io/en/latest/getting_started.html
"""


def happened(sighting: Sighting) -> str:
    asked = (
        "A gradient step was made"
        if sighting.facts.get("by_hand")
        else "The optimizer was asked for an update"
    )
    said = f"{asked} of {counted_leaves(sighting)}."
    return said if sighting.certain else f"{said} What it made of the statistics was then thrown away."


def detect(context: Context) -> list[Sighting]:
    """Every update that was given the gradients of running statistics to turn into a step.

    When the step for the statistics was then thrown away (only parameters had updates added) it is worth a warning.
    """
    found = []
    trace = context.trace
    for case in trace.steps:
        applied = trace.of_case(case, "apply-updates")
        updates = trace.of_case(case, "optimizer-update")
        for update in updates:
            if not optimises_state(update):
                continue
            after = [other for other in applied if other.order > update.order]
            kept = not after or any(other.tree("params").has_state for other in after)
            found.append(_sighting(update, "update", "tree", certain=kept))
        if not updates:  # updates made by hand, and added with optax.apply_updates
            found += [
                _sighting(other, "apply_updates", "params")
                for other in applied
                if other.tree("params").has_state
                and other.tree("updates").has_state
                and other.tree("params").params + other.tree("params").mixed
            ]
        if not updates and not applied:  # by hand altogether; what was then overwritten did no harm
            found += [
                _sighting(step, "", "tree", certain=case not in context.right, by_hand=True)
                for step in trace.of_case(case, "tree-step")
                if step.tree("tree").has_state
            ]
            found += _made_anew(context, case)
    return found


def _made_anew(context: Context, case: str | None) -> list[Sighting]:
    """A step leaf by leaf, which nothing watches: a gradient of statistics was taken, and those that the evaluation
    used are other arrays than the first ones, of the same values."""
    if case is None or case in context.right:
        return []
    if any(step.tree("tree").has_state for step in context.trace.of_case(case, "tree-step")):
        return []
    calls = [call for call in context.trace.of_case(case, "grad-call") if call.tree("wrt").has_state]
    passes = [seen for seen in context.trace.of_case(case, "module-apply") if seen.facts.get("depth") == 0]
    starts = context.trace.of_case(case, "module-init")
    if not calls or not passes or not starts or not passes[-1].evaluates:
        return []
    concrete = any(type(call.facts.get("value")) is float for call in calls)
    anew = passes[-1].tree("given").origins.get("state") == ("unknown",)
    first, last = (_sums_of_state(seen) for seen in (starts[0], passes[-1]))
    if not (concrete and anew and first and first == last):
        return []
    return [_sighting(calls[0], calls[0].text("api"), "wrt", by_hand=True)]


def _sums_of_state(seen: Seen) -> dict[str, Json]:
    sums = seen.facts.get("sums")
    found = (
        {name: leaves for name, leaves in sums.items() if name != "params"}
        if isinstance(sums, Mapping)
        else {}
    )
    whole = [
        isinstance(leaf, list) and len(leaf) == 2 and leaf[1] is not None
        for leaves in found.values()
        for leaf in (leaves if isinstance(leaves, list) else [None])
    ]
    return found if whole and all(whole) else {}


def explains(context: Context, case: str) -> bool:
    """The optimizer itself stopped. Wrong numbers are matched with this mistake by their fingerprint."""
    return case in context.raised and optimizer_stopped(context, case)


def done_right(context: Context) -> bool:
    """Parameters that were recognised got an update, and no statistics did."""
    return any(
        update.tree("tree").params and not optimises_state(update) and not update.raised
        for update in context.trace.all("optimizer-update")
    )


def _sighting(seen: Seen, hint: str, which: str, *, certain: bool = True, by_hand: bool = False) -> Sighting:
    tree = seen.tree(which)
    facts = {"leaves": tree.leaves, "leaves_of_state": tree.state, "collections": list(tree.collections)}
    if by_hand:
        facts["by_hand"] = True
    return Sighting(seen.line, seen.case, hint, facts, certain)
