"""A trainer object that owns model, optimizer and variables, with the jitted parts as methods.

Unusual: state changes in place, on `self`, as in other frameworks. Right, because the methods under jit are pure: they
take the trees as arguments and return new ones, and only the plain method `train_on` assigns.
"""

import functools

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


class Trainer:
    def __init__(self, model, tx, key, x):
        self.model, self.tx = model, tx
        variables = model.init(key, x, train=True)
        self.params = variables["params"]
        self.batch_stats = variables["batch_stats"]
        self.opt_state = tx.init(self.params)

    def loss(self, params, batch_stats, x, y):
        out, updated = self.model.apply(
            {"params": params, "batch_stats": batch_stats}, x, train=True, mutable=["batch_stats"]
        )
        return self.distance(out, y), updated["batch_stats"]

    @staticmethod
    def distance(out, y):
        return jnp.mean((out.reshape(-1) - y) ** 2)

    @functools.partial(jax.jit, static_argnums=0)
    def _next(self, params, batch_stats, opt_state, x, y):
        (_, batch_stats), grads = jax.value_and_grad(self.loss, has_aux=True)(params, batch_stats, x, y)
        updates, opt_state = self.tx.update(grads, opt_state, params)
        return optax.apply_updates(params, updates), batch_stats, opt_state

    def train_on(self, x, y):
        self.params, self.batch_stats, self.opt_state = self._next(
            self.params, self.batch_stats, self.opt_state, x, y
        )
        return self

    def evaluate(self, x, y):
        out = self.model.apply({"params": self.params, "batch_stats": self.batch_stats}, x, train=False)
        return float(self.distance(out, y))


def solve(seed, x_batch, y_batch, lr):
    trainer = Trainer(MLP(), optax.sgd(lr), jax.random.PRNGKey(int(seed)), x_batch)
    return np.array([trainer.train_on(x_batch, y_batch).evaluate(x_batch, y_batch)])
