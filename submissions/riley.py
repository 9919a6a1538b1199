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
    variables = model.init(jax.random.PRNGKey(round(seed)), x_batch, train=False)
    params, batch_stats = variables["params"], variables["batch_stats"]
    opt = optax.sgd(lr)
    opt_state = opt.init(params)

    @jax.jit
    def step(params, batch_stats, opt_state):
        def loss_fn(p):
            out, mut = model.apply(
                {"params": p, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
            )
            return jnp.mean((out.reshape(-1) - y_batch) ** 2), mut["batch_stats"]

        (_, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
        updates, opt_state = opt.update(grads, opt_state, params)
        return optax.apply_updates(params, updates), stats, opt_state

    params, batch_stats, opt_state = step(params, batch_stats, opt_state)
    out = model.apply({"params": params, "batch_stats": batch_stats}, x_batch, train=False)
    return jnp.mean((out.reshape(-1) - y_batch) ** 2).reshape(1)
