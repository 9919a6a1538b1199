"""Every pitfall in many dresses, and right solutions that look like it: ways to write a line, times carriers of it.

A *way* is how the decisive line is spelt; a *carrier* is what the training step around it is put into.  A submission is
one way in one carrier; each way comes in one or two of them,
and all carriers come up in turn.  The decisive line carries the comment ``# <- here``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

HEAD = """\
import functools
from typing import Any

import flax
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax.core import freeze, unfreeze
from flax.training import train_state
from flax.traverse_util import flatten_dict, unflatten_dict
from jax.flatten_util import ravel_pytree


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


MODEL = MLP()


def begin(seed, x):
    return MODEL.init(jax.random.PRNGKey(int(seed)), x, train=False)


def mse(out, y):
    return jnp.mean((out.reshape(-1) - y) ** 2)


def evaluate(params, stats, x, y):
    return mse(MODEL.apply({"params": params, "batch_stats": stats}, x, train=False), y).reshape(1)


"""

GRADIENTS = {
    "of-all": """
def gradients(v, x, y):
    def loss(v):
        out, new = MODEL.apply(v, x, train=True, mutable=["batch_stats"])
        return mse(out, y), new["batch_stats"]

    (_, new_stats), g = jax.value_and_grad(loss, has_aux=True)(v)
    return g, new_stats
""",
    "of-two": """
def gradients(v, x, y):
    def loss(params, stats):
        out, new = MODEL.apply({"params": params, "batch_stats": stats}, x, train=True, mutable=["batch_stats"])
        return mse(out, y), new["batch_stats"]

    (_, new_stats), (gp, gs) = jax.value_and_grad(loss, argnums=(0, 1), has_aux=True)(v["params"], v["batch_stats"])
    return {"params": gp, "batch_stats": gs}, new_stats
""",
    "by-vjp": """
def gradients(v, x, y):
    def loss(v):
        out, new = MODEL.apply(v, x, train=True, mutable=["batch_stats"])
        return mse(out, y), new["batch_stats"]

    _, pull, new_stats = jax.vjp(loss, v, has_aux=True)
    (g,) = pull(jnp.ones(()))
    return g, new_stats
""",
    "of-params": """
def gradients(v, x, y):
    def loss(params):
        variables = {"params": params, "batch_stats": v["batch_stats"]}
        out, new = MODEL.apply(variables, x, train=True, mutable=["batch_stats"])
        return mse(out, y), new["batch_stats"]

    (_, new_stats), g = jax.value_and_grad(loss, has_aux=True)(v["params"])
    return {"params": g}, new_stats
""",
}

CARRIERS = {
    "plain": """
def solve(seed, x, y, lr):
    v = begin(seed, x)
    g, new_stats = gradients(v, x, y)
    return evaluate(*step(v, g, new_stats, lr), x, y)
""",
    "jitted-step": """
def solve(seed, x, y, lr):
    v = begin(seed, x)
    g, new_stats = gradients(v, x, y)
    return evaluate(*jax.jit(step)(v, g, new_stats, lr), x, y)
""",
    "jitted-training": """
@jax.jit
def train(v, x, y, lr):
    g, new_stats = gradients(v, x, y)
    return step(v, g, new_stats, lr)


def solve(seed, x, y, lr):
    return evaluate(*train(begin(seed, x), x, y, lr), x, y)
""",
    "jitted-gradients": """
def solve(seed, x, y, lr):
    v = begin(seed, x)
    g, new_stats = jax.jit(gradients)(v, x, y)
    return evaluate(*step(v, g, new_stats, lr), x, y)
""",
    "scan": """
def solve(seed, x, y, lr):
    def body(carry, batch):
        v = {"params": carry[0], "batch_stats": carry[1]}
        g, new_stats = gradients(v, *batch)
        params, stats = step(v, g, new_stats, lr)
        return (params, stats), None

    v = begin(seed, x)
    rows = (jnp.asarray(x)[None], jnp.asarray(y)[None])
    (params, stats), _ = jax.lax.scan(body, (dict(v["params"]), dict(v["batch_stats"])), rows)
    return evaluate(params, stats, x, y)
""",
    "partial": """
def solve(seed, x, y, lr):
    v = begin(seed, x)
    advance = functools.partial(step, lr=lr)
    g, new_stats = functools.partial(gradients, x=x, y=y)(v)
    return evaluate(*advance(v, g, new_stats), x, y)
