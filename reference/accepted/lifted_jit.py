"""The module class itself is jitted, with `nn.jit`.

Unusual: jit is a transformation of the class, so every call of a method is compiled, with the flag static. Right,
because the lifted transformation passes parameters and statistics through and the layers keep their names. The plain
class draws the initial weights, for the lifted one would derive its keys in another way.
"""

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


FastMLP = nn.jit(MLP, static_argnums=(2,))


def solve(seed, x_batch, y_batch, lr):
    model = FastMLP()
    variables = MLP().init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, batch_stats = variables["params"], variables["batch_stats"]

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, True, mutable=["batch_stats"]
        )
        return jnp.mean((out.reshape(-1) - y_batch) ** 2), updated["batch_stats"]

    (_, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params), params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, False)
    return jnp.mean((out.reshape(-1) - y_batch) ** 2).reshape(1)
