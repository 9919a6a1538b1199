"""Steps that change statistics."""

from __future__ import annotations

STEPPED = {
    "tree-map": """
    v = jax.tree.map(lambda leaf, slope: leaf - lr * slope, v, g)  # <- here
    return v["params"], new_stats
""",
    "new-stats": """
    params = jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"])
    stats = jax.tree.map(lambda s, d: s - lr * d, new_stats, g["batch_stats"])  # <- here
    return params, stats
""",
    "add-scale": """
    v = optax.tree.add_scale(v, -lr, g)  # <- here
    return v["params"], new_stats
""",
    "add-of-scaled": """
    v = {"params": v["params"], "batch_stats": new_stats}
    v = optax.tree.add(v, optax.tree.scale(-lr, g))  # <- here
    return v["params"], v["batch_stats"]
""",
    "raveled": """
    flat, back = ravel_pytree({"params": v["params"], "batch_stats": new_stats})
    slopes, _ = ravel_pytree(g)
    v = back(flat - lr * slopes)  # <- here
    return v["params"], v["batch_stats"]
""",
    "zipped-leaves": """
    leaves, shape = jax.tree.flatten(v)
    moved = [leaf - lr * slope for leaf, slope in zip(leaves, jax.tree.leaves(g))]  # <- here
    v = jax.tree.unflatten(shape, moved)
    return v["params"], new_stats
""",
    "transposed": """
    v = {"params": dict(v["params"]), "batch_stats": dict(new_stats)}
    pairs = jax.tree.map(lambda leaf, slope: (leaf, slope), v, g)
    old, slopes = jax.tree.transpose(jax.tree.structure(v), jax.tree.structure((0, 0)), pairs)
    v = jax.tree_util.tree_map(lambda a, b: a + -lr * b, old, slopes)  # <- here
    return v["params"], v["batch_stats"]
""",
    "apply-updates": """
    moves = jax.tree.map(lambda slope: -lr * slope, g)
    v = optax.apply_updates(v, moves)  # <- here
    return v["params"], new_stats
""",
    "sgd": """
    tx = optax.sgd(lr)
    moves, _ = tx.update(g, tx.init(v["params"]), v)  # <- here
    v = optax.apply_updates(v, moves)
    return v["params"], new_stats
""",
    "let-pass-by-a-mask": """
    tx = optax.masked(optax.sgd(lr), {"params": True, "batch_stats": False})
    v = {"params": v["params"], "batch_stats": new_stats}
    moves, _ = tx.update(g, tx.init(v), v)
    v = optax.apply_updates(v, moves)  # <- here
    return v["params"], v["batch_stats"]
""",
    "by-name": """
    params = jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"])
    old, slope = new_stats["BatchNorm_0"], g["batch_stats"]["BatchNorm_0"]
    stats = {"BatchNorm_0": {name: old[name] - lr * slope[name] for name in ("mean", "var")}}  # <- here
    return params, stats
""",
    "beside-sgd": """
    tx = optax.sgd(lr)
    moves, _ = tx.update(g["params"], tx.init(v["params"]), v["params"])
    stats = jax.tree.map(lambda s, d: s - lr * d, new_stats, g["batch_stats"])  # <- here
    return optax.apply_updates(v["params"], moves), stats
""",
    "beside-sgd-and-a-choice": """
    tx = optax.sgd(lr)
    moves, _ = tx.update(g["params"], tx.init(v["params"]), v["params"])
    kept = jax.tree.map(lambda s, d: jnp.where(False, s - lr * d, s), v["batch_stats"], g["batch_stats"])
    stats = jax.tree.map(lambda s, d, _: s - lr * d, new_stats, g["batch_stats"], kept)  # <- here
    return optax.apply_updates(v["params"], moves), stats
""",
    "by-ufunc": """
    v = jax.tree.map(lambda a, b: jnp.subtract(a, jnp.multiply(lr, b)), v, g)  # <- here
    return v["params"], new_stats
""",
    "by-lax": """
    v = jax.tree.map(lambda a, b: jax.lax.sub(a, jax.lax.mul(jnp.float32(lr), b)), v, g)  # <- here
    return v["params"], new_stats
""",
    "between": """
    towards = jax.tree.map(lambda a, b: a - b, {"params": v["params"], "batch_stats": new_stats}, g)  # <- here
    v = optax.incremental_update(towards, {"params": v["params"], "batch_stats": new_stats}, lr)
    return v["params"], v["batch_stats"]
""",
    "stacked": """
    stats = jax.tree.map(lambda s, d: jnp.stack([s, -lr * d]).sum(axis=0), new_stats, g["batch_stats"])  # <- here
    return jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"]), stats
""",
    "as-a-factor": """
    stats = jax.tree.map(lambda s, d: s * (1 - lr * d), new_stats, g["batch_stats"])  # <- here
    return jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"]), stats
""",
    "momentum": """
    trace = jax.tree.map(jnp.zeros_like, v)
    trace = jax.tree.map(lambda m, d: 0.9 * m + d, trace, g)
    v = jax.tree.map(lambda a, m: a - lr * m, v, trace)  # <- here
    return v["params"], new_stats
""",
    "loop-of-collections": """
    moved = {}
    for name in ("params", "batch_stats"):
        moved[name] = jax.tree.map(lambda a, b: a - lr * b, v[name], g[name])  # <- here
    return moved["params"], new_stats
""",
    "flat-keys": """
    slopes = flatten_dict(dict(g))
    flat = {key: leaf - lr * slopes[key] for key, leaf in flatten_dict(dict(v)).items()}  # <- here
    return unflatten_dict(flat)["params"], new_stats
""",
    "frozen": """
    v = jax.tree.map(lambda a, b: a - lr * b, freeze(dict(v)), freeze(dict(g)))  # <- here
    return unfreeze(v)["params"], new_stats
""",
    "clipped": """
    moves = jax.tree.map(lambda d: jnp.clip(-lr * d, -1e6, 1e6), g)
    v = jax.tree.map(jnp.add, v, moves)  # <- here
    return v["params"], new_stats
""",
    "with-decay": """
    v = {"params": v["params"], "batch_stats": new_stats}
    v = jax.tree.map(lambda a, b: (1 - lr * 0.0) * a - lr * b, v, g)  # <- here
    return v["params"], v["batch_stats"]
""",
    "compiled-leaf": """
    one = jax.jit(lambda a, b, rate: a - rate * b)  # <- here
    v = jax.tree.map(lambda a, b: one(a, b, lr), v, g)
    return v["params"], new_stats
""",
    "in-a-loop-of-jax": """
    v = {"params": dict(v["params"]), "batch_stats": dict(new_stats)}
    g = {"params": dict(g["params"]), "batch_stats": dict(g["batch_stats"])}
    one = lambda _, tree: jax.tree.map(lambda a, b: a - lr * b, tree, g)  # <- here
    v = jax.lax.fori_loop(0, 1, one, v)
    return v["params"], v["batch_stats"]
""",
    "home-made-transformation": """
    tx = optax.GradientTransformation(
        lambda params: (), lambda u, s, params=None: (jax.tree.map(lambda d: -lr * d, u), s)
    )
    moves, _ = tx.update(g, tx.init(v["params"]))  # <- here
    v = optax.apply_updates({"params": v["params"], "batch_stats": new_stats}, moves)
    return v["params"], v["batch_stats"]
""",
}
