"""The gradient was right, but jax.value_and_grad was not what computed it.

Worth a warning, by what happens to values: some answer is right, and in no step of the run, loading the file included,
did a value and a gradient come out of a function that `jax.value_and_grad` made.  It does not matter under which name
it was called, where the function was made, or whether the call stands in a compiled function.
"""

from __future__ import annotations

from judge.trace import Context, Detection

CODE = "value-and-grad-not-used"
ABSENCE = True
TITLE = "The gradient did not come from jax.value_and_grad"
MATTERS = (
    "The numbers are what counts. But the exercise is about the one call that returns loss, extras and gradients "
    "together, and another way may run the model more often than needed."
)
PAGE = """
## What happens

The exercise asks for one training step with `jax.value_and_grad`. While this solution ran, nothing went through it.

## Why it happens

There are many ways to a gradient: `jax.grad` and a second pass for the loss, `jax.vjp`, a derivation by hand. They
all can be right, and here the numbers are.

## How it shows

Not in the numbers. `jax.grad` alone throws the loss away, so code that wants both runs the model twice; and a
derivation by hand must be redone when the model changes.

## A minimal example

```python
grads = jax.grad(loss_only)(params)
loss = loss_only(params)
```

## A question to think about

How many times does your step run the model, and how many times would it have to?

## Read on

- jax, `jax.value_and_grad`: https://docs.jax.dev/en/latest/_autosummary/jax.value_and_grad.html
- jax, Automatic differentiation: https://docs.jax.dev/en/latest/automatic-differentiation.html
"""


def happened(detection: Detection) -> str:
    return "In no case that returned an answer did anything go through `jax.value_and_grad`."


def detect(context: Context) -> list[Detection]:
    """Return a detection if some answer is right and no call of value_and_grad was seen anywhere."""
    if not context.right or done_right(context):
        return []
    return [Detection(None, min(context.right), "", {})]


def explains(context: Context, case: str) -> bool:
    return False


def done_right(context: Context) -> bool:
    return any(
        call.text("api") == "value_and_grad" for call in context.trace.all("grad-call") if not call.raised
    )
