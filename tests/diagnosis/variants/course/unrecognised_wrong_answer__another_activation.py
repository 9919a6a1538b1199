"""An activation leaves no trace but in the numbers."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax


def mse(out, y):
    return jnp.mean((out.reshape(-1) - y) ** 2)


class Net(nn.Module):
    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(16)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        return nn.Dense(1)(nn.gelu(x))


def solve(seed, x_batch, y_batch, lr):
    model = Net()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)

    def loss_fn(params):
        out, updated = model.apply(
            {**variables, "params": params}, x_batch, train=True, mutable=["batch_stats"]
        )
        return mse(out, y_batch), updated["batch_stats"]  # <- here

    (_, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(variables["params"])
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(variables["params"]), variables["params"])
    params = optax.apply_updates(variables["params"], updates)
    out = model.apply({"params": params, "batch_stats": stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
