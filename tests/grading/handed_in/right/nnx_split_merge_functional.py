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


class Twin(nnx.Module):
    def __init__(self, d: int, h: int, rngs: nnx.Rngs):
        self.a = nnx.Linear(d, h, rngs=rngs)
        self.n = nnx.BatchNorm(h, momentum=0.9, rngs=rngs)
        self.b = nnx.Linear(h, 1, rngs=rngs)

    def __call__(self, x, train):
        return self.b(nnx.relu(self.n(self.a(x), use_running_average=not train)))


def solve(seed, x_batch, y_batch, lr):
    ref = MLP()
    v = ref.init(jax.random.PRNGKey(int(seed)), x_batch, False)
    twin = Twin(x_batch.shape[-1], ref.hidden, nnx.Rngs(params=0))
    graph, weights, stats, other = nnx.split(twin, nnx.Param, nnx.BatchStat, ...)

    p = v["params"]
    nnx.replace_by_pure_dict(weights, {"a": p["Dense_0"], "n": p["BatchNorm_0"], "b": p["Dense_1"]})
    nnx.replace_by_pure_dict(stats, {"n": v["batch_stats"]["BatchNorm_0"]})

    def loss(weights, stats):
        m = nnx.merge(graph, weights, stats, other, copy=True)
        r = m(x_batch, True).ravel() - y_batch
        return (r * r).mean(), nnx.state(m, nnx.BatchStat)

    (_, stats), grads = jax.value_and_grad(loss, has_aux=True)(weights, stats)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(weights), weights)
    weights = optax.apply_updates(weights, updates)

    r = nnx.merge(graph, weights, stats, other)(x_batch, False).ravel() - y_batch
    return (r * r).mean()[jnp.newaxis]
