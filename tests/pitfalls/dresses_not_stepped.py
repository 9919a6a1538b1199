"""Steps that leave statistics alone, however much they look like one that does not."""

from __future__ import annotations

NOT_STEPPED = {
    "params-only": """
    return jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"]), new_stats
""",
    "sgd-of-params": """
    tx = optax.sgd(lr)
    moves, _ = tx.update(g["params"], tx.init(v["params"]), v["params"])
    return optax.apply_updates(v["params"], moves), new_stats
""",
    "partitioned": """
    tx = optax.partition({"a": optax.sgd(lr), "b": optax.set_to_zero()}, {"params": "a", "batch_stats": "b"})
    v = {"params": v["params"], "batch_stats": new_stats}
    moves, _ = tx.update(g, tx.init(v), v)
    v = optax.apply_updates(v, moves)
    return v["params"], v["batch_stats"]
""",
    "zeros-in-their-place": """
    g = {"params": g["params"], "batch_stats": jax.tree.map(jnp.zeros_like, g["batch_stats"])}
    v = jax.tree.map(lambda a, b: a - lr * b, {"params": v["params"], "batch_stats": new_stats}, g)
    return v["params"], v["batch_stats"]
""",
    "times-zero": """
    keep = {"params": 1.0, "batch_stats": 0.0}
    g = {name: jax.tree.map(lambda d: keep[name] * d, g[name]) for name in keep}
    v = jax.tree.map(lambda a, b: a - lr * b, {"params": v["params"], "batch_stats": new_stats}, g)
    return v["params"], v["batch_stats"]
""",
    "where-it-may": """
    move = {"params": True, "batch_stats": False}
    now = {"params": v["params"], "batch_stats": new_stats}
    v = {
        name: jax.tree.map(lambda a, b: jnp.where(move[name], a - lr * b, a), now[name], g[name]) for name in now
    }
    return v["params"], v["batch_stats"]
""",
    "raveled-mask": """
    now = {"params": v["params"], "batch_stats": new_stats}
    flat, back = ravel_pytree(now)
    slopes, _ = ravel_pytree(g)
    masks = {k: jax.tree.map(lambda a: np.full(a.shape, k == "params", np.float32), now[k]) for k in now}
    mask, _ = ravel_pytree(masks)
    v = back(flat - lr * mask * slopes)
    return v["params"], v["batch_stats"]
""",
    "raveled-and-taken-apart": """
    flat, back = ravel_pytree(v)
    slopes, again = ravel_pytree(g)
    old, slope = back(flat), again(slopes)
    return jax.tree.map(lambda p, d: p - lr * d, old["params"], slope["params"]), new_stats
""",
    "clipped-by-all": """
    norm = optax.global_norm(g)
    rate = lr * jnp.where(norm > 1e6, 1e6 / norm, 1.0)
    return jax.tree.map(lambda p, d: p - rate * d, v["params"], g["params"]), new_stats
""",
    "looked-at": """
    optax.tree.vdot(v, g), optax.global_norm(g), jax.tree.map(jnp.abs, g["batch_stats"])
    return jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"]), new_stats
""",
    "by-path": """
    def move(path, a, b):
        return a - lr * b if path[0].key == "params" else a

    v = jax.tree_util.tree_map_with_path(move, {"params": v["params"], "batch_stats": new_stats}, g)
    return v["params"], v["batch_stats"]
""",
    "popped": """
    g, v = dict(g), dict(v)
    g.pop("batch_stats"), v.pop("batch_stats")
    v = jax.tree.map(lambda a, b: a - lr * b, v, g)
    return v["params"], new_stats
""",
    "momentum-of-all": """
    trace = jax.tree.map(lambda m, d: 0.9 * m + d, jax.tree.map(jnp.zeros_like, v), g)
    return jax.tree.map(lambda p, m: p - lr * m, v["params"], trace["params"]), new_stats
""",
    "masked-and-taken": """
    tx = optax.masked(optax.sgd(lr), {"params": True, "batch_stats": False})
    moves, _ = tx.update(g, tx.init(v), v)
    return optax.apply_updates(v["params"], moves["params"]), new_stats
""",
    "averaged-with-new": """
    stats = jax.tree.map(lambda old, new: 0.0 * old + 1.0 * new, v["batch_stats"], new_stats)
    return jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"]), stats
""",
    "held-by-hand": """
    hold = optax.GradientTransformation(
        lambda params: (), lambda u, s, params=None: (jax.tree.map(jnp.zeros_like, u), s)
    )
    tx = optax.partition({"a": optax.sgd(lr), "b": hold}, {"params": "a", "batch_stats": "b"})
    v = {"params": v["params"], "batch_stats": new_stats}
    moves, _ = tx.update(g, tx.init(v), v)
    v = optax.apply_updates(v, moves)
    return v["params"], v["batch_stats"]
""",
    "rate-of-zero": """
    tx = optax.partition({"a": optax.sgd(lr), "b": optax.sgd(0.0)}, {"params": "a", "batch_stats": "b"})
    v = {"params": v["params"], "batch_stats": new_stats}
    moves, _ = tx.update(g, tx.init(v), v)
    v = optax.apply_updates(v, moves)
    return v["params"], v["batch_stats"]
""",
    "compiled-update": """
    tx = optax.partition({"a": optax.sgd(lr), "b": optax.set_to_zero()}, {"params": "a", "batch_stats": "b"})
    tx = optax.chain(tx, optax.clip_by_global_norm(1e9))
    now = {"params": v["params"], "batch_stats": new_stats}
    moves, _ = jax.jit(tx.update)(g, tx.init(now), now)
    return jax.jit(optax.apply_updates)(now["params"], moves["params"]), new_stats
""",
    "held-by-a-choice-in-an-update": """
    def update(u, s, params=None):
        return {k: jax.tree.map(lambda d: jnp.where(k == "params", -lr * d, 0.0), u[k]) for k in u}, s

    tx = optax.GradientTransformation(lambda params: (), update)
    now = {"params": v["params"], "batch_stats": new_stats}
    moves, _ = tx.update(g, tx.init(now), now)
    now = optax.apply_updates(now, moves)
    return now["params"], now["batch_stats"]
""",
    "chosen-by-a-mask-that-was-computed": """
    move = {k: jax.tree.map(lambda d: jnp.asarray(k == "params"), g[k]) for k in g}
    now = {"params": v["params"], "batch_stats": new_stats}
    now = {
        k: jax.tree.map(lambda m, a, b: jnp.where(m, a - lr * b, a), move[k], now[k], g[k]) for k in now
    }
    return now["params"], now["batch_stats"]
""",
    "chosen-a-line-later": """
    def move(m, a, b):
        stepped = a - lr * b
        return jnp.where(m, stepped, a)

    may = {"params": True, "batch_stats": False}
    now = {"params": v["params"], "batch_stats": new_stats}
    now = {k: jax.tree.map(functools.partial(move, may[k]), now[k], g[k]) for k in now}
    return now["params"], now["batch_stats"]
""",
    "chosen-of-two-trees": """
    now = {"params": v["params"], "batch_stats": new_stats}
    moved = jax.tree.map(lambda a, b: a - lr * b, now, g)
    may = {k: jax.tree.map(lambda _: jnp.asarray(k == "params"), now[k]) for k in now}
    now = jax.tree.map(jnp.where, may, moved, now)
    return now["params"], now["batch_stats"]
""",
    "zeros-beside-the-gradient": """
    slopes = {"params": g["params"], "batch_stats": jax.tree.map(lambda s: jnp.zeros(s.shape), new_stats)}
    flat, back = ravel_pytree({"params": v["params"], "batch_stats": new_stats})
    v = back(flat - lr * ravel_pytree(slopes)[0])
    return v["params"], v["batch_stats"]
""",
    "padded": """
    flat, back = ravel_pytree(v)
    slopes, _ = ravel_pytree({"params": g["params"], "batch_stats": jax.tree.map(jnp.zeros_like, new_stats)})
    tx = optax.sgd(lr)
    moves, _ = tx.update(slopes, tx.init(v["params"]))
    return back(flat + moves)["params"], new_stats
""",
    "two-masks": """
    only = {"params": True, "batch_stats": False}
    tx = optax.chain(
        optax.masked(optax.sgd(lr), only), optax.masked(optax.set_to_zero(), jax.tree.map(lambda b: not b, only))
    )
    v = {"params": v["params"], "batch_stats": new_stats}
    moves, _ = tx.update(g, tx.init(v), v)
    v = optax.apply_updates(v, moves)
    return v["params"], v["batch_stats"]
""",
    "copied": """
    stats = jax.tree.map(jnp.array, new_stats)
    jax.tree.map(jnp.array, g)
    return jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"]), stats
""",
    "norms-of-each": """
    sizes = {name: jax.tree.map(lambda d: jnp.sqrt((d * d).sum()), g[name]) for name in g}
    rate = lr * (sizes["params"]["Dense_0"]["bias"] >= 0)
    return jax.tree.map(lambda p, d: p - rate * d, v["params"], g["params"]), new_stats
""",
    "cast": """
    g = jax.tree.map(lambda d: d.astype(jnp.float32), g)
    v = jax.tree.map(lambda leaf: leaf.astype(jnp.float32), v)
    return jax.tree.map(lambda p, d: p - lr * d, v["params"], g["params"]), new_stats
""",
}

OF_PARAMS = ("padded",)
"""Ways that start from a gradient with respect to the parameters alone."""
