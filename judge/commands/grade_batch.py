"""``judge PATH...`` for several files and folders, from options to exit status."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from judge.batch.batch import Batch, Settings
from judge.batch.live_progress import Bar, Lines, clock_time, live
from judge.batch.pool import GraderLike, processors
from judge.batch.report_names import RESERVED, SUMMARY_CSV, SUMMARY_JSON
from judge.batch.results_folder import ResultsFolder
from judge.batch.resume import Conditions, current_versions
from judge.batch.shards import parse_shard, part_of
from judge.batch.spool import ReportSpool
from judge.batch.summary import (
    NO_NOTES,
    ClassNotes,
    left_out_lines,
    owners_by_path,
    summary_csv,
    summary_json,
)
from judge.commands.exit_status import INTERRUPTED, JUDGE_ERROR, status_of
from judge.commands.fleet_options import fleet_from
from judge.commands.options import accept_from, audience_from, limits_from, open_exercise
from judge.commands.output import (
    check_folders,
    check_outputs,
    for_audience,
    matrix_for,
    no_matrix,
    render,
    show,
    show_document,
)
from judge.exports import Export, HandedIn, Policy, export_for
from judge.exports.grades import ungraded
from judge.exports.policy import policy_of
from judge.files import NotSavedError, not_written, write_file
from judge.model import Json, Limits, Report, UsageError
from judge.reports.escape import visible
from judge.reports.formats import format_for, format_named, jsonl
from judge.reports.phrases import counted
from judge.reports.redact import LEARNER, redact
from judge.streams import CannotPrintError
from judge.submissions.collect import collect
from judge.submissions.entry import Entry
from judge.submissions.listing import LeftOut
from judge.submissions.rosters import Owner, check_roster

MANY = 24
"""The number of submissions from which to compile beforehand and to warm up saves more time than it takes."""

STREAMED = "jsonl"
"""The format that is printed report by report, as they are known."""
SHOWS_HIDDEN = "results show hidden cases, as to staff; with --audience learner they show what learners see"


def grade_batch(
    options: argparse.Namespace, paths: Sequence[Path], format_name: str, outputs: Sequence[Path]
) -> int:
    """Grade everything in the paths and return the exit status (see `judge.cli`)."""
    from judge.batch.failed_report import failed_report
    from judge.grader import Grader, load_exercise_with_goldens
    from judge.progress import compiling, notify
    from judge.sandbox import Warm

    place, documents = _told_apart(outputs)
    exports = [export for path in documents if (export := export_for(path)) is not None]
    files = [path for path in documents if export_for(path) is None]
    shard = parse_shard(options.shard) if options.shard else None
    if shard is not None and (place is None or documents):
        raise UsageError(
            "--shard: a shard's results go to a folder and nowhere else (-o DIR); judge merge puts them together"
        )
    fleet = fleet_from(options)
    policy = policy_of(options.scale, options.round, options.assignment)
    if options.roster:
        check_roster(options.roster)
    left_out: list[LeftOut] = []
    entries = collect(
        paths,
        options.include,
        options.exclude,
        _warn,
        roster=options.roster,
        entry_point=lambda: open_exercise(options).entry_point,
        leave_out=left_out.append,
    )
    for line in left_out_lines(left_out):
        _warn(line)
    if shard is not None:
        shard, entries = part_of(shard, entries, Limits())
        _warn(f"shard {shard.number} of {shard.of}: {len(entries):,} of {counted(shard.whole, 'submission')}")
    check_folders([export.path for export in exports])
    owners = [entry.owner for entry in entries if entry.owner is not None]
    for line in [line for export in exports for line in export.check(export.path, owners)]:
        _warn(line)
    if place is not None and not place.exists():
        try:
            place.mkdir(parents=True)  # so that documents may be written inside of it
        except OSError as error:
            raise not_written(place, error) from None
    check_outputs(files, len(entries))
    if len(entries) > 1 and not format_named(format_name).batch:
        raise UsageError(f"--format {format_name} holds one submission, and there are {len(entries)}")
    loaded = load_exercise_with_goldens(options.exercise)
    loaded.programs.say = lambda line: notify([line])
    limits, accept = limits_from(options, loaded.exercise.limits), accept_from(options)
    audience = audience_from(options, loaded.exercise)
    if options.audience is None and audience != LEARNER and place is not None:
        _warn(SHOWS_HIDDEN)

    jobs = options.jobs or processors()
    many = len(entries) >= MANY
    warm = Warm.READY if many and not options.no_warm_lane else Warm.NEVER

    def make_grader() -> GraderLike:
        return Grader.of(loaded, limits=limits, accept=accept, warm=warm)

    if fleet is None or fleet.is_here:
        with (
            Grader.of(loaded, limits=limits, accept=accept, warm=Warm.NEVER) as grader,
            compiling() as on_progress,
        ):
            notices = grader.prepare(on_progress) if many else grader.notices()
        notify(notices)
    settings = Settings(
        limits=limits,
        jobs=jobs,
        make_grader=make_grader,
        failed=lambda read, reason: failed_report(loaded, limits, read, reason),
        redact=for_audience(loaded.exercise, audience),
    )
    if fleet is not None:
        settings = fleet.settings(settings, loaded, accept, warm)
    conditions = Conditions(loaded.exercise.digest, limits, audience, accept, current_versions())
    exercise = {
        "name": loaded.exercise.name,
        "title": loaded.exercise.title,
        "digest": loaded.exercise.digest,
    }
    return run_batch(
        entries,
        settings,
        folder_path=place,
        conditions=None if options.fresh else conditions,
        exercise=exercise,
        files=files,
        format_name=format_name,
        plain=options.plain,
        matrix=matrix_for(loaded.exercise, audience),
        class_notes=ClassNotes(options.roster, tuple(left_out), shard),
        exports=exports,
        policy=policy,
        for_learners=for_audience(loaded.exercise, LEARNER),
    )


def run_batch(
    entries: Sequence[Entry],
    settings: Settings,
    *,
    exercise: dict[str, str],
    folder_path: Path | None = None,
    conditions: Conditions | None = None,
    files: Sequence[Path] = (),
    format_name: str = "text",
    plain: bool = False,
    matrix: Callable[[], Json] = no_matrix,
    class_notes: ClassNotes = NO_NOTES,
    exports: Sequence[Export] = (),
    policy: Policy | None = None,
    for_learners: Callable[[Report], Report] = redact,
) -> int:
    """Grade the entries, store and print the results, and return the exit status."""
    streamed = format_name == STREAMED
    whole = bool(files) or bool(exports) or len(entries) == 1 or format_name not in ("text", STREAMED)
    printer = _Printer(goes_on=folder_path is not None or bool(files))
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(ResultsFolder(folder_path)) if folder_path is not None else None
        shelf = stack.enter_context(ReportSpool()) if whole else None
        watcher = live(plain=plain, streams_to_terminal=streamed and sys.stdout.isatty())
        batch = Batch(
            entries, settings, watcher, folder, conditions, shelf, printer.line if streamed else _ignore
        )
        if folder is not None:
            for name in RESERVED:
                folder.forget(name)  # from an earlier run: after a kill it would be taken for this run's
        unsaved: list[str] = []
        try:
            with watcher, _stopped_by_interrupt(batch):
                batch.run()
        finally:
            rows = batch.rows
            if folder is not None:
                elapsed_s = watcher.tally.elapsed_s
                summary = summary_json(rows, entries, exercise, elapsed_s, class_notes)
                unsaved += _unsaved(lambda: folder.write_text(SUMMARY_JSON, summary))
                unsaved += _unsaved(lambda: folder.write_text(SUMMARY_CSV, summary_csv(rows)))
        reports = [row.report for row in rows]
        owners = owners_by_path(rows)
        if not entries:
            return 0  # a shard of a small class
        if not reports:
            raise KeyboardInterrupt  # nothing was finished, so there is nothing to show
        for path in files:
            assert shelf is not None
            unsaved += _unsaved(
                partial(_write_document, path, shelf, matrix, owners, len(entries) - len(rows))
            )
        if exports and batch.interrupted:
            _warn("no grades and no feedback were written, as not everybody is graded")
        elif exports:
            assert shelf is not None
            unsaved += _exported(exports, batch, shelf, policy or Policy(), for_learners)
        if format_name == "text":
            show(
                list(shelf.all()) if shelf and len(rows) == 1 and shelf.all() else reports,
                "text",
                plain=plain,
            )
        elif not streamed:
            assert shelf is not None
            show_document(
                render(shelf.all(), format_named(format_name), matrix, owners, len(entries) - len(rows))
            )
        for line in unsaved:
            _warn(line)
        if batch.unsaved:
            _warn(
                f"{counted(len(batch.unsaved), 'report')} could not be saved; the same command tries those again"
            )
        _say_how_it_went(batch, watcher, len(entries), folder_path)
    printer.close()
    if batch.interrupted:
        return INTERRUPTED
    return JUDGE_ERROR if unsaved or batch.unsaved else status_of(reports)


def _exported(
    exports: Sequence[Export],
    batch: Batch,
    shelf: ReportSpool,
    policy: Policy,
    for_learners: Callable[[Report], Report],
) -> list[str]:
    """Write grades and feedback; return why something could not be saved."""
    handed_in = [
        HandedIn(row.entry.owner, row.entry.key, row.report, partial(_whole, shelf, number, for_learners))
        for number, row in batch.numbered_rows.items()
    ]
    for line in ungraded(handed_in, policy):
        _warn(line)
    unsaved = []
    for export in exports:
        unsaved += _unsaved(partial(_write_export, export, handed_in, policy))
    return unsaved


def _write_export(export: Export, handed_in: Sequence[HandedIn], policy: Policy) -> None:
    write_file(export.path, export.document(handed_in, policy))


def _write_document(
    path: Path, shelf: ReportSpool, matrix: Callable[[], Json], owners: Mapping[str, Owner], ungraded: int
) -> None:
    write_file(path, render(shelf.all(), format_for(str(path)), matrix, owners, ungraded))


def _whole(shelf: ReportSpool, number: int, for_learners: Callable[[Report], Report]) -> Report | None:
    return for_learners(shelf.get(number)) if number in shelf else None


def _unsaved(save: Callable[[], object]) -> list[str]:
    """Return why something could not be saved, if so: the rest of the batch's results are still reported."""
    try:
        save()
    except NotSavedError as error:
        return [str(error)]
    return []


