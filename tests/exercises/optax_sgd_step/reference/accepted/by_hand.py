"""The update written out in NumPy, without optax."""


def sgd_step(params, grads, lr):
    return params - lr * grads
