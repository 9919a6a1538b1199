"""The extension of IPython and Jupyter: ``%load_ext judge``, then ``%%judge`` above a cell or ``%judge solve``.

A cell is graded with what it needs of the cells that were run before it, chosen as for a notebook in a file
(`judge.submissions.kept`): a solution is seldom in one cell with its imports.  Places are told by the numbers that
Jupyter shows, so ``cell 5`` is ``In [5]``.

IPython is not imported here, and no dependency: whoever loads the extension has it.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import shlex
import sys
from html import escape
from pathlib import Path
from typing import Any

from judge.commands.options import Parser, accept_from, add_exercise, add_isolation
from judge.grader import Grader, load_bench
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
            self._failed.add(result.execution_count)

    def judge(self, line: str, cell: str | None = None) -> None:
        """``%%judge [options]`` runs the cell and grades it; ``%judge NAME [options]`` grades a function by name."""
        number = self._shell.execution_count
        try:
            if cell is None:
                options = _parser("%judge NAME", named=True).parse_args(shlex.split(line))
                name: str | None = options.name
                if name not in self._shell.user_ns:
                    raise UsageError(f"nothing is called {name} in this notebook yet")
            else:
                options = _parser("%%judge", named=False).parse_args(shlex.split(line))
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
        accept = accept_from(options)
        grader = self._grader(options.exercise, accept)
        entry_point = grader.bench.exercise.entry_point
        return grader.grade(self._submission(number, entry_point, name or entry_point, cell))

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
        made = submission_of(source, SHOWN_AS)
        return Submission(made.path, made.source, made.sha256, notebook)

    def _grader(self, exercise: Path, accept: str) -> Grader:
        key = (exercise.resolve(), accept)
        if key not in self._graders:
            grader = self._graders[key] = Grader.of(load_bench(exercise), accept=accept, warm=Warm.NEVER)
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


def _parser(usage: str, *, named: bool) -> Parser:
    shown_usage = f"{usage} [options]".replace("%", "%%")  # argparse formats it
    parser = Parser(prog=usage.split()[0], usage=shown_usage, description="Grade what is written here.")
    if named:
        parser.add_argument("name", metavar="NAME", help="the function, as it is called here")
    add_exercise(parser)
    add_isolation(parser)
    return parser
