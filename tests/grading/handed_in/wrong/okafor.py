from functools import partial

import jax
import jax.numpy as jnp
import optax
from flax import linen as nn
from jax.flatten_util import ravel_pytree


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


net = MLP()


def train_loss(params, batch_stats, x, y):
    pred, mut = net.apply(
        dict(params=params, batch_stats=batch_stats), x, train=True, mutable=["batch_stats"]
    )
    return jnp.square(pred.ravel() - y).mean(), mut["batch_stats"]


def solve(seed, x_batch, y_batch, lr):
    x, y = jnp.asarray(x_batch), jnp.asarray(y_batch)
    state = net.init(jax.random.PRNGKey(int(seed)), x, True)

    # work on one long vector
    theta, unravel = ravel_pytree(state)
    opt = optax.sgd(learning_rate=lr)
    opt_state = opt.init(theta)

    f = partial(train_loss, batch_stats=state["batch_stats"], x=x, y=y)
    (_, stats), g = jax.value_and_grad(f, has_aux=True)(state["params"])

    g_vec, _ = ravel_pytree(
        {"params": g, "batch_stats": jax.tree.map(jnp.zeros_like, state["batch_stats"])}
    )
    step, opt_state = opt.update(g_vec, opt_state, theta)
    params = unravel(theta + step)["params"]

    out = net.apply(dict(params=params, batch_stats=stats), x, train=False)
    return jnp.square(out.ravel() - y).mean(keepdims=True)
