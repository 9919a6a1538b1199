"""Written by hand in two maps, under jit."""

import flax.linen as nn
import jax
import jax.numpy as jnp


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


@jax.jit
def step(variables, x, y, lr):
    def loss_fn(everything):
        out, updated = MLP().apply(everything, x, train=True, mutable=["batch_stats"])
        return mse(out, y), updated

    grads, _ = jax.grad(loss_fn, has_aux=True)(variables)
    moves = jax.tree_util.tree_map(lambda slope: -lr * slope, grads)
    return jax.tree_util.tree_map(jnp.add, variables, moves)  # <- here


def solve(seed, x_batch, y_batch, lr):
    variables = MLP().init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    variables = step(variables, x_batch, y_batch, lr)
    return mse(MLP().apply(variables, x_batch, train=False), y_batch).reshape(1)
