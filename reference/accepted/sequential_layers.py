"""The layers stand in an `nn.Sequential` inside `@nn.compact`.

Unusual: one container calls the layers. Right, because layers built in a compact method belong to the module whose
method it is: they are named Dense_0, BatchNorm_0 and Dense_1 as before, and the names decide the initial weights.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        layers = [
            nn.Dense(self.hidden),
            nn.BatchNorm(use_running_average=not train, momentum=0.9),
            nn.relu,
            nn.Dense(1),
        ]
        return nn.Sequential(layers)(x)


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
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params), params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return jnp.mean((out.reshape(-1) - y_batch) ** 2).reshape(1)
