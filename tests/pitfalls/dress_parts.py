"""What every dress is made of: the program around the step, gradients, and what the step is put into."""

from __future__ import annotations

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


def submission(gradients: str, step: str, carrier: str) -> str:
    return HEAD + "\n".join((gradients, "", step.replace(":\n\n", ":\n"), "", CARRIERS[carrier]))


def some_carriers(number: int, count: int) -> list[str]:
    """So many carriers for the way with this number: all come up in turn."""
    carriers = list(CARRIERS)
    return [carriers[(number + 3 * turn) % len(carriers)] for turn in range(count)]
