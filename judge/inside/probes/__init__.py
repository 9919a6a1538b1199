"""Probes around jax, flax and optax that record the actions of learner code without changing them."""
