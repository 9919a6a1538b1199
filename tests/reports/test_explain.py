"""judge explain: the page as it was written in a pipe, laid out on a terminal, and safe in both."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.report_strategies import texts

from judge.commands.explain import list_of, page_of, page_text
from judge.model import UsageError
from judge.reports.terminal import TerminalStyle

TEXT = """
The averages that BatchNorm keeps are updated by every training pass. Evaluating with the old ones judges the \
network on other data than it was trained for.

## How it shows

    expected 0.2531, got 0.7341

- `params` are new, and a rather long item goes on and on about it until it has to be broken over lines
- `batch_stats` are old

```python
out = model.apply({"params": new, "batch_stats": old}, x, train=False)  # a long line of code stays one line
```

See [the guide](https://flax.readthedocs.io/).
"""


@dataclass(frozen=True)
class Page:
    code: str
    title: str
    text: str


PAGES = (
    Page("stale-batch-stats", "Evaluation with old statistics", TEXT),
    Page("missing-mutable", "The training pass may not write", "Short."),
)


def test_in_a_pipe_the_page_is_its_markdown() -> None:
    shown = page_of("stale-batch-stats", PAGES, TerminalStyle(width=80))
    assert shown.startswith("Evaluation with old statistics (stale-batch-stats)\n=====")
    assert "\x1b" not in shown
    for kept in (
        "## How it shows\n",
        "\n    expected 0.2531, got 0.7341\n",
        "train=False)  # a long line",
        "[the guide](https",
    ):
        assert kept in shown
    prose = [line for line in shown.splitlines() if not line.startswith(("out = ", "    "))]
    assert max(map(len, prose)) <= 80
    assert (
        " ".join(shown.split()).count("a rather long item goes on and on about it until it has to be broken")
        == 1
    )


def test_paragraphs_are_laid_out_for_the_width_at_hand() -> None:
    text = "one two three four\nfive six\n\n- an item that\n  goes on\n- another\n1. first\n\n    code\n    stays"
    shown = page_text(Page("a", "A", text), TerminalStyle(width=24)).split("\n\n", 1)[1]
    assert shown == (
        "one two three four five\nsix\n\n- an item that goes on\n- another\n1. first\n\n    code\n    stays\n"
    )


def test_a_part_of_a_code_leads_to_the_codes_that_have_it() -> None:
    with pytest.raises(UsageError, match=r"Did you mean stale-batch-stats\?"):
        page_of("batch-stats", PAGES)


def test_on_a_terminal_it_is_laid_out() -> None:
    shown = page_of("stale-batch-stats", PAGES, TerminalStyle(width=80, color="standard"))
    bare = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert "\x1b]" not in shown
    assert "\x1b" not in bare
    assert "##" not in bare
    assert "```" not in bare
    assert "https://flax.readthedocs.io/" in bare
    assert max(map(len, bare.splitlines())) <= 80


def test_all_pages_are_listed_by_code() -> None:
    shown = list_of(PAGES, TerminalStyle(width=80))
    assert shown.index("missing-mutable") < shown.index("stale-batch-stats")
    assert "Evaluation with old statistics" in shown
    assert "judge explain missing-mutable" in shown
    assert list_of((), TerminalStyle()) == "There are no pages.\n"


def test_an_unknown_code_gets_near_ones() -> None:
    with pytest.raises(UsageError, match="Did you mean stale-batch-stats"):
        page_of("stale-batch-stat", PAGES)
    with pytest.raises(UsageError, match=r"no page 'zzz'\. `judge explain` alone lists all pages"):
        page_of("zzz", PAGES)


@given(texts, texts, texts, st.sampled_from([None, "standard"]), st.booleans())
def test_any_page_is_safe(code: str, title: str, text: str, color: str | None, unicode: bool) -> None:
    look = TerminalStyle(width=60, color=color, unicode=unicode)  # type: ignore[arg-type]
    for shown in (page_text(Page(code, title, text[:5_000]), look), list_of([Page(code, title, text)], look)):
        bare = re.sub(r"\x1b\[[0-9;]*m", "", shown) if color else shown
        assert all(char.isprintable() for line in bare.split("\n") for char in line)
        assert bare.isascii() or unicode
