"""Operations that learners write every day, on the shapes of a case: run once before submissions come.

No solution and none is hidden in it: it only makes jax compile what many files need, so that these are graded faster.
Its results are not looked at. See docs/performance.md.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax.training.train_state import TrainState


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


FLATTENED = (
    lambda out: out,
    lambda out: out.reshape(-1),
    lambda out: out.reshape((-1,)),
    lambda out: out.ravel(),
    lambda out: out.flatten(),
    lambda out: out.squeeze(),
    lambda out: out.squeeze(-1),
    lambda out: out.squeeze(axis=1),
    lambda out: jnp.squeeze(out),
    lambda out: jnp.squeeze(out, axis=-1),
    lambda out: jnp.reshape(out, -1),
    lambda out: jnp.ravel(out),
    lambda out: out[:, 0],
    lambda out: out[..., 0],
    lambda out: out.T[0],
)

REDUCED = (
    lambda p, y: jnp.mean((p - y) ** 2),
    lambda p, y: jnp.mean((y - p) ** 2),
    lambda p, y: ((p - y) ** 2).mean(),
    lambda p, y: jnp.mean(jnp.square(p - y)),
    lambda p, y: jnp.square(y - p).mean(),
    lambda p, y: jnp.mean((p - y) * (p - y)),
    lambda p, y: jnp.sum((p - y) ** 2) / p.shape[0],
    lambda p, y: ((p - y) ** 2).sum() / len(y),
    lambda p, y: 0.5 * jnp.mean((p - y) ** 2),
    lambda p, y: jnp.mean(jnp.subtract(p, y) ** 2),
    lambda p, y: optax.squared_error(p, y).mean(),
    lambda p, y: 2 * optax.l2_loss(p, y).mean(),
)

HANDED_IN = (
    lambda loss: loss.reshape(1),
    lambda loss: loss.reshape(-1),
    lambda loss: loss.reshape((1,)),
    lambda loss: jnp.reshape(loss, (1,)),
    lambda loss: jnp.array([loss]),
    lambda loss: jnp.asarray([loss]),
    lambda loss: jnp.asarray(loss).reshape(1),
    lambda loss: jnp.array(loss)[None],
    lambda loss: jnp.array([float(loss)]),
    lambda loss: np.array([loss]),
    lambda loss: loss[None],
    lambda loss: loss[jnp.newaxis],
    lambda loss: jnp.expand_dims(loss, 0),
    lambda loss: jnp.expand_dims(loss, axis=-1),
    lambda loss: jnp.atleast_1d(loss),
    lambda loss: jnp.stack([loss]),
    lambda loss: jnp.full((1,), loss),
    lambda loss: jnp.ones(1) * loss,
    lambda loss: jnp.zeros(1) + loss,
    lambda loss: loss > 1,
    lambda loss: loss < 1,
    lambda loss: jnp.isnan(loss),
    lambda loss: jnp.isfinite(loss).all(),
    lambda loss: loss + loss,
    lambda loss: -loss,
    lambda loss: loss / 2,
)

OPTIMIZERS = (
    lambda lr: optax.sgd(lr),
    lambda lr: optax.sgd(learning_rate=lr, momentum=0.9),
    lambda lr: optax.scale(-lr),
)

BY_HAND = (
    lambda lr: lambda p, g: p - lr * g,
    lambda lr: lambda p, g: p - g * lr,
    lambda lr: lambda p, g: p + (-lr) * g,
)


def tried(action):
    """Some of these do not fit some shapes."""
    try:
        return action()
    except Exception:
        return None


def solve(seed, x_batch, y_batch, lr):
    number = int(seed)
    x, y = jnp.asarray(x_batch), jnp.array(y_batch)
    model = MLP()
    for key in (jax.random.PRNGKey(number), jax.random.key(number)):
        jax.random.split(key)
        jax.random.split(key, 3)
        jax.random.fold_in(key, 1)
        model.init(key, x_batch, train=False)
    model.init(jax.random.PRNGKey(number), x, train=True)
    model.init({"params": jax.random.PRNGKey(number)}, jnp.ones((1, x.shape[1])), train=False)
    variables = model.init(jax.random.PRNGKey(number), jnp.ones_like(x), train=False)
    params = variables["params"]

    out = model.apply(variables, x, train=False)
    for flattened in FLATTENED:
        tried(lambda: jax.value_and_grad(lambda o: REDUCED[0](flattened(o), y_batch))(out))
        tried(lambda: flattened(out))
    flat, column = out.reshape(-1), y[:, None]
    y_batch[:, None], y.reshape(-1, 1)
    for predictions, targets in ((flat, y_batch), (out, column), (out, y_batch)):
        # columns against a row: a common mistake, and then every operation has N x N results
        for reduced in REDUCED if targets is not y_batch or predictions is flat else REDUCED[:4]:
            tried(lambda: jax.value_and_grad(lambda o: reduced(o, targets))(predictions))
            tried(lambda: reduced(predictions, targets))
    loss = REDUCED[0](out.reshape(-1), y_batch)
    for handed_in in HANDED_IN:
        tried(lambda: np.asarray(handed_in(loss)))

    grads = jax.tree.map(jnp.ones_like, params)
    for make in OPTIMIZERS:
        tx = make(lr)
        state = tx.init(params)
        updates, state = tx.update(grads, state, params)
        updates, state = tx.update(grads, state, params)
        optax.apply_updates(params, updates)
    for make in BY_HAND:
        jax.tree.map(make(lr), params, grads)
        jax.tree_util.tree_map(make(jnp.float32(lr)), params, grads)
    state = TrainState.create(apply_fn=model.apply, params=params, tx=optax.sgd(lr))
    state.apply_gradients(grads=grads)
    jax.tree.map(jnp.copy, params)
    jax.tree.map(jnp.zeros_like, params)
    jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, variables["batch_stats"], variables["batch_stats"])
    return loss
