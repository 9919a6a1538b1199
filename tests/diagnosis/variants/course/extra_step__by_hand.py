"""Two rounds of a step that is written by hand."""

import flax.linen as nn
import jax
import jax.numpy as jnp


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


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)

    def loss_fn(params):
        out, updated = model.apply(
            {**variables, "params": params}, x_batch, train=True, mutable=["batch_stats"]
        )
        return mse(out, y_batch), updated["batch_stats"]

    params = variables["params"]
    for _ in range(2):
        (_, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)  # <- here
        params = jax.tree.map(lambda p, g: p - lr * g, params, grads)
    out = model.apply({"params": params, "batch_stats": stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
