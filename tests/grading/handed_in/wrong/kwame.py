import jax, jax.numpy as jnp
import optax
import flax.linen as nn


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def materialise(shapes):
    return jax.tree_util.tree_map(lambda s: jnp.zeros(s.shape, s.dtype), shapes)


def solve(seed, x_batch, y_batch, lr):
    m = MLP()
    tx = optax.sgd(lr, momentum=0.0)  # same as without momentum

    def init_all(key):
        v = m.init(key, x_batch, train=True)
        return v, tx.init(v)

    key = jax.random.PRNGKey(int(seed))
    _, opt_shapes = jax.eval_shape(init_all, key)
    opt_state = materialise(opt_shapes)
    v = m.init(key, x_batch, train=True)

    def loss(p, s):
        o, s = m.apply({'params': p, 'batch_stats': s}, x_batch, train=True, mutable=['batch_stats'])
        return ((o.T[0] - y_batch) ** 2).mean(), s['batch_stats']

    (l, s), g = jax.value_and_grad(loss, has_aux=True)(v['params'], v['batch_stats'])

    # the momentum buffer holds one entry for every leaf
    buf = opt_state[0].trace
    opt_state = (opt_state[0]._replace(trace=buf['params']),) + tuple(opt_state[1:])
    u, opt_state = tx.update(g, opt_state, v['params'])
    p = optax.apply_updates(v['params'], u)

    o = m.apply({'params': p, 'batch_stats': s}, x_batch, train=False)
    return ((o.T[0] - y_batch) ** 2).mean().reshape(1,)
