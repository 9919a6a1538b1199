"""One example at a time under `jax.vmap`, with BatchNorm told the name of the mapped axis.

Unusual: the model sees a row of D features and never a batch; the statistics are gathered across the mapped axis.
Right, because BatchNorm with axis_name takes its means over that axis, so each row is normalised by the batch's
statistics, and all rows agree on the new ones (which is why they leave the map unmapped).
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
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9, axis_name="rows" if train else None)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch[0], train=False)
    params, batch_stats = variables["params"], variables["batch_stats"]

    def loss_fn(params):
        def one(row):
            return model.apply(
                {"params": params, "batch_stats": batch_stats}, row, train=True, mutable=["batch_stats"]
            )

        out, updated = jax.vmap(one, out_axes=(0, None), axis_name="rows")(x_batch)
        return jnp.mean((out[:, 0] - y_batch) ** 2), updated["batch_stats"]

    (_, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params), params)
    trained = {"params": optax.apply_updates(params, updates), "batch_stats": new_stats}
    errors = jax.vmap(lambda row, target: (model.apply(trained, row, train=False)[0] - target) ** 2)(
        x_batch, y_batch
    )
    return jnp.mean(errors).reshape(1)
