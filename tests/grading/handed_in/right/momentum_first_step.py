import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, batch_stats = variables["params"], variables["batch_stats"]
    # The trace starts at zero, so the first step of SGD with momentum is a step of plain SGD.
    tx = optax.sgd(lr, momentum=0.9)
    opt_state = tx.init(params)

    def loss_fn(p):
        pred, new = model.apply({"params": p, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"])
        return jnp.mean((pred[:, 0] - y_batch) ** 2), new["batch_stats"]

    (_, new_batch_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    new_params = optax.apply_updates(params, updates)

    pred = model.apply({"params": new_params, "batch_stats": new_batch_stats}, x_batch, train=False)
    return np.mean((np.asarray(pred)[:, 0] - y_batch) ** 2, keepdims=True)
