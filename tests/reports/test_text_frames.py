"""Code frames: the right characters are underlined, whatever stands in the line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from support.report_strategies import spans, texts

from judge.model import SourceSpan
from judge.reports.code_frame import MAX_SPAN_LINES, code_frame


def underlined(source: str, span: SourceSpan, width: int = 80, ascii_only: bool = False) -> list[str]:
    """What a reader sees above the marks."""
    frame = code_frame(source, span, width=width, ascii_only=ascii_only)
    assert frame is not None
    seen = []
    for line in frame.lines:
        start, end = line.mark or (0, 0)
        drawn: list[str] = []  # one entry per cell
        for char in line.text:
            drawn += [char, *[""] * (cell_len(char) - 1)] if cell_len(char) else []
        seen.append("".join(drawn[start:end]))
    return seen


def test_the_span_is_underlined() -> None:
    assert underlined("x = 1\ny = f(x)\n", SourceSpan(2, 5, 2, 9)) == ["f(x)"]


def test_tabs_and_wide_characters_before_the_span() -> None:
    assert underlined("\tx = '日本' + bad\n", SourceSpan(1, 13, 1, 16)) == ["bad"]


def test_escapes_before_the_span() -> None:
    source = "x = '\x1b\u202e' + bad\n"
    assert underlined(source, SourceSpan(1, 12, 1, 15)) == ["bad"]
    assert underlined("x = '日本' + bad", SourceSpan(1, 12, 1, 15), ascii_only=True) == ["bad"]


def test_a_long_line_is_cut_around_the_span() -> None:
    source = "x = [" + "1, " * 5_000 + "BAD" + ", 2" * 5_000 + "]"
    column = source.index("BAD") + 1
    assert underlined(source, SourceSpan(1, column, 1, column + 3), width=60) == ["BAD"]


def test_several_lines_skip_indentation_and_the_middle() -> None:
    source = "f(\n    a,\n\n    b,\n" + "    c,\n" * 20 + ")\n"
    frame = code_frame(source, SourceSpan(1, 1, 25, 2))
    assert frame is not None
    assert [line.number for line in frame.lines] == [1, 2, 3, 23, 24, 25]
    assert len(frame.lines) == MAX_SPAN_LINES
    assert [line.mark for line in frame.lines][:3] == [(0, 2), (4, 6), None]


def test_an_empty_span_points_at_one_cell() -> None:
    frame = code_frame("def solve(x)\n", SourceSpan(1, 13, 1, 13))
    assert frame is not None
    assert frame.lines[0].mark == (12, 13)


def test_nothing_to_show() -> None:
    assert code_frame("", SourceSpan(1, 1, 1, 2)) is None
    assert code_frame("x\n", None) is None
    assert code_frame("x\n", SourceSpan(9, 1, 9, 2)) is None
    assert code_frame("x\n", SourceSpan(0, 1, 0, 2)) is None


@given(texts, spans, st.integers(20, 120), st.booleans())
def test_any_frame_is_small_and_safe(source: str, span: SourceSpan, width: int, ascii_only: bool) -> None:
    frame = code_frame(source, span, width=width, ascii_only=ascii_only)
    for line in frame.lines if frame is not None else ():
        assert line.text.isprintable()
        assert line.text.isascii() or not ascii_only
        assert sum(map(cell_len, line.text)) <= width
        assert line.mark is None or 0 <= line.mark[0] < line.mark[1] <= width + 1
    assert frame is None or len(frame.lines) <= MAX_SPAN_LINES
