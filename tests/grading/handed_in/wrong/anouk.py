import functools

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from flax.training import train_state


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def mse(out, y):
    return jnp.mean((out[:, 0] - y) ** 2)


def make_state(collection, tx):
    return train_state.TrainState.create(apply_fn=MLP().apply, params=collection, tx=tx)


@functools.partial(jax.value_and_grad, has_aux=True)
def train_loss(params, stats, x, y):
    out, new = MLP().apply(
        {"params": params, "batch_stats": stats}, x, train=True, mutable=["batch_stats"]
    )
    return mse(out, y), new["batch_stats"]


@jax.grad
def eval_loss(stats, params, x, y):
    return mse(MLP().apply({"params": params, "batch_stats": stats}, x, train=False), y)


def solve(seed, x_batch, y_batch, lr):
    v = MLP().init(jax.random.PRNGKey(int(seed)), x_batch, train=True)
    tx = optax.sgd(lr)
    weights = make_state(v["params"], tx)
    norm = make_state(v["batch_stats"], tx)

    (_, new_stats), grads = train_loss(weights.params, norm.params, x_batch, y_batch)
    weights = weights.apply_gradients(grads=grads)

    # the running mean and variance come from the training pass, then are brought up to date too
    norm = norm.replace(params=new_stats)
    norm = norm.apply_gradients(grads=eval_loss(norm.params, weights.params, x_batch, y_batch))

    out = MLP().apply({"params": weights.params, "batch_stats": norm.params}, x_batch, train=False)
    return mse(out, y_batch)[None]
