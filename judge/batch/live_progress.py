"""Shows on stderr how a batch proceeds: a bar with rate, time left and verdicts on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from judge.batch.batch import Row
from judge.closing import Closing
from judge.model import Verdict
from judge.reports.escape import clip, visible
from judge.reports.phrases import VERDICT_WORDS, counted, number

if TYPE_CHECKING:
    from rich.progress import Progress

SHOWN_NAME_CHARS = 200

STYLES = {Verdict.ACCEPTED: "green", Verdict.PITFALL: "yellow"}


class Tally:
    """Counts, rate and time left, independent of how they are shown. Times are seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start_s = clock()
        self.total = 0
        self.known = 0
        self.graded = 0
        self.verdicts: Counter[Verdict] = Counter()

    def begin(self, total: int) -> None:
        """Start the clock: results known before do not count in the rate."""
        self.total, self._start_s = total, self._clock()

    def add(self, row: Row, *, was_known: bool) -> None:
        self.known += was_known
        self.graded += not was_known
        self.verdicts[row.report.verdict] += 1

    @property
    def finished(self) -> int:
        return self.known + self.graded

    @property
    def elapsed_s(self) -> float:
        return self._clock() - self._start_s

    @property
    def per_minute(self) -> float | None:
        """Submissions graded per minute; None before the first."""
        return 60 * self.graded / self.elapsed_s if self.graded and self.elapsed_s > 0 else None

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest will take at the rate so far."""
        return None if self.per_minute is None else 60 * (self.total - self.finished) / self.per_minute

    def pace(self) -> str:
        """``52.1/min, 1:05 left``."""
        if self.per_minute is None or self.left_s is None:
            return ""
        rate = f"{number(self.per_minute, 3)}/min"
        return f"{rate}, {clock_time(self.left_s)} left" if self.finished < self.total else rate

    def counts(self) -> list[tuple[Verdict, str]]:
        """Return the verdicts so far, best first, each with its text: ``12 accepted``."""
        return [
            (verdict, f"{self.verdicts[verdict]:,} {VERDICT_WORDS[verdict].lower()}")
            for verdict in reversed(Verdict)
            if self.verdicts[verdict]
        ]


def clock_time(seconds: float) -> str:
    """``0:07``, ``12:30``, ``3:02:11``."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


class Lines(Closing):
    """A line for every submission, for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.tally = Tally()

    def close(self) -> None:
        pass

    def planned(self, total: int, known: int) -> None:
        self.tally.begin(total)
        if known:
            self.note(f"{counted(known, 'result')} unchanged, {total - known:,} to grade")

    def finished(self, row: Row, *, was_known: bool) -> None:
        self.tally.add(row, was_known=was_known)
        if was_known:
            return
        place, report = self.tally.finished, row.report
        score = f"{number(report.points, 4)}/{number(report.out_of, 4)}"
        total = str(self.tally.total)
        name = clip(row.entry.shown, SHOWN_NAME_CHARS)
        self.note(f"[{place:>{len(total)}}/{total}] {report.verdict:<18} {score:>7}  {name}")

    def note(self, text: str) -> None:
        self._stream.write(visible(text) + "\n")
        self._stream.flush()


class Bar(Closing):
    """A bar that is drawn in place; it stays, full, when the batch is done."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
        from rich.text import Text

        self.tally = Tally()
        tally = self.tally

        class Pace(TextColumn):
            def render(self, task: object) -> Text:
                return Text(tally.pace())

        class Counts(TextColumn):
            def render(self, task: object) -> Text:
                parts = [Text(text, STYLES.get(verdict, "red")) for verdict, text in tally.counts()]
                return Text(", ").join(parts)

        self._progress: Progress = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            Pace(""),
            Counts(""),
            console=Console(file=stream),
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("", total=None)

    def _begin(self) -> None:
        self._progress.start()

    def close(self) -> None:
        self._progress.stop()

    def planned(self, total: int, known: int) -> None:
        self.tally.begin(total)
        self._progress.update(self._task, total=total, completed=self.tally.finished)

    def finished(self, row: Row, *, was_known: bool) -> None:
        self.tally.add(row, was_known=was_known)
        self._progress.update(self._task, completed=self.tally.finished)

    def note(self, text: str) -> None:
        from rich.text import Text

        self._progress.console.print(Text(visible(text)))


def live(*, plain: bool, streams_to_terminal: bool) -> Bar | Lines:
    """Return the display that suits stderr; no bar when reports are printed to the same terminal."""
    if plain or streams_to_terminal or not _can_draw(sys.stderr):
        return Lines(sys.stderr)
    return Bar(sys.stderr)


def _can_draw(stream: TextIO) -> bool:
    if not stream.isatty():
        return False
    from rich.console import Console

    console = Console(file=stream)
    return console.is_terminal and not console.is_dumb_terminal
