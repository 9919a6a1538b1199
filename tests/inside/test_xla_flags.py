"""XLA flags that this jaxlib does not know are left out; with one of them XLA ends the process that computes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from judge.grader import Grader
from judge.inside.warmup import prepare
from judge.model import Ended, Limits, SandboxError
from judge.sandbox import Call, Sandbox
from judge.sandbox import flags as of_programs
from judge.sandbox.flags import DEFAULT_FLAGS

ROOT = Path(__file__).resolve().parents[2]
UNKNOWN = ("--xla_cpu_no_such_flag=false", "--xla_no_such_either")
KNOWN = "--xla_cpu_multi_thread_eigen=false"
SUBMISSION = b"""
import jax.numpy as jnp

def solve(x):
    return [float(jnp.sum(jnp.asarray(x)))]
"""


def environment_with(flags: str) -> Mapping[str, str]:
    """What a sandbox says of itself that was asked for these flags, after it has computed something."""
    with Sandbox(Limits(), flags={"XLA_FLAGS": flags}, preload=("jax",)) as sandbox:
        seen = sandbox.observe(SUBMISSION, "solve", [Call("a", {"x": np.ones(3, dtype=np.float32)})])
        step = seen.cases["a"]
        assert step.measured.ended is Ended.ANSWERED
        assert step.claimed.returned is not None
        assert step.claimed.returned.array is not None
        assert step.claimed.returned.array.tolist() == [3.0]
        return sandbox.environment


def test_the_control_xla_ends_a_process_with_such_flags() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import jax; jax.devices()"],
        env={**os.environ, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": " ".join((KNOWN, *UNKNOWN))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert all(flag in done.stderr for flag in UNKNOWN)


def test_unknown_flags_are_left_out_and_the_others_stay() -> None:
    given = f"{UNKNOWN[0]} {KNOWN} {UNKNOWN[1]}"
    assert environment_with(given)["xla_flags"] == KNOWN


def test_without_any_flag_there_is_nothing_to_try() -> None:
    assert environment_with("")["xla_flags"] == ""


def test_versions_that_are_known_to_know_the_flags_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not tried there, so this is where it would show that one of them is unknown."""
    pinned = re.search(
        r"^jaxlib==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert pinned is not None
    assert list(of_programs.KNOWN_TO) == [pinned[1]]
    monkeypatch.setattr(of_programs, "KNOWN_TO", ())
    assert not of_programs.are_known(DEFAULT_FLAGS)
    used = environment_with(DEFAULT_FLAGS["XLA_FLAGS"])["xla_flags"]
    if version("jaxlib") == pinned[1]:
        assert used == DEFAULT_FLAGS["XLA_FLAGS"]


def test_other_flags_are_always_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_programs, "KNOWN_TO", (version("jaxlib"),))
    assert of_programs.are_known(DEFAULT_FLAGS)
    assert not of_programs.are_known({"XLA_FLAGS": f"{KNOWN} {UNKNOWN[0]}"})


def test_the_default_flags_are_those_of_the_goldens_or_fewer(small_grader: Grader) -> None:
    used = small_grader.environment["xla_flags"].split()
    assert set(used) <= set(DEFAULT_FLAGS["XLA_FLAGS"].split())
    assert KNOWN in used


def test_a_backend_that_dies_of_something_else_ends_the_zygote_with_its_last_words_and_the_versions() -> None:
    flags = {"JAX_PLATFORMS": "no_such_platform", "XLA_FLAGS": KNOWN}
    with Sandbox(Limits(), flags=flags) as sandbox, pytest.raises(SandboxError) as caught:
        _ = sandbox.environment
    assert "no_such_platform" in str(caught.value)
    assert "jax cannot start its backend" in str(caught.value)
    assert "Python 3." in str(caught.value)


def test_a_zygote_that_cannot_import_shows_why_and_the_versions() -> None:
    with (
        Sandbox(Limits(), preload=("jax", "no_such_module")) as sandbox,
        pytest.raises(SandboxError) as caught,
    ):
        _ = sandbox.environment
    text = str(caught.value)
    assert "ModuleNotFoundError: No module named 'no_such_module'" in text
    for name in ("jax", "jaxlib", "flax", "optax", "numpy"):
        assert f"{name} " in text
    assert "pip install -c constraints.txt" in text


@pytest.mark.parametrize("flag", prepare.NEEDED_TO_FORK)
def test_nothing_is_warmed_up_where_a_flag_that_forks_need_was_left_out(flag: str) -> None:
    with pytest.raises(prepare.NotWarm, match=flag):
        prepare._require_flags([UNKNOWN[0], f"{flag}=false"])


def test_other_flags_that_were_left_out_do_not_keep_it_from_warming_up() -> None:
    prepare._require_flags(UNKNOWN)


def test_the_flags_that_forks_need_are_asked_for() -> None:
    asked = [flag.partition("=")[0] for flag in DEFAULT_FLAGS["XLA_FLAGS"].split()]
    assert set(prepare.NEEDED_TO_FORK) <= set(asked)
