"""The files that hosts, indexes and tools read at the root of the repository."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from support.built import ROOT

from judge.version import __version__

KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def changelog_problems(text: str) -> Iterator[str]:
    """What Keep a Changelog would not have."""
    releases = re.findall(r"^## \[(.+?)\](?: - (\S+))?$", text, flags=re.MULTILINE)
    if not releases or releases[0][0] != "Unreleased":
        yield "the first section is not Unreleased"
    for kind in re.findall(r"^### (.+)$", text, flags=re.MULTILINE):
        if kind not in KINDS:
            yield f"{kind} is no kind of change"
    for heading in re.findall(r"^## (.+)$", text, flags=re.MULTILINE):
        if not heading.startswith("["):
            yield f"{heading} has no brackets"
    if __version__ not in [name for name, _ in releases]:
        yield f"nothing on {__version__}"
    for name, day in releases:
        if day and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
            yield f"{name}: {day} is no date"


def test_the_changelog_keeps_its_form() -> None:
    assert list(changelog_problems(text_of("CHANGELOG.md"))) == []


@pytest.mark.parametrize(
    ("was", "now"),
    [("[Unreleased]", "[Next]"), ("### Added", "### New"), (f"[{__version__}]", "0.0.1")],
)
def test_a_changelog_out_of_form_is_seen(was: str, now: str) -> None:
    assert list(changelog_problems(text_of("CHANGELOG.md").replace(was, now)))


def test_the_citation_is_of_this_version() -> None:
    citation: Any = yaml.safe_load(text_of("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["version"] == __version__
    assert citation["license"] == "Apache-2.0"
    assert citation["authors"] == [{"name": "The judge authors"}]


def test_holes_are_reported_privately_and_to_no_made_up_address() -> None:
    text = text_of("SECURITY.md")
    assert "Report a vulnerability" in text
    assert "docs/security.md" in text
    assert not re.search(r"https?://|\S+@\S+", text)


def test_contributing_fits_on_a_page_and_says_how_each_thing_is_added() -> None:
    text = text_of("CONTRIBUTING.md")
    assert len(text.split()) < 700
    for thing in ("a case", "a misconception", "a pitfall", "a report format"):
        assert f"| {thing} |" in text


def test_hooks_run_what_the_extra_for_tests_installs_and_fetch_nothing() -> None:
    config: Any = yaml.safe_load(text_of(".pre-commit-config.yaml"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]
    assert {"ruff-check", "ruff-format", "mypy"} <= {hook["id"] for hook in hooks}
    for hook in hooks:
        assert hook["language"] == "system"
        words = shlex.split(hook["entry"])
        assert words[:2] == ["python", "-m"]
        assert importlib.util.find_spec(words[2]) is not None
        assert all((ROOT / word).exists() for word in words if word.startswith("tests/"))


def test_the_licence_is_named_where_people_look() -> None:
    assert "Apache-2.0" in text_of("README.md")
    assert text_of("LICENSE").lstrip().startswith("Apache License")
