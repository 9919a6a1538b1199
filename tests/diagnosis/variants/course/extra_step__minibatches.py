"""Mini-batches of two rows, a step for each."""

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
    params, stats = variables["params"], variables["batch_stats"]
    for begin in range(0, len(x_batch), 2):
        x, y = x_batch[begin : begin + 2], y_batch[begin : begin + 2]

        def loss(params, stats=stats, x=x, y=y):
            out, updated = model.apply({"params": params, "batch_stats": stats}, x, train=True, mutable=["batch_stats"])
            return jnp.mean((out.squeeze(-1) - y) ** 2), updated["batch_stats"]

        (_, stats), grads = jax.value_and_grad(loss, has_aux=True)(params)  # <- here
        params = jax.tree.map(lambda p, g: p - lr * g, params, grads)
    return evaluate(model, params, stats, x_batch, y_batch)
