"""The batch's mean and variance were treated as constants in the gradient

## What happens

A BatchNorm written by hand computes the right values forwards, and cuts the path by which a weight
changes the mean and the variance.

## Why it happens

Statistics look like something measured and fixed. In train mode they are functions of the weights,
and the derivative goes through them.

## How it shows

On the statement's example it returns 3.00598 where 3.18114 is right. With lr = 0 nothing shows, for
the forward pass is right.

## A question to think about

If every hidden value grew by 1, would the normalised values change? What does your gradient say?

## Read on

- jax, `jax.lax.stop_gradient`: https://docs.jax.dev/en/latest/_autosummary/jax.lax.stop_gradient.html
- flax, `flax.linen.BatchNorm`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/layers.html#flax.linen.BatchNorm
- jax, Automatic differentiation: https://docs.jax.dev/en/latest/automatic-differentiation.html
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
            used_mean, used_var = jax.lax.stop_gradient((used_mean, used_var))  # the mistake
            if not self.is_initializing():
                mean.value = 0.9 * mean.value + 0.1 * used_mean
                var.value = 0.9 * var.value + 0.1 * used_var
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
