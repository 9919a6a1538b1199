import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


@jax.custom_vjp
def mse(pred, target):
    return jnp.mean((pred - target) ** 2)


def mse_fwd(pred, target):
    r = pred - target
    return jnp.mean(r**2), r


def mse_bwd(r, ct):
    g = ct * 2.0 * r / r.size
    return g, -g


mse.defvjp(mse_fwd, mse_bwd)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    key = jax.random.PRNGKey(int(seed))
    variables = model.init(key, x_batch, train=True)  # init leaves the statistics at 0 and 1 in either mode

    def loss_fn(params):
        out, state = model.apply({**variables, "params": params}, x_batch, train=True, mutable=["batch_stats"])
        return mse(out.reshape(y_batch.shape), y_batch), state

    (_, state), grads = jax.value_and_grad(loss_fn, has_aux=True)(variables["params"])
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(variables["params"]))
    variables = {"params": optax.apply_updates(variables["params"], updates), **state}
    out = model.apply(variables, x_batch, train=False)
    return np.array([mse(out.reshape(y_batch.shape), y_batch)])
