"""A training pass was not allowed to write its statistics

## What happens

The model is applied in train mode, where BatchNorm writes new running statistics, but every
collection was left read-only.

## Why it happens

In other frameworks a layer changes its own buffers in silence. A flax module owns nothing: it may
write only into a collection that the caller declared open for this call.

## How it shows

    ModifyScopeVariableError: Cannot update variable "mean" in "/BatchNorm_0" because collection
    "batch_stats" is immutable.

## A question to think about

Which collection does a training pass change, and how would the caller ever get to see the changed
one?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- flax, `Module.apply`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/module.html#flax.linen.Module.apply
- flax, Errors: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.errors.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "missing-mutable",
    "numeric": False,
    "raises": "ModifyScopeVariableError",
    "pitfall": "missing-mutable",
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
        out = model.apply({"params": params, "batch_stats": batch_stats}, x_batch, train=True)  # the mistake
        return mse(out, y_batch), batch_stats

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
