"""Has jax write compiled programs into a cache that others would read"""

import jax
import jax.numpy as jnp

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer", "runtime-error"],
    "witness": "canary",
    "bound_s": 12,
    "limits": {"wall_s": 6.0, "total_wall_s": 9.0},
}


jax.config.update("jax_compilation_cache_dir", "@CANARY_DIR@")
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def solve(seed, x_batch, y_batch, lr):
    jax.jit(lambda v: v * 0 + 41)(jnp.float32(1.0)).block_until_ready()
    return [0.0, 0.0]
