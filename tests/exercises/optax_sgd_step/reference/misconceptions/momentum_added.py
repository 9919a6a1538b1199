"""The optimizer takes two steps with momentum instead of one plain step.

## What happens

The second step adds the memory of the first, so the parameters move almost three times as far.

## Why it happens

A training loop was copied together with its loop.

## A question to think about

How often is `tx.update` called in your function, and how often does the statement ask for a step?
"""

import optax

MISCONCEPTION = {"code": "extra-step", "blame": "apply-updates", "divergence": "step: repeated"}


def sgd_step(params, grads, lr):
    tx = optax.sgd(lr, momentum=0.9)
    state = tx.init(params)
    for _ in range(2):
        updates, state = tx.update(grads, state, params)
        params = optax.apply_updates(params, updates)
    return params
