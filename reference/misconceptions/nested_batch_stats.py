"""A dictionary of collections was passed where one collection was expected

## What happens

The tree that reaches the evaluation as `batch_stats` is itself a dictionary with the key
`batch_stats` in it, one level too deep.

## Why it happens

With open collections, `apply` returns a dictionary of all that were open, also when there was just
one. It prints much like the collection inside it.

## How it shows

    ScopeVariableNotFoundError: No Variable named "mean" for collection "batch_stats" exists in
    "/BatchNorm_0".

## A question to think about

Print the keys of what `apply` returned beside the output. Is the top level the name of a layer or
of a collection?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- flax, `Module.apply`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/module.html#flax.linen.Module.apply
- jax, Pytrees: https://docs.jax.dev/en/latest/pytrees.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "nested-batch-stats",
    "numeric": False,
    "raises": "ScopeVariableNotFoundError",
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
        return mse(out, y_batch), updated  # the mistake

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
