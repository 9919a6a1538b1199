"""The new parameters are added whole.

## What happens

The two shares add up to more than 1, so that the average grows with every step.

## Why it happens

Only the old average is made smaller, which is enough for a running sum.

## A question to think about

If all parameters were 1 in every step, what should their average be?
"""

# Optional. It says more about the mistake: the code, where several files share one ("code"), the exception that it ends
# in ("raises"), what tells it from others with the same numbers ("evidence"), where to look ("blame").
# 'judge schema misconception' prints all of them.
MISCONCEPTION = {"code": "share-forgotten"}


def average_step(average, params, decay):
    return decay * average + params
