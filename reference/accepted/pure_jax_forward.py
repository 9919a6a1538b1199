"""flax draws the initial weights, and the network itself is written in `jax.numpy`.

Unusual: no `apply`, no BatchNorm module. The forward pass takes the statistics as arguments and gives the batch's own
back as aux. Right, because these few lines are what the modules compute: biased variance, epsilon 1e-5, and running
statistics of nine tenths old and one tenth new.
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


def hidden(params, x):
    return x @ params["Dense_0"]["kernel"] + params["Dense_0"]["bias"]


def head(params, h, mean, var):
    norm, last = params["BatchNorm_0"], params["Dense_1"]
    z = (h - mean) * jax.lax.rsqrt(var + 1e-5) * norm["scale"] + norm["bias"]
    return jax.nn.relu(z) @ last["kernel"] + last["bias"]


def solve(seed, x_batch, y_batch, lr):
    variables = MLP().init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, running = variables["params"], variables["batch_stats"]["BatchNorm_0"]

    def loss_fn(params):
        h = hidden(params, x_batch)
        batch = {"mean": jnp.mean(h, axis=0), "var": jnp.var(h, axis=0)}
        return jnp.mean((head(params, h, **batch)[:, 0] - y_batch) ** 2), batch

    (_, batch), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    running = {name: 0.9 * running[name] + 0.1 * batch[name] for name in running}
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params), params)
    params = optax.apply_updates(params, updates)
    out = head(params, hidden(params, x_batch), **running)[:, 0]
    return jnp.mean((out - y_batch) ** 2).reshape(1)
