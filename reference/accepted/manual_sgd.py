"""No optimizer: the step is a subtraction over the tree.

Unusual: optax is not even imported. Right, because plain SGD keeps no state and subtracts lr times the gradient, which
one `jax.tree.map` over parameters and gradients says in full.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, batch_stats = variables["params"], variables["batch_stats"]

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return jnp.mean((out.reshape(-1) - y_batch) ** 2), updated["batch_stats"]

    (_, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    params = jax.tree.map(lambda weight, slope: weight - lr * slope, params, grads)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return jnp.mean((out.reshape(-1) - y_batch) ** 2).reshape(1)
