"""The parts of a finding's message, which every renderer shows in its own way."""

from __future__ import annotations

import pytest

from judge.reports.message import CodeBlock, Piece, Prose, parts_of


def test_paragraphs_and_code_blocks_are_separated_by_blank_lines() -> None:
    message = "It is\n  wrapped.\n \n    x = f(\n\t  y)\r\n\r\n    half\nprose\n"
    assert list(parts_of(message, 1_000)) == [
        Prose("It is wrapped."),
        CodeBlock(("x = f(", "  y)")),
        Prose("half prose"),
    ]
    assert list(parts_of(" \n\n", 1_000)) == []


def test_of_a_long_message_the_beginning_is_parsed() -> None:
    assert list(parts_of("x" * 50, 40)) == [Prose("x" * 40 + "... (10 more characters)")]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("plain", [("plain", False)]),
        ("call `f` here", [("call ", False), ("f", True), (" here", False)]),
        ("`f``g`", [("", False), ("f", True), ("", False), ("g", True), ("", False)]),
        ("a lone ` or `three`", [("a lone ` or `three`", False)]),
    ],
)
def test_text_between_backticks_is_code(text: str, pieces: list[tuple[str, bool]]) -> None:
    assert list(Prose(text).pieces) == [Piece(*one) for one in pieces]
