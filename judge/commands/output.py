"""Writes finished reports: to stdout in one format, and to files in the formats that their names ask for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from judge.files import NotSavedError, write_file
from judge.model import Exercise, Json, Report, UsageError
from judge.reports.formats import ReportFormat, format_for, format_named
from judge.streams import print_document
from judge.submissions.rosters import Owner


def show(reports: Sequence[Report], format_name: str, *, plain: bool = False) -> None:
    """Print the reports to stdout: text adapts to the terminal, every other format is what a file would contain."""
    if format_name == "text":
        from judge.reports.formats.text import report as text
        from judge.reports.terminal import look_for

        look = look_for(sys.stdout, os.environ, plain=plain)
        rendered = text.render(reports[0], look) if len(reports) == 1 else text.render_batch(reports, look)
        sys.stdout.write(rendered if rendered.endswith("\n") else rendered + "\n")
        sys.stdout.flush()
    else:
        show_document(render(reports, format_named(format_name)))


def show_document(rendered: str) -> None:
    """Print a document to stdout as a file would contain it."""
    print_document(rendered if rendered.endswith("\n") else rendered + "\n")


def write_reports(outputs: Sequence[Path], reports: Sequence[Report]) -> list[str]:
    """Write each output file whole or not at all; return what could not be saved, in a sentence each.

    Raises UsageError for a name or place that cannot be used.
    """
    unsaved = []
    for path in outputs:
        try:
            write_file(path, render(reports, format_for(str(path))))
        except NotSavedError as error:
            unsaved.append(str(error))
    return unsaved


def usable_format(name: str) -> ReportFormat:
    """Return the format that ``--format`` names. Raises UsageError, also where something is missing that it needs."""
    chosen = format_named(name)
    chosen.require()
    return chosen


def check_outputs(outputs: Sequence[Path], count: int) -> None:
    """Raise UsageError for a file that could not be written, before the work and not after it."""
    for path in outputs:
        chosen = format_for(str(path))
        chosen.require()
        if count > 1 and not chosen.batch:
            raise UsageError(f"{path}: {chosen.name} holds one submission, and there are {count}")
    check_folders(outputs)


def check_folders(outputs: Sequence[Path]) -> None:
    """Raise UsageError for a file whose folder does not exist."""
    for path in outputs:
        if not path.absolute().parent.is_dir():
            raise UsageError(f"{path}: there is no folder {path.absolute().parent}")


def no_matrix() -> Json:
    """Return None: the kill matrix of readers who may not see one."""
    return None


def matrix_for(exercise: Exercise, audience: str) -> Callable[[], Json]:
    """Return a function that makes the kill matrix of the exercise's cases: for staff, as it names all cases."""
    from judge.reports.redact import STAFF

    if audience != STAFF:
        return no_matrix

    def matrix() -> Json:
        from judge.exercise.cases import read_cases
        from judge.exercise.goldens import load_recorded
        from judge.exercise.kill_matrix import make_matrix
        from judge.exercise.misconceptions import load_misconceptions

        entries = read_cases(exercise)
        recorded = load_recorded(exercise, [entry.case for entry in entries])
        return make_matrix(entries, load_misconceptions(exercise), recorded).to_json()

    return matrix


def render(
    reports: Sequence[Report],
    chosen: ReportFormat,
    matrix: Callable[[], Json] = no_matrix,
    owners: Mapping[str, Owner] | None = None,
    ungraded: int = 0,
) -> str:
    """Return one document in this format; about many submissions it has the kill matrix where the format takes one.

    ``owners``, by path, are the learners where a roster told them apart; then a single submission is a class as well,
    as it is where others are ``ungraded``.
    """
    is_class = len(reports) > 1 or (owners and chosen.takes_owners) or (ungraded and chosen.takes_ungraded)
    if not is_class:
        return chosen.render(reports[0])
    if chosen.render_batch is None:
        raise UsageError(f"{chosen.name} holds one submission, and there are {len(reports)}")
    more: dict[str, Json] = {"matrix": matrix()} if chosen.takes_matrix else {}
    more |= {"ungraded": ungraded} if chosen.takes_ungraded else {}
    return chosen.render_batch(reports, **more, **({"owners": owners} if chosen.takes_owners else {}))


def for_audience(exercise: Exercise, audience: str) -> Callable[[Report], Report]:
    """Return the function that redacts a report for this audience, before any renderer or file sees it."""
    from judge.reports.redact import STAFF, redact

    if audience == STAFF:
        return lambda report: report
    from judge.pages import all_pages

    titles = {page.code: page.title for page in all_pages(exercise)}
    return lambda report: redact(report, audience, titles=titles)
