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
    variables = model.init(jax.random.PRNGKey(int(seed)), jnp.asarray(x_batch), train=False)
    params, batch_stats = variables["params"], variables["batch_stats"]

    tx = optax.chain(optax.identity(), optax.inject_hyperparams(optax.sgd)(learning_rate=lr))
    opt_state = tx.init(params)

    def loss_fn(params, batch_stats):
        logits, new_model_state = model.apply(
            {"params": params, "batch_stats": batch_stats},
            x_batch,
            train=True,
            mutable=["batch_stats"],
        )
        loss = optax.losses.squared_error(logits[:, 0], y_batch).mean()
        return loss, (logits, new_model_state)

    (loss, (_, new_model_state)), grads = jax.value_and_grad(loss_fn, has_aux=True)(params, batch_stats)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    batch_stats = new_model_state["batch_stats"]

    logits = model.apply({"params": params, "batch_stats": batch_stats}, x_batch, train=False, mutable=False)
    return jnp.array([optax.losses.squared_error(logits[:, 0], y_batch).mean()])
