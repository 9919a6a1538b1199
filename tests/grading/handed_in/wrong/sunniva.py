"""BatchNorm exercise, object-oriented version."""

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


class Trainer:
    def __init__(self, model, learning_rate):
        self.model = model
        self.tx = optax.chain(
            optax.zero_nans(),
            optax.trace(decay=0.0),
            optax.sgd(learning_rate),
        )
        self.variables = None
        self.opt_state = None

    def setup(self, key, x):
        self.variables = self.model.init(key, x, train=True)
        self.opt_state = self.tx.init(self.variables)
        return self

    def _loss(self, params, x, y):
        pred, changed = self.model.apply(
            {"params": params, "batch_stats": self.variables["batch_stats"]},
            x,
            train=True,
            mutable=["batch_stats"],
        )
        return jnp.mean((pred.reshape(y.shape) - y) ** 2), changed

    def fit_batch(self, x, y):
        params = self.variables["params"]
        (loss, changed), grads = jax.value_and_grad(self._loss, has_aux=True)(params, x, y)
        # pad the gradient so that its shape agrees with the optimizer
        full = {
            "params": grads,
            "batch_stats": jax.tree.map(np.zeros_like, self.variables["batch_stats"]),
        }
        updates, self.opt_state = self.tx.update(full, self.opt_state, self.variables)
        params = optax.apply_updates(params, updates["params"])
        self.variables = {"params": params, **changed}
        return loss

    def score(self, x, y):
        pred = self.model.apply(self.variables, x, train=False)
        return jnp.mean((pred.reshape(y.shape) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    trainer = Trainer(MLP(), lr).setup(jax.random.PRNGKey(int(seed)), x_batch)
    trainer.fit_batch(x_batch, y_batch)
    return [float(trainer.score(x_batch, y_batch))]
