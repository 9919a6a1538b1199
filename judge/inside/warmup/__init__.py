"""The programs that the warm zygote runs before it forks. Only this folder and sandbox/warmup know how."""
