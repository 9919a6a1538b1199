"""`jax.jacrev` of the vector of squared errors, averaged afterwards.

Unusual: the differentiated function returns N numbers, one for each example, and the mean is taken over the rows of the
Jacobian. Right, because the derivative of a mean is the mean of the derivatives; all N see the same batch statistics.
"""

import flax.linen as nn
import jax
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
    params = variables["params"]

    def squared_errors(params):
        out, updated = model.apply(
            {**variables, "params": params}, x_batch, train=True, mutable=["batch_stats"]
        )
        return optax.squared_error(out[:, 0], y_batch), updated

    rows, updated = jax.jacrev(squared_errors, has_aux=True)(params)
    grads = jax.tree.map(lambda leaf: leaf.mean(axis=0), rows)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params))
    out = model.apply({"params": optax.apply_updates(params, updates), **updated}, x_batch, train=False)
    return optax.squared_error(out[:, 0], y_batch).mean().reshape(1)
