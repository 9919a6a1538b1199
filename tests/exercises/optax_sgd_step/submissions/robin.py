import optax


def sgd_step(params, grads, lr):
    optimizer = optax.sgd(learning_rate=lr)
    state = optimizer.init(params)
    updates, state = optimizer.update(grads, state)
    return optax.apply_updates(params, updates)
