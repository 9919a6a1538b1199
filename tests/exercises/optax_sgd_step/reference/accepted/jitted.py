"""The whole step under jit, with the learning rate traced."""

import jax
import optax


@jax.jit
def step(params, grads, lr):
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params))
    return optax.apply_updates(params, updates)


def sgd_step(params, grads, lr):
    return step(params, grads, lr)
