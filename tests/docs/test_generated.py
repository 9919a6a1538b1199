"""The generated parts of the pages are what the code says now. ``JUDGE_UPDATE_DOCS=1`` writes them anew."""

from __future__ import annotations

import inspect
import os
import re

import pytest
from generated import API, PARTS, REGION, pages, with_generated
from support.documents import PAGES, ROOT

import judge
from judge.commands.explain import page_text
from judge.reports.formats import formats


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_generated_parts_are_current(page: object) -> None:
    from pathlib import Path

    path = Path(str(page))
    text = path.read_text(encoding="utf-8")
    current = with_generated(text)
    if os.environ.get("JUDGE_UPDATE_DOCS") and current != text:
        path.write_text(current, encoding="utf-8")
        text = current
    assert text == current, f"{path.name} is out of date; JUDGE_UPDATE_DOCS=1 writes it anew"


def test_every_generated_part_stands_in_one_page() -> None:
    found = [name for page in PAGES for _, name, _, _ in REGION.findall(page.read_text(encoding="utf-8"))]
    assert sorted(found) == sorted(PARTS)


def test_the_findings_say_what_judge_explain_says() -> None:
    words = " ".join(
        re.sub(r"[#*=]+", " ", (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")).split()
    )
    for page in pages():
        title, body = page_text(page).split("\n", 1)
        said = " ".join(re.sub(r"[#*=]+", " ", body).split())
        assert page.title in title
        assert f"{page.code} {re.sub(r'[#*=]+', ' ', page.title)}" in words
        assert said in words, page.code


def test_everything_that_the_package_offers_is_on_the_api_page() -> None:
    listed = {name for names in API.values() for name in names}
    assert set(judge.__all__) - {"__version__"} <= listed
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for name in listed:
        assert f"### {name}\n" in text
    for name, member in inspect.getmembers(judge.Grader):
        if not name.startswith("_") and (callable(member) or isinstance(member, property)):
            assert f"#### Grader.{name}" in text, name


def test_every_format_is_on_the_page_of_reports_with_its_output() -> None:
    text = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^### [A-Z]", text, flags=re.MULTILINE)) == len(formats())
    for one in formats():
        assert f"| `{one.name}` |" in text
        shown = any(f"r{suffix} " in text or f"r{suffix}\n" in text for suffix in one.suffixes)
        assert shown or f"--format {one.name} -->" in text, one.name
