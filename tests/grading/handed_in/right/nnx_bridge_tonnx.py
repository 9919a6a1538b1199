import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from flax import nnx
from flax.nnx import bridge


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def solve(seed, x_batch, y_batch, lr):
    linen = MLP()
    start = linen.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    model = bridge.lazy_init(bridge.ToNNX(linen, rngs=nnx.Rngs(0)), x_batch, train=False)

    # ToNNX draws its keys in its own way, so put the prescribed start in its place
    for kind, values in ((nnx.Param, start["params"]), (nnx.BatchStat, start["batch_stats"])):
        state = nnx.state(model, kind)
        nnx.replace_by_pure_dict(state, values)
        nnx.update(model, state)

    def loss_fn(model):
        pred = model(x_batch, train=True, mutable=["batch_stats"])
        return jnp.mean((pred[:, 0] - y_batch) ** 2)

    opt = nnx.Optimizer(model, optax.sgd(lr), wrt=nnx.Param)
    _, grads = nnx.value_and_grad(loss_fn, argnums=nnx.DiffState(0, nnx.Param))(model)
    opt.update(model, grads)

    pred = model(x_batch, train=False)
    return jnp.mean((pred[:, 0] - y_batch) ** 2).reshape((1,))
