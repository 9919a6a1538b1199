"""The step was right, but no optax optimizer made it.

Worth a warning, by what happens to values: some answer is right, and in no step of the run, loading the file
included, did gradients go into the `update` of an optimizer and come out as updates.  It does not matter which
optimizer that is, a home-made transformation of optax's type included, who calls it (a TrainState, a compiled
function), or what is done with the updates.  An optimizer that is only made or initialised makes no step.
"""

from __future__ import annotations

from judge.trace import Context, Detection

CODE = "optax-not-used"
ABSENCE = True
TITLE = "The step was not made by an optax optimizer"
MATTERS = (
    "The numbers are what counts. But a step written by hand has to be written again for every other optimizer, "
    "and the exercise is about how an optimizer and its state are handled."
)
PAGE = """
## What happens

The exercise asks for a step with `optax.sgd`. While this solution ran, no optax optimizer was asked for an update.

## Why it happens

Plain gradient descent is one line, so one writes the line. That is right, and here the numbers are.

## How it shows

Not in the numbers. It shows on the day when the step should use momentum: then there is a state to create, to pass
along and to keep in the right shape, and a line is no longer enough.

## A minimal example

```python
params = jax.tree.map(lambda p, g: p - lr * g, params, grads)
```

## A question to think about

What would you have to change to use momentum? Which of it would an optimizer do for you?

## Read on

- optax, Getting started: https://optax.readthedocs.io/en/latest/getting_started.html
"""


def happened(detection: Detection) -> str:
    return "In no case that returned an answer was an optax optimizer asked for an update."


def detect(context: Context) -> list[Detection]:
    """Return a detection if some answer is right and no update of any optimizer was seen anywhere."""
    if not context.right or done_right(context):
        return []
    return [Detection(None, min(context.right), "", {})]


def explains(context: Context, case: str) -> bool:
    return False


def done_right(context: Context) -> bool:
    return any(not update.raised for update in context.trace.all("optimizer-update"))
