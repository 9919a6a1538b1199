"""A zip with a page for each learner or group, redacted for learners, under names by which a platform takes it back.

    Canvas       what stood before the file's name, and the file's name: ``mueller_101_9040_solve.py.html``
    Moodle       what stood before the file's name: ``Zoe Mueller_101_assignsubmission_file_feedback.html``
    all others   ``feedback.html`` in the folder of that name, or in one named after the learner

What belongs to nobody lies in ``unassigned/``.  A submission on which the judge failed has no page.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from judge.batch.report_names import report_name
from judge.exports.grades import HandedIn
from judge.exports.policy import Policy
from judge.model import Verdict
from judge.reports.escape import without_surrogates
from judge.reports.formats import html
from judge.reports.redact import redact
from judge.submissions.rosters import Owner

PAGE = "feedback.html"
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time of every entry, so that the same reports make the same zip."""


def check(path: Path, owners: Sequence[Owner]) -> Iterator[str]:
    """Yield nothing: feedback can always be written."""
    yield from ()


def document(handed_in: Sequence[HandedIn], policy: Policy) -> bytes:
    """Return the zip; two pages never have one name."""
    out = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in handed_in:
            report = None if one.report.verdict is Verdict.JUDGE_ERROR else one.whole()
            if report is None:
                continue
            name = _free(page_name(one), taken)
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.external_attr = 0o644 << 16
            archive.writestr(info, html.render(redact(report)), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def page_name(one: HandedIn) -> str:
    """Return the name of the page about a submission."""
    owner = one.owner
    if owner is None:
        return f"unassigned/{_safe(one.key)}.html"
    place = without_surrogates(owner.place)
    if owner.platform == "canvas":
        return f"{place}{without_surrogates(owner.file)}.html"
    if owner.platform == "moodle":
        return f"{place}{'' if place.endswith('_') else '_'}{PAGE}"
    folder = place or _safe(" ".join(learner.name or learner.id for learner in owner.learners))
    return f"{folder}/{PAGE}"


def _safe(text: str) -> str:
    """Return the text as the name of a file, without folders."""
    return report_name(text.replace("/", " ")).removesuffix(".json")


def _free(name: str, taken: set[str]) -> str:
    """Return the name, with a number where another page has it already, and note it."""
    stem, _, ending = name.rpartition(".")
    number = 1
    free = name
    while free.casefold() in taken:
        number += 1
        free = f"{stem} {number}.{ending}"
    taken.add(free.casefold())
    return free
