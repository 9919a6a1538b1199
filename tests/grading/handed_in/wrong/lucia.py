"""Ejercicio: un paso de entrenamiento (con lax.scan, por si luego hay más de uno)."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from jax import lax


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


red = MLP()


def perdida(variables, lote):
    x, y = lote
    pred, mutadas = red.apply(variables, x, train=True, mutable=["batch_stats"])
    return jnp.mean((pred[:, 0] - y) ** 2), mutadas["batch_stats"]


def solve(seed, x_batch, y_batch, lr):
    variables = red.init(jax.random.PRNGKey(int(seed)), x_batch, train=True)
    opt = optax.sgd(lr)

    def paso(carry, lote):
        variables, opt_state = carry
        (valor, stats), grads = jax.value_and_grad(perdida, has_aux=True)(variables, lote)
        cambios, opt_state = opt.update(grads, opt_state, variables)
        variables = optax.apply_updates(variables, cambios)
        return (variables, opt_state), (valor, stats)

    lotes = (x_batch[None], y_batch[None])
    (variables, _), (valores, stats) = lax.scan(paso, (variables, opt.init(variables)), lotes)

    pred = red.apply(variables, x_batch, train=False)
    return jnp.mean((pred[:, 0] - y_batch) ** 2).reshape(1)
