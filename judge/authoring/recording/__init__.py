"""The parts of `judge.authoring.record`: what has to be run, running it, and the results."""
