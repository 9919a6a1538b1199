"""judge: grades JAX and Flax training exercises."""
