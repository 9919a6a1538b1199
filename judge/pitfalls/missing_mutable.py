"""A model was run in train mode and not allowed to write its running statistics.

The pitfall, by what happens to values: a pass through a model, however it is called, makes new running statistics of
the batch, and they would go into a collection that this pass may not change; flax refuses, and they are lost.  It
does not matter whether the call omits what may change, says no, or names another collection.  It is certain

- when the refusal ended the case;
- when it was caught, some BatchNorm of that pass was in train mode, and no pass in train mode went through later.

It is not the pitfall when the refused collection is that of the parameters, when modes are swapped (the pass whose
gradient is taken averages, and the evaluation is the one that is refused), or when the answer is right after all.
"""

from __future__ import annotations

import re

from judge.model import ClaimedException
from judge.trace import Context, Detection, ProbeEvent, Recognised, Trace, is_shown_name
from judge.vocabulary import Difference, Shape, Stage

CODE = "missing-mutable"
TITLE = "A training pass was not allowed to write its statistics"
MATTERS = (
    "A flax model holds no state. In train mode BatchNorm has new running statistics to hand over, and `apply` hands "
    "over only what it was told may change. The line in the model is fine; the call that runs it is the place to look."
)
PAGE = """
## What happens

The model is applied in train mode. BatchNorm computes new running statistics and wants to store them, and flax
refuses: this call of `apply` declared nothing as changeable.

## Why it happens

In flax a model holds no state. `apply` is a pure function: variables go in, outputs come out, and the variables that
went in stay as they were. A layer that must remember something can only *return* it, and `apply` returns it only
when it was told beforehand which collections may change.

## How it shows

    ModifyScopeVariableError: Cannot update variable "mean" in "/BatchNorm_0" because collection
    "batch_stats" is immutable.

The error points into the model, at the BatchNorm line. The model is fine there: the call that ran it is the place to
look at.

## A minimal example

```python
def loss_fn(params):
    out = model.apply({"params": params, "batch_stats": batch_stats}, x, train=True)
    return jnp.mean((out.reshape(-1) - y) ** 2)
```

## A question to think about

A function cannot change what was passed to it. So how do the new statistics get from inside of `apply` to your code?

## Read on

- flax, Batch normalization: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- flax, ModifyScopeVariableError: https://flax.readthedocs.io/en/latest/api_reference/flax.errors.html
- jax, Stateful computations: https://docs.jax.dev/en/latest/stateful-computations.html
"""

ERROR = "flax.errors.ModifyScopeVariableError"
_TEXT = re.compile(r'Cannot update variable "[^"]*" in "[^"]*" because collection "([^"]*)" is immutable')


def happened(detection: Detection) -> str:
    collection = detection.facts.get("collection")
    what = (
        f"`{collection}`" if isinstance(collection, str) and is_shown_name(collection) else "its statistics"
    )
    allowed = detection.facts.get("mutable")
    names = [name for name in allowed if is_shown_name(name)] if isinstance(allowed, list) else []
    said = f"only `{'`, `'.join(names)}` may change" if names else "nothing may change"
    return (
        f"A pass in train mode wanted to write {what}, and flax refused with ModifyScopeVariableError: "
        f"this call says that {said}."
    )


def detect(context: Context) -> list[Detection]:
    """Return the error if it left ``solve``, or if it was caught and the pass was never repeated right."""
    found = []
    for case in context.trace.steps:
        if case is None or case in context.right:
            continue
        refused = [seen for seen in _passes(context, case) if seen.raised == "ModifyScopeVariableError"]
        if modes_are_swapped(context.trace, case):
            continue
        collection = collection_of(context.raised.get(case))
        if collection is None:
            if not refused or _passed_later(context, case, refused[-1]):
                continue
            if not any(norm.averages is False for seen in refused for norm in seen.norms):
                continue
            collection = "batch_stats"
        found.append(_detection(context, case, refused, collection))
    return found


def explains(context: Context, case: str) -> bool:
    """Return True: the refused pass was never repeated right, so nothing after it can be right."""
    return True


def done_right(context: Context) -> bool:
    """Return True if a train-mode pass went through with its statistics declared mutable."""
    return any(
        seen.trains and not seen.raised and any(norm.mutable for norm in seen.norms)
        for seen in context.trace.all("module-apply", "batch-norm")
    )


def recognise(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    """Recognise flax's refusal; if the modes are swapped, the evaluation was refused, for another reason."""
    if collection_of(raised) is None:
        return None
    if not modes_are_swapped(trace, case):
        passes = trace.of_case(case, "module-apply")
        return Recognised(CODE, passes[-1].line if passes else None, "apply")
    starts = [norm for seen in trace.of_case(case, "module-init") for norm in seen.norms]
    # Nearly everyone initialises in evaluation mode: a layer that averages there inverts its flag.
    if starts and all(norm.averages is False for norm in starts):
        norms = trace.of_case(case, "batch-norm")
        line = norms[-1].line if norms else None
        return Recognised("", line, "BatchNorm", difference=Difference(Stage.MODEL, Shape.CHANGED))
    trained = [seen for seen in trace.of_case(case, "module-apply") if seen.evaluates and not seen.raised]
    line = trained[0].line if trained else None
    return Recognised("", line, "apply", difference=Difference(Stage.TRAINING_MODE, Shape.EVALUATING))


def modes_are_swapped(trace: Trace, case: str) -> bool:
    """Return True if the refused pass was meant as evaluation: the differentiated one could write, and averaged."""
    passes = [seen for seen in trace.of_case(case, "module-apply") if seen.facts.get("depth") == 0]
    refused = [seen for seen in passes if seen.raised == "ModifyScopeVariableError"]
    calls = trace.of_case(case, "grad-call")
    if not refused or not calls:
        return False
    before = [seen for seen in passes if calls[0].order < seen.order < refused[-1].order and not seen.raised]
    return any(seen.evaluates and any(norm.mutable for norm in seen.norms) for seen in before)


def collection_of(raised: ClaimedException | None) -> str | None:
    """The collection that flax refused to change, if this is that error and not about parameters."""
    if raised is None or not raised.type_names or raised.type_names[0] != ERROR:
        return None
    match = _TEXT.search(raised.text)
    return match[1] if match and match[1] != "params" else None


def _passes(context: Context, case: str) -> list[ProbeEvent]:
    return [seen for seen in context.trace.of_case(case, "module-apply") if seen.facts.get("depth") == 0]


def _passed_later(context: Context, case: str, refused: ProbeEvent) -> bool:
    return any(
        seen.order > refused.order and seen.trains and not seen.raised for seen in _passes(context, case)
    )


def _detection(context: Context, case: str, refused: list[ProbeEvent], collection: str) -> Detection:
    binds = [seen for seen in context.trace.of_case(case, "module-bind") if seen.mutable is not True]
    place = refused[-1] if refused else binds[-1] if binds else None
    frames = context.raised[case].frames if case in context.raised else ()
    line = place.line if place else frames[0].line if frames else None
    allowed = place.mutable if place else False
    facts = {"collection": collection, "mutable": list(allowed) if isinstance(allowed, tuple) else allowed}
    return Detection(line, case, "bind" if place and place.kind == "module-bind" else "apply", facts)
