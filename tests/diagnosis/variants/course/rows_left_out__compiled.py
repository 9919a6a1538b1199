"""A compiled step on three rows, drawn once."""

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


model = MLP()


@jax.jit
def train_step(params, stats, x, y, lr):
    def loss(params):
        out, updated = model.apply({"params": params, "batch_stats": stats}, x, train=True, mutable=["batch_stats"])  # <- here
        return jnp.mean((out.squeeze(-1) - y) ** 2), updated["batch_stats"]

    (_, stats), grads = jax.value_and_grad(loss, has_aux=True)(params)
    return jax.tree.map(lambda p, g: p - lr * g, params, grads), stats


def solve(seed, x_batch, y_batch, lr):
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    chosen = jnp.array([1, 3, 4])
    params, stats = train_step(variables["params"], variables["batch_stats"], x_batch[chosen], y_batch[chosen], lr)
    return evaluate(model, params, stats, x_batch, y_batch)
