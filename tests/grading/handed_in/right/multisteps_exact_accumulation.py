import flax.linen as nn
import jax
import jax.numpy as jnp
import optax


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


SHARES = 2


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    n = len(x_batch)
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, old_stats = variables["params"], variables["batch_stats"]

    # The backward pass is split by rows of the loss, not of the batch: BatchNorm sees all rows every time, so the mean
    # of the accumulated gradients is the gradient of the whole loss.
    def loss_share(params, rows):
        pred, upd = model.apply({"params": params, "batch_stats": old_stats}, x_batch, train=True, mutable=["batch_stats"])
        squares = (pred[:, 0] - y_batch) ** 2
        return SHARES * jnp.sum(jnp.where(rows, squares, 0.0)) / n, upd["batch_stats"]

    tx = optax.MultiSteps(optax.sgd(lr), every_k_schedule=SHARES)
    opt_state = tx.init(params)
    index = jnp.arange(n) % SHARES
    new_stats = None
    for k in range(SHARES):
        (_, measured), grads = jax.value_and_grad(loss_share, has_aux=True)(params, index == k)
        updates, opt_state = tx.update(grads, opt_state, params)
        params = optax.apply_updates(params, updates)  # zero until the last share
        new_stats = measured if new_stats is None else new_stats
    assert tx.has_updated(opt_state)

    pred = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return jnp.mean((pred[:, 0] - y_batch) ** 2)[None]
