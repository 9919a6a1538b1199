"""Confinement of a process from inside it: namespaces, mounts, Landlock, seccomp, limits, and a check of each."""
