"""The ten reports in docs/examples.md: of different kinds, one cause first, a question, and no fix.

That they are what the judge prints is the business of `test_commands.py`.
"""

from __future__ import annotations

import re

import pytest
from support.documents import ROOT, sections

REPORTS = {
    block.output_of: block.text
    for section in sections(ROOT / "docs" / "examples.md")
    for block in section.blocks
    if block.output_of is not None
}
FIXES = (
    "has_aux=True",
    'mutable=["batch_stats"]',
    "reshape(-1)",
    "init(params)",
    "int(seed)",
    "train=False",
    'variables["params"]',
    "add ",
    "you should",
    "instead use",
    "must be",
)
JARGON = re.compile(
    r"\b(pytree|tracer|leaf|leaves|scope|golden|fingerprint|misconception|traceback|stderr)\b", re.I
)


def said(report: str) -> str:
    """The report without its code frames: what the judge says in its own words."""
    return "\n".join(line for line in report.splitlines() if not re.match(r" *\d* \|", line))


def test_there_are_ten_of_different_kinds() -> None:
    assert len(REPORTS) == 10
    verdicts = {report.partition(",")[0] for report in REPORTS.values()}
    assert verdicts == {"Pitfall", "Wrong answer", "Runtime error", "Invalid submission", "Time limit"}
    codes = {
        code for report in REPORTS.values() for code in re.findall(r"judge explain ([\w-]+)", report)[:1]
    }
    assert len(codes) == 10


@pytest.mark.parametrize("command", REPORTS)
def test_one_cause_comes_first_and_asks_a_question(command: str) -> None:
    report = REPORTS[command]
    head, *rest = report.split("\n\n")
    assert len(head.splitlines()) == 2
    assert rest[0].startswith("error: ")
    assert report.count("\nerror: ") == 1
    paragraphs = rest[1 : next(n for n, text in enumerate(rest) if "To read on: judge explain" in text)]
    assert paragraphs[-1].rstrip().endswith("?") or "?" in paragraphs[-2]
    assert sum(len(text.split()) for text in paragraphs) < 180


@pytest.mark.parametrize("command", REPORTS)
def test_no_fix_is_given_away_and_no_word_needs_a_dictionary(command: str) -> None:
    words = " ".join(said(REPORTS[command]).split())
    assert not [fix for fix in FIXES if fix in words]
    assert not JARGON.search(words)
    assert "tolerance" not in words


@pytest.mark.parametrize("command", REPORTS)
def test_every_report_fits_eighty_columns(command: str) -> None:
    assert max(map(len, REPORTS[command].splitlines())) <= 80
