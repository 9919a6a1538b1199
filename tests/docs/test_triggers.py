"""Every finding code has a page with an example, and the example still leads to that code."""

from __future__ import annotations

import ast
import os
import re
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.documents import ROOT
from support.few_cases import loaded_exercise_of
from triggers import RIGHT, TRIGGERS, program

from judge.batch.failed_report import failed_report
from judge.exercise import find_exercise, load_exercise, load_misconceptions
from judge.grade import LoadedExercise
from judge.grader import Grader
from judge.model import (
    Claimed,
    ClaimedValue,
    Ended,
    Isolation,
    Limits,
    Measured,
    Observation,
    Report,
    StepObservation,
    Verdict,
    Visibility,
)
from judge.observed import report_undiagnosed
from judge.pages import OWN_PAGES, Page, all_pages, page_of_misconception
from judge.pitfalls import pitfalls
from judge.sandbox import Warm
from judge.submission import Unusable, read_submission, submission_of
from judge.submissions.collect import collect

EXERCISE = load_exercise(find_exercise(ROOT))
MISCONCEPTIONS = load_misconceptions(EXERCISE)
CASES = ("sizes/one-row", "steps/two-rows", "steps/zero-rate")
"""Enough of them for every example: three shapes, and a learning rate of 0."""
EXAMPLE = "A minimal example"

FILES = (
    "empty",
    "unreadable",
    "not-a-regular-file",
    "no-file",
    "too-large",
    "undecodable",
    "not-a-notebook",
    "judge-error",
    "diagnosis-given-up",
)
"""Codes of what is no program, or of the judge: their examples say in words what to do."""

LIMITS = {
    "time-limit": {"wall_s": 2.0},
    "cpu-limit": {"cpu_s": 2.0},
    "thread-limit": {"wall_s": 10.0},
    "output-limit": {"output_kib": 256},
}
"""Smaller ones where the examples would take their time to reach the usual ones."""


@pytest.fixture(scope="module")
def loaded(grader: Grader) -> LoadedExercise:
    return loaded_exercise_of(grader.loaded, CASES)


@pytest.fixture(scope="module")
def patient(loaded: LoadedExercise) -> Iterator[Grader]:
    limits = replace(loaded.exercise.limits, wall_s=120.0, total_wall_s=300.0, cpu_s=120.0)
    with Grader.of(loaded, limits=limits, warm=Warm.FIRST) as shared:
        yield shared


def graded(code: str, patient: Grader, loaded: LoadedExercise, whole: LoadedExercise) -> Report:
    source = program(TRIGGERS[code])
    if code == "memorised-answers":
        return of_a_table(source, whole)
    if code not in LIMITS:
        return patient.grade(source)
    with Grader.of(loaded, limits=replace(loaded.exercise.limits, **LIMITS[code])) as strict:  # type: ignore[arg-type]
        return strict.grade(source)


def of_a_table(source: str, whole: LoadedExercise) -> Report:
    """It takes some cases of each kind, and what a report shows of the public ones."""
    by_size = sorted(whole.cases, key=lambda case: (case.inputs["x_batch"].size, case.id))
    public = [case for case in by_size if case.visibility is Visibility.PUBLIC][:3]
    hidden = [case for case in by_size if case.visibility is Visibility.HIDDEN][:3]
    known = {
        (case.inputs["seed"], case.inputs["x_batch"].tobytes(), case.inputs["lr"]): float(
            whole.goldens[case.id].expected[0]
        )
        for case in public
    }
    loaded = loaded_exercise_of(whole, [case.id for case in (*public, *hidden)])
    with Grader.of(loaded) as grader:
        return grader.grade(source.replace("KNOWN = {}", f"KNOWN = {known!r}"))


QUICK = frozenset({"syntax-error"})


@pytest.mark.parametrize(
    "code", [pytest.param(code, marks=[] if code in QUICK else [pytest.mark.long]) for code in TRIGGERS]
)
def test_the_example_of_a_page_leads_to_its_code(
    code: str, grader: Grader, patient: Grader, loaded: LoadedExercise
) -> None:
    report = graded(code, patient, loaded, grader.loaded)
    found = [finding.code for finding in report.findings]
    assert code in found, (report.verdict, [finding.message for finding in report.findings])
    if code not in pitfalls():  # one slip can be two pitfalls
        assert found[0] == code


@pytest.mark.long
def test_the_right_solution_that_they_differ_from_is_accepted(patient: Grader) -> None:
    report = patient.grade(program(RIGHT))
    assert report.verdict is Verdict.ACCEPTED
    assert report.findings == ()


@pytest.mark.parametrize("code", FILES)
def test_what_is_no_program_gets_its_code(code: str, tmp_path: Path, loaded: LoadedExercise, patient: Grader) -> None:
    path = tmp_path / "solution.py"
    if code == "judge-error":
        report = failed_report(
            loaded, Limits(), Unusable("solution.py", "unreadable", "gone"), "lost its power"
        )
        assert report.verdict is Verdict.JUDGE_ERROR
    elif code == "diagnosis-given-up":
        report = given_up(loaded)
        assert report.verdict is Verdict.PITFALL
    else:
        report = patient.grade(made(code, path))
        assert report.verdict is Verdict.INVALID_SUBMISSION
    assert [finding.code for finding in report.findings] == [code]


