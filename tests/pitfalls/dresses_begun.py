"""Optimizers that are started on more than the parameters, and such as are not."""

from __future__ import annotations

from collections.abc import Iterator

from dress_parts import GRADIENTS, STEP, Dress, some_carriers, submission
from dresses_not_stepped import NOT_STEPPED

BEGUN = {
    "variables": "state = tx.init(v)  # <- here",
    "spread": "state = tx.init({**v})  # <- here",
    "tuple": 'state = tx.init((v["params"], v["batch_stats"]))  # <- here',
    "leaves": "state = tx.init(jax.tree.leaves(v))  # <- here",
    "each-collection": 'state = {name: tx.init(c) for name, c in v.items()}["params"]  # <- here',
    "each-with-its-own": 'state = {name: optax.sgd(lr).init(c) for name, c in v.items()}["params"]  # <- here',
    "two-in-a-line": 'state, _ = tx.init(v["params"]), tx.init(v["batch_stats"])  # <- here',
    "two-lines": 'state = tx.init(v["params"])\n    other = tx.init(v["batch_stats"])  # <- here',
    "frozen": "state = tx.init(freeze(dict(v)))  # <- here",
    "raveled": "state = tx.init(ravel_pytree(v)[0])  # <- here",
    "flat-keys": "state = tx.init(flatten_dict(dict(v)))  # <- here",
    "copied": "state = tx.init(jax.tree.map(jnp.array, v))  # <- here",
    "renamed": 'state = tx.init({"weights": v["params"], "extra": v["batch_stats"]})  # <- here',
    "chained": "tx = optax.chain(optax.identity(), optax.sgd(lr))\n    state = tx.init(v)  # <- here",
    "compiled": "state = jax.jit(tx.init)(v)  # <- here",
    "by-keyword": "state = tx.init(params=v)  # <- here",
    "shapes": "state = jax.eval_shape(tx.init, v)  # <- here",
    "masked-nothing": "tx = optax.masked(optax.sgd(lr), True)\n    state = tx.init(v)  # <- here\n    tx = None",
    "merged": 'state = tx.init({**v["params"], "running": v["batch_stats"]})  # <- here',
    "list": 'state = tx.init([v["batch_stats"], v["params"]])  # <- here',
    "method": "start = tx.init\n    state = start(dict(v))  # <- here",
}
BEGUN_REST = """
    moves, _ = (tx or optax.sgd(lr)).update(g["params"], state)
    return optax.apply_updates(v["params"], moves), new_stats
"""

BEGUN_RIGHT = {
    "params": 'state = tx.init(v["params"])',
    "popped": 'v = dict(v)\n    v.pop("batch_stats")\n    state = tx.init(v["params"])',
    "popped-tree": 'v = dict(v)\n    v.pop("batch_stats")\n    state = tx.init(v)',
    "one-entry": 'state = tx.init({"params": v["params"]})',
    "leaves": 'state = tx.init(jax.tree.leaves(v["params"]))',
    "frozen": 'state = tx.init(freeze(dict(v["params"])))',
    "raveled": 'state = tx.init(ravel_pytree(v["params"])[0])',
    "flat-keys": 'state = tx.init(flatten_dict(dict(v["params"])))',
    "copied": 'state = tx.init(jax.tree.map(jnp.array, v["params"]))',
    "compiled": 'state = jax.jit(tx.init)(v["params"])',
    "zeros": 'state = tx.init(jax.tree.map(jnp.zeros_like, v["params"]))',
    "shapes": 'state = jax.eval_shape(tx.init, v["params"])',
    "each-layer": 'state = {name: tx.init(c) for name, c in v["params"].items()} and tx.init(v["params"])',
    "set-to-zero-for-the-rest": 'rest = optax.set_to_zero().init(v["batch_stats"])\n    state = tx.init(v["params"])',
    "each-its-own": (
        'kinds = {"params": tx, "batch_stats": optax.set_to_zero()}\n'
        '    state = {name: kinds[name].init(v[name]) for name in kinds}["params"]'
    ),
    "identity-for-the-rest": 'optax.identity().init(v["batch_stats"])\n    state = tx.init(v["params"])',
    "without-the-rest": 'state = tx.init({k: c for k, c in v.items() if k != "batch_stats"}["params"])',
    "looked-at-the-rest": 'jax.tree.map(jnp.shape, v["batch_stats"])\n    state = tx.init(v["params"])',
    "ema-of-the-rest": 'optax.ema(0.9).init(v["batch_stats"])\n    state = tx.init(v["params"])',
    "masked": (
        'hidden = optax.masked(tx, {"params": True, "batch_stats": False})\n'
        '    hidden.init(v)\n    state = tx.init(v["params"])'
    ),
    "partitioned": (
        'both = optax.partition({"a": tx, "b": optax.set_to_zero()}, {"params": "a", "batch_stats": "b"})\n'
        '    both.init(v)\n    state = tx.init(v["params"])'
    ),
}


def begun() -> Iterator[Dress]:
    """optimizer-on-variables: every start in a carrier."""
    for wrong, table in ((True, BEGUN), (False, BEGUN_RIGHT)):
        for number, (way, line) in enumerate(table.items()):
            for carrier in some_carriers(number, 1):
                rest = BEGUN_REST if wrong else NOT_STEPPED["params-only"]
                if not wrong:
                    rest = '\n    moves, _ = tx.update(g["params"], state)' + (
                        '\n    return optax.apply_updates(v["params"], moves), new_stats\n'
                    )
                step = f"{STEP}    tx = optax.sgd(lr)\n    {line}{rest}"
                source = submission(GRADIENTS["of-params"], step, carrier)
                yield Dress(f"{way}/{carrier}", "optimizer-on-variables", wrong, source)
