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


class Net(nnx.Module):
    """The same network in NNX. Its weights are overwritten with the ones the linen model starts from."""

    def __init__(self, features, hidden, *, rngs):
        self.Dense_0 = nnx.Linear(features, hidden, rngs=rngs)
        self.BatchNorm_0 = nnx.BatchNorm(hidden, momentum=0.9, rngs=rngs)
        self.Dense_1 = nnx.Linear(hidden, 1, rngs=rngs)

    def __call__(self, x):
        x = self.Dense_0(x)
        x = self.BatchNorm_0(x)
        return self.Dense_1(nnx.relu(x))


def from_linen(seed, x):
    linen = MLP()
    variables = linen.init(jax.random.PRNGKey(int(seed)), x, train=False)
    net = Net(x.shape[1], linen.hidden, rngs=nnx.Rngs(0))
    for collection in variables.values():
        for layer, leaves in collection.items():
            for leaf, value in leaves.items():
                getattr(getattr(net, layer), leaf)[...] = value
    return net


def loss_fn(net, x, y):
    return jnp.mean((net(x)[:, 0] - y) ** 2)


@nnx.jit
def train_step(net, optimizer, x, y):
    loss, grads = nnx.value_and_grad(loss_fn)(net, x, y)  # only nnx.Param is differentiated
    optimizer.update(net, grads)
    return loss


def solve(seed, x_batch, y_batch, lr):
    x, y = jnp.asarray(x_batch), jnp.asarray(y_batch)
    net = from_linen(seed, x)
    optimizer = nnx.Optimizer(net, optax.sgd(lr), wrt=nnx.Param)
    net.train()
    train_step(net, optimizer, x, y)  # the BatchStat variables are updated by the forward pass
    net.eval()
    return np.asarray(loss_fn(net, x, y)).reshape(1)
