"""A function that returns the loss and more was differentiated as if it returned the loss alone.

The pitfall, by what happens to values: the value of a differentiated function is a tuple, a list or a mapping of at
least two parts, one of them a single real number, and the differentiation was not told that the others are
auxiliary; so all of them were taken for the loss, and the run failed for that.  It does not matter what the other parts
are, nor how the function was wrapped.  It is certain

- when `grad` or `value_and_grad` refused the value, and the refusal ended the case, or was caught and no
  differentiation went through later;
- when the function that `vjp` returned was given a cotangent for the loss alone, and that ended the case;
- when `jacrev` or its like differentiated every part, and the case ended over a tree with a part too many.

It is not the pitfall when the function returns one value that is not a number, when aux is declared and its parts are
in the wrong order, or when the answer is right after all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from judge.model import ClaimedException, Json
from judge.trace import Context, Detection, ProbeEvent, Recognised, Trace, is_one_number, is_shown_name

CODE = "missing-has-aux"
TITLE = "The loss function returns more than a loss, and jax was not told"
MATTERS = (
    "A gradient exists for one number. jax does not guess which part of several is the loss and which part only "
    "travels along, so it refuses."
)
PAGE = """
## What happens

The differentiated function returns the loss together with something else, here the new statistics. jax was not told
that only the first part is the loss, so it tries to differentiate all of it.

## Why it happens

A gradient exists for one number. Returning extras is fine and common, but a function that returns a pair looks to
jax like a function with several outputs, and it does not guess which of them is meant.

## How it shows

    TypeError: Gradient only defined for scalar-output functions. Output was (Array(4.52, dtype=float32),
    {'BatchNorm_0': {'mean': Array([...

The output that the message prints *is* the pair. (A function whose pair stands in the wrong order gives the same
first words: look at what stands first.)

## A minimal example

```python
def loss_fn(params):
    ...
    return loss, updated["batch_stats"]

(loss, new_stats), grads = jax.value_and_grad(loss_fn)(params)
```

## A question to think about

Of the things that the loss function returns, with respect to which one do you want a gradient, and how does jax learn
that the rest only travels along?

## Read on

- jax, `jax.value_and_grad`: https://docs.jax.dev/en/latest/_autosummary/jax.value_and_grad.html
- jax, Automatic differentiation: https://docs.jax.dev/en/latest/automatic-differentiation.html
- flax, Batch normalization: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
"""

SCALAR_ONLY = "Gradient only defined for scalar-output functions"
WRONG_COTANGENT = "The argument to a VJP function returned by `jax.vjp` must match"


def happened(detection: Detection) -> str:
    api = detection.facts.get("api")
    name = f"`jax.{api}`" if isinstance(api, str) and is_shown_name(api) else "jax"
    returned = detection.facts.get("returned")
    what = returned if isinstance(returned, str) else "more than one thing"
    return f"The function given to {name} returned {what}, and {name} took all of it for the loss."


def detect(context: Context) -> list[Detection]:
    """Return every differentiation without aux that failed because its function returned several values."""
    found = []
    for case in context.trace.steps:
        if case is None or case in context.right:
            continue
        calls = context.trace.of_case(case, "grad-call")
        last_right = max((call.order for call in calls if not call.raised), default=-1)
        raised = context.raised.get(case)
        words = " ".join(raised.text.split()) if raised is not None else None
        scalar = is_scalar_complaint(raised)
        for call in calls:
            if call.flag("has_aux") or not returned_several(call.returned()):
                continue
            if _failed_for_it(call, last_right, words, scalar):
                maker = context.trace.maker_of(call)
                line = maker.line if maker is not None and maker.line is not None else call.line
                facts = {"api": call.text("api"), "returned": shape_in_words(call.returned())}
                found.append(Detection(line, case, call.text("api"), facts))
                break
    return found


def explains(context: Context, case: str) -> bool:
    """Return True: without a gradient nothing later in the case can be right."""
    return True


def done_right(context: Context) -> bool:
    """Return True if a differentiation with aux went through."""
    return any(call.flag("has_aux") and not call.raised for call in context.trace.all("grad-call"))


def recognise(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    """Distinguish five mistakes that raise the same jax error by what the function returned."""
    if not is_scalar_complaint(raised):
        return None
    calls = [call for call in trace.of_case(case, "grad-call") if call.raised == "TypeError"]
    if not calls:
        return None
    call, returned = calls[-1], calls[-1].returned()
    api, defined = call.text("api"), call.number("defined")
    if returned.get("kind") == "none" and re.search(r"Output was None\.$", raised.text):
        return Recognised("loss-not-returned", call.line, api, defined)
    maker = trace.maker_of(call)
    line = maker.line if maker is not None and maker.line is not None else call.line
    if not call.flag("has_aux"):
        if returned_several(returned):
            return Recognised(CODE, line, api)
        return Recognised("loss-not-scalar", line, api, defined) if returned.get("kind") == "array" else None
    parts = returned.get("parts")
    if isinstance(parts, list) and len(parts) == 2 and all(isinstance(part, Mapping) for part in parts):
        if is_one_number(parts[1]) and not is_one_number(parts[0]):
            return Recognised("aux-swapped", line, api, defined)
        if parts[0].get("kind") == "array":
            return Recognised("loss-not-scalar", line, api, defined)
    return None


def is_scalar_complaint(raised: ClaimedException | None) -> bool:
    """Return True for jax's error about a differentiated function that did not return one number."""
    return (
        raised is not None
        and raised.type_names[:1] == ("builtins.TypeError",)
        and raised.text.startswith(SCALAR_ONLY)
    )


def returned_several(returned: Mapping[str, Json]) -> bool:
    """Return True for a tuple, list or mapping of at least two parts, one of which is a single number."""
    if returned.get("kind") not in ("tuple", "list", "mapping"):
        return False
    parts = returned.get("parts")
    if not isinstance(parts, list) or len(parts) < 2:
        return False
    return any(isinstance(part, Mapping) and is_one_number(part) for part in parts)


def shape_in_words(returned: Mapping[str, Json], depth: int = 1) -> str:
    """Describe a returned structure: ``a tuple of (a number, a dictionary)``."""
    kind, shape = returned.get("kind"), returned.get("shape")
    if kind == "scalar":
        return "a number"
    if kind == "array":
        # no sizes: they are those of the inputs, which may be hidden
        return f"a {len(shape)}-dimensional array" if isinstance(shape, list) else "an array"
    if kind == "none":
        return "None"
    if kind == "mapping":
        return "a dictionary"
    if kind in ("tuple", "list"):
        parts = returned.get("parts")
        if not depth or not isinstance(parts, list):
            return f"a {kind}"
        inside = ", ".join(shape_in_words(part, depth - 1) for part in parts if isinstance(part, Mapping))
        return f"a {kind} of ({inside})"
    return "something else"


def _failed_for_it(call: ProbeEvent, last_right: int, words: str | None, scalar: bool) -> bool:
    """Return True if the case failed because of this call.

    ``last_right``: when the last differentiation that went through began; ``words``: the text of the error that ended
    the case.
    """
    api = call.text("api")
    if api in ("grad", "value_and_grad"):
        # caught, and perhaps tried again another way
        return call.raised == "TypeError" and (scalar or last_right <= call.order)
    if words is None:
        return False
    if api == "vjp":
        return WRONG_COTANGENT in words
    # jacrev and its like differentiate every part; later code fails on a tree with a part too many
    told = api in ("jacrev", "jacfwd", "jacobian") and not call.raised
    return told and re.search(r"pytree|tree structure|unpack|'tuple'|'dict'", words) is not None
