import dataclasses

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


@dataclasses.dataclass(frozen=True)
class Config:
    seed: int
    lr: float
    total_steps: int = 1000

    def optimizer(self):
        return optax.sgd(optax.cosine_decay_schedule(init_value=self.lr, decay_steps=self.total_steps))


def solve(seed, x_batch, y_batch, lr):
    cfg = Config(int(seed), lr)
    model = MLP()
    tree = model.init(jax.random.PRNGKey(cfg.seed), x_batch, train=False)
    tx = cfg.optimizer()
    opt_state = tx.init(tree["params"])

    def loss_fn(params):
        out, vars_ = model.apply(tree | {"params": params}, x_batch, train=True, mutable=["batch_stats"])
        return jnp.average((out[:, 0] - y_batch) ** 2), vars_["batch_stats"]

    (_, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(tree["params"])
    updates, opt_state = tx.update(grads, opt_state, tree["params"])
    tree = dict(params=optax.apply_updates(tree["params"], updates), batch_stats=stats)
    return jnp.average((model.apply(tree, x_batch, train=False)[:, 0] - y_batch) ** 2).reshape((-1,))
