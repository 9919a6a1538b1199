"""An exercise that gives all of its mistakes other names gets the same diagnoses, under its names."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest
from support.diagnosis_bank import CASES, ROOT, Wanted, goldens_from, observe
from support.observed_files import COURSE, TOLD_APART, wanted_variants

from judge.diagnosis import Diagnosis, diagnose
from judge.exercise import Misconception, load_exercise, load_misconceptions
from judge.model import Exercise, Finding, Golden, Json, Observation, Submission
from judge.pages import all_pages

ENGINES = {page.code for page in all_pages(None)}
TWO = CASES[:2]


def renamed(name: str) -> str:
    return f"my-{name}"


def renamed_code(code: str) -> str:
    """The engine's own codes are no exercise's to rename."""
    return code if code in ENGINES else renamed(code)


@pytest.fixture(scope="session")
def renamed_exercise(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """A copy of the exercise in which every misconception has another name and another code."""
    root = tmp_path_factory.mktemp("renamed")
    shutil.copytree(ROOT / "reference", root / "reference", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "cases").mkdir()
    for path in sorted(root.glob("reference/misconceptions/*.py")):
        text = re.sub(
            r'"code": "([^"]+)"', lambda found: f'"code": "{renamed_code(found[1])}"', path.read_text()
        )
        text = re.sub(r'"same_numbers_as": \["', '"same_numbers_as": ["my_', text)
        path.with_name(f"my_{path.name}").write_text(text)
        path.unlink()
    return load_exercise(root)


def renamed_golden(golden: Golden) -> Golden:
    wrong = {renamed(name): it for name, it in golden.misconceptions.items()}
    return replace(golden, misconceptions=wrong)


def renamed_fact(name: str, value: Json) -> Json:
    if name == "misconception":
        return renamed(value)
    return sorted(map(renamed_code, value)) if name == "or" else value


def renamed_finding(finding: Finding) -> Finding:
    """The same finding in the words of the renamed exercise."""
    code = renamed_code(finding.code)
    return replace(
        finding,
        code=code,
        facts={name: renamed_fact(name, value) for name, value in finding.facts.items()},
        read_next=(f"judge explain {code}", *finding.read_next[1:]),
    )


Both = Callable[[Wanted, Observation], tuple[Diagnosis, Diagnosis]]


@pytest.fixture
def both(
    exercise: Exercise,
    misconceptions: Sequence[Misconception],
    goldens: Mapping[str, Golden],
    renamed_exercise: Exercise,
) -> Both:
    """The diagnoses under both names."""
    return both_of(exercise, misconceptions, goldens, renamed_exercise)


def both_of(
    exercise: Exercise,
    misconceptions: Sequence[Misconception],
    goldens: Mapping[str, Golden],
    other: Exercise,
) -> Both:
    others = load_misconceptions(other)
    assert {m.name for m in others} == {renamed(m.name) for m in misconceptions}
    assert {m.code for m in others} == {renamed_code(m.code) for m in misconceptions}
    other_goldens = {case: renamed_golden(golden) for case, golden in goldens.items()}

    def diagnosed(wanted: Wanted, seen: Observation) -> tuple[Diagnosis, Diagnosis]:
        submission = Submission(wanted.name, wanted.source, "")
        cases = [case for case in TWO if case.id in wanted.cases]
        return (
            diagnose(exercise, submission, seen, cases, goldens, misconceptions),
            diagnose(other, submission, seen, cases, other_goldens, others),
        )

    return diagnosed


def bank(misconceptions: Sequence[Misconception], names: Sequence[str]) -> list[Wanted]:
    two = tuple(case.id for case in TWO)
    return [Wanted(f"misconceptions/{m.name}", m.source, two) for m in misconceptions if m.name in names]


def assert_same(before: Diagnosis, after: Diagnosis, name: str) -> None:
    wanted = sorted(map(renamed_finding, before.findings), key=repr)
    assert sorted(after.findings, key=repr) == wanted, name
    assert [f.code for f in after.findings] == [renamed_code(f.code) for f in before.findings], name
    assert after.pitfalls == before.pitfalls, name


def test_diagnoses_are_the_same_under_other_names(
    both: Both, misconceptions: Sequence[Misconception], observed: Mapping[str, Observation]
) -> None:
    course = [w for w in wanted_variants() if w.name.startswith(f"{COURSE}/") and w.name in observed]
    assert len(course) >= 10
    codes = set()
    for wanted in [*bank(misconceptions, TOLD_APART), *course]:
        before, after = both(wanted, observed[wanted.name])
        assert_same(before, after, wanted.name)
        codes |= {finding.code for finding in after.findings if finding.code not in ENGINES}
    assert len(codes) >= 12, codes
    assert all(code.startswith("my-") for code in codes)


def test_a_rule_by_name_would_be_seen(
    both: Both,
    misconceptions: Sequence[Misconception],
    observed: Mapping[str, Observation],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: an engine that knows one mistake by its name does not give the same diagnoses."""
    from judge.diagnosis import naming

    by_declaration = naming.Naming.of

    def by_name(self: naming.Naming, *arguments: object) -> naming.Named | None:
        found = by_declaration(self, *arguments)  # type: ignore[arg-type]
        return found if found is None or not found.code.endswith("my-lr-misused") else None

    monkeypatch.setattr(naming.Naming, "of", by_name)
    (wanted,) = [w for w in wanted_variants() if w.name.partition("/")[2].startswith("lr_misused")][:1]
    before, after = both(wanted, observed[wanted.name])
    with pytest.raises(AssertionError):
        assert_same(before, after, wanted.name)


@pytest.mark.long
def test_all_diagnoses_are_the_same_under_other_names(
    exercise: Exercise, misconceptions: Sequence[Misconception], renamed_exercise: Exercise
) -> None:
    two = tuple(case.id for case in TWO)
    everything = bank(misconceptions, [m.name for m in misconceptions])
    reference = Wanted("reference", (ROOT / "reference" / "solution.py").read_bytes(), two)
    seen = observe([reference, *everything])
    wrong = {wanted.name.partition("/")[2]: seen[wanted.name] for wanted in everything}
    both = both_of(exercise, misconceptions, goldens_from(seen["reference"], wrong, TWO), renamed_exercise)
    for wanted in everything:
        assert_same(*both(wanted, seen[wanted.name]), wanted.name)
