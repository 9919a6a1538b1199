import optax


def sgd_step(params, grads, lr):
    return optax.apply_updates(params, lr * grads)
