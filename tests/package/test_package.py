"""What is built is a package that an index takes, with what users need in it and nothing else."""

from __future__ import annotations

import email
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from email.message import Message
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from support.built import ROOT, members

from judge.schema import schema_names
from judge.version import __version__

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def metadata(packed: Mapping[str, bytes]) -> Message:
    (name,) = (name for name in packed if name.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(packed[name])


def test_an_index_would_take_both_and_render_the_readme(dist: Path) -> None:
    archives = sorted(map(str, dist.iterdir()))
    assert len(archives) == 2
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *archives],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASSED") == 2


def test_a_readme_that_does_not_render_is_refused(tmp_path: Path) -> None:
    """The check can fail."""
    text = "Metadata-Version: 2.1\nName: x\nVersion: 1\nDescription-Content-Type: text/x-rst\n\n`open <\n\n=\n"
    folder = tmp_path / "x-1"
    folder.mkdir()
    (folder / "PKG-INFO").write_text(text)
    subprocess.run(["tar", "czf", "x-1.tar.gz", "x-1"], cwd=tmp_path, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", "x-1.tar.gz"],
        capture_output=True,
        cwd=tmp_path,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1


def test_metadata_say_the_licence_and_who_made_it(metadata: Message, packed: Mapping[str, bytes]) -> None:
    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert metadata["Author"] == "The judge authors"
    assert metadata["Keywords"]
    assert not any("License ::" in value for value in metadata.get_all("Classifier", []))
    assert metadata.get_all("Project-URL") is None
    assert metadata["Home-page"] is None
    (licence,) = (data for name, data in packed.items() if name.endswith("licenses/LICENSE"))
    assert licence == (ROOT / "LICENSE").read_bytes()
    assert b"Version 2.0, January 2004" in licence
    assert b"END OF TERMS AND CONDITIONS" in licence


def test_the_readme_shows_no_image_that_only_the_repository_has(metadata: Message) -> None:
    text = str(metadata.get_payload())
    assert text.lstrip().startswith("# judge")
    assert "![" not in text
    assert "<img" not in text


def test_the_wheel_has_what_is_read_at_run_time(packed: Mapping[str, bytes]) -> None:
    wanted = {
        *(f"judge/schema/{name}.schema.json" for name in schema_names()),
        "judge/py.typed",
        "judge/authoring/exercise_template/files/reference/exercise.yaml",
        "judge/authoring/exercise_template/files/reference/misconceptions/shares_swapped.py",
        "judge/authoring/exercise_template/files/cases/cases.yaml",
        "judge/diagnosis/pages/syntax-error.md",
        "judge/reports/formats/html/assets/page.html",
        "judge/selftest/attacks/steal_file.py",
    }
    assert wanted <= set(packed)
    at_run_time = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "judge").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert at_run_time <= set(packed)


def test_the_wheel_has_nothing_besides_the_package(packed: Mapping[str, bytes]) -> None:
    assert {name.split("/")[0] for name in packed if "!" not in name} == {
        "judge",
        f"jax_judge-{__version__}.dist-info",
    }


def test_the_source_distribution_has_what_a_build_needs_and_no_half_of_the_tests(dist: Path) -> None:
    (path,) = dist.glob("*.tar.gz")
    found = {name.split("/", 1)[1] for name in members(path.read_bytes(), path.name)}
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", "constraints.txt"} <= found
    assert not [name for name in found if name.split("/")[0] in ("tests", "reference", "cases", "submissions")]


def requirements(*extras: str) -> list[Requirement]:
    listed = PROJECT["project"]["optional-dependencies"]
    return [Requirement(text) for extra in extras for text in listed[extra]]


def test_every_dependency_has_a_version_in_the_constraints_that_fits() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {
        name.lower().replace("_", "-"): version
        for name, version in (line.split("==") for line in lines if not line.startswith("#"))
    }
    direct = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
    for one in [*direct, *requirements("completion", "docs", "test")]:
        if one.name != PROJECT["project"]["name"]:
            assert one.specifier.contains(pinned[one.name.lower().replace("_", "-")]), one


def test_the_groups_are_the_extras() -> None:
    """Written once: the extra is what an older pip can install, such as the one that comes with Python 3.11."""
    assert PROJECT["dependency-groups"] == {name: [f"jax-judge[{name}]"] for name in ("test", "docs")}
    names = {one.name for one in requirements("test")}
    assert {"pytest", "ruff", "mypy", "build", "twine"} <= names
    assert {one.name for one in requirements("completion")} == {"shtab"}
