"""The batch: reuses stored results that still hold, grades the rest, and keeps each result as soon as it is known."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from judge.batch.pool import Executor, GraderLike, Noted, Pool, Read, Retried
from judge.batch.results_folder import ResultsFolder
from judge.batch.resume import Conditions, stamped
from judge.batch.spool import ReportSpool
from judge.batch.summary_row import ReportCompactor
from judge.files import NotSavedError
from judge.model import Isolation, IsolationLevel, Limits, Report, Submission
from judge.reports.escape import without_surrogates
from judge.submission import is_notebook
from judge.submissions.entry import Entry

UNKNOWN = Isolation(IsolationLevel.UNKNOWN, (), ())
"""The isolation of a submission that was never run, because the judge failed first."""


@dataclass(frozen=True)
class Row:
    """A finished submission: where it came from and its light report (see `judge.batch.summary_row`)."""

    entry: Entry
    report: Report


class Watcher(Protocol):
    """Receives the progress of a batch, in the thread that runs it."""

    def planned(self, total: int, known: int) -> None: ...

    def finished(self, row: Row, *, was_known: bool) -> None: ...

    def note(self, text: str) -> None: ...


@dataclass(frozen=True)
class Settings:
    """The settings of a batch. ``redact`` reduces a report to what its readers may see, before it is kept anywhere.

    ``make_executor(read)`` returns what grades jobs, which ``read`` turns into what is graded (default: `Pool`).
    """

    limits: Limits
    jobs: int
    make_grader: Callable[[], GraderLike]
    failed: Callable[[Read, str], Report]
    redact: Callable[[Report], Report]
    make_executor: Callable[[Callable[[Any], Read]], Executor[Any]] | None = None


class Batch:
    """One run over the entries. ``conditions`` decides which stored reports still hold; with None none is reused."""

    def __init__(
        self,
        entries: Sequence[Entry],
        settings: Settings,
        watcher: Watcher,
        folder: ResultsFolder | None = None,
        conditions: Conditions | None = None,
        shelf: ReportSpool | None = None,
        on_report: Callable[[Report], None] = lambda report: None,
    ) -> None:
        self._entries, self._settings, self._watcher = entries, settings, watcher
        self._folder, self._conditions = folder, conditions
        self._shelf, self._on_report = shelf, on_report
        self._compactor = ReportCompactor()
        self._rows: dict[int, Row] = {}
        self._isolation = UNKNOWN
        self.unsaved: list[str] = []
        """Submissions whose report was not saved because the disk had no room."""
        self._pool: Executor[_Group] = self._executor()

    def _executor(self) -> Executor[_Group]:
        def read(group: _Group) -> Read:
            return self._look(group.first)

        settings = self._settings
        if settings.make_executor is not None:
            return settings.make_executor(read)
        return Pool(settings.make_grader, read, settings.failed, settings.jobs)

    @property
    def rows(self) -> list[Row]:
        """The finished submissions, in the order of the entries."""
        return list(self.numbered_rows.values())

    @property
    def numbered_rows(self) -> dict[int, Row]:
        """The finished submissions by the numbers of their entries, in order."""
        return {number: self._rows[number] for number in sorted(self._rows)}

    @property
    def interrupted(self) -> bool:
        return self._pool.interrupted

    def interrupt(self) -> None:
        """Stop soon: running submissions are killed and count as never begun. A signal handler may call this."""
        self._pool.interrupt()

    def run(self) -> None:
        """Finish every entry, unless interrupted. Raises errors that would stop every one; finished rows are kept."""
        groups = self._grouped()
        unknown = []
        for group in groups:
            stored = self._stored(group)
            if not stored:
                unknown.append(group)
            for number in group.numbers if stored else ():
                report = stored.get(number) or next(iter(stored.values()))
                self._keep(number, report, stored=stored.get(number))
        self._watcher.planned(len(self._entries), len(self._rows))
        while unknown and not self.interrupted:
            unknown = list(self._graded(unknown))

    def _grouped(self) -> list[_Group]:
        """Group the entries with equal bytes; an unreadable entry is a group of its own."""
        groups: dict[tuple[str, int], list[int]] = {}
        for number in range(len(self._entries)):
            if self.interrupted:
                return []
            read = self._look(number)
            # the same bytes are another program as a notebook
            key = (read.sha256, is_notebook(read.path)) if isinstance(read, Submission) else ("", number)
            groups.setdefault(key, []).append(number)
        return [_Group(tuple(numbers), sha256) for (sha256, _), numbers in groups.items()]

    def _stored(self, group: _Group) -> dict[int, Report]:
        """Return the stored reports of the group's members that still hold; one is enough for the whole group."""
        if self._folder is None or self._conditions is None or not group.sha256:
            return {}
        found = {number: self._folder.read(self._entries[number].key) for number in group.numbers}
        return {
            number: report
            for number, report in found.items()
            if report is not None and self._conditions.hold_for(report, group.sha256)
        }

    def _graded(self, groups: Sequence[_Group]) -> Iterator[_Group]:
        """Grade the groups; yield those that must be graded separately because a file changed meanwhile."""
        with contextlib.closing(self._pool.run(groups)) as events:
            for event in events:
                if isinstance(event, Noted):
                    self._watcher.note(event.text)
                    continue
                group = event.job
                if isinstance(event, Retried):
                    shown = self._entries[group.first].shown
                    self._watcher.note(f"{shown}: judge error, trying again: {event.reason}")
                    continue
                report = self._settings.redact(stamped(self._with_isolation(event.report)))
                self._keep(group.first, report)
                for number in group.numbers[1:]:
                    if report.sha256 == group.sha256:
                        self._keep(number, report)
                    else:
                        yield _Group((number,), group.sha256)

    def _keep(self, number: int, report: Report, stored: Report | None = None) -> None:
        """Keep a result in all places; ``stored`` is the report that the results folder has for it already."""
        entry = self._entries[number]
        report = replace(report, path=without_surrogates(entry.shown))
        try:
            if self._folder is not None and (stored is None or stored.path != report.path):
                self._folder.write(entry.key, report)
            if self._shelf is not None:
                self._shelf.put(number, report)
        except NotSavedError as error:  # the others may be smaller, and there may be room again
            self.unsaved.append(entry.shown)
            self._watcher.note(f"{entry.shown}: its report could not be saved: {error}")
        row = self._rows[number] = Row(entry, self._compactor.compact(report))
        self._on_report(report)
        self._watcher.finished(row, was_known=stored is not None)

    def _with_isolation(self, report: Report) -> Report:
        """Return a report made before its isolation was known with the isolation of the others."""
        if report.isolation.level == UNKNOWN.level:
            return replace(report, isolation=self._isolation)
        self._isolation = report.isolation
        return report

    def _look(self, number: int) -> Read:
        return self._entries[number].read(self._settings.limits)


@dataclass(frozen=True)
class _Group:
    """Entries, by number, whose bytes were equal when the batch read them; the digest is "" for an unreadable one."""

    numbers: tuple[int, ...]
    sha256: str

    @property
    def first(self) -> int:
        return self.numbers[0]
