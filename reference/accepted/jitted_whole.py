"""One jitted function from key to answer, initialisation included; only the key is made outside.

Unusual: `init`, the step and the evaluation are compiled as one program, with `train` held as a Python constant.
Right, because every random number is a function of the key alone, wherever it is computed. The key stays outside
because a traced seed above 2**31 - 1 does not fit the default integer type.
"""

from functools import partial

import flax.linen as nn
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


@partial(jax.jit, static_argnames=("model",))
def run(key, x, y, lr, *, model):
    variables = model.init(key, x, train=False)
    apply = partial(model.apply, mutable=["batch_stats"])

    def objective(params, stats):
        out, changed = apply({"params": params, "batch_stats": stats}, x, train=True)
        return jnp.square(jnp.squeeze(out, -1) - y).mean(), changed["batch_stats"]

    stepper = jax.value_and_grad(objective, argnums=0, has_aux=True)
    (_, stats), slope = stepper(variables["params"], variables["batch_stats"])
    tx = optax.sgd(learning_rate=lr)
    delta, _ = tx.update(slope, tx.init(variables["params"]))
    params = optax.apply_updates(variables["params"], delta)
    out = model.apply({"params": params, "batch_stats": stats}, x, train=False)
    return jnp.square(jnp.squeeze(out, -1) - y).mean(keepdims=True)


def solve(seed, x_batch, y_batch, lr):
    return run(jax.random.PRNGKey(int(seed)), x_batch, y_batch, lr, model=MLP())
