"""Whatever text comes in, only visible characters go out."""

from __future__ import annotations

import sys
import tokenize
import unicodedata
from io import BytesIO

import pytest

from judge.reports.escape import MAX_COMBINING, clip, split_lines, visible, visible_block, without_surrogates


def test_no_code_point_is_shown_raw_unless_it_is_visible() -> None:
    for point in range(sys.maxunicode + 1):
        shown = visible(chr(point))
        assert shown.isprintable(), hex(point)
        assert unicodedata.category(shown[0])[0] not in "CZ" or shown == " ", hex(point)


def test_ascii_only_is_ascii_for_every_code_point() -> None:
    assert all(visible(chr(point), ascii_only=True).isascii() for point in range(sys.maxunicode + 1))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("naïve 日本", "naïve 日本"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31m", r"\x9b31m"),
        ("a\u202eb", r"a\u202eb"),
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("no\u00a0break", r"no\xa0break"),
        ("\udcff", r"\udcff"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_combining_marks_cannot_pile_up() -> None:
    shown = visible("e" + "\u0301" * 50 + "x")
    assert shown.startswith("e" + "\u0301" * MAX_COMBINING + r"\u0301")
    assert shown.count("\u0301") == MAX_COMBINING


def test_a_block_keeps_its_lines_and_nothing_else() -> None:
    assert visible_block("a\r\nb\rc\nd\x0ce\tf") == "a\nb\nc\n" + r"d\x0ce" + " f"


def test_lines_are_counted_as_python_counts_them() -> None:
    source = "a = 1\r\nb = '\x0c'\rc = 3\n# \u2028 \x85\nd = 4"
    named = {
        t.string: t.start[0] for t in tokenize.tokenize(BytesIO(source.encode()).readline) if t.type == 1
    }
    lines = split_lines(source)
    assert {name: lines[number - 1][0] for name, number in named.items() if name in "ab"} == {
        "a": "a",
        "b": "b",
    }
    compiled = compile(source, "x", "exec")
    assert max(line for _, _, line in compiled.co_lines() if line) == len(lines)


def test_clip_says_how_much_is_missing() -> None:
    assert clip("short", 10) == "short"
    assert clip("x" * 1_500, 10) == "xxxxxxxxxx... (1,490 more characters)"


def test_surrogates_are_spelled_out() -> None:
    assert without_surrogates("a\udcffb") == r"a\udcffb"
    assert without_surrogates("日本") == "日本"
