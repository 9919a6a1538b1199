"""Every library and function goes by another name.

Unusual: `jax` is `j`, `value_and_grad` is `vag`, flax and optax are imported from where they are defined, and `apply`
is fetched by `getattr`. Right, because a name is not a behaviour: the objects are the usual ones.
"""

import jax as j
import jax.numpy as np_
from flax import linen as L
from jax import value_and_grad as vag
from jax.random import PRNGKey as Key
from optax import apply_updates as plus
from optax import sgd as descend


class Net(L.Module):
    width: int = 16

    @L.compact
    def __call__(self, h, train: bool):
        h = L.Dense(self.width)(h)
        h = L.BatchNorm(use_running_average=not train, momentum=0.9)(h)
        return L.Dense(1)(j.nn.relu(h))


P, S = "params", "batch_stats"


def solve(seed, x_batch, y_batch, lr):
    net = Net()
    go = getattr(net, "apply")  # noqa: B009
    v = net.init(Key(int(seed)), x_batch, True)
    opt = descend(lr)

    def cost(p):
        o, m = go({P: p, S: v[S]}, x_batch, True, mutable=[S])
        return np_.mean(np_.power(o.flatten() - y_batch, 2)), m[S]

    ((_, s), g), k = vag(cost, has_aux=True)(v[P]), opt.init(v[P])
    p = plus(v[P], opt.update(g, k)[0])
    return np_.mean(np_.power(go({P: p, S: s}, x_batch, False).flatten() - y_batch, 2)).reshape(-1)
