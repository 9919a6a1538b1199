"""The model was written anew with flax.nnx

## What happens

The layers are the same, and their initial weights are not: flax.nnx derives the keys of its layers in another
way than flax.linen does from the same seed.

## Why it happens

flax.nnx is what the current guides show, and a model of the same layers looks like the same model. The task
gives a model, and with it the weights that a seed stands for.

## How it shows

On the statement's example it returns 1.75835 where 3.18114 is right.

## A question to think about

If you print the first kernel of your model and of the given one, both of the same seed, are they the same?

## Read on

- flax, Why Flax NNX: https://flax.readthedocs.io/en/latest/why.html
- flax, Randomness and PRNGs: https://flax.readthedocs.io/en/latest/guides/randomness.html
"""

import jax.numpy as jnp
import optax
from flax import nnx

MISCONCEPTION = {
    "code": "model-changed",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "model",
    "divergence": ["model: changed", "weights: changed"],
}


class MLP(nnx.Module):  # the mistake
    def __init__(self, features, hidden, rngs):
        self.first = nnx.Linear(features, hidden, rngs=rngs)
        self.norm = nnx.BatchNorm(hidden, momentum=0.9, rngs=rngs)
        self.second = nnx.Linear(hidden, 1, rngs=rngs)

    def __call__(self, x):
        return self.second(nnx.relu(self.norm(self.first(x))))


def mse(out, y):
    return jnp.mean((out.reshape(-1) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    model = MLP(x_batch.shape[1], 16, nnx.Rngs(int(seed)))
    optimizer = nnx.Optimizer(model, optax.sgd(lr), wrt=nnx.Param)

    def loss_fn(model):
        return mse(model(x_batch), y_batch)

    model.train()
    grads = nnx.grad(loss_fn)(model)
    optimizer.update(model, grads)
    model.eval()
    return mse(model(x_batch), y_batch).reshape(1)