class _Printer:
    """Prints reports one by one.

    ``goes_on`` puts a failure of stdout off until `close`, for a batch whose reports are stored elsewhere as well.
    """

    def __init__(self, *, goes_on: bool) -> None:
        self._goes_on = goes_on
        self._failed: CannotPrintError | None = None

    def line(self, report: Report) -> None:
        if self._failed is not None:
            return
        try:
            show_document(jsonl.render(report))
        except CannotPrintError as error:
            if not self._goes_on:
                raise
            self._failed = error

    def close(self) -> None:
        """Raise the deferred error, if any."""
        if self._failed is not None:
            raise self._failed


def _told_apart(outputs: Sequence[Path]) -> tuple[Path | None, list[Path]]:
    """Return the results folder, if one is named, and the documents."""
    folders = [path for path in outputs if path.is_dir() or not path.suffix]
    if len(folders) > 1:
        raise UsageError(f"one results folder at most: {', '.join(os.fspath(path) for path in folders)}")
    return (folders[0] if folders else None), [path for path in outputs if path not in folders]


@contextlib.contextmanager
def _stopped_by_interrupt(batch: Batch) -> Iterator[None]:
    """Make Ctrl-C or SIGTERM stop the batch in good order; a second one ends the judge in the usual way."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def on_interrupt(number: int, frame: object) -> None:
        restore()
        batch.interrupt()

    for number in before:
        signal.signal(number, on_interrupt)
    try:
        yield
    finally:
        restore()


def _say_how_it_went(batch: Batch, watcher: Bar | Lines, total: int, folder_path: Path | None) -> None:
    tally = watcher.tally
    if batch.interrupted:
        again = "; the same command goes on from here" if folder_path is not None else ""
        _warn(f"interrupted: {tally.finished:,} of {counted(total, 'submission')} finished{again}")
    parts = [f"{counted(tally.graded, 'submission')} graded in {clock_time(tally.elapsed_s)}"]
    if tally.known:
        parts.append(f"{counted(tally.known, 'result')} unchanged and kept")
    if folder_path is not None:
        parts.append(f"reports in {folder_path}")
    _warn("; ".join(parts))


def _ignore(report: Report) -> None:
    return None


def _warn(line: str) -> None:
    sys.stderr.write(f"judge: {visible(line)}\n")
    sys.stderr.flush()
