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
    params = variables["params"]
    state = {k: v for k, v in variables.items() if k != "params"}

    def loss_fn(params, state, x, y):
        pred, new_state = model.apply({"params": params, **state}, x, train=True, mutable=list(state))
        return jnp.mean((pred - y[:, None]) ** 2), new_state

    (_, state), (grads, _) = jax.value_and_grad(loss_fn, argnums=(0, 1), has_aux=True)(params, state, x_batch, y_batch)

    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params), params)
    params = optax.apply_updates(params, updates)
    pred = model.apply({"params": params, **state}, x_batch, train=False)
    return jnp.mean((pred - y_batch[:, None]) ** 2).reshape(1)
