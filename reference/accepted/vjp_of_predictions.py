"""The model's predictions are pulled back, from a residual that was written down by hand.

Unusual: there is no loss function at all in the training half. `jax.vjp` linearises the predictions, and the slope of
the mean squared error with respect to them, 2 (out - y) / N, is fed to the pullback. Right by the chain rule.
"""

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
    model, targets = MLP(), y_batch[:, np.newaxis]
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)

    def predictions(params):
        return model.apply({**variables, "params": params}, x_batch, train=True, mutable="batch_stats")

    out, pullback, updated = jax.vjp(predictions, variables["params"], has_aux=True)
    (grads,) = pullback(2.0 * (out - targets) / len(targets))
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(variables["params"]))
    stepped = {"params": optax.apply_updates(variables["params"], updates), **updated}
    residual = model.apply(stepped, x_batch, train=False) - targets
    return jnp.mean(residual**2, axis=0)
