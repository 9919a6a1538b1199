"""Bound modules: `bind` gives a module its variables, and then it is simply called.

Unusual: no `apply`. Within the loss a module is bound to the parameters with `batch_stats` mutable, called, and asked
for its variables. Right, because `apply` is bind, call and unbind; the binding lives inside the differentiated
function, so nothing leaks, and the new statistics leave it as aux.
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
    variables = MLP().init(jax.random.PRNGKey(int(seed)), x_batch, train=False)

    def loss_fn(params):
        net = MLP().bind({"params": params, "batch_stats": variables["batch_stats"]}, mutable=["batch_stats"])
        residual = net(x_batch, train=True).squeeze(axis=1) - y_batch
        return jnp.mean(residual * residual), net.variables["batch_stats"]

    (_, batch_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(variables["params"])
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(variables["params"]))
    trained = MLP().bind(
        {"params": optax.apply_updates(variables["params"], updates), "batch_stats": batch_stats},
    )
    residual = trained(x_batch, train=False).squeeze(axis=1) - y_batch
    return jnp.mean(residual * residual).reshape(1)
