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
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    tx = optax.sgd(lr)

    def loss_fn(params, stats, train):
        out, new = model.apply(
            {"params": params, "batch_stats": stats}, x_batch, train=train, mutable=["batch_stats"]
        )
        return jnp.mean((out.reshape(-1) - y_batch) ** 2), new["batch_stats"]

    params, stats = variables["params"], variables["batch_stats"]
    (_, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params, stats, True)
    updates, _ = tx.update(grads, tx.init(params))
    loss, _ = loss_fn(optax.apply_updates(params, updates), stats, False)
    return loss
