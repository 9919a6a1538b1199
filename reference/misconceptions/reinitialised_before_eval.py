"""The model was initialised anew before the evaluation

## What happens

For the evaluation the variables are made afresh, so trained parameters and statistics are left
behind.

## Why it happens

A model object looks as if it remembered its training. It holds only the architecture; all that was
learned lives in the trees that you carry.

## How it shows

On the statement's example it returns 17.3371 where 3.18114 is right. It equals the loss in
evaluation mode of an untrained model.

## A question to think about

Where do the trained values live, and by what way do they reach the evaluation?

## Read on

- flax, Managing parameters and state: https://flax-linen.readthedocs.io/en/latest/guides/flax_fundamentals/state_params.html
- flax, The flax module lifecycle: https://flax-linen.readthedocs.io/en/latest/developer_notes/module_lifecycle.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "update-not-applied",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "same_numbers_as": ["eval_before_step"],
    "evidence": "initialised-again",
    "blame": "second-init",
    "divergence": ["step: not applied"],
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
    params = optax.apply_updates(params, updates)
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)  # the mistake
    out = model.apply(variables, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
