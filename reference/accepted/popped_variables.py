"""The optimizer is started on something called `variables`, which holds the parameters alone.

Unusual: `batch_stats` was popped from the dictionary before `tx.init(variables)`, and the loss is differentiated with
respect to that dictionary. Right, because what counts is what is in the tree, {"params": ...}, and not its name.
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


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = dict(model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False))
    batch_stats = variables.pop("batch_stats")
    tx = optax.sgd(lr)
    opt_state = tx.init(variables)

    def loss_fn(variables, state):
        out, state = model.apply(variables | state, x_batch, train=True, mutable=list(state))
        return jnp.mean((out.reshape(-1) - y_batch) ** 2), state

    (_, state), grads = jax.value_and_grad(loss_fn, has_aux=True)(variables, {"batch_stats": batch_stats})
    updates, opt_state = tx.update(grads, opt_state, variables)
    variables = optax.apply_updates(variables, updates)
    out = model.apply({**variables, **state}, x_batch, train=False)
    return jnp.mean((out.reshape(-1) - y_batch) ** 2).reshape(1)
