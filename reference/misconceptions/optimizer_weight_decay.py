"""The weights were made to decay

## What happens

A hundredth of each parameter is added to its gradient before the step.

## Why it happens

Weight decay is good practice in long trainings and comes along with a copied optimizer. It changes
the loss that is being minimised.

## How it shows

On the statement's example it returns 3.17829 where 3.18114 is right. With lr = 0 nothing shows.

## A question to think about

Where the gradient of a weight is 0, does your step still move it?

## Read on

- optax, Transformations: https://optax.readthedocs.io/en/latest/api/transformations.html
- optax, `optax.sgd`: https://optax.readthedocs.io/en/latest/api/optimizers.html#optax.sgd
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "wrong-optimizer",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "optimizer-init",
    "divergence": ["step: other rule", "step: weight decay"],
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
    tx = optax.chain(optax.add_decayed_weights(1e-2), optax.sgd(lr))  # the mistake
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
