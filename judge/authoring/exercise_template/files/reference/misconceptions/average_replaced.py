"""The old average is thrown away.

The file's name, with hyphens, is the code of the finding; this docstring is its page: 'judge explain average-replaced'.
It never says what would be right.

## What happens

The result is the new parameters, whatever was there before.

## Why it happens

A function that is called once cannot remember anything, so its state has to come in and go out.

## A question to think about

Which of your function's arguments holds what happened in all the steps before this one?
"""


def average_step(average, params, decay):
    return params
