"""The extras came first, and the loss second

## What happens

The loss function returns its two values in the wrong order, so jax tries to differentiate the
dictionary of statistics.

## Why it happens

In a pair the place is the meaning: one is differentiated, the other carried along. Names inside the
function play no part.

## How it shows

    TypeError: Gradient only defined for scalar-output functions. Output was {'BatchNorm_0':
    {'mean': Array([-0.37006554, -0.02511081, -0.12439566,  0.32526454, -0.02386382, ...

The same text appears when jax was not told that there are extras at all; here it was.

## A question to think about

Which of the two places does jax differentiate, and what stands there?

## Read on

- jax, `jax.value_and_grad`: https://docs.jax.dev/en/latest/_autosummary/jax.value_and_grad.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "aux-swapped",
    "numeric": False,
    "raises": "TypeError",
    "pitfall": None,
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
        return updated["batch_stats"], mse(out, y_batch)  # the mistake

    (new_stats, loss), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
