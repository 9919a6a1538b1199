"""The updates are returned, not the parameters.

## What happens

The function gives back by how much each parameter should move, and nobody moves it.

## Why it happens

`tx.update` sounds as if it updated something. It only says what the update would be.

## A question to think about

Which of your values are the parameters before the step, and which are those after it?
"""

import optax


def sgd_step(params, grads, lr):
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params), params)
    return updates