""",
    "class": """
class Trainer:
    def __init__(self, v, lr):
        self.v, self.lr = v, lr

    def fit(self, x, y):
        g, new_stats = gradients(self.v, x, y)
        params, stats = step(self.v, g, new_stats, self.lr)
        self.v = {"params": params, "batch_stats": stats}
        return self

    def score(self, x, y):
        return evaluate(self.v["params"], self.v["batch_stats"], x, y)


def solve(seed, x, y, lr):
    return Trainer(begin(seed, x), lr).fit(x, y).score(x, y)
""",
}


@dataclass(frozen=True)
class Dress:
    """One submission of the tables."""

    name: str
    code: str
    """The pitfall that it falls into, or looks like."""
    is_wrong: bool
    source: str


STEP = "def step(v, g, new_stats, lr):\n"

STEPPED = {
    "tree-map": """
    v = jax.tree.map(lambda leaf, slope: leaf - lr * slope, v, g)  # <- here
    return v["params"], new_stats
""",
    "new-stats": """
    params = jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"])
    stats = jax.tree.map(lambda s, d: s - lr * d, new_stats, g["batch_stats"])  # <- here
    return params, stats
""",
    "add-scale": """
    v = optax.tree.add_scale(v, -lr, g)  # <- here
    return v["params"], new_stats
""",
    "add-of-scaled": """
    v = {"params": v["params"], "batch_stats": new_stats}
    v = optax.tree.add(v, optax.tree.scale(-lr, g))  # <- here
    return v["params"], v["batch_stats"]
""",
    "raveled": """
    flat, back = ravel_pytree({"params": v["params"], "batch_stats": new_stats})
    slopes, _ = ravel_pytree(g)
    v = back(flat - lr * slopes)  # <- here
    return v["params"], v["batch_stats"]
""",
    "zipped-leaves": """
    leaves, shape = jax.tree.flatten(v)
    moved = [leaf - lr * slope for leaf, slope in zip(leaves, jax.tree.leaves(g))]  # <- here
    v = jax.tree.unflatten(shape, moved)
    return v["params"], new_stats
""",
    "transposed": """
    v = {"params": dict(v["params"]), "batch_stats": dict(new_stats)}
    pairs = jax.tree.map(lambda leaf, slope: (leaf, slope), v, g)
    old, slopes = jax.tree.transpose(jax.tree.structure(v), jax.tree.structure((0, 0)), pairs)
    v = jax.tree_util.tree_map(lambda a, b: a + -lr * b, old, slopes)  # <- here
    return v["params"], v["batch_stats"]
""",
    "apply-updates": """
    moves = jax.tree.map(lambda slope: -lr * slope, g)
    v = optax.apply_updates(v, moves)  # <- here
    return v["params"], new_stats
""",
    "sgd": """
    tx = optax.sgd(lr)
    moves, _ = tx.update(g, tx.init(v["params"]), v)  # <- here
    v = optax.apply_updates(v, moves)
    return v["params"], new_stats
""",
    "let-pass-by-a-mask": """
    tx = optax.masked(optax.sgd(lr), {"params": True, "batch_stats": False})
    v = {"params": v["params"], "batch_stats": new_stats}
    moves, _ = tx.update(g, tx.init(v), v)
    v = optax.apply_updates(v, moves)  # <- here
    return v["params"], v["batch_stats"]
""",
    "by-name": """
    params = jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"])
    old, slope = new_stats["BatchNorm_0"], g["batch_stats"]["BatchNorm_0"]
    stats = {"BatchNorm_0": {name: old[name] - lr * slope[name] for name in ("mean", "var")}}  # <- here
    return params, stats
""",
    "beside-sgd": """
    tx = optax.sgd(lr)
    moves, _ = tx.update(g["params"], tx.init(v["params"]), v["params"])
    stats = jax.tree.map(lambda s, d: s - lr * d, new_stats, g["batch_stats"])  # <- here
    return optax.apply_updates(v["params"], moves), stats
""",
    "beside-sgd-and-a-choice": """
    tx = optax.sgd(lr)
    moves, _ = tx.update(g["params"], tx.init(v["params"]), v["params"])
    kept = jax.tree.map(lambda s, d: jnp.where(False, s - lr * d, s), v["batch_stats"], g["batch_stats"])
    stats = jax.tree.map(lambda s, d, _: s - lr * d, new_stats, g["batch_stats"], kept)  # <- here
    return optax.apply_updates(v["params"], moves), stats
