import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import traverse_util


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)

def partition(params):
    # Dense -> sgd, everything that belongs to BatchNorm -> keine Gradienten
    flat = traverse_util.flatten_dict(params)
    labels = {path: ("bn" if "BatchNorm" in path[0] else "dense") for path in flat}
    return traverse_util.unflatten_dict(labels)


def optimizer(lr):
    return optax.multi_transform({"dense": optax.sgd(lr), "bn": optax.set_to_zero()}, partition)


def solve(seed, x_batch, y_batch, lr):
    netz = MLP()
    v = netz.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, stats = v["params"], v["batch_stats"]
    tx = optimizer(lr)
    opt_state = tx.init(params)

    def loss_fn(p):
        y_hat, upd = netz.apply({"params": p, "batch_stats": stats}, x_batch, train=True, mutable=["batch_stats"])
        return jnp.mean((y_hat[:, 0] - y_batch) ** 2), upd["batch_stats"]

    (_, stats_neu), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)

    y_hat = netz.apply({"params": params, "batch_stats": stats_neu}, x_batch, train=False)
    return np.array([((np.asarray(y_hat)[:, 0] - y_batch) ** 2).mean()])
