"""Draws from many distributions, in jax, numpy and Python."""

import random

import jax
import numpy as np


def solve(seed, x_batch, y_batch, lr):
    keys = jax.random.split(jax.random.PRNGKey(seed), 7)
    drawn = [
        jax.random.normal(keys[0], (4,)),
        jax.random.uniform(keys[1], (4,)),
        jax.random.permutation(keys[2], 6),
        jax.random.gamma(keys[3], 2.0, (3,)),
        jax.random.categorical(keys[4], y_batch, shape=(4,)),
        jax.random.choice(keys[5], 10, (3,), replace=False),
        jax.random.normal(jax.random.key(seed), (2,)),
        np.random.default_rng(seed).standard_gamma(1.5, 4),
        np.random.RandomState(seed).randn(4),
        [random.Random(seed).gauss(0, 1) for _ in range(3)],
    ]
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in drawn])
