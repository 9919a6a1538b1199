import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from jax import lax

STEPS = 1


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
    tx = optax.sgd(lr)

    def loss_fn(params, batch_stats):
        pred, updates = model.apply(
            {"params": params, "batch_stats": batch_stats},
            x_batch,
            train=True,
            mutable=["batch_stats"],
        )
        return jnp.mean((pred[:, 0] - y_batch) ** 2), updates

    def body(carry, _):
        params, batch_stats, opt_state = carry
        (loss, batch_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params, batch_stats)
        updates, opt_state = tx.update(grads, opt_state, params)
        params = optax.apply_updates(params, updates)
        return (params, batch_stats, opt_state), loss

    carry = (params, batch_stats, tx.init(params))
    (params, batch_stats, _), losses = lax.scan(body, carry, None, length=STEPS)

    pred = model.apply({"params": params, "batch_stats": batch_stats}, x_batch, train=False)
    return jnp.mean((pred[:, 0] - y_batch) ** 2)[None]
