"""docs/security.md: every claim names the test that holds it, and every figure is the one in force."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge import observed, wire
from judge.bounded.limits import CPU_S, MEMORY_MIB
from judge.diagnosis.spans import MAX_PARSED_CHARS
from judge.inside.confine import LAYERS
from judge.inside.keeper import SAMPLE_S
from judge.sandbox.lanes import ATTEMPT_SHARE
from judge.sandbox.session import LAST_RESORT
from judge.walk import MAX_DEPTH

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)`")

PROMISES = (
    "What is promised",
    "Levels",
    "What evidence from the same interpreter is worth",
    "Limits",
    "What is not promised",
    "Try it",
    "Measured",
)
"""Sections whose every part is a claim."""
NO_CLAIMS = (
    "| level | layers | grades |",  # what follows the table says how it is tested
    "Probes run where the submission runs.",  # why more is needed, which follows
    "- Bugs of the kernel",
    "On two shared cores",
    "The machine was busy",
)
"""How parts begin that explain or disclaim."""


def sections(page: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def claims(section: str) -> Iterator[str]:
    """Paragraphs, the points of a list, and the rows of a table with a column for tests."""
    for block in section.strip().split("\n\n"):
        if block.startswith("- "):
            yield from re.split(r"\n(?=- )", block)
        elif block.startswith("|") and NAMED.search(block):
            yield from block.splitlines()[2:]
        else:
            yield block


def unproven(page: str) -> list[str]:
    """The claims that name no test."""
    found = sections(page)
    return [
        claim
        for name in PROMISES
        for claim in claims(found[name])
        if not NAMED.search(claim) and not claim.startswith(NO_CLAIMS) and not claim.endswith(":")
    ]


def test_every_claim_names_a_test() -> None:
    assert unproven(PAGE) == []


def test_a_claim_without_one_is_found() -> None:
    named = "is refused (`tests/attacks/test_layers.py`)"
    page = "\n\n".join(f"## {name}\n\nIt {named}." for name in PROMISES)
    assert unproven(page) == []
    table = f"| a | b |\n|---|---|\n| it | {named} |\n| it | is refused |"
    for bare in ("It is refused.", f"- It {named}.\n- It is not.", table):
        broken = page.replace("## Limits\n\n", f"## Limits\n\n{bare}\n\n")
        assert len(unproven(broken)) == 1, bare


def test_every_test_that_is_named_is_there() -> None:
    names = set(NAMED.findall(PAGE))
    assert len(names) > 30
    assert {name for name in names if not (ROOT / name).is_file()} == set()


@pytest.mark.parametrize(
    "words",
    [
        f"{CPU_S} s of processor time and {MEMORY_MIB} MiB",
        f"an answer: {wire.MAX_ANSWER_NUMBERS:,} numbers and {wire.MAX_EVENTS} events",
        f"the first {observed.SHOWN_SOURCE_CHARS:,} characters of the source",
        f"{observed.SHOWN_OUTPUT_CHARS:,} of all that was printed",
        f"in files of up to {MAX_PARSED_CHARS:,} characters",
        f"looking every {1000 * SAMPLE_S:g} ms",
        f"up to {LAST_RESORT:g} times its limit",
        f"deeper than {MAX_DEPTH} are named",
        f"{len(LAYERS)} of {len(LAYERS)}, in both ways",
    ],
)
def test_a_figure_is_the_one_in_force(words: str) -> None:
    assert words in " ".join(PAGE.split())


def test_a_quarter_is_what_an_attempt_may_take() -> None:
    assert ATTEMPT_SHARE == 0.25
    assert "a quarter of it at most" in " ".join(PAGE.split())


def test_counts_are_those_of_the_files() -> None:
    programs = len(list((ROOT / "tests/legitimate/programs").glob("*.py")))
    assert f"| {programs} of {programs} |" in PAGE
