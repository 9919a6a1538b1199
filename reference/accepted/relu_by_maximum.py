"""ReLU is written as the larger one of 0 and the value.

Unusual: at exactly 0 `jnp.maximum` passes half of the gradient on where `nn.relu` passes none. Right, because both are
subgradients of the same function; a case that told them apart would ask for a convention.
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
        return nn.Dense(1)(jnp.maximum(x, 0.0))


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=True)
    params, initial = variables["params"], variables["batch_stats"]

    def squared_error(out):
        return jnp.mean((jnp.ravel(out) - y_batch) ** 2)

    def training_loss(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": initial}, x_batch, train=True, mutable=["batch_stats"]
        )
        return squared_error(out), updated["batch_stats"]

    optimizer = optax.sgd(lr)
    (_, batch_stats), grads = jax.value_and_grad(training_loss, has_aux=True)(params)
    updates, _ = optimizer.update(grads, optimizer.init(params), params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": batch_stats}, x_batch, train=False)
    return squared_error(out).reshape(1)
