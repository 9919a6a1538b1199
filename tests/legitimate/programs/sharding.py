"""Places arrays on the devices that there are."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec


def solve(seed, x_batch, y_batch, lr):
    mesh = Mesh(np.array(jax.devices()), ("rows",))
    placed = jax.device_put(x_batch[: len(jax.devices())], NamedSharding(mesh, PartitionSpec("rows")))
    return jnp.concatenate([jax.jit(lambda v: v * 2)(placed).ravel(), jax.device_put(y_batch)])
