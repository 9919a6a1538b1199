"""Only the last layer was stepped

## What happens

The output layer moves, while the hidden layer and BatchNorm stay where they started.

## Why it happens

It is how a pretrained network is fine-tuned. Here nothing is pretrained, and the contract steps all of
`params`.

## How it shows

On the statement's example it returns 3.22213 where 3.18114 is right.

## A question to think about

List the arrays of `params` before and after the step. Which ones are equal, and is their gradient
zero?

## Read on

- optax, `optax.apply_updates`: https://optax.readthedocs.io/en/latest/api/apply_updates.html
- jax, Pytrees: https://docs.jax.dev/en/latest/pytrees.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "update-partly-applied",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "apply-updates",
    "divergence": ["step: partly applied"],
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

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = {**params, "Dense_1": optax.apply_updates(params["Dense_1"], updates["Dense_1"])}  # the mistake
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
