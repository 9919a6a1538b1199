import functools

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.tree_util import GetAttrKey, register_pytree_with_keys


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


class Weights:
    def __init__(self, learned, measured):
        self.learned = learned
        self.measured = measured


register_pytree_with_keys(
    Weights,
    lambda w: (((GetAttrKey("learned"), w.learned), (GetAttrKey("measured"), w.measured)), None),
    lambda _, children: Weights(*children),
)

model = MLP()


def start(key, x):
    v = model.init(key, x, train=False)
    return Weights(v["params"], v["batch_stats"])


def train(w, x, y, lr):
    def loss_fn(learned):
        out, upd = model.apply({"params": learned, "batch_stats": w.measured}, x, train=True, mutable=["batch_stats"])
        return jnp.mean((out[:, 0] - y) ** 2), upd["batch_stats"]

    (_, measured), grads = jax.value_and_grad(loss_fn, has_aux=True)(w.learned)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(w.learned))
    return Weights(optax.apply_updates(w.learned, updates), measured)


def evaluate(w, x, y):
    out = model.apply({"params": w.learned, "batch_stats": w.measured}, x, train=False)
    return jnp.mean((out[:, 0] - y) ** 2).reshape(1)


@functools.lru_cache(maxsize=None)
def compiled(n, d):
    x = jax.ShapeDtypeStruct((n, d), jnp.float32)
    y = jax.ShapeDtypeStruct((n,), jnp.float32)
    rate = jax.ShapeDtypeStruct((), jnp.float32)
    w = jax.eval_shape(start, jax.random.key(0), x)
    return jax.jit(train).lower(w, x, y, rate).compile(), jax.jit(evaluate).lower(w, x, y).compile()


def solve(seed, x_batch, y_batch, lr):
    train_c, evaluate_c = compiled(*x_batch.shape)
    w = start(jax.random.key(int(seed)), x_batch)  # a typed key with the same bits as PRNGKey(int(seed))
    w = train_c(w, x_batch, y_batch, np.float32(lr))
    return evaluate_c(w, x_batch, y_batch)
