"""What a worker has is compared by name and version."""

from __future__ import annotations

import platform

import pytest

from judge.fleet.handshake import difference, versions_here
from judge.version import __version__


def test_versions_here_are_those_that_affect_results() -> None:
    versions = versions_here()
    assert versions["judge"] == __version__
    assert versions["python"] == platform.python_version()
    assert {"jax", "jaxlib", "flax", "optax", "numpy"} <= versions.keys()
    assert difference(versions, dict(versions)) == ""


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"judge": "1", "jax": "2"}, ""),
        ({"judge": "1", "jax": "2", "more": "3"}, ""),
        ({"judge": "1", "jax": "3"}, "it has jax 3, not 2"),
        ({"judge": "1"}, "it has no jax"),
        ({"judge": "2", "jax": "3"}, "it has judge 2, not 1; it has jax 3, not 2"),
    ],
)
def test_a_difference_names_all_that_differs(found: dict[str, str], words: str) -> None:
    assert difference({"judge": "1", "jax": "2"}, found) == words
