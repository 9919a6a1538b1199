"""The page behind every finding: what the mistake is, how it shows, and a question. Never the fix.

A page comes from the module of a pitfall, else from the docstring of a misconception of the exercise, else from the
engine's own pages (``judge/diagnosis/pages/CODE.md``).  Each is written in one place.
"""

from __future__ import annotations

import ast
import functools
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from judge.exercise import Misconception, load_misconceptions
from judge.model import Exercise
from judge.pitfalls import pitfalls
from judge.syntax import parse

OWN_PAGES = Path(__file__).resolve().parent / "diagnosis" / "pages"
QUESTION = "A question to think about"
OTHER_FORMS = "Forms that it takes"
FORMS = frozenset({"wrong-output-shape", "non-numeric-output", "non-finite-output"})
"""Codes that many mistakes lead to: no single wrong solution can represent them."""
MARK = re.compile(r"#\s*the mistake\b")
_HEADING = re.compile(r"^## +(.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One page: ``title`` is a line, ``text`` is Markdown without it."""

    code: str
    title: str
    text: str

    @functools.cached_property
    def sections(self) -> Mapping[str, str]:
        """The text under each ``##`` heading."""
        parts = _HEADING.split(self.text)
        return {heading: body.strip() for heading, body in zip(parts[1::2], parts[2::2], strict=True)}

    def first_paragraph(self, heading: str) -> str:
        """The first paragraph under a heading, as one line; '' without that heading."""
        return " ".join(self.sections.get(heading, "").split("\n\n")[0].split())

    @property
    def read_on(self) -> tuple[str, ...]:
        """The entries of the list of what to read next."""
        items = re.split(r"^- ", self.sections.get("Read on", ""), flags=re.MULTILINE)[1:]
        return tuple(" ".join(item.split()) for item in items)


def page(code: str, exercise: Exercise | None) -> Page:
    """Return the page of this code. Raises LookupError when there is none."""
    for found in all_pages(exercise):
        if found.code == code:
            return found
    raise LookupError(f"there is no page {code!r}")


def all_pages(exercise: Exercise | None) -> tuple[Page, ...]:
    """Every page, by code; without an exercise the engine's own only."""
    found = dict(_engine_pages())
    if exercise is not None:
        found.update(_pages_of_exercise(exercise.root, exercise.digest, exercise))
    found.update(_pitfall_pages())
    return tuple(found[code] for code in sorted(found))


def page_of_misconception(misconception: Misconception) -> Page:
    """A misconception's own page, also when several share one code."""
    _, _, text = misconception.page.partition("\n")
    text = text.strip("\n")
    example = _example(misconception.source)
    if example and "## A minimal example" not in text:
        section = f"## A minimal example\n\n```python\n{example}\n```\n\n"
        before, heading, after = text.partition(f"## {QUESTION}")
        text = f"{before}{section}{heading}{after}" if heading else f"{text}\n\n{section.rstrip()}"
    return Page(misconception.code, misconception.title.rstrip("."), text)


def pages_of_misconceptions(misconceptions: Iterable[Misconception]) -> dict[str, Page]:
    """One page per code.

    A code of several files is explained by the engine's own page, if there is one, else by the file that is named
    like the code, else by the first; the others follow as its other forms.
    """
    by_code: dict[str, list[Misconception]] = {}
    for misconception in misconceptions:
        by_code.setdefault(misconception.code, []).append(misconception)
    found = {}
    for code, files in by_code.items():
        named = next((m for m in files if m.name == code), files[0])
        own = _engine_pages().get(code)
        is_form = code in FORMS or len(files) > 1
        base = own if own is not None and is_form else page_of_misconception(named)
        rest = [m for m in files if base is own or m is not named]
        found[code] = _with_forms(base, rest)
    return found


def _with_forms(base: Page, others: Sequence[Misconception]) -> Page:
    if not others:
        return base
    pages = [page_of_misconception(other) for other in others]
    items = "\n".join(f"- {page.title}. {page.first_paragraph('What happens')}" for page in pages)
    before, heading, after = base.text.partition(f"## {QUESTION}")
    return Page(base.code, base.title, f"{before}## {OTHER_FORMS}\n\n{items}\n\n{heading}{after}")


@functools.cache
def _engine_pages() -> Mapping[str, Page]:
    found = {}
    for path in sorted(OWN_PAGES.glob("*.md")):
        first, _, text = path.read_text(encoding="utf-8").partition("\n")
        found[path.stem] = Page(path.stem, first.removeprefix("#").strip(), text.strip("\n"))
    return found


@functools.cache
def _pitfall_pages() -> Mapping[str, Page]:
    return {code: Page(code, pitfall.title, pitfall.page) for code, pitfall in pitfalls().items()}


_by_exercise: dict[tuple[Path, str], Mapping[str, Page]] = {}


def _pages_of_exercise(root: Path, digest: str, exercise: Exercise) -> Mapping[str, Page]:
    if (root, digest) not in _by_exercise:
        _by_exercise[root, digest] = pages_of_misconceptions(load_misconceptions(exercise))
    return _by_exercise[root, digest]


@functools.lru_cache(maxsize=1024)  # every report asks for all of them, and parsing takes a millisecond each
def _example(source: bytes) -> str:
    """The statements that a wrong solution marks as its mistake, without the mark."""
    text = source.decode("utf-8", "replace")
    lines = text.split("\n")
    marked = [number for number, line in enumerate(lines, 1) if MARK.search(line)]
    if not marked:
        return ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            nodes = [node for node in ast.walk(parse(text)) if isinstance(node, ast.stmt)]
        except (SyntaxError, ValueError):
            return ""
    spans: list[tuple[int, int]] = []
    for number in marked:
        around = [n for n in nodes if n.lineno <= number <= (n.end_lineno or n.lineno)]
        smallest = min(around, key=lambda n: (n.end_lineno or n.lineno) - n.lineno, default=None)
        is_simple = smallest is not None and not hasattr(smallest, "body")
        begin, end = (
            (smallest.lineno, smallest.end_lineno or number) if smallest and is_simple else (number, number)
        )
        if (begin, end) not in spans:
            spans.append((begin, end))
    shown = []
    for begin, end in spans:
        block = [MARK.split(line)[0].rstrip() for line in lines[begin - 1 : end]]
        margin = min((len(line) - len(line.lstrip()) for line in block if line), default=0)
        shown += [line[margin:] for line in block]
    return "\n".join(shown)
