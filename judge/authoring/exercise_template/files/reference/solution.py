"""The reference: expected values are what this returns. Learners never see it."""


def average_step(average, params, decay):
    return decay * average + (1 - decay) * params
