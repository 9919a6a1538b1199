"""A functional style: small functions that return functions, and no name is ever bound twice.

Unusual: the optimizer's two halves and the transformed loss are passed about as values, and the model is reached only
through a closure. Right, because each piece is called with the same trees as in the textbook order.
"""

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


def make_predict(model, x):
    def training(params, stats):
        out, changed = model.apply(
            {"params": params, "batch_stats": stats}, x, train=True, mutable=["batch_stats"]
        )
        return out[..., 0], changed["batch_stats"]

    def evaluation(params, stats):
        return model.apply({"params": params, "batch_stats": stats}, x, train=False)[..., 0]

    return training, evaluation


def make_distance(y):
    return lambda prediction: jnp.mean((prediction - y) ** 2)


def make_loss(training, distance, stats):
    def loss(params):
        prediction, changed = training(params, stats)
        return distance(prediction), changed

    return loss


def make_step(optimizer, differentiate):
    start, advance = optimizer

    def step(params):
        (_, stats), grads = differentiate(params)
        updates, _ = advance(grads, start(params), params)
        return optax.apply_updates(params, updates), stats

    return step


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    initial = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    training, evaluation = make_predict(model, x_batch)
    distance = make_distance(y_batch)
    loss = make_loss(training, distance, initial["batch_stats"])
    step = make_step(optax.sgd(lr), jax.value_and_grad(loss, has_aux=True))
    return distance(evaluation(*step(initial["params"]))).reshape(1)
