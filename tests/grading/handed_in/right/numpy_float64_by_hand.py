import flax.linen as nn
import jax
import numpy as np


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def solve(seed, x_batch, y_batch, lr):
    """Everything after the initialisation in NumPy, double precision, gradients by hand."""
    start = MLP().init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    start = jax.tree.map(lambda a: np.asarray(a, dtype=np.float64), start)
    p, s = start["params"], start["batch_stats"]["BatchNorm_0"]
    W, b = p["Dense_0"]["kernel"], p["Dense_0"]["bias"]
    gamma, beta = p["BatchNorm_0"]["scale"], p["BatchNorm_0"]["bias"]
    V, c = p["Dense_1"]["kernel"], p["Dense_1"]["bias"]
    X, Y = x_batch.astype(np.float64), y_batch.astype(np.float64)[:, None]
    n = len(X)

    # forward, train mode
    H = X @ W + b
    mu, var = H.mean(0), H.var(0)
    inv = 1.0 / np.sqrt(var + 1e-5)
    Xh = (H - mu) * inv
    Z = Xh * gamma + beta
    A = np.maximum(Z, 0.0)
    R = A @ V + c - Y

    # running statistics
    run_mu = 0.9 * s["mean"] + 0.1 * mu
    run_var = 0.9 * s["var"] + 0.1 * var

    # backward
    dP = 2.0 * R / n
    dV, dc = A.T @ dP, dP.sum(0)
    dZ = (dP @ V.T) * (Z > 0)
    dgamma, dbeta = (dZ * Xh).sum(0), dZ.sum(0)
    dXh = dZ * gamma
    dH = inv * (dXh - dXh.mean(0) - Xh * (dXh * Xh).mean(0))
    dW, db = X.T @ dH, dH.sum(0)

    # stochastic gradient descent, in place
    for w, dw in ((W, dW), (b, db), (gamma, dgamma), (beta, dbeta), (V, dV), (c, dc)):
        w.flags.writeable or w.setflags(write=True)
        w -= lr * dw

    # forward, evaluation mode
    Z = (X @ W + b - run_mu) / np.sqrt(run_var + 1e-5) * gamma + beta
    R = np.maximum(Z, 0.0) @ V + c - Y
    return np.array([np.mean(R * R)])
