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


class Ag(nnx.Module):
    def __init__(self, agirliklar, rngs):
        a, b = agirliklar["Dense_0"], agirliklar["Dense_1"]
        girdi, gizli = a["kernel"].shape
        self.giris = nnx.Linear(girdi, gizli, rngs=rngs)
        self.norm = nnx.BatchNorm(gizli, momentum=0.9, rngs=rngs)
        self.cikis = nnx.Linear(gizli, 1, rngs=rngs)
        self.giris.kernel[...] = a["kernel"]
        self.cikis.kernel[...] = b["kernel"]

    def __call__(self, x):
        return self.cikis(nnx.relu(self.norm(self.giris(x))))[:, 0]


def kayip(ag, x, y):
    return jnp.mean((ag(x) - y) ** 2)


@nnx.jit
def adim(ag, optimizer, x, y):
    ag.train()
    _, grads = nnx.value_and_grad(kayip)(ag, x, y)
    optimizer.update(grads)


def solve(seed, x_batch, y_batch, lr):
    ilk = MLP().init(jax.random.PRNGKey(int(seed)), x_batch, train=True)
    ag = Ag(ilk["params"], nnx.Rngs(0))
    optimizer = nnx.Optimizer(ag, optax.sgd(lr))
    adim(ag, optimizer, x_batch, y_batch)
    ag.eval()
    return np.asarray(kayip(ag, x_batch, y_batch)).reshape(1)
