"""The finished document: template, style, script and data under a policy that allows only these.

Theory of the policy: ``default-src 'none'`` forbids every request, frame, form and handler; the one style and the
one script are named by the SHA-256 of their text, so nothing that found a way into the markup could run;
``require-trusted-types-for`` makes the script itself unable to write markup.  Data blocks are not scripts to a
browser (their type is not JavaScript) and are never run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from markupsafe import Markup

from judge.model import Json, Report, UsageError
from judge.reports.formats.html.class_view import class_data, class_view
from judge.reports.formats.html.kill_matrix import kill_matrix
from judge.reports.formats.html.submission import name, submission_data
from judge.reports.formats.html.template import data_block, fill
from judge.reports.queries import worst_first
from judge.submissions.rosters import Owner
from judge.version import __version__

STYLES = ("base.css", "class.css", "submission.css", "print.css")
SCRIPTS = ("dom.js", "python.js", "submission.js", "table.js", "heatmap.js", "main.js")
"""In this order, as one script: each is a function of its own over a shared ``judge`` object."""

MAX_CHARS_EACH = 120_000
MAX_CHARS_PAGE = 48_000_000
"""Characters of source and output, each: the limit of one submission, and of all on a page together."""


def single_page(report: Report) -> str:
    """Return the page of one submission, without a class around it."""
    body = _data_blocks([report])
    return _document(f"{name(report)}: {report.exercise_title}", Markup(), body)


def class_page(
    reports: Sequence[Report], matrix: Json, owners: Mapping[str, Owner], ungraded: int = 0
) -> str:
    """Return the page of a class of any size, also empty; ``owners`` says by path who handed a submission in."""
    ordered = worst_first(reports)
    title = next((report.exercise_title for report in ordered), "No submissions")
    blocks = Markup("\n").join([data_block("class-data", class_data(ordered, owners)), _data_blocks(ordered)])
    return _document(
        f"{title}: {len(ordered):,} submissions", class_view(ordered, matrix, owners, ungraded), blocks
    )


def kill_matrix_page(title: str, matrix: Json) -> str:
    """Return the page of an exercise's kill matrix alone. UsageError when it has nothing to show."""
    section = kill_matrix(matrix)
    if not section:
        raise UsageError("there is nothing to show: no case, or no misconception")
    return _document(title, Markup('<main id="overview">{}</main>').format(section), Markup())


def content_security_policy(style: str, script: str) -> str:
    """Return the policy that allows exactly this style and this script."""
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def _data_blocks(reports: Sequence[Report]) -> Markup:
    each = min(MAX_CHARS_EACH, max(2_000, MAX_CHARS_PAGE // max(1, len(reports))))
    return Markup("\n").join(
        data_block(f"submission-data-{place}", submission_data(report, each))
        for place, report in enumerate(reports)
    )


def _document(title: str, overview: Markup, data: Markup) -> str:
    style = "\n".join(_asset(one) for one in STYLES)
    script = "\n".join(_asset(one) for one in SCRIPTS)
    page = fill(
        "page.html",
        policy=content_security_policy(style, script),
        title=title[:300],
        style=Markup(style),  # part of judge, and named by its hash in the policy
        script=Markup(script),
        overview=overview,
        data=data,
        version=__version__,
    )
    return str(page)  # plain text, so that later operations on it do not escape again


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")


@cache
def _asset(filename: str) -> str:
    return (files("judge.reports.formats.html") / "assets" / filename).read_text(encoding="utf-8")
