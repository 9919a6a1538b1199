"""jax in double precision, switched on for the training half only.

Unusual: under `jax.enable_x64` parameters, statistics and batch are widened to float64 and everything runs in it.
Right, because the initial weights are drawn before, in float32, so the start is the same; the result differs from
float32's by rounding only.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax


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
    with jax.enable_x64(True):
        widen = lambda leaf: jnp.asarray(np.asarray(leaf), dtype=jnp.float64)  # noqa: E731
        variables, x, y = jax.tree.map(widen, (variables, x_batch, y_batch))

        def loss_fn(params):
            out, updated = model.apply(
                {**variables, "params": params}, x, train=True, mutable=["batch_stats"]
            )
            return jnp.mean((out.reshape(-1) - y) ** 2), updated["batch_stats"]

        (_, batch_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(variables["params"])
        tx = optax.sgd(lr)
        updates, _ = tx.update(grads, tx.init(variables["params"]))
        params = optax.apply_updates(variables["params"], updates)
        out = model.apply({"params": params, "batch_stats": batch_stats}, x, train=False)
        return np.asarray(jnp.mean((out.reshape(-1) - y) ** 2)).reshape(1)
