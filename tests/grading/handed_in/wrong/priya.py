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
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=True)
    params, batch_stats = variables["params"], variables["batch_stats"]
    optimizer = optax.sgd(learning_rate=lr)
    opt_state = optimizer.init(params)

    def loss_fn(params):
        preds, updates = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, train=True
        )
        loss = jnp.mean((preds[:, 0] - y_batch) ** 2)
        return loss, updates["batch_stats"]

    (loss, batch_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = optimizer.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)

    preds = model.apply({"params": params, "batch_stats": batch_stats}, x_batch, train=False)
    return jnp.array([jnp.mean((preds[:, 0] - y_batch) ** 2)])
