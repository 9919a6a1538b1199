"""The same rule put together from optax's parts, on a dictionary of parameters."""

import optax


def sgd_step(params, grads, lr):
    tx = optax.chain(optax.identity(), optax.scale(-lr))
    tree = {"w": params}
    updates, _ = tx.update({"w": grads}, tx.init(tree), tree)
    return optax.apply_updates(tree, updates)["w"]
