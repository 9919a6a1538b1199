"""A method of an object."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def mse(out, y):
    return jnp.mean((out.reshape(-1) - y) ** 2)


class Task:
    def __init__(self, model, stats, x, y):
        self.model, self.stats, self.x, self.y = model, stats, x, y

    def loss(self, params):
        variables = {"params": params, "batch_stats": self.stats}
        out, updated = self.model.apply(variables, self.x, train=True, mutable=["batch_stats"])
        return mse(out, self.y), updated["batch_stats"]

    def slope(self, params):
        return jax.value_and_grad(self.loss)(params)  # <- here


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    made = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    (_, stats), grads = Task(model, made["batch_stats"], x_batch, y_batch).slope(made["params"])
    params = jax.tree.map(lambda p, g: p - lr * g, made["params"], grads)
    return mse(model.apply({"params": params, "batch_stats": stats}, x_batch, train=False), y_batch).reshape(
        1
    )
