"""The first Dense layer has no bias.

Unusual: the parameter tree has one leaf less. Right, because BatchNorm subtracts the mean right after, in training the
bias cancels, and its gradient is zero; it starts at zero and stays there, so in evaluation mode it adds nothing either.
The other weights are drawn from keys of their own and do not change.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden, use_bias=False)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, batch_stats = variables["params"], variables["batch_stats"]

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return jnp.mean((out.reshape(-1) - y_batch) ** 2), updated["batch_stats"]

    (_, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params), params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return jnp.mean((out.reshape(-1) - y_batch) ** 2).reshape(1)
