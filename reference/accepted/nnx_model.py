"""flax's newer interface, nnx, started from the weights that linen draws.

Unusual: an nnx model, optimizer and gradient, where state is changed in place. Right, because linen's initial weights
are copied in, nnx.BatchNorm follows the same rule for its running statistics (momentum 0.9, epsilon 1e-5), and the
optimizer is told to touch `nnx.Param` only.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
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


class Network(nnx.Module):
    def __init__(self, features, start):
        rngs = nnx.Rngs(0)
        self.first = nnx.Linear(features, 16, rngs=rngs)
        self.norm = nnx.BatchNorm(16, momentum=0.9, epsilon=1e-5, rngs=rngs)
        self.last = nnx.Linear(16, 1, rngs=rngs)
        for layer, name in ((self.first, "Dense_0"), (self.norm, "BatchNorm_0"), (self.last, "Dense_1")):
            for field, value in start["params"][name].items():
                getattr(layer, field).set_value(value)

    def __call__(self, x):
        return self.last(nnx.relu(self.norm(self.first(x))))


def loss_fn(network, x, y):
    return jnp.mean((network(x).reshape(-1) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    start = MLP().init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    x, y = jnp.asarray(x_batch), jnp.asarray(y_batch)
    network = Network(x.shape[1], start)
    optimizer = nnx.Optimizer(network, optax.sgd(lr), wrt=nnx.Param)
    network.train()
    _, grads = nnx.value_and_grad(loss_fn)(network, x, y)
    optimizer.update(network, grads)
    network.eval()
    return loss_fn(network, x, y).reshape(1)
