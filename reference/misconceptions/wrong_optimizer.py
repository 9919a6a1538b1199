"""Another optimizer than plain SGD

## What happens

Adam divides each gradient by its own size, so in the first step every parameter moves by about lr,
however flat the loss is there.

## Why it happens

Adam is what most tutorials use, and it trains well. It is another rule, and another answer.

## How it shows

On the statement's example it returns 3.32995 where 3.18114 is right. With lr = 0 nothing shows. One
detail: the bias of the first Dense layer has a gradient of 0 up to rounding, and Adam turns this
rounding into a full step.

## A question to think about

By how much does each parameter move in your first step, and how does that compare with lr times its
gradient?

## Read on

- optax, `optax.sgd`: https://optax.readthedocs.io/en/latest/api/optimizers.html#optax.sgd
- optax, `optax.adam`: https://optax.readthedocs.io/en/latest/api/optimizers.html#optax.adam
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
    "noisy": True,
    "blame": "optimizer-init",
    "divergence": ["step: other rule"],
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
    tx = optax.adam(lr)  # the mistake
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
