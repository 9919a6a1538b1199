"""The new parameters get the share of the old average.

## What happens

The average follows the parameters almost at once, where it should follow them slowly.

## Why it happens

`decay` sounds like the share that goes; it is the one that stays.

## A question to think about

With `decay = 0.99`, which of the two arrays should the result be closer to?
"""


def average_step(average, params, decay):
    return (1 - decay) * average + decay * params
