"""Uses special functions and optimisation of jax.scipy."""

import jax.numpy as jnp
import jax.scipy.optimize
import jax.scipy.special
import jax.scipy.stats


def solve(seed, x_batch, y_batch, lr):
    found = jax.scipy.optimize.minimize(lambda w: jnp.sum((w - 1.5) ** 4), jnp.zeros(2), method="BFGS").x
    return jnp.concatenate(
        [found, jax.scipy.special.logsumexp(x_batch, axis=1), jax.scipy.stats.norm.logpdf(y_batch)]
    )
