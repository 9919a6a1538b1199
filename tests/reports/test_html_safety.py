"""The HTML report runs nothing but its own script, refers to nothing outside, and no report can add markup to it."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.factories import (
    accepted,
    class_of,
    stale_statistics,
)
from support.html_page import parsed, shape
from support.html_samples import MARKUP, MATRIX, poisoned_all_over
from support.report_strategies import any_report, reports

from judge.model import Report, Verdict
from judge.reports.formats import html

# ------------------------------------------------------------------------------------------------- the policy


def sha256_of(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@pytest.mark.parametrize(
    "written", [html.render(stale_statistics()), html.render_batch(class_of(2))], ids=["single", "class"]
)
def test_only_the_pages_own_style_and_script_are_allowed(written: str) -> None:
    page = parsed(written)
    policy = page.policy()
    assert policy["default-src"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert policy["base-uri"] == policy["form-action"] == "'none'"
    running = [body for attributes, body in page.scripts if attributes.get("type") != "application/json"]
    assert len(running) == 1
    assert policy["script-src"] == sha256_of(running[0])
    assert len(page.styles) == 1
    assert policy["style-src"] == sha256_of(page.styles[0])


@pytest.mark.parametrize(
    "written", [html.render(stale_statistics()), html.render_batch(class_of(2))], ids=["single", "class"]
)
def test_nothing_refers_to_anything_outside(written: str) -> None:
    page = parsed(written)
    for tag, key, value in page.attributes:
        assert key not in (
            "src",
            "srcset",
            "action",
            "formaction",
            "data",
            "poster",
            "background",
            "style",
        ), (tag, key)
        assert not key.startswith("on"), (tag, key)
        if key == "href":
            assert value.startswith("#"), value
    assert not {"link", "iframe", "object", "embed", "base", "img"} & set(page.tags)
    assert not re.search(r"url\(|@import|https?:", "".join(page.styles))


def test_the_script_never_writes_markup() -> None:
    (script,) = [body for attributes, body in parsed(html.render(accepted())).scripts if not attributes]
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser", script
    )


# ------------------------------------------------------------------------------------------------ hostile text


@pytest.mark.parametrize("text", MARKUP)
def test_learner_text_adds_no_element_and_no_attribute(text: str) -> None:
    """The document has the shape that harmless text gives it."""
    for make in (lambda one: html.render(one), lambda one: html.render_batch([one, accepted()])):
        same_folders = "/".join(["harmless"] * (text.count("/") + 1))
        page, harmless = parsed(make(poisoned_all_over(text))), parsed(make(poisoned_all_over(same_folders)))
        assert shape(page) == shape(harmless)
        assert (
            page.data("submission-data-0")["source"][0]
            .replace("\\u2028", "\u2028")
            .replace("\\u2029", "\u2029")
            == text
        )


def test_the_parser_sees_injections() -> None:
    """The control: the same texts, put in without escaping, do change the document."""
    written = html.render_batch([poisoned_all_over("harmless"), accepted()])
    plain = shape(parsed(written))
    changed = [text for text in MARKUP if shape(parsed(written.replace("harmless", text))) != plain]
    assert changed == list(MARKUP[:5])


def test_any_report_renders_to_a_document_of_known_elements() -> None:
    ours = set(parsed(html.render_batch(class_of(1), MATRIX)).tags) | {"strong", "p"}

    @any_report
    @given(reports)
    def check(one: Report) -> None:
        for written in (html.render(one), html.render_batch([one, accepted(), one])):
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", written)
            page = parsed(written.encode("utf-8").decode("utf-8"))
            assert set(page.tags) <= ours, set(page.tags) - ours
            assert page.data("submission-data-0")["verdict"] in set(Verdict)

    check()


@any_report
@given(st.lists(st.one_of(st.floats(), st.none(), st.just(10**400), st.just("x")), min_size=1, max_size=5))
def test_any_times_and_scores_are_drawn(values: list[Any]) -> None:
    batch = [
        replace(
            accepted(),
            timing={"wall_s": value, "peak_memory_mib": value},
            points=value if isinstance(value, float) else 0.0,
            out_of=value if isinstance(value, float) else 1.0,
        )
        for value in values
    ]
    page = parsed(html.render_batch(batch))
    for tag, key, value in page.attributes:
        if tag in ("rect", "line", "path", "text", "svg"):
            assert not re.search(r"nan|inf", value), (tag, key, value)


def test_pages_of_odd_sizes() -> None:
    assert "There is nothing to show" in parsed(html.render_batch([])).text
    one = parsed(html.render_batch([accepted()]))
    assert "1 submission" in one.text
    bare = replace(accepted(), checks=(), points=0.0, out_of=0.0, timing={}, source="")
    assert "Accepted" in parsed(html.render_batch([bare])).text
    huge = replace(accepted(), source="x = 1\n" * 200_000, stdout="y" * 5_000_000)
    assert len(html.render_batch([huge] * 20)) < 20_000_000
