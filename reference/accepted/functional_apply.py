"""flax's functional core: `nn.init` and `nn.apply` of a function that takes the module.

Unusual: the loss is computed inside the apply scope, so one `nn.apply` gives back (loss, variables) and that pair is
already what has_aux wants. Right, because the aux is the collection that `mutable` opened, and it holds nothing but
`batch_stats`.
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


def model_loss(module, x, y, train):
    return jnp.mean((module(x, train).reshape(-1) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    mlp = MLP()
    batch = (x_batch, y_batch)
    variables = nn.init(model_loss, mlp)(jax.random.PRNGKey(int(seed)), *batch, False)
    train_loss = nn.apply(model_loss, mlp, mutable=["batch_stats"])
    eval_loss = nn.apply(model_loss, mlp)

    def objective(params):
        return train_loss({"params": params, "batch_stats": variables["batch_stats"]}, *batch, True)

    (_, updated), grads = jax.value_and_grad(objective, has_aux=True)(variables["params"])
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(variables["params"]), variables["params"])
    params = optax.apply_updates(variables["params"], updates)
    return eval_loss({"params": params, **updated}, *batch, False)[jnp.newaxis]
