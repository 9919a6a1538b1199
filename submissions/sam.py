import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from jax import value_and_grad


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
    key = jax.random.PRNGKey(int(seed))
    variables = model.init(key, x_batch, train=False)
    state = {"batch_stats": variables["batch_stats"]}
    params = variables["params"]

    def compute_loss(params):
        pred, new_state = model.apply(
            {"params": params, **state}, x_batch, train=True, mutable=["batch_stats"]
        )
        loss = jnp.mean(jnp.square(pred.flatten() - y_batch))
        return loss, new_state

    (loss, new_state), grads = value_and_grad(compute_loss)(params)
    sgd = optax.sgd(lr)
    updates, _ = sgd.update(grads, sgd.init(params))
    params = optax.apply_updates(params, updates)
    pred = model.apply({"params": params, **new_state}, x_batch, train=False)
    return jnp.mean(jnp.square(pred.flatten() - y_batch)).reshape(1)
