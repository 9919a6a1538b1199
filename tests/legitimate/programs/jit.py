"""Compiles functions, with static arguments, donated ones and closures."""

import functools

import jax
import jax.numpy as jnp


@functools.partial(jax.jit, static_argnames="power", donate_argnums=0)
def raised(x, power):
    return x**power


def solve(seed, x_batch, y_batch, lr):
    scale = jnp.float32(lr)
    inner = jax.jit(lambda x: jnp.tanh(x) * scale)
    lowered = jax.jit(jnp.cumsum).lower(y_batch).compile()
    return jnp.concatenate([raised(jnp.array(x_batch), power=3).ravel(), inner(y_batch), lowered(y_batch)])
