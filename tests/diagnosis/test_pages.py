"""Every finding code has a page, and every page says what pages are there to say."""

from __future__ import annotations

import ast
import importlib
import re

import pytest
from support.diagnosis_bank import ROOT

from judge.diagnosis import (
    argument_order,
    diagnose,
    exceptions,
    failures,
    library_errors,
    purity,
    python_errors,
    wrong_answers,
)
from judge.exercise import Misconception
from judge.model import Exercise
from judge.pages import QUESTION, all_pages, page
from judge.pitfalls import pitfalls

WANTED = ("What happens", "Why it happens", "How it shows", "A minimal example", QUESTION, "Read on")
CODE = re.compile(r"[a-z]+(-[a-z]+)+|empty|unreadable|undecodable|nondeterministic")


def codes_in_the_engine() -> set[str]:
    """Every string in the diagnosing modules that stands where a finding's code stands."""
    found: set[str] = set(failures.CODE_OF_END.values()) | set(pitfalls())
    with_rules = [importlib.import_module(it.detect.__module__) for it in pitfalls().values() if it.recognise]
    for module in (
        argument_order,
        exceptions,
        library_errors,
        purity,
        python_errors,
        failures,
        wrong_answers,
        diagnose,
        *with_rules,
    ):
        source = __import__("inspect").getsource(
            __import__("sys").modules[getattr(module, "__module__", None) or module.__name__]
        )
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found.add(node.value)
    kinds = {
        "module-apply",
        "module-bind",
        "module-init",
        "grad-call",
        "grad-make",
        "optimizer-update",
        "apply-updates",
        "batch-norm",
    }
    return found - kinds - {"input-mutated-event"}


def test_every_code_that_the_engine_can_say_has_a_page() -> None:
    codes = codes_in_the_engine()
    assert {"unrecognised-exception", "wrong-output-shape", "missing-solve", "nondeterministic"} <= codes
    assert {"loss-not-scalar", "aux-swapped"} <= codes, "rules of pitfalls"
    assert codes <= {found.code for found in all_pages(None)}


@pytest.mark.parametrize(
    "code", ["empty", "unreadable", "not-a-regular-file", "too-large", "undecodable", "not-a-notebook"]
)
def test_files_that_cannot_be_run_have_pages(code: str) -> None:
    assert page(code, None).title


def test_every_page_has_all_its_parts(exercise: Exercise) -> None:
    for found in all_pages(exercise):
        assert found.title, found.code
        missing = [heading for heading in WANTED if not found.sections.get(heading)]
        assert not missing, (found.code, missing)
        assert found.first_paragraph(QUESTION).endswith("?"), found.code
        assert found.read_on, found.code


def test_every_misconception_has_a_page(
    exercise: Exercise, misconceptions: tuple[Misconception, ...]
) -> None:
    pages = {found.code: found for found in all_pages(exercise)}
    for misconception in misconceptions:
        assert misconception.code in pages
    own = next(m for m in misconceptions if m.name == m.code == "stale-batch-stats")
    assert pages["stale-batch-stats"].title == own.title.rstrip(".")
    assert "# the mistake" not in pages["stale-batch-stats"].text
    assert "model.apply(" in pages["stale-batch-stats"].sections["A minimal example"]


def test_pages_are_sorted_and_unique(exercise: Exercise) -> None:
    codes = [found.code for found in all_pages(exercise)]
    assert codes == sorted(set(codes))


def test_an_unknown_code_is_a_lookup_error(exercise: Exercise) -> None:
    with pytest.raises(LookupError, match="no-such-code"):
        page("no-such-code", exercise)


def test_pages_give_no_fix_away() -> None:
    fixes = ("has_aux=True", 'mutable=["batch_stats"]', ".init(params)")
    allowed = {
        "aux-not-returned",
        "mutable-not-unpacked",
        "nested-batch-stats",
        "aux-unpacked-flat",
        "leaked-tracer",
    }
    for found in all_pages(None):
        if found.code not in allowed:  # there the same words stand in the mistake itself
            assert not any(fix in found.text for fix in fixes), found.code


def test_every_pitfall_is_one_module_that_says_everything() -> None:
    files = {path.stem.replace("_", "-") for path in (ROOT / "judge" / "pitfalls").glob("*.py")}
    assert files - {"--init--", "trace"} == set(pitfalls())
    for pitfall in pitfalls().values():
        assert pitfall.title
        assert pitfall.matters
