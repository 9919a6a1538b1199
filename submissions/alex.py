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
    net = MLP()
    variables = net.init(jax.random.PRNGKey(int(seed)), x_batch, train=True)
    optimizer = optax.sgd(learning_rate=lr)
    optimizer_state = optimizer.init(variables)

    def loss(params, stats):
        out, new = net.apply(
            {"params": params, "batch_stats": stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return jnp.mean((out[:, 0] - y_batch) ** 2), new["batch_stats"]

    grad_fn = jax.value_and_grad(loss, has_aux=True)
    (_, stats), grads = grad_fn(variables["params"], variables["batch_stats"])
    step, optimizer_state = optimizer.update(grads, optimizer_state)
    trained = {"params": optax.apply_updates(variables["params"], step), "batch_stats": stats}
    return jnp.mean((net.apply(trained, x_batch, train=False)[:, 0] - y_batch) ** 2).reshape(1)
