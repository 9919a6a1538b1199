from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from support.built import build, members


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the built source distribution and wheel."""
    return build(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="session")
def wheel(dist: Path) -> Path:
    (path,) = dist.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def packed(wheel: Path) -> Mapping[str, bytes]:
    """Every file of the wheel by its name."""
    return members(wheel.read_bytes(), wheel.name)
