"""Defines derivatives of its own."""

import jax
import jax.numpy as jnp


@jax.custom_vjp
def clipped(x):
    return x * 2


clipped.defvjp(lambda x: (x * 2, x), lambda x, g: (jnp.clip(g * x, -1, 1),))


@jax.custom_jvp
def soft(x):
    return jnp.log1p(jnp.exp(x))


@soft.defjvp
def _(primals, tangents):
    (x,), (t,) = primals, tangents
    return soft(x), t * jax.nn.sigmoid(x)


def solve(seed, x_batch, y_batch, lr):
    first = jax.grad(lambda v: clipped(v).sum())(y_batch)
    return jnp.concatenate([first, jax.grad(lambda v: soft(v).sum())(y_batch), soft(y_batch)])
