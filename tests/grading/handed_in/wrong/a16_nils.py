import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax.training.train_state import TrainState as _Base


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)

class TrainState(_Base):
    batch_stats: dict


DEFAULT_LR = 0.01


def build(seed, x, lr=None):
    lr = lr or DEFAULT_LR
    model = MLP()
    v = model.init(jax.random.PRNGKey(int(seed)), x, train=True)
    return TrainState.create(
        apply_fn=model.apply, params=v["params"], tx=optax.sgd(lr), batch_stats=v["batch_stats"]
    )


def step(ts, x, y):
    def loss_fn(p):
        out, upd = ts.apply_fn({"params": p, "batch_stats": ts.batch_stats}, x, train=True, mutable=["batch_stats"])
        return jnp.square(out[:, 0] - y).mean(), upd

    (loss, upd), grads = jax.value_and_grad(loss_fn, has_aux=True)(ts.params)
    return ts.apply_gradients(grads=grads, batch_stats=upd["batch_stats"])


def test(ts, x, y):
    out = ts.apply_fn({"params": ts.params, "batch_stats": ts.batch_stats}, x, train=False)
    return jnp.square(out[:, 0] - y).mean()


def solve(seed, x_batch, y_batch, lr):
    ts = build(seed, x_batch, lr)
    ts = step(ts, x_batch, y_batch)
    return np.array([test(ts, x_batch, y_batch)])
