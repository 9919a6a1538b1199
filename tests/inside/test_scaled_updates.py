"""Optimizers whose steps say what they were given; run in a child, because nothing undoes it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long  # tests/pitfalls/test_hiding.py takes the same way through the sandbox

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import json, os
import jax, jax.numpy as jnp, optax
from judge.inside import scaled_updates
from judge.inside.probes import install

install.install(lambda kind, facts: None)
scaled_updates.install()


def of(make, start, given, make_after=None):
    \"\"\"The first number of each leaf's update; in a process of its own, since what all optimizers hold counts.\"\"\"
    if os.fork():
        return os.wait()
    params = {"kernel": jnp.ones((3, 4)), "bias": jnp.ones(4)}
    trees = {"params": params, "both": {"params": params, "batch_stats": {"mean": jnp.ones(4)}}}
    tx = make()
    state = tx.init(trees[start])
    updates, _ = (make_after() if make_after else tx).update(trees[given], state, trees[given])
    print(json.dumps([float(leaf.ravel()[0]) for leaf in jax.tree.leaves(updates)]), flush=True)
    os._exit(0)


def frozen():
    parts = {"step": optax.sgd(1.0), "still": optax.set_to_zero()}
    return optax.partition(parts, {"params": "step", "batch_stats": "still"})


def sgd(**more):
    return optax.sgd(1.0, **more)


of(sgd, "params", "params")
of(lambda: sgd(momentum=0.9), "params", "params")
of(lambda: optax.chain(optax.identity(), sgd()), "params", "params")
of(lambda: optax.inject_hyperparams(optax.sgd)(learning_rate=1.0), "params", "params")
of(lambda: optax.flatten(sgd()), "params", "params")
of(lambda: optax.partition({"a": sgd(), "b": sgd()}, {"kernel": "a", "bias": "b"}), "params", "params")
of(sgd, "params", "params", sgd)
of(sgd, "both", "params")
of(sgd, "params", "both")
of(sgd, "both", "both")
of(frozen, "both", "both")
"""
NAMES = (
    "usual",
    "momentum",
    "chained",
    "injected",
    "flat",
    "in-halves",
    "built-again",
    "more",
    "less",
    "all",
    "held",
)


@pytest.fixture(scope="module")
def steps() -> dict[str, list[float]]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return dict(zip(NAMES, map(json.loads, done.stdout.splitlines()), strict=True))


def test_an_optimizer_of_the_parameters_takes_the_same_step_however_it_is_dressed(
    steps: dict[str, list[float]],
) -> None:
    usual = steps["usual"]
    assert usual[0] < -1.2
    for name in NAMES[1:7]:
        assert steps[name] == pytest.approx(usual), name
    assert steps["held"][1:] == pytest.approx(usual)
    assert steps["held"][0] == 0.0


def test_what_else_it_was_given_shows_in_the_step(steps: dict[str, list[float]]) -> None:
    others = [steps["more"][0], steps["less"][0], steps["all"][0], -1.0]
    assert all(-0.75 <= step <= -0.25 for step in others[:2])
    for step in others:
        assert sum(step == pytest.approx(other, rel=0.01) for other in (*others, steps["usual"][0])) == 1
