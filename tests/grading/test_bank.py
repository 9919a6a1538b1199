"""Right and wrong solutions through the real sandbox, with the verdicts and findings they must get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from judge.exercise import Misconception, find_exercise, load_exercise, load_misconceptions
from judge.grader import Grader
from judge.model import Outcome, Report, Severity, Verdict
from judge.sandbox import Warm

ROOT = Path(__file__).resolve().parents[2]
EXERCISE = load_exercise(find_exercise(ROOT))
MISCONCEPTIONS = load_misconceptions(EXERCISE)
ONE_OF_EACH = {item.code: item for item in sorted(MISCONCEPTIONS, key=lambda item: item.name == item.code)}
"""For each code, and so for each page, the file that has its name."""
ACCEPTED = sorted((ROOT / "reference" / "accepted").glob("*.py"))
VARIANTS = ROOT / "tests" / "diagnosis" / "variants"
PITFALLS = tuple(spec.code for spec in EXERCISE.pitfalls if spec.severity is Severity.ERROR)
HERE = "# <- here"


def variants(code: str) -> list[Path]:
    return sorted((VARIANTS / code).glob("*.py"))


def a_few_in_main(paths: list[Path]) -> list[object]:
    """Every tenth in the main suite, the others in the long one."""
    return [
        pytest.param(
            path, id=f"{path.parent.name}-{path.stem}", marks=[] if number % 10 == 0 else pytest.mark.long
        )
        for number, path in enumerate(paths)
    ]


def errors(report: Report) -> list[str]:
    return [finding.code for finding in report.findings if finding.severity is Severity.ERROR]


def outcome(report: Report, check: str) -> Outcome:
    return next(result.outcome for result in report.checks if result.id == check)


@pytest.mark.parametrize("path", ACCEPTED[::8], ids=lambda path: path.stem)
def test_right_solutions_of_many_styles_are_accepted(grader_of_few_cases: Grader, path: Path) -> None:
    check_accepted(grader_of_few_cases.grade(path))


@pytest.mark.long
@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_right_solutions_of_every_style_are_accepted_on_every_case(
    graded: Callable[[Path], Report], path: Path
) -> None:
    check_accepted(graded(path))


def check_accepted(report: Report) -> None:
    assert report.verdict is Verdict.ACCEPTED
    assert report.points == report.out_of > 0
    assert errors(report) == []


@pytest.mark.parametrize("path", a_few_in_main(variants("right")))
def test_right_solutions_that_look_like_a_pitfall_are_accepted(
    grader_of_few_cases: Grader, path: Path
) -> None:
    report = grader_of_few_cases.grade(path)
    assert report.verdict is Verdict.ACCEPTED
    assert errors(report) == []


@pytest.mark.parametrize("code", sorted(ONE_OF_EACH)[::4])
def test_the_file_of_a_page_is_named(grader_of_few_cases: Grader, code: str) -> None:
    """A fourth of them: the long suite grades all files, on every case."""
    check_named(grader_of_few_cases.grade(ONE_OF_EACH[code].path), ONE_OF_EACH[code])


@pytest.mark.long
@pytest.mark.parametrize("misconception", MISCONCEPTIONS, ids=lambda item: item.path.stem)
def test_every_misconception_is_named_on_every_case(
    graded: Callable[[Path], Report], misconception: Misconception
) -> None:
    check_named(graded(misconception.path), misconception)


def check_named(report: Report, misconception: Misconception) -> None:
    assert report.verdict is not Verdict.ACCEPTED
    assert report.points < report.out_of
    assert misconception.code in errors(report)
    assert report.findings[0].code == misconception.code


@pytest.mark.parametrize("code", PITFALLS)
def test_each_pitfall_is_tried_in_at_least_eight_styles(code: str) -> None:
    assert len(variants(code)) >= 8


@pytest.mark.parametrize("path", [style for code in PITFALLS for style in a_few_in_main(variants(code))])
def test_each_pitfall_is_named_with_its_line_in_every_style(grader_of_few_cases: Grader, path: Path) -> None:
    code = path.parent.name
    report = grader_of_few_cases.grade(path)
    lines = {number for number, line in enumerate(path.read_text().splitlines(), 1) if HERE in line}
    assert lines, "the variant must mark the line that is to be shown"
    assert report.verdict is not Verdict.ACCEPTED
    assert outcome(report, f"pitfall:{code}") is Outcome.FAILED
    spans = [finding.span for finding in report.findings if finding.code == code]
    assert spans
    assert all(span is not None and span.line in lines for span in spans)


@pytest.mark.long
def test_the_example_submissions_say_what_the_readme_says(graded: Callable[[Path], Report]) -> None:
    expected = {
        "alice": Verdict.ACCEPTED,
        "alex": Verdict.PITFALL,
        "avery": Verdict.INVALID_SUBMISSION,
        "casey": Verdict.INVALID_SUBMISSION,
        "charlie": Verdict.WRONG_ANSWER,
        "jamie": Verdict.WRONG_ANSWER,
        "jordan": Verdict.WRONG_ANSWER,
        "jules": Verdict.WRONG_ANSWER,
        "kim": Verdict.PITFALL,
        "quinn": Verdict.WRONG_ANSWER,
        "riley": Verdict.WRONG_ANSWER,
        "robin": Verdict.RUNTIME_ERROR,
        "sam": Verdict.RUNTIME_ERROR,
        "taylor": Verdict.WRONG_ANSWER,
    }
    paths = sorted(path for path in (ROOT / "submissions").glob("*.py") if path.stem != "morgan")
    assert {path.stem: graded(path).verdict for path in paths} == expected


def test_an_endless_loop_is_a_time_limit(grader: Grader) -> None:
    limits = replace(EXERCISE.limits, wall_s=1.0, total_wall_s=1.5)
    with Grader.of(grader.loaded, limits=limits, warm=Warm.NEVER) as hasty:
        report = hasty.grade(ROOT / "submissions" / "morgan.py")
    assert report.verdict is Verdict.TIME_LIMIT
    assert report.points == 0
    assert errors(report) == ["time-limit"]


def test_the_same_file_gets_the_same_report_again(grader_of_few_cases: Grader) -> None:
    def essence(report: Report) -> object:
        return (
            report.verdict,
            report.points,
            report.findings,
            [(c.id, c.outcome, c.got) for c in report.checks],
        )

    first = essence(grader_of_few_cases.grade(ROOT / "submissions" / "alice.py"))
    for _ in range(2):
        assert essence(grader_of_few_cases.grade(ROOT / "submissions" / "alice.py")) == first


@pytest.mark.long
def test_forty_gradings_in_a_row_agree(grader_of_few_cases: Grader) -> None:
    reports = [grader_of_few_cases.grade(ROOT / "submissions" / "alice.py") for _ in range(40)]
    assert {(report.verdict, report.points, report.findings) for report in reports} == {
        (Verdict.ACCEPTED, reports[0].out_of, reports[0].findings)
    }
