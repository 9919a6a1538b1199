"""Differentiates forwards, backwards and twice."""

import jax
import jax.numpy as jnp


def loss(w, x, y):
    return jnp.mean((jnp.tanh(x @ w) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    w = jnp.linspace(-1.0, 1.0, x_batch.shape[1])
    value, gradient = jax.value_and_grad(loss)(w, x_batch, y_batch)
    hessian = jax.hessian(loss)(w, x_batch, y_batch)
    forward = jax.jacfwd(loss)(w, x_batch, y_batch)
    primal, tangent = jax.jvp(lambda v: loss(v, x_batch, y_batch), (w,), (jnp.ones_like(w),))
    _, pull = jax.vjp(lambda v: jnp.sin(v), w)
    checked = jax.grad(jax.checkpoint(loss))(w, x_batch, y_batch)
    parts = [value, primal, tangent, gradient, hessian.ravel(), forward, pull(w)[0], checked]
    return jnp.concatenate([jnp.atleast_1d(part) for part in parts])
