"""The extension of IPython and Jupyter: ``%load_ext judge``, then ``%%judge`` above a cell or ``%judge solve``.

A cell is graded with what it needs of the cells that were run before it, chosen as for a notebook in a file
(`judge.submissions.kept`): a solution is seldom in one cell with its imports.  Places are told by the numbers that
Jupyter shows, so ``cell 5`` is ``In [5]``.

IPython is not imported here, and no dependency: it is there where the extension is loaded.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import shlex
import sys
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from judge.commands.options import Parser, accept_from, add_exercise, add_isolation, audience_from
from judge.commands.output import for_audience
from judge.grade import LoadedExercise
from judge.grader import Grader, load_exercise_with_goldens
from judge.model import JudgeError, Report, Submission, UsageError
from judge.sandbox import Warm
from judge.submission import submission_of
from judge.submissions.cells import Cell, is_python, source_of

SHOWN_AS = "this notebook"
FRAME = (
    '<iframe sandbox="allow-scripts allow-popups" title="judge" srcdoc="{page}" '
    'style="width: 100%; height: 40rem; border: 1px solid #8884; border-radius: 4px; resize: vertical"></iframe>'
)
"""The page runs in a frame of its own, without access to the notebook around it."""


def load(shell: Any) -> None:
    """Give a shell the magics."""
    session = Session(shell)
    shell.events.register("post_run_cell", session.ran)
    shell.register_magic_function(session.judge, "line_cell", "judge")


class Session:
    """The cells that a shell has run, and graders for them."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._failed: set[int] = set()
        """The numbers of cells that ended in an error: what they define may be incomplete."""
        self._loaded_exercises: dict[Path, LoadedExercise] = {}
        self._graders: dict[tuple[Path, str], Grader] = {}
        atexit.register(self.close)

    def close(self) -> None:
        for grader in self._graders.values():
            with contextlib.suppress(Exception):
                grader.close()
        self._graders.clear()

    def ran(self, result: Any) -> None:
        """Note how a cell ended; IPython calls this after each."""
        if not result.success and result.info.store_history:
            self._failed.add(len(self._shell.history_manager.input_hist_raw) - 1)

    def judge(self, line: str, cell: str | None = None) -> None:
        """``%%judge [options]`` runs the cell and grades it; ``%judge NAME [options]`` grades a function by name."""
        # Not `execution_count`, which some versions of IPython count on before the cell runs.
        number = len(self._shell.history_manager.input_hist_raw) - 1
        try:
            if cell is None:
                options = _options("%judge NAME", line, named=True)
                name: str | None = options.name
                if name not in self._shell.user_ns:
                    raise UsageError(f"nothing is called {name} in this notebook yet")
            else:
                options = _options("%%judge", line, named=False)
                name = None
                self._shell.run_cell(cell, store_history=False)
            report = self._grade(options, number, name, cell)
        except (UsageError, JudgeError) as error:
            print(f"judge: {error}", file=sys.stderr)
            return
        except SystemExit:  # after --help
            return
        self._shell.display_pub.publish(data=shown(report))

    def _grade(self, options: argparse.Namespace, number: int, name: str | None, cell: str | None) -> Report:
        loaded = self._loaded(options.exercise)
        grader = self._grader(loaded, accept_from(options, own_practice=loaded.exercise.public))
        entry_point = loaded.exercise.entry_point
        report = grader.grade(self._submission(number, entry_point, name or entry_point, cell))
        return for_audience(loaded.exercise, audience_from(options, loaded.exercise))(report)

    def _submission(self, number: int, entry_point: str, name: str, cell: str | None) -> Submission:
        """Return the Python of this session that is graded; ``number`` is that of the cell with the magic."""
        history = list(enumerate(self._shell.history_manager.input_hist_raw))
        cells = [
            Cell(place, source)
            for place, source in history[1:]
            if place < number and place not in self._failed and is_python(source)
        ]
        if cell is not None:
            cells.append(Cell(number, f"%%judge\n{cell}"))
        elif name != entry_point:
            cells.append(Cell(number, f"{entry_point} = {name}"))
        source, notebook = source_of(cells, entry_point, session=True)
        # What was left out of other cells is no news each time.
        notes = tuple(note for note in notebook.notes if note.startswith(f"Cell {number}:"))
        return replace(submission_of(source, SHOWN_AS), notebook=replace(notebook, notes=notes))

    def _loaded(self, exercise: Path) -> LoadedExercise:
        place = exercise.resolve()
        if place not in self._loaded_exercises:
            self._loaded_exercises[place] = load_exercise_with_goldens(exercise)
        return self._loaded_exercises[place]

    def _grader(self, loaded: LoadedExercise, accept: str) -> Grader:
        key = (loaded.exercise.root, accept)
        if key not in self._graders:
            grader = self._graders[key] = Grader.of(loaded, accept=accept, warm=Warm.NEVER)
            for notice in grader.prepare(_building):
                print(f"judge: {notice}", file=sys.stderr)
        return self._graders[key]


def _building(done: int, total: int) -> None:
    if done == 0:
        print(f"judge: compiling {total} programs, once for this machine", file=sys.stderr)


def shown(report: Report) -> dict[str, str]:
    """Return the report by the kinds of output that a notebook or a terminal can show."""
    from judge.reports.formats import html
    from judge.reports.formats.text import report as text

    return {
        "text/plain": text.render(report),
        "text/html": FRAME.format(page=escape(html.render(report))),
    }


def _options(usage: str, line: str, *, named: bool) -> argparse.Namespace:
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"{line}: {error}") from None
    shown_usage = f"{usage} [options]".replace("%", "%%")  # argparse formats it
    parser = Parser(prog=usage.split()[0], usage=shown_usage, description="Grade what is written here.")
    if named:
        parser.add_argument("name", metavar="NAME", help="the function, as it is called here")
    add_exercise(parser)
    parser.add_argument("--audience", choices=("staff", "learner"), help="who will read it")
    add_isolation(parser)
    return parser.parse_args(words)
