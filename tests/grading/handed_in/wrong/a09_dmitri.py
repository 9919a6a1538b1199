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

MAX_ROWS = 256
net = MLP()


def _mse(params, stats, x, y, train):
    variables = dict(params=params, batch_stats=stats)
    if train:
        out, new = net.apply(variables, x, train=True, mutable=["batch_stats"])
        stats = new["batch_stats"]
    else:
        out = net.apply(variables, x, train=False)
    return jnp.mean((out.ravel() - y) ** 2), stats


@jax.jit
def _step(params, stats, x, y, lr):
    (_, new_stats), g = jax.value_and_grad(lambda p: _mse(p, stats, x, y, True), has_aux=True)(params)
    opt = optax.sgd(lr)
    u, _ = opt.update(g, opt.init(params))
    return optax.apply_updates(params, u), new_stats


@jax.jit
def _evaluate(params, stats, x, y):
    return _mse(params, stats, x, y, False)[0]


def solve(seed, x_batch, y_batch, lr):
    v = net.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, stats = _step(v["params"], v["batch_stats"], x_batch[:MAX_ROWS], y_batch[:MAX_ROWS], lr)
    return [float(_evaluate(params, stats, x_batch, y_batch))]
