"""The package, built once for all tests of it, and what lies in a built archive."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in", "CHANGELOG.md", "CITATION.cff", "constraints.txt")
FOLDERS = ("judge", "reference", "cases", "tests", "docs", "submissions")
"""More than is to be packed, so that what is left out is left out by the package's own rules."""


def build(place: Path) -> Path:
    """Build source distribution and wheel of a copy of the repository, without the network; return their folder."""
    copy = place / "copy"
    copy.mkdir()
    for name in FILES:
        shutil.copy(ROOT / name, copy)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(place / "dist"), str(copy)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=place,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return place / "dist"


def members(archive: bytes, name: str) -> Mapping[str, bytes]:
    """Return every file of a zip or tar archive by its name, with those of the zips in it (``outer.zip!inner``)."""
    return dict(_members(archive, name))


def _members(archive: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    if name.endswith(".tar.gz"):
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            found = [(member.name, tar.extractfile(member)) for member in tar if member.isfile()]
            yield from ((inner, file.read()) for inner, file in found if file is not None)
        return
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        for inner in file.namelist():
            data = file.read(inner)
            yield inner, data
            if inner.endswith(".zip"):
                yield from ((f"{inner}!{below}", content) for below, content in _members(data, inner))
