"""nn.apply on a function of the module."""

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


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = nn.init(lambda m, x: m(x, False), model)(jax.random.PRNGKey(int(seed)), x_batch)
    train = nn.apply(lambda m, x: m(x, True), model)

    def loss_fn(params):
        out = train({"params": params, "batch_stats": variables["batch_stats"]}, x_batch)  # <- here
        return mse(out, y_batch)

    params = jax.tree.map(
        lambda p, g: p - lr * g, variables["params"], jax.grad(loss_fn)(variables["params"])
    )
    return mse(model.apply({**variables, "params": params}, x_batch, False), y_batch).reshape(1)
