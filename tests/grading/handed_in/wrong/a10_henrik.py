"""Forward pass written out by hand so that I can see what BatchNorm really does."""
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax

class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)

MOMENTUM = 0.9
EPS = 1e-5


def dense(p, x):
    return x @ p["kernel"] + p["bias"]


def normalise(p, h, mean, var):
    return (h - mean) / jnp.sqrt(var + EPS) * p["scale"] + p["bias"]


def forward_train(params, stats, x):
    h = dense(params["Dense_0"], x)
    n = h.shape[0]
    mean = h.mean(axis=0)
    var = h.var(axis=0)
    old = stats["BatchNorm_0"]
    unbiased = var * n / max(n - 1, 1)
    new = {
        "mean": MOMENTUM * old["mean"] + (1 - MOMENTUM) * mean,
        "var": MOMENTUM * old["var"] + (1 - MOMENTUM) * unbiased,
    }
    h = jax.nn.relu(normalise(params["BatchNorm_0"], h, mean, var))
    return dense(params["Dense_1"], h)[:, 0], {"BatchNorm_0": new}


def forward_eval(params, stats, x):
    h = dense(params["Dense_0"], x)
    s = stats["BatchNorm_0"]
    h = jax.nn.relu(normalise(params["BatchNorm_0"], h, s["mean"], s["var"]))
    return dense(params["Dense_1"], h)[:, 0]


def solve(seed, x_batch, y_batch, lr):
    init = MLP().init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, stats = init["params"], init["batch_stats"]

    def loss_fn(params):
        pred, new_stats = forward_train(params, stats, x_batch)
        return jnp.mean((pred - y_batch) ** 2), new_stats

    (_, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    params = jax.tree_util.tree_map(lambda p, g: p - lr * g, params, grads)
    pred = forward_eval(params, stats, x_batch)
    return np.asarray(jnp.mean((pred - y_batch) ** 2)).reshape(1)