def given_up(loaded: LoadedExercise) -> Report:
    """Of right answers: what else was sent does not matter then."""
    answered = {
        case.id: Claimed(returned=ClaimedValue("float", "float64", golden.expected.shape, golden.expected))
        for case in loaded.cases
        for golden in [loaded.goldens[case.id]]
    }
    steps = {
        name: StepObservation(Measured(Ended.ANSWERED, 0, 0, 0, 0), claim) for name, claim in answered.items()
    }
    load = StepObservation(Measured(Ended.ANSWERED, 0, 0, 0, 0), Claimed())
    observation = Observation(load, steps, Isolation("strong", (), ()))
    return report_undiagnosed(loaded, submission_of(program(RIGHT)), observation, Limits(), "too much")


def made(code: str, path: Path) -> Path | Unusable:
    """What the page's example says in words."""
    match code:
        case "empty":
            path.write_text("")
        case "not-a-regular-file":
            path.mkdir()
        case "no-file":
            path = path.parent / "learner"
            path.mkdir()
            (path / "report.pdf").write_bytes(b"%PDF")
            (entry,) = collect([path.parent], roster="(?P<id>learner)")
            return entry.read(Limits())
        case "too-large":
            path.write_text(f"numbers = {[0.5] * 300_000}\n")
        case "undecodable":
            path.write_text(program(RIGHT), encoding="utf-16")
        case "not-a-notebook":
            path = path.with_suffix(".ipynb")
            path.write_text(program(RIGHT))
        case "unreadable":
            path.write_text(program(RIGHT))
            path.chmod(0)
            return read_by_another(path)
    return path


def read_by_another(path: Path) -> Path | Unusable:
    """Root may read every file, so root reads it as nobody."""
    if os.geteuid() != 0:
        return path
    for folder in (path.parent, *path.parent.parents):
        if folder.stat().st_uid == 0 and folder != Path(folder.anchor) and "pytest" in folder.name:
            folder.chmod(0o755)
    os.seteuid(65534)
    try:
        read = read_submission(path, Limits())
    finally:
        os.seteuid(0)
    assert isinstance(read, Unusable)
    return read


# ------------------------------------------------------------------------------- that nothing is left out


def engine_pages() -> dict[str, Page]:
    own = {path.stem for path in OWN_PAGES.glob("*.md")} | set(pitfalls())
    return {page.code: page for page in all_pages(None) if page.code in own}


def test_every_page_of_the_engine_has_a_program_that_is_told_its_code() -> None:
    assert set(engine_pages()) == set(TRIGGERS) | set(FILES)


def test_every_code_has_a_page_with_an_example() -> None:
    for page in all_pages(EXERCISE):
        assert page.sections.get(EXAMPLE), page.code


def test_every_other_page_has_the_example_of_a_file_that_is_graded() -> None:
    """`tests/grading/test_bank.py` grades every file of the bank and wants its code first."""
    by_code = {m.code: m for m in MISCONCEPTIONS if page_of_misconception(m).sections.get(EXAMPLE)}
    for page in all_pages(EXERCISE):
        assert page.code in by_code or page.code in engine_pages(), page.code
    graded = (ROOT / "tests" / "grading" / "test_bank.py").read_text(encoding="utf-8")
    assert "report.findings[0].code == misconception.code" in graded


def codes_said_in_the_code() -> set[str]:
    """Every ``code="..."`` that the judge writes into a finding anywhere."""
    found = set()
    for path in (ROOT / "judge").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                found |= {
                    word.value.value
                    for word in node.keywords
                    if word.arg == "code" and isinstance(word.value, ast.Constant)
                }
    return found


def test_no_finding_is_made_anywhere_without_a_page() -> None:
    codes = codes_said_in_the_code()
    assert "judge-error" in codes
    assert codes <= {page.code for page in all_pages(None)}


# ------------------------------------------------------------------- that page and program say the same


def example_lines(page: Page) -> list[str]:
    """The code of the example, comments and blank lines left out."""
    text = page.sections[EXAMPLE]
    fenced = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert fenced, page.code
    lines = [re.sub(r" *#.*", "", line) for line in textwrap.dedent(fenced[1]).split("\n")]
    return [line.strip() for line in lines if line.strip()]


def stands_in(lines: list[str], source: str) -> bool:
    """Whether the lines follow one another in the source; ``...`` stands for anything."""
    rest = re.sub(r"(?<=[(\[{]) | (?=[)\]}])", "", " ".join(source.split()))
    for line in lines:
        if line == "...":
            continue
        parts = [re.escape(" ".join(part.split())) for part in line.split("...")]
        pattern = r"(?:(?! return | def ).)*?".join(parts)
        found = re.search(pattern, rest)
        if found is None:
            return False
        rest = rest[found.end() :]
    return True


@pytest.mark.parametrize("code", sorted(TRIGGERS))
def test_the_example_stands_in_the_program(code: str) -> None:
    lines = example_lines(engine_pages()[code])
    assert lines
    assert stands_in(lines, program(TRIGGERS[code])), lines


def test_an_example_that_stands_nowhere_is_noticed() -> None:
    assert stands_in(["a = f(...)", "return a"], "a = f(\n    1, 2\n)\nb = 3\nreturn a")
    assert not stands_in(["a = f(...)", "return b"], "a = f(1)\nreturn a")
    assert not stands_in(["return a", "a = f(...)"], "a = f(1)\nreturn a")
