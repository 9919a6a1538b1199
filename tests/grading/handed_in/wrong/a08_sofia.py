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

def split(x, y, frac=0.2):
    n_val = int(len(x) * frac) if len(x) >= 20 else 0
    n_train = len(x) - n_val
    return (x[:n_train], y[:n_train]), (x[n_train:], y[n_train:])


def apply_train(model, params, stats, x):
    return model.apply({"params": params, "batch_stats": stats}, x, train=True, mutable=["batch_stats"])


def apply_eval(model, params, stats, x):
    return model.apply({"params": params, "batch_stats": stats}, x, train=False)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    (x_train, y_train), _ = split(x_batch, y_batch)

    def loss_fn(params, stats):
        pred, mutated = apply_train(model, params, stats, x_train)
        loss = jnp.mean(jnp.square(pred - y_train[:, np.newaxis]))
        return loss, mutated["batch_stats"]

    grad_fn = jax.jit(jax.value_and_grad(loss_fn, has_aux=True))
    (loss, stats), grads = grad_fn(variables["params"], variables["batch_stats"])

    tx = optax.sgd(learning_rate=lr)
    opt_state = tx.init(variables["params"])
    updates, opt_state = tx.update(grads, opt_state, variables["params"])
    params = optax.apply_updates(variables["params"], updates)

    pred = apply_eval(model, params, stats, x_batch)
    return jnp.mean(jnp.square(pred - y_batch[:, np.newaxis])).reshape((1,))
