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


def squared(pred, y):
    return jnp.mean((pred.squeeze(-1) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=True)

    def loss_fn(params):
        pred, mutated = model.apply(
            variables.copy(add_or_replace={"params": params}),
            x_batch,
            train=True,
            mutable=["batch_stats"],
        )
        return squared(pred, y_batch), mutated

    (loss, mutated), grads = jax.value_and_grad(loss_fn, has_aux=True)(variables["params"])

    tx = optax.sgd(lr)
    opt_state = tx.init(variables["params"])
    updates, opt_state = tx.update(grads, opt_state, variables["params"])
    params = optax.apply_updates(variables["params"], updates)

    variables = mutated.copy(add_or_replace={"params": params})
    return jnp.stack([squared(model.apply(variables, x_batch, train=False), y_batch)])
