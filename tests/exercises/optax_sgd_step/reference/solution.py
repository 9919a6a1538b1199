"""Textbook solution: optax makes the updates, and they are added to the parameters."""

from __future__ import annotations

import optax


def sgd_step(params, grads, lr):
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params), params)
    return optax.apply_updates(params, updates)
