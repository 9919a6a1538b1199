"""What the warm zygote runs before it forks. Nothing outside of this folder and of sandbox/warmup knows how."""
