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

def make_key(seed):
    # PRNGKey wants a non-negative int32
    return jax.random.PRNGKey(int(seed) & 0x7FFFFFFF)


def make_loss(model, x, y):
    def loss(params, batch_stats, train):
        variables = {"params": params, "batch_stats": batch_stats}
        if not train:
            return jnp.mean((model.apply(variables, x, train=False)[:, 0] - y) ** 2), batch_stats
        pred, state = model.apply(variables, x, train=True, mutable=["batch_stats"])
        return jnp.mean((pred[:, 0] - y) ** 2), state["batch_stats"]
    return loss


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(make_key(seed), jnp.ones_like(x_batch), train=False)
    params, batch_stats = variables["params"], variables["batch_stats"]
    loss = make_loss(model, x_batch, y_batch)

    optimizer = optax.sgd(lr)
    opt_state = optimizer.init(params)
    (_, batch_stats), grads = jax.value_and_grad(loss, has_aux=True)(params, batch_stats, True)
    updates, opt_state = optimizer.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)

    return jnp.atleast_1d(loss(params, batch_stats, False)[0])
