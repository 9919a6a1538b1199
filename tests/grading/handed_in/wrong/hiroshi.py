from flax import linen as nn
from flax import nnx
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


class Net(nnx.Module):
    """The same network in NNX, started from the linen variables."""

    def __init__(self, variables):
        rngs = nnx.Rngs(0)
        d0 = variables["params"]["Dense_0"]
        d1 = variables["params"]["Dense_1"]
        self.dense0 = nnx.Linear(*d0["kernel"].shape, rngs=rngs)
        self.norm = nnx.BatchNorm(d0["kernel"].shape[1], momentum=0.9, rngs=rngs)
        self.dense1 = nnx.Linear(*d1["kernel"].shape, rngs=rngs)
        self.dense0.kernel[...] = d0["kernel"]
        self.dense1.kernel[...] = d1["kernel"]

    def __call__(self, x):
        return self.dense1(nnx.relu(self.norm(self.dense0(x))))


LEARNED = (nnx.Param, nnx.BatchStat)


def loss_fn(net, x, y):
    return jnp.mean((net(x)[:, 0] - y) ** 2)


@nnx.jit
def train_step(net, optimizer, x, y):
    net.train()
    diff = nnx.DiffState(0, LEARNED)
    loss, grads = nnx.value_and_grad(loss_fn, argnums=diff)(net, x, y)
    optimizer.update(net, grads)
    return loss


def solve(seed, x_batch, y_batch, lr):
    variables = MLP().init(jax.random.PRNGKey(int(seed)), x_batch, train=True)
    net = Net(variables)
    optimizer = nnx.Optimizer(net, optax.sgd(lr), wrt=LEARNED)
    train_step(net, optimizer, jnp.asarray(x_batch), jnp.asarray(y_batch))
    net.eval()
    return loss_fn(net, jnp.asarray(x_batch), jnp.asarray(y_batch)).reshape((1,))
