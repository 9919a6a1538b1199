"""A jitted step that takes a TrainState and returns the next one, with the loss and the statistics in nested helpers.

Unusual: the state itself crosses the jit boundary, with `apply_fn` and `tx` as static fields, and the gradient is
asked for keyword style through a dictionary of options. Right, because TrainState is a pytree whose leaves are exactly
the parameters, the statistics, the optimizer's state and a counter.
"""

import flax
import flax.linen as nn
import jax
import optax
from flax.training.train_state import TrainState as Plain


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


class State(Plain):
    batch_stats: flax.core.FrozenDict

    @property
    def variables(self):
        return {"params": self.params, "batch_stats": self.batch_stats}


APPLY = {"train": True, "mutable": ["batch_stats"]}
GRAD = {"has_aux": True, "argnums": 0}


@jax.jit
def step(state, batch):
    def objective(params, x, y):
        out, new = state.apply_fn({**state.variables, "params": params}, x, **APPLY)
        return ((out.ravel() - y) ** 2).mean(), new["batch_stats"]

    (_, stats), grads = jax.value_and_grad(objective, **GRAD)(state.params, **batch)
    return state.apply_gradients(grads=grads).replace(batch_stats=stats)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    fresh = model.init({"params": jax.random.PRNGKey(int(seed))}, x_batch, False)
    state = State.create(apply_fn=model.apply, tx=optax.sgd(lr), **fresh)
    state = step(state, {"x": x_batch, "y": y_batch})
    out = state.apply_fn(state.variables, x_batch, train=False)
    return ((out.ravel() - y_batch) ** 2).mean().reshape((1,))
