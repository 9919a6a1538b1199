"""The probes change nothing that learner code could notice: results, identity, errors, memory."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import junitparser
import pytest

CHECKS = Path(__file__).with_name("probe_checks.py")


def checks_in(path: Path) -> tuple[str, ...]:
    """The names of a file's test functions; importing it would import jax here."""
    names = (node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef))
    return tuple(name for name in names if name.startswith("test_"))


def outcomes_of(path: Path, scratch: Path) -> Mapping[str, str]:
    """Run a file's tests in a child process: what is said of each that did not pass, and '' of each that did.

    The child has neither this repository's conftest nor the options of the run that it belongs to.
    """
    results = scratch / "results.xml"
    options = ["-q", "--noconftest", "-p", "no:xdist", "-p", "no:cacheprovider", f"--junitxml={results}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(path)],
        env={
            **os.environ,
            "JAX_PLATFORMS": "cpu",
            "XLA_FLAGS": "--xla_backend_optimization_level=0",
            "PYTEST_ADDOPTS": "",
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    some_failed = pytest.ExitCode.TESTS_FAILED
    assert done.returncode in (pytest.ExitCode.OK, some_failed), (done.stdout + done.stderr)[-3000:]
    cases = [case for suite in junitparser.JUnitXml.fromfile(str(results)) for case in suite]
    return {
        case.name: "\n".join(f"{type(one).__name__}: {one.message}\n{one.text}" for one in case.result)
        for case in cases
    }


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return outcomes_of(CHECKS, tmp_path_factory.mktemp("probes"))


@pytest.mark.parametrize("name", checks_in(CHECKS), ids=lambda name: name.removeprefix("test_"))
def test_probes(name: str, outcomes: Mapping[str, str]) -> None:
    assert not outcomes[name], outcomes[name]


def test_probes_have_no_check_that_is_left_out(outcomes: Mapping[str, str]) -> None:
    assert tuple(outcomes) == checks_in(CHECKS)


def test_a_check_that_does_not_pass_is_seen(tmp_path: Path) -> None:
    """The meta-test: a check that fails, raises in its fixture or is skipped is none that passed."""
    checks = tmp_path / "some_checks.py"
    checks.write_text("""
import pytest

@pytest.fixture
def broken():
    raise OSError("no fixture")

def test_right(): pass
def test_wrong(): assert [1, 2] == [1, 3], "another bit"
def test_without(broken): pass
def test_skipped(): pytest.skip("not here")
""")
    outcomes = outcomes_of(checks, tmp_path)
    assert tuple(outcomes) == checks_in(checks) == ("test_right", "test_wrong", "test_without", "test_skipped")
    assert outcomes["test_right"] == ""
    assert "another bit" in outcomes["test_wrong"]
    assert "no fixture" in outcomes["test_without"]
    assert "not here" in outcomes["test_skipped"]