""",
    "by-ufunc": """
    v = jax.tree.map(lambda a, b: jnp.subtract(a, jnp.multiply(lr, b)), v, g)  # <- here
    return v["params"], new_stats
""",
    "by-lax": """
    v = jax.tree.map(lambda a, b: jax.lax.sub(a, jax.lax.mul(jnp.float32(lr), b)), v, g)  # <- here
    return v["params"], new_stats
""",
    "between": """
    towards = jax.tree.map(lambda a, b: a - b, {"params": v["params"], "batch_stats": new_stats}, g)  # <- here
    v = optax.incremental_update(towards, {"params": v["params"], "batch_stats": new_stats}, lr)
    return v["params"], v["batch_stats"]
""",
    "stacked": """
    stats = jax.tree.map(lambda s, d: jnp.stack([s, -lr * d]).sum(axis=0), new_stats, g["batch_stats"])  # <- here
    return jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"]), stats
""",
    "as-a-factor": """
    stats = jax.tree.map(lambda s, d: s * (1 - lr * d), new_stats, g["batch_stats"])  # <- here
    return jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"]), stats
""",
    "momentum": """
    trace = jax.tree.map(jnp.zeros_like, v)
    trace = jax.tree.map(lambda m, d: 0.9 * m + d, trace, g)
    v = jax.tree.map(lambda a, m: a - lr * m, v, trace)  # <- here
    return v["params"], new_stats
""",
    "loop-of-collections": """
    moved = {}
    for name in ("params", "batch_stats"):
        moved[name] = jax.tree.map(lambda a, b: a - lr * b, v[name], g[name])  # <- here
    return moved["params"], new_stats
""",
    "flat-keys": """
    slopes = flatten_dict(dict(g))
    flat = {key: leaf - lr * slopes[key] for key, leaf in flatten_dict(dict(v)).items()}  # <- here
    return unflatten_dict(flat)["params"], new_stats
""",
    "frozen": """
    v = jax.tree.map(lambda a, b: a - lr * b, freeze(dict(v)), freeze(dict(g)))  # <- here
    return unfreeze(v)["params"], new_stats
""",
    "clipped": """
    moves = jax.tree.map(lambda d: jnp.clip(-lr * d, -1e6, 1e6), g)
    v = jax.tree.map(jnp.add, v, moves)  # <- here
    return v["params"], new_stats
""",
    "with-decay": """
    v = {"params": v["params"], "batch_stats": new_stats}
    v = jax.tree.map(lambda a, b: (1 - lr * 0.0) * a - lr * b, v, g)  # <- here
    return v["params"], v["batch_stats"]
""",
    "compiled-leaf": """
    one = jax.jit(lambda a, b, rate: a - rate * b)  # <- here
    v = jax.tree.map(lambda a, b: one(a, b, lr), v, g)
    return v["params"], new_stats
""",
    "in-a-loop-of-jax": """
    v = {"params": dict(v["params"]), "batch_stats": dict(new_stats)}
    g = {"params": dict(g["params"]), "batch_stats": dict(g["batch_stats"])}
    one = lambda _, tree: jax.tree.map(lambda a, b: a - lr * b, tree, g)  # <- here
    v = jax.lax.fori_loop(0, 1, one, v)
    return v["params"], v["batch_stats"]
""",
    "home-made-transformation": """
    tx = optax.GradientTransformation(
        lambda params: (), lambda u, s, params=None: (jax.tree.map(lambda d: -lr * d, u), s)
    )
    moves, _ = tx.update(g, tx.init(v["params"]))  # <- here
    v = optax.apply_updates({"params": v["params"], "batch_stats": new_stats}, moves)
    return v["params"], v["batch_stats"]
""",
}

NOT_STEPPED = {
    "params-only": """
    return jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"]), new_stats
""",
    "sgd-of-params": """
    tx = optax.sgd(lr)
    moves, _ = tx.update(g["params"], tx.init(v["params"]), v["params"])
    return optax.apply_updates(v["params"], moves), new_stats
