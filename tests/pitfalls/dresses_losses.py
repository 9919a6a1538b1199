"""Losses that lose the statistics, by how the model is applied and by what they return."""

from __future__ import annotations

from collections.abc import Iterator

from dress_parts import CARRIERS, STEP, Dress, some_carriers, submission
from dresses_not_stepped import NOT_STEPPED

APPLIED = {
    "nothing-said": "out = MODEL.apply(v, x, train=True)  # <- here",
    "said-no": "out = MODEL.apply(v, x, train=True, mutable=False)  # <- here",
    "empty": "out, _ = MODEL.apply(v, x, train=True, mutable=[])  # <- here",
    "misspelt": 'out, _ = MODEL.apply(v, x, train=True, mutable=["batchstats"])  # <- here',
    "other": 'out, _ = MODEL.apply(v, x, train=True, mutable=["cache"])  # <- here',
    "string": 'out, _ = MODEL.apply(v, x, train=True, mutable="params")  # <- here',
    "positional": "out = MODEL.apply(v, x, True)  # <- here",
    "bound": "out = MODEL.bind(v)(x, True)  # <- here",
    "functional": "out = nn.apply(lambda m, x: m(x, True), MODEL)(v, x)  # <- here",
    "partial": "out = functools.partial(MODEL.apply, train=True)(v, x)  # <- here",
}
APPLIED_RIGHT = {
    "list": 'out, new = MODEL.apply(v, x, train=True, mutable=["batch_stats"])',
    "tuple": 'out, new = MODEL.apply(v, x, train=True, mutable=("batch_stats",))',
    "string": 'out, new = MODEL.apply(v, x, train=True, mutable="batch_stats")',
    "all": "out, new = MODEL.apply(v, x, train=True, mutable=True)",
    "all-but": 'out, new = MODEL.apply(v, x, train=True, mutable=flax.core.DenyList("params"))',
    "two": 'out, new = MODEL.apply(v, x, train=True, mutable=["batch_stats", "cache"])',
    "keys": 'out, new = MODEL.apply(v, x, train=True, mutable=[k for k in v if k != "params"])',
    "bound": (
        'm = MODEL.bind(v, mutable=["batch_stats"])\n'
        '        out, new = m(x, True), {"batch_stats": m.variables["batch_stats"]}'
    ),
    "functional": 'out, new = nn.apply(lambda m, x: m(x, True), MODEL, mutable=["batch_stats"])(v, x)',
    "partial": 'out, new = functools.partial(MODEL.apply, train=True, mutable=["batch_stats"])(v, x)',
}
LOSSES = {
    "value-and-grad": """
def gradients(variables, x, y):
    def loss(params):
        v = {"params": params, "batch_stats": variables["batch_stats"]}
        LINE
        return mse(out, y), NEW

    (_, new_stats), g = jax.value_and_grad(loss, has_aux=True)(variables["params"])
    return {"params": g}, new_stats
""",
    "grad": """
def gradients(variables, x, y):
    def loss(params):
        v = {**variables, "params": params}
        LINE
        return mse(out, y), NEW

    g, new_stats = jax.grad(loss, has_aux=True)(variables["params"])
    return {"params": g}, new_stats
""",
}

RETURNED = {
    "pair": "return mse(out, y), new  # <- here?",
    "list": "return [mse(out, y), new]",
    "dictionary": 'return {"loss": mse(out, y), "stats": new}',
    "triple": "return mse(out, y), new, out",
    "nested": "return mse(out, y), (new, out)",
    "whole": 'return mse(out, y), {"batch_stats": new}',
}
TAKEN = {
    "value-and-grad": "(_, new_stats), g = jax.value_and_grad(loss)(variables['params'])  # <- here",
    "said-no": "(_, new_stats), g = jax.value_and_grad(loss, has_aux=False)(variables['params'])  # <- here",
    "grad": "g, new_stats = jax.grad(loss)(variables['params'])  # <- here",
    "compiled": "(_, new_stats), g = jax.jit(jax.value_and_grad(loss))(variables['params'])  # <- here",
    "alias": "both = jax.value_and_grad\n    (_, new_stats), g = both(loss)(variables['params'])  # <- here",
}
TAKEN_RIGHT = {
    "keyword": "(_, new_stats), g = jax.value_and_grad(loss, has_aux=True)(variables['params'])",
    "positional": "(_, new_stats), g = jax.value_and_grad(loss, 0, True)(variables['params'])",
    "grad": "g, new_stats = jax.grad(loss, has_aux=True)(variables['params'])",
    "compiled": "(_, new_stats), g = jax.jit(jax.value_and_grad(loss, has_aux=True))(variables['params'])",
    "vjp": (
        "_, pull, new_stats = jax.vjp(loss, variables['params'], has_aux=True)\n    (g,) = pull(jnp.ones(()))"
    ),
}
LOSS_WITH_MORE = """
def gradients(variables, x, y):
    def loss(params):
        v = {"params": params, "batch_stats": variables["batch_stats"]}
        out, new = MODEL.apply(v, x, train=True, mutable=["batch_stats"])
        new = new["batch_stats"]
        RETURNED

    TAKEN
    return {"params": g}, new_stats
"""

PARAMS_STEP = STEP + NOT_STEPPED["sgd-of-params"]


def applied() -> Iterator[Dress]:
    """missing-mutable: every apply in two carriers."""
    for wrong, table in ((True, APPLIED), (False, APPLIED_RIGHT)):
        for number, (way, line) in enumerate(table.items()):
            for turn, carrier in enumerate(some_carriers(number, 2)):
                kind = list(LOSSES)[(number + turn) % 2]
                new = 'new["batch_stats"]' if not wrong else 'variables["batch_stats"]'
                loss = LOSSES[kind].replace("LINE", line).replace("NEW", new)
                yield Dress(
                    f"{way}/{carrier}/{kind}",
                    "missing-mutable",
                    wrong,
                    submission(loss, PARAMS_STEP, carrier),
                )


def returned() -> Iterator[Dress]:
    """missing-has-aux: what the loss returns, times how it is differentiated, in carriers taken in turn."""
    carriers = list(CARRIERS)
    number = 0
    for wrong, taken in ((True, TAKEN), (False, TAKEN_RIGHT)):
        for how, line in taken.items():
            for what, returned in RETURNED.items():
                if not wrong and what not in ("pair", "nested", "whole"):
                    continue
                for offset in range(1 if wrong else 2):
                    number += 1
                    carrier = carriers[(number + offset * 2) % len(carriers)]
                    loss = LOSS_WITH_MORE.replace("RETURNED", returned.replace("  # <- here?", "")).replace(
                        "TAKEN", line
                    )
                    if not wrong and what != "pair":
                        unpack = {"nested": "new_stats[0]", "whole": 'new_stats["batch_stats"]'}[what]
                        loss = loss.replace("g}, new_stats", f"g}}, {unpack}")
                    yield Dress(
                        f"{what}/{how}/{carrier}",
                        "missing-has-aux",
                        wrong,
                        submission(loss, PARAMS_STEP, carrier),
                    )
