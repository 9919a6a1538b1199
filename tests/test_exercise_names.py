"""The engine knows no exercise: no name or code of a misconception stands in it that it does not define itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Set
from pathlib import Path

from judge.exercise import load_exercise, load_misconceptions
from judge.pages import all_pages

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "judge"
EXERCISES = (
    ROOT,
    *sorted(path.parents[1] for path in ROOT.glob("tests/exercises/*/reference/exercise.yaml")),
)
TEXTS = {".md", ".json", ".html", ".js", ".css"}


def names_of_exercises() -> set[str]:
    """Names, file stems and codes of every misconception, without what the engine has a page or a pitfall for."""
    found: set[str] = set()
    for root in EXERCISES:
        for misconception in load_misconceptions(load_exercise(root)):
            found |= {misconception.name, misconception.path.stem, misconception.code}
    own = {page.code for page in all_pages(None)}
    return {name for name in found if name.replace("_", "-") not in own}


def texts_in(path: Path) -> Iterator[tuple[int, str]]:
    """Lines and strings of a Python file; of another file its lines."""
    if path.suffix != ".py":
        yield from enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def names_in(root: Path, names: Set[str]) -> list[str]:
    """Where a file says one of the names: as a whole string, or as a hyphenated word in a text."""
    words = sorted(name for name in names if "-" in name or "_" in name)
    in_text = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, words))})(?![\w-])")
    found = []
    for path in sorted(root.rglob("*")):
        if path.suffix not in TEXTS | {".py"} or "attacks" in path.parts:
            continue
        for line, text in texts_in(path):
            said = {text} & names | set(in_text.findall(text))
            found += [f"{path.relative_to(root)}:{line}: {name}" for name in sorted(said)]
    return found


def test_the_engine_names_no_misconception_of_an_exercise() -> None:
    names = names_of_exercises()
    assert len(names) > 60
    assert names_in(PACKAGE, names) == []


def test_a_name_in_the_engine_can_be_seen(tmp_path: Path) -> None:
    names = names_of_exercises()
    (tmp_path / "rules.py").write_text('RULES = {"lr-misused": 1}\nWORDS = f"as {x} in loss-not-mean"\n')
    (tmp_path / "page.md").write_text("# A page\n\nSee gradient_added.\n")
    (tmp_path / "fine.py").write_text('WORDS = "no-lr-misused-here", "missing-has-aux"\n')
    assert names_in(tmp_path, names) == [
        "page.md:3: gradient_added",
        "rules.py:1: lr-misused",
        "rules.py:2: loss-not-mean",
    ]
