"""For streams: JSON Lines, one report per line, each as `judge schema report` describes it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from judge.model import Report
from judge.reports.serialize import report_to_json

SUFFIXES = (".jsonl", ".ndjson")
BATCH = True


def render(report: Report) -> str:
    """Return one line with its line end: lines of several submissions can be appended to one file as they come."""
    return json.dumps(report_to_json(report), separators=(",", ":"), allow_nan=False) + "\n"


def render_batch(reports: Sequence[Report]) -> str:
    """Return one line per submission, in the order given."""
    return "".join(map(render, reports))
