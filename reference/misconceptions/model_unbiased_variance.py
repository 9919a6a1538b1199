"""The running variance divides by N - 1

## What happens

A BatchNorm written by hand stores the unbiased estimate of the variance, as PyTorch does; flax
stores the plain mean of squared deviations.

## Why it happens

Statistics courses teach N - 1. Which of the two a library uses is a convention, and here the layer
is given.

## How it shows

On the statement's example it returns 3.09957 where 3.18114 is right. The smaller the batch, the
larger the effect: with N = 2 the variance is doubled.

## A question to think about

For the values 0 and 2, which variance does your layer store?

## Read on

- flax, `flax.linen.BatchNorm`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/layers.html#flax.linen.BatchNorm
- jax, `jax.numpy.var`: https://docs.jax.dev/en/latest/_autosummary/jax.numpy.var.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "model-changed",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "model",
    "divergence": ["model: changed", "weights: changed"],
}


class BatchNorm(nn.Module):
    use_running_average: bool

    @nn.compact
    def __call__(self, x):
        scale = self.param("scale", nn.initializers.ones, x.shape[-1:])
        bias = self.param("bias", nn.initializers.zeros, x.shape[-1:])
        mean = self.variable("batch_stats", "mean", jnp.zeros, x.shape[-1:])
        var = self.variable("batch_stats", "var", jnp.ones, x.shape[-1:])
        if self.use_running_average:
            used_mean, used_var = mean.value, var.value
        else:
            used_mean, used_var = x.mean(axis=0), x.var(axis=0)
            if not self.is_initializing():
                correction = len(x) / max(len(x) - 1, 1)  # the mistake
                mean.value = 0.9 * mean.value + 0.1 * used_mean
                var.value = 0.9 * var.value + 0.1 * used_var * correction
        return (x - used_mean) * jax.lax.rsqrt(used_var + 1e-5) * scale + bias


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = BatchNorm(use_running_average=not train, name="BatchNorm_0")(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def mse(out, y):
    return jnp.mean((out.reshape(-1) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, batch_stats = variables["params"], variables["batch_stats"]
    tx = optax.sgd(lr)
    opt_state = tx.init(params)

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return mse(out, y_batch), updated["batch_stats"]

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
