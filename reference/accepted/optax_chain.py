"""SGD put together from optax's parts, one copy of it for each layer.

Unusual: `optax.chain(optax.trace(decay=0), optax.scale(-lr))` is SGD written out, and `optax.partition` gives each layer
an optimizer of its own. Right, because every parameter gets -lr times its gradient, whichever of them does it.
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


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, batch_stats = variables["params"], variables["batch_stats"]

    labels = {layer: jax.tree.map(lambda _, layer=layer: layer, leaves) for layer, leaves in params.items()}
    tx = optax.partition(
        {
            "Dense_0": optax.chain(optax.trace(decay=0.0), optax.scale(-lr)),
            "BatchNorm_0": optax.chain(optax.scale(lr), optax.scale(-1.0)),
            "Dense_1": optax.chain(optax.identity(), optax.scale_by_learning_rate(lr)),
        },
        labels,
    )
    opt_state = tx.init(params)

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return jnp.mean((out.reshape(-1) - y_batch) ** 2), updated["batch_stats"]

    (_, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, _ = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return jnp.mean((out.reshape(-1) - y_batch) ** 2).reshape(1)
