"""The whole step is one jitted function, and so is the evaluation.

Unusual: nothing runs eagerly but the initialisation, and `lr` enters as a traced number. Right, because jit changes
when the arithmetic is compiled and not what it says; `optax.sgd` may be built inside the trace.
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


model = MLP()


@jax.jit
def train_step(params, batch_stats, x, y, lr):
    tx = optax.sgd(lr)

    def loss_fn(p):
        out, updated = model.apply(
            {"params": p, "batch_stats": batch_stats}, x, train=True, mutable=["batch_stats"]
        )
        return jnp.mean((out.reshape(-1) - y) ** 2), updated["batch_stats"]

    (_, batch_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, _ = tx.update(grads, tx.init(params), params)
    return optax.apply_updates(params, updates), batch_stats


@jax.jit
def evaluate(params, batch_stats, x, y):
    out = model.apply({"params": params, "batch_stats": batch_stats}, x, train=False)
    return jnp.mean((out.reshape(-1) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=True)
    params, batch_stats = train_step(variables["params"], variables["batch_stats"], x_batch, y_batch, lr)
    return evaluate(params, batch_stats, x_batch, y_batch)[None]
