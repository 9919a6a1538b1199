"""The loss brings its own derivative, by `jax.custom_vjp`.

Unusual: autodiff is told the slope of the mean squared error. Right, because what it is told, 2 (out - y) / N times the
incoming cotangent, is the derivative it would have found; the model below it is differentiated as always.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


@jax.custom_vjp
def mse(out, y):
    return jnp.mean((out - y) ** 2)


def mse_forward(out, y):
    residual = out - y
    return jnp.mean(residual**2), residual


def mse_backward(residual, cotangent):
    slope = cotangent * 2.0 * residual / residual.size
    return slope, -slope


mse.defvjp(mse_forward, mse_backward)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, batch_stats = variables["params"], variables["batch_stats"]

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return mse(out.reshape(-1), y_batch), updated["batch_stats"]

    (_, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params), params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out.reshape(-1), y_batch).reshape(1)
