"""An independent derivation of the answer, in NumPy float64, that proves the reference.

Only the initial weights come from flax, because they are defined by its initialisers and its way of deriving keys.
The forward pass, its derivative (by hand), the step and the running statistics use no autodiff, no `apply` and no optax.
A mistake shared with `solution.py` would have to be made twice, in two notations.

The network, for a batch of N rows, with sums over rows:

    h = x W + b                         hidden, (N, H)
    n = (h - mean h) / sqrt(var h + e)  var biased, e = 1e-5
    z = g n + s
    a = max(z, 0)
    o = a V + c                         (N, 1)
    L = mean (o - y)^2
"""

from __future__ import annotations

from typing import NamedTuple

import flax.linen as nn
import jax
import numpy as np

EPSILON = 1e-5
"""What flax adds to the variance before the square root when it is not told otherwise."""

MOMENTUM = 0.9
"""The share of the running statistics that survives one training pass."""


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=MOMENTUM)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


class Weights(NamedTuple):
    """Trainable numbers, float64: W (D, H); b, g, s (H,); V (H, 1); c (1,). Also used for their derivatives."""

    W: np.ndarray
    b: np.ndarray
    g: np.ndarray
    s: np.ndarray
    V: np.ndarray
    c: np.ndarray


class Statistics(NamedTuple):
    """Mean and biased variance of each hidden unit, float64 (H,)."""

    mean: np.ndarray
    var: np.ndarray


def initial(seed: float, x: np.ndarray) -> tuple[Weights, Statistics]:
    """What flax starts from, widened to float64 without rounding."""
    variables = MLP().init(jax.random.PRNGKey(int(seed)), x, train=False)
    wide = jax.tree.map(lambda leaf: np.asarray(leaf, dtype=np.float64), variables)
    first, norm, last = (wide["params"][name] for name in ("Dense_0", "BatchNorm_0", "Dense_1"))
    weights = Weights(
        W=first["kernel"], b=first["bias"], g=norm["scale"], s=norm["bias"], V=last["kernel"], c=last["bias"]
    )
    return weights, Statistics(**wide["batch_stats"]["BatchNorm_0"])


def batch_statistics(x: np.ndarray, w: Weights) -> Statistics:
    """Mean and biased variance over the rows of the hidden layer."""
    h = x @ w.W + w.b
    mean = h.mean(axis=0)
    return Statistics(mean, ((h - mean) ** 2).mean(axis=0))


def loss(x: np.ndarray, y: np.ndarray, w: Weights, used: Statistics) -> float:
    """L with the given statistics in place of the batch's own."""
    n = (x @ w.W + w.b - used.mean) / np.sqrt(used.var + EPSILON)
    out = np.maximum(w.g * n + w.s, 0.0) @ w.V + w.c
    return float(np.mean((out[:, 0] - y) ** 2))


def gradient(x: np.ndarray, y: np.ndarray, w: Weights) -> Weights:
    """dL/dw in train mode, where mean and variance depend on W and b as well."""
    rows = x.shape[0]
    h = x @ w.W + w.b
    mean, var = batch_statistics(x, w)
    inverse_std = 1.0 / np.sqrt(var + EPSILON)
    n = (h - mean) * inverse_std
    z = w.g * n + w.s
    a = np.maximum(z, 0.0)
    out = a @ w.V + w.c

    d_out = 2.0 * (out - y[:, None]) / rows
    # At the kink every slope from 0 to 1 is right. Another one than jax.nn.relu's makes inputs on which it matters show
    # as noise, so that no case and no counterexample rests on it.
    d_z = (d_out @ w.V.T) * (z >= 0.0)
    d_n = d_z * w.g
    # n depends on every row of h: directly, through the mean (second term) and through the variance (third term).
    d_h = inverse_std * (d_n - d_n.mean(axis=0) - n * (d_n * n).mean(axis=0))
    return Weights(
        W=x.T @ d_h,
        b=d_h.sum(axis=0),
        g=(d_z * n).sum(axis=0),
        s=d_z.sum(axis=0),
        V=a.T @ d_out,
        c=d_out.sum(axis=0),
    )


def solve(seed, x_batch, y_batch, lr):
    """Loss in evaluation mode after one training step: float64[1]. Arguments as in the exercise."""
    x, y = np.asarray(x_batch, dtype=np.float64), np.asarray(y_batch, dtype=np.float64)
    before, running = initial(seed, x_batch)
    # The statistics of the training pass are those of the weights before the step.
    seen = batch_statistics(x, before)
    running = Statistics(
        *(MOMENTUM * old + (1.0 - MOMENTUM) * new for old, new in zip(running, seen, strict=True))
    )
    slope = gradient(x, y, before)
    after = Weights(*(value - lr * part for value, part in zip(before, slope, strict=True)))
    return np.array([loss(x, y, after, running)])
