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


def mse(net, x, y, train):
    return jnp.mean((net(x, train=train)[:, 0] - y) ** 2)


def gradient(net, x, y):
    """Called with a bound module: d mse / d params. The pass leaves its statistics in batch_stats."""
    loss, pull = nn.vjp(lambda net: mse(net, x, y, True), net, vjp_variables="params")
    return pull(jnp.ones_like(loss))[0]["params"]


def solve(seed, x_batch, y_batch, lr):
    net = MLP()
    variables = nn.init(lambda m, x: m(x, train=False), net)(jax.random.PRNGKey(int(seed)), x_batch)
    grads, measured = nn.apply(gradient, net, mutable=["batch_stats"])(variables, x_batch, y_batch)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(variables["params"]))
    after = {"params": optax.apply_updates(variables["params"], updates), "batch_stats": measured["batch_stats"]}
    return nn.apply(mse, net)(after, x_batch, y_batch, False)[None]
