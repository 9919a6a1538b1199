"""A compiled step over a bare list of the parameters."""

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


def mse(out, y):
    return jnp.mean((out.reshape(-1) - y) ** 2)


MODEL = MLP()


@jax.jit
def step(leaves, stats, x, y, lr):
    tx = optax.sgd(lr)
    structure = jax.tree.structure(
        jax.eval_shape(lambda x: MODEL.init(jax.random.PRNGKey(0), x, False), x)["params"]
    )

    def loss_fn(leaves):
        params = jax.tree.unflatten(structure, leaves)
        out, updated = MODEL.apply({"params": params, "batch_stats": stats}, x, True, mutable=["batch_stats"])
        return mse(out, y), updated["batch_stats"]

    (_, new), grads = jax.value_and_grad(loss_fn, has_aux=True)(leaves)
    updates, _ = tx.update(grads, tx.init(leaves))
    return jax.tree.unflatten(structure, optax.apply_updates(leaves, updates)), new


def solve(seed, x_batch, y_batch, lr):
    made = MODEL.init(jax.random.PRNGKey(int(seed)), x_batch, False)
    params, stats = step(jax.tree.leaves(made["params"]), made["batch_stats"], x_batch, y_batch, lr)
    return mse(MODEL.apply({"params": params, "batch_stats": stats}, x_batch, False), y_batch).reshape(1)
