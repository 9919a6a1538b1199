"""The warm lane: compiled programs of an exercise, and the zygote that has them loaded."""
