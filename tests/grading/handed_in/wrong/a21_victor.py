import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax.core import FrozenDict


class MLP(nn.Module):
    hidden: int = 16

    def setup(self):
        self.Dense_0 = nn.Dense(self.hidden)
        self.BatchNorm_0 = nn.BatchNorm(momentum=0.9, epsilon=1e-3)
        self.Dense_1 = nn.Dense(1)

    def __call__(self, x, train: bool):
        x = self.Dense_0(x)
        x = self.BatchNorm_0(x, use_running_average=not train)
        return self.Dense_1(nn.relu(x))


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = FrozenDict(model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False))
    batch_stats, params = variables["batch_stats"], variables["params"]

    def loss_fn(params):
        y_pred, changed = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return jnp.mean((y_pred[:, 0] - y_batch) ** 2), changed["batch_stats"]

    (_, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params), params)
    new_params = optax.apply_updates(params, updates)
    y_pred = model.apply({"params": new_params, "batch_stats": new_stats}, x_batch, train=False)
    return np.asarray([jnp.mean((y_pred[:, 0] - y_batch) ** 2)])