""",
    "partitioned": """
    tx = optax.partition({"a": optax.sgd(lr), "b": optax.set_to_zero()}, {"params": "a", "batch_stats": "b"})
    v = {"params": v["params"], "batch_stats": new_stats}
    moves, _ = tx.update(g, tx.init(v), v)
    v = optax.apply_updates(v, moves)
    return v["params"], v["batch_stats"]
""",
    "zeros-in-their-place": """
    g = {"params": g["params"], "batch_stats": jax.tree.map(jnp.zeros_like, g["batch_stats"])}
    v = jax.tree.map(lambda a, b: a - lr * b, {"params": v["params"], "batch_stats": new_stats}, g)
    return v["params"], v["batch_stats"]
""",
    "times-zero": """
    keep = {"params": 1.0, "batch_stats": 0.0}
    g = {name: jax.tree.map(lambda d: keep[name] * d, g[name]) for name in keep}
    v = jax.tree.map(lambda a, b: a - lr * b, {"params": v["params"], "batch_stats": new_stats}, g)
    return v["params"], v["batch_stats"]
""",
    "where-it-may": """
    move = {"params": True, "batch_stats": False}
    now = {"params": v["params"], "batch_stats": new_stats}
    v = {
        name: jax.tree.map(lambda a, b: jnp.where(move[name], a - lr * b, a), now[name], g[name]) for name in now
    }
    return v["params"], v["batch_stats"]
""",
    "raveled-mask": """
    now = {"params": v["params"], "batch_stats": new_stats}
    flat, back = ravel_pytree(now)
    slopes, _ = ravel_pytree(g)
    masks = {k: jax.tree.map(lambda a: np.full(a.shape, k == "params", np.float32), now[k]) for k in now}
    mask, _ = ravel_pytree(masks)
    v = back(flat - lr * mask * slopes)
    return v["params"], v["batch_stats"]
""",
    "raveled-and-taken-apart": """
    flat, back = ravel_pytree(v)
    slopes, again = ravel_pytree(g)
    old, slope = back(flat), again(slopes)
    return jax.tree.map(lambda p, d: p - lr * d, old["params"], slope["params"]), new_stats
""",
    "clipped-by-all": """
    norm = optax.global_norm(g)
    rate = lr * jnp.where(norm > 1e6, 1e6 / norm, 1.0)
    return jax.tree.map(lambda p, d: p - rate * d, v["params"], g["params"]), new_stats
""",
    "looked-at": """
    optax.tree.vdot(v, g), optax.global_norm(g), jax.tree.map(jnp.abs, g["batch_stats"])
    return jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"]), new_stats
""",
    "by-path": """
    def move(path, a, b):
        return a - lr * b if path[0].key == "params" else a

    v = jax.tree_util.tree_map_with_path(move, {"params": v["params"], "batch_stats": new_stats}, g)
    return v["params"], v["batch_stats"]
""",
    "popped": """
    g, v = dict(g), dict(v)
    g.pop("batch_stats"), v.pop("batch_stats")
    v = jax.tree.map(lambda a, b: a - lr * b, v, g)
    return v["params"], new_stats
""",
    "momentum-of-all": """
    trace = jax.tree.map(lambda m, d: 0.9 * m + d, jax.tree.map(jnp.zeros_like, v), g)
    return jax.tree.map(lambda p, m: p - lr * m, v["params"], trace["params"]), new_stats
""",
    "masked-and-taken": """
    tx = optax.masked(optax.sgd(lr), {"params": True, "batch_stats": False})
    moves, _ = tx.update(g, tx.init(v), v)
    return optax.apply_updates(v["params"], moves["params"]), new_stats
""",
    "averaged-with-new": """
    stats = jax.tree.map(lambda old, new: 0.0 * old + 1.0 * new, v["batch_stats"], new_stats)
    return jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"]), stats
""",
    "held-by-hand": """
    hold = optax.GradientTransformation(
        lambda params: (), lambda u, s, params=None: (jax.tree.map(jnp.zeros_like, u), s)
    )
    tx = optax.partition({"a": optax.sgd(lr), "b": hold}, {"params": "a", "batch_stats": "b"})
    v = {"params": v["params"], "batch_stats": new_stats}
    moves, _ = tx.update(g, tx.init(v), v)
    v = optax.apply_updates(v, moves)
    return v["params"], v["batch_stats"]
