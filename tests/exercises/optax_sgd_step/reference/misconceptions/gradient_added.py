"""The gradient is added instead of taken away.

## What happens

The parameters move uphill: where the loss falls they should go, and they go the other way.

## Why it happens

`optax.apply_updates` adds, and optax has put the minus sign into the updates already. Scaling gradients oneself and
adding them leaves it out.

## A question to think about

If a gradient is positive, should its parameter become larger or smaller?
"""

import optax

MISCONCEPTION = {"code": "gradient-ascent", "blame": "apply-updates", "divergence": "step: scaled by -1"}


def sgd_step(params, grads, lr):
    return optax.apply_updates(params, lr * grads)
