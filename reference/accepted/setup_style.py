"""A module with `setup` in place of `@nn.compact`, its attributes named as flax would have named the layers.

Unusual: the layers are attributes, and the running-average flag is given at the call. Right, because a setup attribute
gives its name to the submodule, so Dense_0, BatchNorm_0 and Dense_1 draw the weights they would draw anyway; other
names would start from other weights.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax


class MLP(nn.Module):
    hidden: int = 16

    def setup(self):
        self.Dense_0 = nn.Dense(self.hidden)
        self.BatchNorm_0 = nn.BatchNorm(momentum=0.9)
        self.Dense_1 = nn.Dense(1)

    def features(self, x, train):
        return nn.relu(self.BatchNorm_0(self.Dense_0(x), use_running_average=not train))

    def __call__(self, x, train: bool):
        return self.Dense_1(self.features(x, train))


def loss_of(out, y):
    return jnp.mean((out.reshape(-1) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    out, variables = model.init_with_output(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    assert out.shape == (len(x_batch), 1)
    params, batch_stats = variables["params"], variables["batch_stats"]

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return loss_of(out, y_batch), updated["batch_stats"]

    (_, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params), params)
    params = optax.apply_updates(params, updates)
    return loss_of(
        model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False), y_batch
    ).reshape(1)
