"""The flag was traced

## What happens

The flag `train` enters a jitted function as an ordinary argument, so inside it is a tracer, and the
model asks Python whether it is true.

## Why it happens

jit traces every argument: while tracing, a value has a type and a shape but is neither True nor
False. The model decides with `not train`, which needs to know.

## How it shows

    TracerBoolConversionError: Attempted boolean conversion of traced array with shape bool[].

## A question to think about

Which of the arguments of your jitted function decide what is computed, and which are only computed
with?

## Read on

- jax, Errors: https://docs.jax.dev/en/latest/errors.html
- jax, Just-in-time compilation: https://docs.jax.dev/en/latest/jit-compilation.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "traced-train-flag",
    "numeric": False,
    "raises": "TracerBoolConversionError",
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


@jax.jit
def evaluate(variables, x, y, train):
    return mse(MLP().apply(variables, x, train=train), y)  # the mistake


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
    loss = evaluate({"params": params, "batch_stats": new_stats}, x_batch, y_batch, False)  # the mistake
    return loss.reshape(1)
