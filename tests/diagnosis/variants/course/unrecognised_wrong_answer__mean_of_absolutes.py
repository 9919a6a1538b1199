"""Another loss is made of an output that is right."""

import flax.linen as nn
import jax
import jax.numpy as jnp


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        return nn.Dense(1)(nn.relu(x))


def evaluate(model, params, stats, x, y):
    out = model.apply({"params": params, "batch_stats": stats}, x, train=False)
    return jnp.mean((out.squeeze(-1) - y) ** 2).reshape(1)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    stats = variables["batch_stats"]

    def loss(params):
        out, updated = model.apply({"params": params, "batch_stats": stats}, x_batch, train=True, mutable=["batch_stats"])
        error = out.squeeze(-1) - y_batch
        return jnp.mean(error**2 + jnp.abs(error)), updated["batch_stats"]  # <- here

    (_, stats_after), grads = jax.value_and_grad(loss, has_aux=True)(variables["params"])
    params = jax.tree.map(lambda p, g: p - lr * g, variables["params"], grads)
    return evaluate(model, params, stats_after, x_batch, y_batch)
