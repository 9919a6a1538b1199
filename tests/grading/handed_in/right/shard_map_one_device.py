import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import Mesh, PartitionSpec as P


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def solve(seed, x_batch, y_batch, lr):
    model, tx = MLP(), optax.sgd(lr)
    mesh = Mesh(np.array(jax.devices()[:1]), ("data",))  # one shard: its statistics are those of the batch
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)

    def local_step(variables, x, y):
        def loss_fn(params):
            out, upd = model.apply(
                {"params": params, "batch_stats": variables["batch_stats"]}, x, train=True, mutable=["batch_stats"]
            )
            return jnp.mean((out[:, 0] - y) ** 2), upd["batch_stats"]

        (_, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(variables["params"])
        grads, stats = jax.lax.pmean((grads, stats), "data")
        updates, _ = tx.update(grads, tx.init(variables["params"]))
        return {"params": optax.apply_updates(variables["params"], updates), "batch_stats": stats}

    def local_eval(variables, x, y):
        out = model.apply(variables, x, train=False)
        return jax.lax.pmean(jnp.mean((out[:, 0] - y) ** 2), "data")[None]

    specs = dict(mesh=mesh, in_specs=(P(), P("data"), P("data")), out_specs=P(), check_vma=False)
    variables = jax.jit(jax.shard_map(local_step, **specs))(variables, x_batch, y_batch)
    return jax.jit(jax.shard_map(local_eval, **specs))(variables, x_batch, y_batch)
