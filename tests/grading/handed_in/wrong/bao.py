"""My solution: the linen MLP gives the start values, training runs in NNX."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


class NetX(nnx.Module):
    def __init__(self, din: int, dh: int, rngs: nnx.Rngs):
        self.fc1 = nnx.Linear(din, dh, rngs=rngs)
        self.bn = nnx.BatchNorm(dh, momentum=0.9, rngs=rngs)
        self.fc2 = nnx.Linear(dh, 1, rngs=rngs)

    def __call__(self, x, train: bool):
        h = self.bn(self.fc1(x), use_running_average=not train)
        return self.fc2(nnx.relu(h))


def from_linen(seed, x):
    mlp = MLP()
    v = mlp.init(jax.random.PRNGKey(int(seed)), x, train=True)
    p = v["params"]
    net = NetX(x.shape[1], mlp.hidden, nnx.Rngs(0))
    net.fc1.kernel = nnx.Param(p["Dense_0"]["kernel"])
    net.fc1.bias = nnx.Param(p["Dense_0"]["bias"])
    net.fc2.kernel = nnx.Param(p["Dense_1"]["kernel"])
    net.fc2.bias = nnx.Param(p["Dense_1"]["bias"])
    return net


def solve(seed, x_batch, y_batch, lr):
    x, y = jnp.asarray(x_batch), jnp.asarray(y_batch)
    net = from_linen(seed, x)

    tx = optax.sgd(lr)
    opt_state = tx.init(nnx.state(net))

    graphdef, params, rest = nnx.split(net, nnx.Param, ...)

    def loss_fn(params):
        m = nnx.merge(graphdef, params, rest, copy=True)
        pred = m(x, train=True)
        _, _, new_rest = nnx.split(m, nnx.Param, ...)
        return jnp.mean((pred[:, 0] - y) ** 2), new_rest

    (_, rest_after), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state)
    params = optax.apply_updates(params, updates)

    net = nnx.merge(graphdef, params, rest_after)
    pred = net(x, train=False)
    return np.array([jnp.mean((pred[:, 0] - y) ** 2)])
