"""Spans: the smallest honest place, and never a failure whatever the text is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.growth import grows_linearly

from judge.diagnosis.spans import Source
from judge.model import ClaimedFrame, SourceSpan


def shown(text: str, span: SourceSpan | None) -> str:
    assert span is not None
    lines = text.split("\n")
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    return "\n".join(
        [
            lines[span.line - 1][span.column - 1 :],
            *lines[span.line : span.end_line - 1],
            lines[span.end_line - 1][: span.end_column - 1],
        ]
    )


TEXT = """\
state = make(tx).init(first(variables))  # a comment
ä = model.apply({"ü": 1}, x)
(loss, aux), grads = vag(loss_fn)(params)
out = model.apply(
    variables,
    x,
)
if ready: go()
text = "# no comment"
"""


@pytest.mark.parametrize(
    ("line", "hint", "what"),
    [
        (1, "init", "make(tx).init(first(variables))"),
        (1, "first", "first(variables)"),
        (2, "apply", 'model.apply({"ü": 1}, x)'),
        (3, "value_and_grad", "vag(loss_fn)(params)"),
        (4, "apply", "model.apply(\n    variables,\n    x,\n)"),
        (5, "apply", "model.apply(\n    variables,\n    x,\n)"),
        (8, "", "go()"),
        (9, "apply", 'text = "# no comment"'),
    ],
)
def test_the_call_on_a_line(line: int, hint: str, what: str) -> None:
    assert shown(TEXT, Source(TEXT.encode()).span_of_call(line, hint)) == what


def test_a_line_without_its_indentation_and_comment() -> None:
    text = "if x:\n    y = f(1)  # why\n"
    assert shown(text, Source(text.encode()).span_of_line(2)) == "y = f(1)"


def test_a_frame_counts_bytes_and_a_span_counts_characters() -> None:
    text = "ä = ü + f(x)\n"
    begin = text.encode().index(b"f(x)")
    frame = ClaimedFrame(1, "solve", end_line=1, column=begin, end_column=begin + 4)
    assert shown(text, Source(text.encode()).of_frame(frame)) == "f(x)"


def test_a_return_of_the_function_that_begins_there() -> None:
    text = "@decorated\ndef f(p):\n    def g():\n        return 1\n    return g(), p\n\nh = lambda p: p + 1\n"
    source = Source(text.encode())
    assert shown(text, source.of_return(1)) == "g(), p"
    assert shown(text, source.of_return(3)) == "1"
    assert shown(text, source.of_return(7)) == "p + 1"
    assert source.of_return(99) is None


def test_the_entry_point_s_name() -> None:
    text = "def solve(a):\n    pass\n\n\nasync def solve_all(a):\n    pass\n\nsolve = jax.jit(solve)\n"
    assert shown(text, Source(text.encode()).of_function("solve")) == "solve = jax.jit(solve)"
    assert shown(text, Source(text.encode()).of_function("solve_all")) == "solve_all"
    assert Source(b"x = 1").of_function("solve") is None


def test_forged_lines_show_nothing() -> None:
    source = Source(TEXT.encode())
    for line in (None, 0, 11, 10**9):
        assert source.span_of_call(line, "init") is None
    frame = ClaimedFrame(1, "f", end_line=1, column=5, end_column=10**6)
    assert source.of_frame(frame) == source.span_of_line(1)
    assert source.of_frame(ClaimedFrame(10**6, "f")) is None


@given(st.binary(max_size=200), st.integers(0, 12), st.sampled_from(["", "init", "apply"]))
def test_any_bytes_are_fine(data: bytes, line: int, hint: str) -> None:
    source = Source(data)
    for span in (
        source.span_of_call(line, hint),
        source.span_of_line(line),
        source.of_function("solve"),
        source.of_return(line),
    ):
        if span is not None:
            assert 1 <= span.line <= span.end_line <= len(source.lines)
            assert span.column >= 1
            assert (span.line, span.column) < (span.end_line, span.end_column)


@given(st.text(alphabet="fg(x)=,:\n #\"'ä\t\x0c ", max_size=60), st.integers(0, 12))
def test_any_text_is_fine(text: str, line: int) -> None:
    source = Source(text.encode())
    span = source.span_of_call(line)
    assert span is None or 1 <= span.line <= len(source.lines)


@pytest.mark.parametrize(
    "text", ["(" * 3000, "x = " + "[" * 500 + "]" * 500, "-" * 50_000 + "1", "f" + "()" * 20_000]
)
def test_texts_made_to_break_a_parser(text: str) -> None:
    assert Source(text.encode()).span_of_call(1, "f") is not None


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("x = f('#')  # a comment", "x = f('#')"),
        ('x = """#""" + "a#" # "', 'x = """#""" + "a#"'),
        (r"x = 'it\'s # text'  # 'why'", r"x = 'it\'s # text'"),
        ("x = '''a ' # ''' # b", "x = '''a ' # '''"),
        ("x = 'never closed # ", "x = 'never closed #"),
        ("x = \"\" + '' # two", "x = \"\" + ''"),
    ],
)
def test_a_comment_is_told_from_a_sign_in_a_string(line: str, code: str) -> None:
    assert shown(line, Source(line.encode()).span_of_line(1)) == code


@pytest.mark.parametrize(
    "piece", ["'\"", '"', "a = (", "'''", "\\", "\\'", "# ", "{f'", '"""', "0x", "1e", " "], ids=repr
)
def test_the_cost_of_a_long_line_grows_with_its_length(piece: str) -> None:
    def span_of_line(n: int):
        source = Source(("x" + piece * n + "$ # why").encode())
        return lambda: source.span_of_line(1)

    assert grows_linearly(span_of_line, 20_000)


def test_the_cost_of_functions_in_functions_grows_with_the_text() -> None:
    def of_return(n: int):
        source = Source(("def f():\n  return " + "lambda: " * n + "0\n").encode())
        assert source.tree is not None
        return lambda: source.of_return(1)

    assert grows_linearly(of_return, 150)
