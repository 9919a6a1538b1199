"""What confines a process from inside of it: namespaces, mounts, Landlock, seccomp, limits, and a check of each."""
