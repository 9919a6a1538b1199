"""One self-contained web page: the class at a glance, and every submission with its findings in its source.

The page needs no network, runs under a Content-Security-Policy that allows nothing but its own style and script by
their hashes, and holds learner text only as escaped text or as JSON that the script shows through text nodes.

    template.py         markup from data: escaping, and the JSON that the script reads
    page.py             policy, the finished document
    class_view.py       key numbers and plots (one submission alone has none of it)
    table.py            the table of submissions and its filters
    common_findings.py  the findings of a class, counted
    groups.py           who has which finding, and which files are identical
    people.py           what a submission is called: its learners, or its path
    plots.py            verdicts, findings, score distribution, time
    heat_map.py         submissions x checks
    kill_matrix.py      cases x misconceptions
    submission.py       a report as the JSON that the script opens on demand
    source_lines.py     source lines made visible, and spans as places in them
    assets/             templates, *.css, *.js
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judge.model import Json, Report
from judge.reports.formats.html.page import class_page, single_page
from judge.submissions.rosters import Owner

SUFFIXES: tuple[str, ...] = (".html", ".htm")
BATCH = True
TAKES_MATRIX = True
TAKES_OWNERS = True
TAKES_UNGRADED = True


def render(report: Report) -> str:
    """A page about one submission."""
    return single_page(report)


def render_batch(
    reports: Sequence[Report],
    matrix: Json = None,
    owners: Mapping[str, Owner] | None = None,
    ungraded: int = 0,
) -> str:
    """A page about a class, the worst submissions first.

    ``matrix`` is the kill matrix of the exercise's cases, as ``judge.exercise.kill_matrix.Matrix.to_json`` gives it;
    ``owners`` says by path who handed a submission in; ``ungraded`` is the number of those that are missing.
    """
    return class_page(reports, matrix, owners or {}, ungraded)
