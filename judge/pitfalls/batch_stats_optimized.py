"""A gradient step was made of running statistics.

The pitfall, by what happens to values: a leaf of the state (running statistics, whatever tree or array holds them) and
a gradient with respect to it, or an update made of one, are made into a new value of that leaf.  It does not matter
which function makes it, nor that the gradient is 0 and the new value the old one bit for bit.  It is certain

- when an optimizer made the update, and updates of the state were added to something;
- when the step is one sweep over parameters and state alike, whatever is then written over its result (but what
  `optax.masked` lets pass is hidden from the optimizer on purpose: there the result must be used);
- when a model was run with the result, or a whole batch met it in an operation, as in a normalisation.

A step of statistics alone that no model was seen to be run with is worth a warning.  A gradient that was taken and
dropped, updates that were, and a step that a choice (`where`) drops are not the pitfall.  Nor is a step over one flat
array in which the statistics' part of the gradient is padding: no gradient with respect to any state was taken.
"""

from __future__ import annotations

from judge.pitfalls.optimizer_on_variables import counted_leaves, optimises_state, optimizer_stopped
from judge.trace import Context, Detection, ProbeEvent
from judge.vocabulary import Stage

CODE = "batch-stats-optimized"
SILENT = True
CHANGES = Stage.STATISTICS
BEFORE = ("optimizer-on-variables",)
TITLE = "A gradient step was made for the running statistics"
MATTERS = (
    "Running statistics are not there to lower the loss: they describe the data. In train mode the loss does not "
    "depend on them, and their gradient is exactly 0; the gradient of another loss, weight decay or momentum would "
    "drive them away from the data."
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


def happened(detection: Detection) -> str:
    if detection.facts.get("by_hand"):
        among = (
            "parameters and running statistics alike"
            if detection.facts.get("sweep")
            else "running statistics"
        )
        said = f"A gradient step was made of {among}."
        return (
            said
            if detection.certain
            else f"{said} No model was seen to be run with what became of the statistics."
        )
    said = f"The optimizer was asked for an update of {counted_leaves(detection)}."
    return (
        said
        if detection.certain
        else f"{said} What it made of the statistics was not seen to be added to them."
    )


def detect(context: Context) -> list[Detection]:
    """Return every update that was given gradients of running statistics, and every other step of them."""
    found = []
    for case in context.trace.steps:
        by_optimizer = _by_optimizer(context, case)
        found += by_optimizer
        if not any(detection.certain for detection in by_optimizer):
            found += _by_hand(context, case)
    return found


def _by_optimizer(context: Context, case: str | None) -> list[Detection]:
    trace = context.trace
    applied = trace.of_case(case, "apply-updates")
    updates = trace.of_case(case, "optimizer-update")
    steps = trace.of_case(case, "hand-step")
    padded = _is_padded(context, case)
    last = max((seen.order for seen in (*applied, *steps)), default=-1)
    last_of_state = max(
        (
            *(seen.order for seen in applied if seen.tree("params").has_state),
            *(seen.order for seen in steps if seen.text("role") in OF_STATE),
        ),
        default=-1,
    )
    found = []
    for update in updates:
        if not optimises_state(update) or (padded and not update.tree("tree").state):
            continue
        kept, dropped = last_of_state > update.order, last > update.order
        found.append(_detection(update, "update", "tree", certain=kept or not dropped))
    if not updates:  # updates made by hand, and added with optax.apply_updates
        found += [
            _detection(seen, "apply_updates", "params")
            for seen in applied
            if seen.tree("params").has_state
            and seen.tree("updates").has_state
            and seen.tree("params").params + seen.tree("params").mixed
        ]
    return found


def _by_hand(context: Context, case: str | None) -> list[Detection]:
    """Steps that no optimizer made, or that were made from gradients that a mask let pass."""
    trace = context.trace
    dropped = {_made(seen) for seen in trace.of_case(case, "hand-step-dropped")}
    steps = [seen for seen in trace.of_case(case, "hand-step") if _made(seen) not in dropped]
    if _is_padded(context, case):
        steps = [seen for seen in steps if seen.text("role") != "mixed"]
    of_params = {seen.number("sweep") for seen in steps if seen.text("role") == "params"}
    # A flax model was given the result; or a batch met it, in a compiled function or in a model of another kind.
    runs = [seen.order for seen in trace.of_case(case, "module-apply") if seen.flag("stepped")]
    runs += [seen.order for seen in trace.of_case(case, "hand-used")]
    last_run = max(runs, default=-1)
    found = []
    for step in steps:
        if step.text("role") in OF_STATE:
            sweep = step.text("role") == "mixed" or step.number("sweep") in of_params
            # If optax.apply_updates adds updates that no optimizer made, a mask let them pass: harmless as long as
            # the result is not used.
            certain = last_run > step.order or (sweep and not step.flag("adding"))
            found.append(_detection_by_hand(step, sweep, certain))
    for product in trace.of_case(
        case, "hand-joined"
    ):  # such as s * (1 - lr * g): a step only if it is used as one
        if not found and product.text("role") in OF_STATE and last_run > product.order:
            found.append(_detection_by_hand(product, False, True))
    return found


def _made(step: ProbeEvent) -> tuple[int | None, str]:
    """The key of what a step made: its sweep over the leaves, and the role of the leaves meant."""
    return step.number("sweep"), step.text("role")


def _is_padded(context: Context, case: str | None) -> bool:
    """Return True if a flat array's gradient is unrelated to the state: only gradients of parameters were taken."""
    calls = context.trace.of_case(case, "grad-call")
    return any(call.tree("wrt").params for call in calls) and not any(
        call.tree("wrt").has_state for call in calls
    )


def _detection_by_hand(seen: ProbeEvent, sweep: bool, certain: bool) -> Detection:
    line = seen.number("at") or seen.line
    return Detection(line, seen.case, "", {"by_hand": True, "sweep": sweep}, certain)


OF_STATE = ("state", "mixed")


def explains(context: Context, case: str) -> bool:
    """Return True if the optimizer itself raised; wrong numbers are matched by their fingerprint."""
    return case in context.raised and optimizer_stopped(context, case)


def done_right(context: Context) -> bool:
    """Return True if some update was given recognised parameters and no statistics."""
    return any(
        update.tree("tree").params and not optimises_state(update) and not update.raised
        for update in context.trace.all("optimizer-update")
    )


def _detection(seen: ProbeEvent, hint: str, which: str, *, certain: bool = True) -> Detection:
    tree = seen.tree(which)
    facts = {"leaves": tree.leaves, "leaves_of_state": tree.state, "collections": list(tree.collections)}
    return Detection(seen.line, seen.case, hint, facts, certain)
