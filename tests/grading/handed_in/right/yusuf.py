import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from flax import traverse_util


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def label_fn(tree):
    flat = traverse_util.flatten_dict(tree)
    labels = {path: "learn" if path[0] == "params" else "keep" for path in flat}
    return traverse_util.unflatten_dict(labels)


def make_optimizer(lr):
    return optax.multi_transform({"learn": optax.sgd(lr), "keep": optax.set_to_zero()}, label_fn)


def mse(pred, target):
    assert pred.ndim == 2
    return jnp.mean(jnp.square(pred[..., 0] - target))


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=True)
    tx = make_optimizer(lr)
    opt_state = tx.init(variables)

    def objective(params):
        vs = {"params": params, "batch_stats": variables["batch_stats"]}
        pred, upd = model.apply(vs, x_batch, train=True, mutable=["batch_stats"])
        return mse(pred, y_batch), upd["batch_stats"]

    vg = jax.value_and_grad(objective, has_aux=True)
    (_, bs), g = vg(variables["params"])
    g = {"params": g, "batch_stats": optax.tree.zeros_like(bs)}

    upd, opt_state = tx.update(g, opt_state, variables)
    variables = optax.apply_updates(variables, upd)
    variables["batch_stats"] = bs

    return jnp.atleast_1d(mse(model.apply(variables, x_batch, train=False), y_batch))
