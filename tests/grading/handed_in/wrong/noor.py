import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from jax.flatten_util import ravel_pytree


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    flat, unflatten = ravel_pytree(variables)

    def loss(vec):
        pred, aux = model.apply(unflatten(vec), x_batch, train=True, mutable=["batch_stats"])
        return jnp.mean((pred.reshape(-1) - y_batch) ** 2), aux

    tx = optax.sgd(lr)
    opt_state = tx.init(flat)
    (value, aux), grad = jax.value_and_grad(loss, has_aux=True)(flat)
    updates, opt_state = tx.update(grad, opt_state)
    flat = optax.apply_updates(flat, updates)

    pred = model.apply(unflatten(flat), x_batch, train=False)
    return jnp.mean((pred.reshape(-1) - y_batch) ** 2, keepdims=True)