""",
    "rate-of-zero": """
    tx = optax.partition({"a": optax.sgd(lr), "b": optax.sgd(0.0)}, {"params": "a", "batch_stats": "b"})
    v = {"params": v["params"], "batch_stats": new_stats}
    moves, _ = tx.update(g, tx.init(v), v)
    v = optax.apply_updates(v, moves)
    return v["params"], v["batch_stats"]
""",
    "compiled-update": """
    tx = optax.partition({"a": optax.sgd(lr), "b": optax.set_to_zero()}, {"params": "a", "batch_stats": "b"})
    tx = optax.chain(tx, optax.clip_by_global_norm(1e9))
    now = {"params": v["params"], "batch_stats": new_stats}
    moves, _ = jax.jit(tx.update)(g, tx.init(now), now)
    return jax.jit(optax.apply_updates)(now["params"], moves["params"]), new_stats
""",
    "held-by-a-choice-in-an-update": """
    def update(u, s, params=None):
        return {k: jax.tree.map(lambda d: jnp.where(k == "params", -lr * d, 0.0), u[k]) for k in u}, s

    tx = optax.GradientTransformation(lambda params: (), update)
    now = {"params": v["params"], "batch_stats": new_stats}
    moves, _ = tx.update(g, tx.init(now), now)
    now = optax.apply_updates(now, moves)
    return now["params"], now["batch_stats"]
""",
    "chosen-by-a-mask-that-was-computed": """
    move = {k: jax.tree.map(lambda d: jnp.asarray(k == "params"), g[k]) for k in g}
    now = {"params": v["params"], "batch_stats": new_stats}
    now = {
        k: jax.tree.map(lambda m, a, b: jnp.where(m, a - lr * b, a), move[k], now[k], g[k]) for k in now
    }
    return now["params"], now["batch_stats"]
""",
    "chosen-a-line-later": """
    def move(m, a, b):
        stepped = a - lr * b
        return jnp.where(m, stepped, a)

    may = {"params": True, "batch_stats": False}
    now = {"params": v["params"], "batch_stats": new_stats}
    now = {k: jax.tree.map(functools.partial(move, may[k]), now[k], g[k]) for k in now}
    return now["params"], now["batch_stats"]
""",
    "chosen-of-two-trees": """
    now = {"params": v["params"], "batch_stats": new_stats}
    moved = jax.tree.map(lambda a, b: a - lr * b, now, g)
    may = {k: jax.tree.map(lambda _: jnp.asarray(k == "params"), now[k]) for k in now}
    now = jax.tree.map(jnp.where, may, moved, now)
    return now["params"], now["batch_stats"]
""",
    "zeros-beside-the-gradient": """
    slopes = {"params": g["params"], "batch_stats": jax.tree.map(lambda s: jnp.zeros(s.shape), new_stats)}
    flat, back = ravel_pytree({"params": v["params"], "batch_stats": new_stats})
    v = back(flat - lr * ravel_pytree(slopes)[0])
    return v["params"], v["batch_stats"]
""",
    "padded": """
    flat, back = ravel_pytree(v)
    slopes, _ = ravel_pytree({"params": g["params"], "batch_stats": jax.tree.map(jnp.zeros_like, new_stats)})
    tx = optax.sgd(lr)
    moves, _ = tx.update(slopes, tx.init(v["params"]))
    return back(flat + moves)["params"], new_stats
""",
    "two-masks": """
    only = {"params": True, "batch_stats": False}
    tx = optax.chain(
        optax.masked(optax.sgd(lr), only), optax.masked(optax.set_to_zero(), jax.tree.map(lambda b: not b, only))
    )
    v = {"params": v["params"], "batch_stats": new_stats}
    moves, _ = tx.update(g, tx.init(v), v)
    v = optax.apply_updates(v, moves)
    return v["params"], v["batch_stats"]
""",
    "copied": """
    stats = jax.tree.map(jnp.array, new_stats)
    jax.tree.map(jnp.array, g)
    return jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"]), stats
""",
    "norms-of-each": """
    sizes = {name: jax.tree.map(lambda d: jnp.sqrt((d * d).sum()), g[name]) for name in g}
    rate = lr * (sizes["params"]["Dense_0"]["bias"] >= 0)
    return jax.tree.map(lambda p, d: p - rate * d, v["params"], g["params"]), new_stats
""",
    "cast": """
    g = jax.tree.map(lambda d: d.astype(jnp.float32), g)
    v = jax.tree.map(lambda leaf: leaf.astype(jnp.float32), v)
    return jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"]), new_stats
