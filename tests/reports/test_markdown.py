"""Markdown: what a renderer makes of it has our elements only, whatever learners write."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from support.factories import SAMPLES, accepted, class_of, pitfall, poisoned
from support.report_strategies import any_report, reports

from judge.model import Outcome, Report
from judge.reports.formats import markdown
from judge.reports.queries import result_name_of


@dataclass
class Seen:
    """What a browser would be given for a Markdown text."""

    tags: list[str]
    attributes: list[tuple[str, str | None]]
    text: str
    prose: str
    """The text outside of code."""


def as_html(written: str) -> Seen:
    seen = Seen([], [], "", "")

    class Reader(HTMLParser):
        depth = 0

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.tags.append(tag)
            seen.attributes += attrs
            self.depth += tag == "code"

        def handle_endtag(self, tag: str) -> None:
            self.depth -= tag == "code"

        def handle_data(self, data: str) -> None:
            seen.text += data
            seen.prose += "" if self.depth else data

    renderer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    Reader().feed(renderer.render(written))
    return seen


OURS = {
    *("h3", "p", "strong", "em", "code", "pre", "blockquote", "details", "summary"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}

MARKUP = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "</details></summary><h1>Accepted</h1>",
    "[press](javascript:alert(1)) ![x](http://example.org/x.png) <http://example.org>",
    "[a]: http://example.org\n[a]",
    "| a | b |\n| --- | --- |\n| `x|y\\|z` | \\",
    "``` \n# Accepted\n```",
    "``````` x ~~~",
    "# Accepted\n===\n---\n* item\n1. item\n> quote",
    "&lt;b&gt; &#60;i&#62; \\<b>",
    "`unclosed <b>bold</b>",
    "a\\`b`<u>c</u>`d\\",
    "**bold** _it_ ~~gone~~ $x$ :tada:",
)


@pytest.mark.parametrize("text", MARKUP)
def test_markdown_shows_markup_as_text(text: str) -> None:
    seen = as_html(markdown.render(poisoned(text)))
    assert set(seen.tags) <= OURS, set(seen.tags) - OURS
    # Only the tables' columns are aligned, and a code block has the language that we gave it.
    assert {key for key, _ in seen.attributes} <= {"style", "class"}
    assert seen.tags.count("h3") == 1
    assert seen.tags.count("tr") == 1 + 3
    for line in text.split("\n"):
        assert " ".join(line.split()) in " ".join(
            seen.prose.replace("\u2060", "").split()
        )  # shown as it is, not swallowed


def test_the_markdown_reader_sees_injections() -> None:
    """The control: the same texts, not escaped, do become markup."""
    for text in MARKUP:
        seen = as_html(f"before {text}\n\n{text}")
        assert set(seen.tags) - {"p"} or text not in seen.text, text


def test_markdown_of_any_report_has_only_our_elements_and_fits_a_comment() -> None:
    @any_report
    @given(reports)
    def check(one: Report) -> None:
        for written in (markdown.render(one), markdown.render_batch([one, accepted(), one])):
            assert len(written) < 65_536
            seen = as_html(written)
            assert set(seen.tags) <= OURS, set(seen.tags) - OURS
            assert written.count("<details>") == written.count("</details>")

    check()


@pytest.mark.parametrize(
    "text", ["@torvalds look", "fixes #1", "GH-12", "see http://example.org", "www.example.org"]
)
def test_markdown_notifies_and_links_nobody(text: str) -> None:
    written = markdown.render(poisoned(text))
    prose = as_html(written).prose
    assert not re.search(r"(?<![\w`])@[A-Za-z0-9]|#\d|[Gg][Hh]-\d", prose)
    outside = re.sub(r"```.*?```|`[^`]*`", "", written, flags=re.DOTALL)
    assert not re.search(r"https?://|www\.", outside)
    assert not any(key == "href" for key, _ in as_html(written).attributes)


def test_markdown_batch_lists_the_worst_first() -> None:
    written = markdown.render_batch(class_of(1))
    rows = [line for line in written.splitlines() if line.startswith(("| ✅", "| ❌"))][: len(SAMPLES)]
    assert "judge\\_error" in rows[0]
    assert "Accepted" in rows[-1]
    assert len(markdown.render_batch(class_of(60))) < 65_536


def test_a_mistake_that_was_not_made_is_said_to_be_avoided() -> None:
    checks = [pitfall("missing-mutable"), pitfall("optimizer-on-variables", Outcome.FAILED)]
    assert [result_name_of(check) for check in checks] == [
        "missing-mutable: avoided: missing mutable",
        "optimizer-on-variables: optimizer on variables",
    ]
    one = replace(accepted(), checks=tuple(checks))
    assert "avoided: missing mutable" in markdown.render(one)
