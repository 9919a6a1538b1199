"""Convolves and pools."""

import flax.linen as nn
import jax
import jax.numpy as jnp


def solve(seed, x_batch, y_batch, lr):
    image = jax.random.normal(jax.random.PRNGKey(seed), (2, 9, 9, 3))
    kernel = jnp.ones((3, 3, 3, 4)) * 0.1
    names = ("NHWC", "HWIO", "NHWC")
    first = jax.lax.conv_general_dilated(image, kernel, (1, 1), "SAME", dimension_numbers=names)
    return nn.max_pool(first, (3, 3), strides=(3, 3)).ravel()