""",
}

OF_PARAMS = ("padded",)
"""Ways that start from a gradient with respect to the parameters alone."""

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


def _submission(gradients: str, step: str, carrier: str) -> str:
    return HEAD + "\n".join((gradients, "", step.replace(":\n\n", ":\n"), "", CARRIERS[carrier]))


def _some_carriers(number: int, count: int) -> list[str]:
    """So many carriers for the way with this number: all come up in turn."""
    carriers = list(CARRIERS)
    return [carriers[(number + 3 * turn) % len(carriers)] for turn in range(count)]


def optimized() -> Iterator[Dress]:
    """batch-stats-optimized: every way in two carriers and with two kinds of gradient."""
    kinds = ("of-all", "of-two", "by-vjp")
    for wrong, table in ((True, STEPPED), (False, NOT_STEPPED)):
        for number, (way, text) in enumerate(table.items()):
            for turn, carrier in enumerate(_some_carriers(number, 2)):
                kind = "of-params" if way in OF_PARAMS else kinds[(number + turn) % 3]
                source = _submission(GRADIENTS[kind], STEP + text, carrier)
                yield Dress(f"{way}/{carrier}/{kind}", "batch-stats-optimized", wrong, source)


def begun() -> Iterator[Dress]:
    """optimizer-on-variables: every start in a carrier."""
    for wrong, table in ((True, BEGUN), (False, BEGUN_RIGHT)):
        for number, (way, line) in enumerate(table.items()):
            for carrier in _some_carriers(number, 1):
                rest = BEGUN_REST if wrong else NOT_STEPPED["params-only"]
                if not wrong:
                    rest = '\n    moves, _ = tx.update(g["params"], state)' + (
                        '\n    return optax.apply_updates(v["params"], moves), new_stats\n'
                    )
                step = f"{STEP}    tx = optax.sgd(lr)\n    {line}{rest}"
                source = _submission(GRADIENTS["of-params"], step, carrier)
                yield Dress(f"{way}/{carrier}", "optimizer-on-variables", wrong, source)


def applied() -> Iterator[Dress]:
    """missing-mutable: every apply in two carriers."""
    for wrong, table in ((True, APPLIED), (False, APPLIED_RIGHT)):
        for number, (way, line) in enumerate(table.items()):
            for turn, carrier in enumerate(_some_carriers(number, 2)):
                kind = list(LOSSES)[(number + turn) % 2]
                new = 'new["batch_stats"]' if not wrong else 'variables["batch_stats"]'
                loss = LOSSES[kind].replace("LINE", line).replace("NEW", new)
                yield Dress(
                    f"{way}/{carrier}/{kind}",
                    "missing-mutable",
                    wrong,
                    _submission(loss, PARAMS_STEP, carrier),
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
                        _submission(loss, PARAMS_STEP, carrier),
                    )


def conduct() -> Iterator[Dress]:
    """The two warnings: a step by hand or by optax, a gradient by one function or another, in every carrier."""
    by_hand, by_optax = STEP + NOT_STEPPED["params-only"], PARAMS_STEP
    for carrier in CARRIERS:
        for kind in ("of-all", "of-two", "of-params"):
            yield Dress(
                f"by-hand/{carrier}/{kind}",
                "optax-not-used",
                True,
                _submission(GRADIENTS[kind], by_hand, carrier),
            )
            yield Dress(
                f"by-optax/{carrier}/{kind}",
                "optax-not-used",
                False,
                _submission(GRADIENTS[kind], by_optax, carrier),
            )
            yield Dress(
                f"by-it/{carrier}/{kind}",
                "value-and-grad-not-used",
                False,
                _submission(GRADIENTS[kind], by_optax, carrier),
            )
        for how in ("grad", "vjp"):
            for what in ("return mse(out, y), new", "return mse(out * 1.0, y), new"):
                loss = LOSS_WITH_MORE.replace("RETURNED", what).replace("TAKEN", TAKEN_RIGHT[how])
                yield Dress(
                    f"by-{how}/{carrier}/{len(what)}",
                    "value-and-grad-not-used",
                    True,
                    _submission(loss, by_optax, carrier),
                )


def dresses() -> list[Dress]:
    """All tables."""
    return [*optimized(), *begun(), *applied(), *returned(), *conduct()]
