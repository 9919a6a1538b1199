"""For programs: one JSON document, as `judge schema report` describes it; a batch as one object of them.

The text is pure ASCII, so that nothing a learner wrote can affect a terminal or a parser.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from judge.model import SCHEMA_VERSION, Report, Verdict
from judge.reports.escape import without_surrogates
from judge.reports.serialize import report_to_json

SUFFIXES = (".json",)
BATCH = True


def render(report: Report) -> str:
    """Return the document for one submission, indented, with a final line end."""
    return json.dumps(report_to_json(report), indent=2, allow_nan=False) + "\n"


def render_batch(reports: Sequence[Report]) -> str:
    """Return ``{"schema_version", "submissions", "verdicts": {verdict: count}, "reports": [...]}``."""
    verdicts = Counter(report.verdict for report in reports)
    document = {
        "schema_version": SCHEMA_VERSION,
        "submissions": len(reports),
        "verdicts": {verdict.value: verdicts[verdict] for verdict in Verdict},
        "reports": [report_to_json(report) for report in reports],
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def render_failure(kind: str, message: str) -> str:
    """Return the document printed when there is no report: see `judge schema failure`.

    ``kind`` says who has to act: ``usage``, ``interrupted`` or ``judge``.
    """
    failure = {"kind": without_surrogates(kind), "message": without_surrogates(message)}
    return json.dumps({"schema_version": SCHEMA_VERSION, "error": failure}, indent=2) + "\n"
