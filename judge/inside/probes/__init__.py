"""Probes around jax, flax and optax that record what learner code did and change nothing of it."""
