"""Docstrings and texts in plain English: turns that the house style has banned do not come back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(path for path in (ROOT / "judge").rglob("*.py") if "attacks" not in path.parts)
PAGES = sorted((ROOT / "judge").rglob("*.md"))

RELATIVE_CLAUSE = re.compile(r"(Whether|What|Whose|How|Who|Where|When) (?!to )")
"""The beginning of a docstring that is neither a noun phrase nor an imperative."""

BANNED = re.compile(
    r"another number than|others than (they|those)|\b(whoever|anew|hears|thereof|wherein)\b", re.IGNORECASE
)


def docstrings(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield ast.get_docstring(node) or ""


def texts(source: str) -> Iterator[str]:
    """Every string of the program, docstrings included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_docstrings_are_noun_phrases_or_imperatives() -> None:
    found = {path: docstrings(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert [
        f"{path.relative_to(ROOT)}: {text}"
        for path, own in found.items()
        for text in own
        if RELATIVE_CLAUSE.match(text)
    ] == []


def test_no_text_has_a_banned_turn() -> None:
    read = {path: path.read_text(encoding="utf-8") for path in (*SOURCES, *PAGES)}
    found = {path: texts(source) if path.suffix == ".py" else [source] for path, source in read.items()}
    assert [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path, own in found.items()
        for text in own
        for match in BANNED.finditer(text)
    ] == []


def test_both_tests_can_fail() -> None:
    source = 'def f():\n    """Whether it is anew."""\n    return "another number than expected"\n'
    assert [text for text in docstrings(source) if RELATIVE_CLAUSE.match(text)] == ["Whether it is anew."]
    assert [match.group() for text in texts(source) for match in BANNED.finditer(text)] == [
        "anew",
        "another number than",
    ]
    assert not RELATIVE_CLAUSE.match("How to read it.")
