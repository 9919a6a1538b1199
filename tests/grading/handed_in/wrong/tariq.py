import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


class Learner:
    def __init__(self, seed, x, lr):
        self.net = MLP()
        variables = self.net.init(jax.random.PRNGKey(int(seed)), x, train=True)
        self.params = variables["params"]
        self.batch_stats = variables["batch_stats"]
        self.tx = optax.sgd(lr)
        self.opt_state = self.tx.init(self.params)
        self._grad = jax.jit(jax.value_and_grad(self.loss))

    def loss(self, params, x, y):
        pred, mutated = self.net.apply(
            {"params": params, "batch_stats": self.batch_stats},
            x,
            train=True,
            mutable=["batch_stats"],
        )
        self.batch_stats = mutated["batch_stats"]
        return jnp.mean((pred[:, 0] - y) ** 2)

    def learn(self, x, y):
        loss, grads = self._grad(self.params, x, y)
        updates, self.opt_state = self.tx.update(grads, self.opt_state, self.params)
        self.params = optax.apply_updates(self.params, updates)
        return loss

    def evaluate(self, x, y):
        pred = self.net.apply(
            {"params": self.params, "batch_stats": self.batch_stats}, x, train=False
        )
        return jnp.mean((pred[:, 0] - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    learner = Learner(seed, x_batch, lr)
    learner.learn(x_batch, y_batch)
    return np.array([learner.evaluate(x_batch, y_batch)])
