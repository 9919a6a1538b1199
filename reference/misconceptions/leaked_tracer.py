"""A value was smuggled out of the differentiated function

## What happens

The new statistics were stored in a variable outside the loss function, while jax was tracing it.
What was stored is a tracer, and after the trace it is dead.

## Why it happens

In plain Python a function may write to an outer variable. During a transformation the values inside
are stand-ins, and the only way out for real values is to return them.

## How it shows

    UnexpectedTracerError: Encountered an unexpected tracer. A function transformed by JAX had a
    side effect, allowing for a reference to an intermediate value with type float32[16] wrapped in
    a LinearizeTracer to escape the scope of the transformation.

## A question to think about

By what way can a value leave a function that jax transforms?

## Read on

- jax, Errors: https://docs.jax.dev/en/latest/errors.html
- jax, Common gotchas: https://docs.jax.dev/en/latest/notebooks/Common_Gotchas_in_JAX.html
- jax, `jax.value_and_grad`: https://docs.jax.dev/en/latest/_autosummary/jax.value_and_grad.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "leaked-tracer",
    "numeric": False,
    "raises": "UnexpectedTracerError",
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

    latest = {}

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        latest.update(updated)  # the mistake
        return mse(out, y_batch)

    loss, grads = jax.value_and_grad(loss_fn)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, **latest}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
