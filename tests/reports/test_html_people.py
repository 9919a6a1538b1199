"""The class page by people: who has which finding, which files are identical, and whose page is where."""

from __future__ import annotations

import csv as stdlib_csv
import io
import re
from dataclasses import replace
from html import unescape

import pytest
from support.factories import accepted, optimizer_on_variables, stale_statistics
from support.html_page import parsed
from support.html_samples import MARKUP

from judge.model import Report
from judge.reports.formats import csv, html
from judge.submissions.rosters import Learner, Owner


def owner(*names: str, **more: object) -> Owner:
    return Owner(tuple(Learner(f"id {name}", name) for name in names), **more)  # type: ignore[arg-type]


def at(path: str, report: Report, sha256: str = "") -> Report:
    return replace(report, path=path, sha256=sha256 or f"digest of {path}")


REPORTS = [
    at("a.py", stale_statistics()),
    at("b.py", stale_statistics(), "same"),
    at("c.py", stale_statistics(), "same"),
    at("d.py", optimizer_on_variables()),
    at("e.py", accepted()),
]
OWNERS = {
    "a.py": owner("Zoë Müller-Löhr"),
    "b.py": owner("Seán O'Brien", late=True),
    "c.py": owner("Åsa Ek", "Ben Ek", group="g"),
    "d.py": owner("Ida"),
    "e.py": owner("Bo"),
}


def section(written: str, name: str) -> list[tuple[str, list[str]]]:
    """The groups of a section: what stands above each, and the names in it."""
    (body,) = re.findall(rf'<section id="{name}".*?</section>', written, re.DOTALL)
    groups = re.findall(r"<details.*?</details>", body, re.DOTALL)
    return [
        (
            " ".join(
                unescape(
                    re.sub(r"<[^>]+>", "", re.findall(r"<summary>(.*?)</summary>", one, re.DOTALL)[0])
                ).split()
            ),
            [unescape(name) for name in re.findall(r"<bdi>(.*?)</bdi>", one)],
        )
        for one in groups
    ]


def test_findings_are_told_with_the_people_who_have_them() -> None:
    (first, people), *others = section(html.render_batch(REPORTS, None, OWNERS), "by-finding")
    assert first.startswith("4 people: ")
    assert first.endswith(" stale-batch-stats")
    assert sorted(people) == sorted(["Zoë Müller-Löhr", "Seán O'Brien", "Åsa Ek", "Ben Ek"])
    assert ["Ida"] in [named for _, named in others]
    assert not [named for _, named in others if "Bo" in named]


def test_without_a_roster_submissions_are_counted_and_named_by_their_paths() -> None:
    (first, names), *_ = section(html.render_batch(REPORTS), "by-finding")
    assert first.startswith("3 submissions: ")
    assert sorted(names) == ["a.py", "b.py", "c.py"]


def test_identical_files_are_one_group_and_nobody_is_accused() -> None:
    written = html.render_batch(REPORTS, None, OWNERS)
    assert section(written, "identical-files") == [
        ("3 people with the same file", ["Seán O'Brien", "Åsa Ek", "Ben Ek"])
    ]
    assert "says nothing about how they came to be" in written
    assert 'id="identical-files"' not in html.render_batch(REPORTS[:2], None, OWNERS)


def test_unreadable_files_are_not_identical() -> None:
    unreadable = [replace(one, sha256="") for one in REPORTS]
    assert 'id="identical-files"' not in html.render_batch(unreadable)


def test_a_learners_address_names_their_row() -> None:
    written = html.render_batch(REPORTS, None, OWNERS)
    rows = parsed(written).data("class-data")["rows"]
    addresses = {one for row in rows for one in row["learners"]}
    links = set(re.findall(r'href="#learner-([^"]+)"', written))
    assert links <= addresses
    assert "id%20%C3%85sa%20Ek" in links
    late = next(row for row in rows if "Seán" in row["path"])
    assert late["path"] == "Seán O'Brien (late) b.py"


@pytest.mark.parametrize("text", MARKUP)
def test_a_name_is_never_markup(text: str) -> None:
    owners = {"a.py": Owner((Learner(text, text),))}
    written = html.render_batch(REPORTS[:2], None, owners)
    plain = html.render_batch(REPORTS[:2], None, {"a.py": owner("Ann")})
    assert parsed(written).tags == parsed(plain).tags
    assert {key for _, key, _ in parsed(written).attributes} == {
        key for _, key, _ in parsed(plain).attributes
    }


def table(written: str) -> list[dict[str, str]]:
    return list(stdlib_csv.DictReader(io.StringIO(written, newline="")))


def test_csv_has_a_row_for_each_learner_and_each_file_of_nobody() -> None:
    rows = table(csv.render_batch(REPORTS, {path: one for path, one in OWNERS.items() if path != "e.py"}))
    assert [(row["learner"], row["submission"], row["late"]) for row in rows] == [
        ("Zoë Müller-Löhr", "a.py", ""),
        ("Seán O'Brien", "b.py", "late"),
        ("Åsa Ek", "c.py", ""),
        ("Ben Ek", "c.py", ""),
        ("Ida", "d.py", ""),
        ("", "e.py", ""),
    ]
    assert {row["group"] for row in rows} == {"", "g"}


def test_csv_without_a_roster_has_no_columns_for_it() -> None:
    assert "learner" not in table(csv.render_batch(REPORTS))[0]


def test_a_learner_is_no_formula_in_csv() -> None:
    (row,) = table(csv.render_batch(REPORTS[:1], {"a.py": Owner((Learner("=1", "@x"),), attempt="+1")}))
    assert (row["learner_id"], row["learner"], row["attempt"]) == ("'=1", "'@x", "'+1")
