"""A right solution in another style: no case may reject it. Add those that you expect, the stranger the better."""

import optax


def average_step(average, params, decay):
    return optax.incremental_update(params, average, 1 - decay)
