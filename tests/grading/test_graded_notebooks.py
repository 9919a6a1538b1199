"""A notebook is graded as the same program in a file: its verdict, its findings, and their lines as lines of cells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.notebooks import Split, code, notebook, split

from judge.grader import Grader
from judge.model import Finding, Outcome, Report, Verdict
from judge.sandbox import Warm

ROOT = Path(__file__).resolve().parents[2]
SUBMISSIONS = sorted((ROOT / "submissions").glob("*.py"))
ACCEPTED = sorted((ROOT / "reference" / "accepted").glob("*.py"))[::4]


def grade_as(grader: Grader, folder: Path, name: str, data: bytes) -> Report:
    path = folder / name
    path.write_bytes(data)
    return grader.grade(path)


def told(report: Report, finding: Finding) -> tuple[object, ...]:
    """What a finding says, with its line, or of a notebook its cell and line."""
    span = finding.span
    if span is None:
        return finding.code, finding.severity, finding.title, None
    place = report.notebook.place(span.line) if report.notebook is not None else span.line
    return finding.code, finding.severity, finding.title, place, span.column, span.end_column


@pytest.mark.parametrize("name", ["casey", "kim"])
def test_a_notebook_says_what_its_file_says(grader_of_few_cases: Grader, tmp_path: Path, name: str) -> None:
    path = ROOT / "submissions" / f"{name}.py"
    made = split(path.read_text())
    compare(grader_of_few_cases, grader_of_few_cases.grade(path), tmp_path, path, made)


@pytest.mark.long
@pytest.mark.parametrize("path", [*SUBMISSIONS, *ACCEPTED], ids=lambda path: path.stem)
def test_every_notebook_says_what_its_file_says(grader_of_few_cases: Grader, tmp_path: Path, path: Path) -> None:
    made = split(path.read_text())
    if path.stem == "morgan":  # an endless loop
        limits = replace(grader_of_few_cases.limits, wall_s=1.0, total_wall_s=1.5)
        with Grader.of(grader_of_few_cases.loaded, limits=limits, warm=Warm.NEVER) as hasty:
            compare(hasty, hasty.grade(path), tmp_path, path, made)
    else:
        compare(grader_of_few_cases, grader_of_few_cases.grade(path), tmp_path, path, made)


def compare(grader: Grader, of_file: Report, tmp_path: Path, path: Path, made: Split) -> None:
    of_notebook = grade_as(grader, tmp_path, f"{path.stem}.ipynb", made.data)
    assert of_notebook.verdict is of_file.verdict
    assert of_notebook.points == of_file.points
    if of_file.verdict is Verdict.TIME_LIMIT:  # chance decides where it was stopped and which cases were begun
        in_file, in_notebook = ([told(it, one) for one in it.findings] for it in (of_file, of_notebook))
        assert [one[:3] for one in in_notebook] == [one[:3] for one in in_file]
        assert {one[3] for one in in_notebook} <= set(made.places.values())
        return
    assert outcomes(of_notebook) == outcomes(of_file)
    expected = [
        tuple(
            made.places[part] if place == 3 and part is not None else part
            for place, part in enumerate(told(of_file, one))
        )
        for one in of_file.findings
    ]
    assert [told(of_notebook, one) for one in of_notebook.findings] == expected
    assert of_notebook.notebook is not None
    assert of_notebook.notebook.notes


def outcomes(report: Report) -> list[tuple[str, Outcome]]:
    return [(check.id, check.outcome) for check in report.checks]


def test_there_are_ten_accepted_files() -> None:
    assert len(ACCEPTED) == 10


def test_a_line_in_a_message_is_told_as_that_of_a_cell(grader_of_few_cases: Grader, tmp_path: Path) -> None:
    helper = "def helper(x):\n    return undefined\n"
    solve = "\n\ndef solve(seed, x_batch, y_batch, lr):\n    return helper(x_batch)\n"
    report = grade_as(grader_of_few_cases, tmp_path, "a.ipynb", notebook("import jax\n", helper, solve))
    assert report.verdict is Verdict.RUNTIME_ERROR
    (finding,) = report.findings
    assert "cell 2, line 2, in `helper`" in finding.message
    assert told(report, finding)[3] == (2, 2)


def test_what_python_prints_of_lines_names_cells(grader_of_few_cases: Grader, tmp_path: Path) -> None:
    source = (
        "import traceback\n# judge: submit\ndef f():\n    raise ValueError('line 7')\n"
        "try:\n    f()\nexcept ValueError:\n    traceback.print_exc()\n"
    )
    marked = code("\ndef solve(seed, x_batch, y_batch, lr):\n    return 1 / 0\n", "judge")
    report = grade_as(
        grader_of_few_cases, tmp_path, "a.ipynb", notebook("A = 1", code(source, "judge"), marked)
    )
    assert 'File "a.ipynb", cell 2, line 6, in <module>' in report.stdout
    assert 'File "a.ipynb", cell 2, line 4, in f' in report.stdout
    assert "ValueError: line 7" in report.stdout, "a number of the learner's own"
    assert "submission.py" not in report.stdout
    assert "cell 3, line 3" in report.findings[0].message


def test_a_line_in_a_syntax_error_is_that_of_a_cell(grader_of_few_cases: Grader, tmp_path: Path) -> None:
    broken = "A = 1\ndef solve(seed, x_batch, y_batch, lr):\nreturn 0\n"
    report = grade_as(grader_of_few_cases, tmp_path, "a.ipynb", notebook("import jax\n" * 5, broken))
    assert report.verdict is Verdict.INVALID_SUBMISSION
    assert "cell 2, line 3: expected an indented block after function definition in cell 2, line 2." in (
        report.findings[0].message
    )


def test_what_is_no_notebook_is_an_invalid_submission(grader_of_few_cases: Grader, tmp_path: Path) -> None:
    report = grade_as(grader_of_few_cases, tmp_path, "a.IPYNB", b"{}")
    assert report.verdict is Verdict.INVALID_SUBMISSION
    (finding,) = report.findings
    assert finding.code == "not-a-notebook"
    assert finding.message == (
        "The judge could not read this submission: it is not a notebook: it has no nbformat number."
    )
    again = grade_as(
        grader_of_few_cases, tmp_path, "b.ipynb", notebook("def solve(seed, x_batch, y_batch, lr): pass")
    )
    assert again.verdict is Verdict.WRONG_ANSWER
