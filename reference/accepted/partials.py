"""`functools.partial` at every turn, down to the model, whose flag is a field.

Unusual: train and eval are two modules, `MLP(train=True)` and `MLP(train=False)`, built from one partial, and
`value_and_grad` itself is a partial. Right, because a flag held as a field or passed at the call gives the same
network, and both modules name their layers alike.
"""

from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax


class MLP(nn.Module):
    train: bool
    hidden: int = 16
    norm: type = nn.BatchNorm

    @nn.compact
    def __call__(self, x):
        norm = partial(self.norm, momentum=0.9, use_running_average=not self.train)
        x = nn.relu(norm()(nn.Dense(self.hidden)(x)))
        return nn.Dense(1)(x)


build = partial(MLP, hidden=16)
with_aux = partial(jax.value_and_grad, has_aux=True)


def forward(x, params, batch_stats):
    return build(train=True).apply(
        {"params": params, "batch_stats": batch_stats}, x, mutable=("batch_stats",)
    )


def loss_fn(params, predict, y, **state):
    out, state = predict(params=params, **state)
    return jnp.mean((out.reshape(-1) - y) ** 2), state


def solve(seed, x_batch, y_batch, lr):
    variables = build(train=False).init(jax.random.PRNGKey(int(seed)), x_batch)
    objective = partial(
        loss_fn, predict=partial(forward, x_batch), y=y_batch, batch_stats=variables["batch_stats"]
    )
    (_, state), grads = with_aux(objective)(variables["params"])
    tx = optax.sgd(lr)
    advance = partial(tx.update, state=tx.init(variables["params"]))
    params = optax.apply_updates(variables["params"], advance(grads)[0])
    out = build(train=False).apply({"params": params, **state}, x_batch)
    return jnp.mean((out.reshape(-1) - y_batch) ** 2).reshape(1)
