"""The loss function returns a pair, and jax was not told

## What happens

The loss function returns the loss and the new statistics, and jax takes the whole pair for the
thing to differentiate.

## Why it happens

A gradient exists for one number. When a function returns more than that, jax cannot guess which
part is the loss and which part only travels along.

## How it shows

    TypeError: Gradient only defined for scalar-output functions. Output was (Array(4.5217257,
    dtype=float32), {'BatchNorm_0': {'mean': Array([-0.37006554, -0.02511081, -0.12439566,
    0.32526454, -0.02386382, ...

## A question to think about

Of the two values that the loss function returns, with respect to which one do you want the
gradient, and how does jax learn that?

## Read on

- jax, `jax.value_and_grad`: https://docs.jax.dev/en/latest/_autosummary/jax.value_and_grad.html
- jax, Automatic differentiation: https://docs.jax.dev/en/latest/automatic-differentiation.html
- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "missing-has-aux",
    "numeric": False,
    "raises": "TypeError",
    "pitfall": "missing-has-aux",
}


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
    params, batch_stats = variables["params"], variables["batch_stats"]
    tx = optax.sgd(lr)
    opt_state = tx.init(params)

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return mse(out, y_batch), updated["batch_stats"]

    (loss, new_stats), grads = jax.value_and_grad(loss_fn)(params)  # the mistake
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
