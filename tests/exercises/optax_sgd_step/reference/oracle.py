"""An independent derivation in NumPy float64: each parameter moves against its gradient, by lr times it."""

from __future__ import annotations

import numpy as np


def sgd_step(params, grads, lr):
    return np.asarray(params, dtype=np.float64) - lr * np.asarray(grads, dtype=np.float64)
