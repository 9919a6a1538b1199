"""The evaluation is given half of the rows."""

import flax.linen as nn
import jax
import jax.numpy as jnp


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        return nn.Dense(1)(nn.relu(x))


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)

    def loss(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": variables["batch_stats"]}, x_batch, train=True, mutable=["batch_stats"]
        )
        return jnp.mean((out.squeeze(-1) - y_batch) ** 2), updated

    (_, updated), grads = jax.value_and_grad(loss, has_aux=True)(variables["params"])
    params = jax.tree.map(lambda p, g: p - lr * g, variables["params"], grads)
    half = max(1, len(x_batch) // 2)
    out = model.apply({"params": params, **updated}, x_batch[:half], train=False)  # <- here
    return jnp.mean((out.squeeze(-1) - y_batch[:half]) ** 2).reshape(1)
