"""Walks, flattens and inspects trees and programs."""

import jax
import jax.flatten_util
import jax.numpy as jnp


def solve(seed, x_batch, y_batch, lr):
    tree = {"a": x_batch, "b": [y_batch, {"c": lr}]}
    flat, back = jax.flatten_util.ravel_pytree(jax.tree.map(jnp.asarray, tree))
    again = back(flat * 2)
    lines = len(str(jax.make_jaxpr(lambda v: jnp.sin(v) * 2)(y_batch)).splitlines())
    shape = jax.eval_shape(lambda v: v @ v.T, x_batch).shape
    paths = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(tree)]
    print(paths)
    return jnp.concatenate(
        [flat, again["b"][0], jnp.array([lines, *shape, len(jax.devices())], dtype=jnp.float32)]
    )
