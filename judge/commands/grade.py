"""`judge PATH...`: grades one file here, several files and folders as a batch."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from judge.commands import COMMANDS
from judge.commands.exit_status import JUDGE_ERROR, status_of
from judge.commands.options import (
    STATUS,
    Parser,
    accept_from,
    add_exercise,
    add_isolation,
    add_plain,
    add_scheduler,
    audience_from,
    limits_from,
    parser_for,
    positive,
)
from judge.model import UsageError, Visibility

if TYPE_CHECKING:
    from judge.model import Limits, Report, Submission
    from judge.submission import Unusable

STDIN = Path("-")
SHOWS_HIDDEN = "hidden cases are shown, as to staff; --audience learner shows what learners see"
COUNTEREXAMPLE_S = 10.0
"""Seconds spent on searching a small input on which a wrong answer shows."""

EPILOG = f"""\
commands:
  judge PATH...        grade files and notebooks, or all of them in folders and archives
  judge start FILE     write the exercise's starter file
  judge explain CODE   the page about a finding; without CODE, all of them
  judge watch FILE     grade again on every save
  judge cases ...      the exercise's own cases: record, check, draw, mutate, new, show
  judge new exercise DIR
                       write a commented exercise that works as it stands
  judge fuzz FILE      look for an input on which a submission is wrong
  judge pack -o FILE   the exercise as one file: with --public, for learners
  judge export harbor -o DIR
                       the exercise as a task for agents
  judge prepare        compile what gradings run, once: they take half the time
  judge worker --scheduler ADDRESS
                       grade for batches that use this Dask scheduler
  judge merge DIR...   put the results of shards together
  judge diff A B       what changed between two result folders
  judge schema NAME    the JSON schema of a report, or of an exercise's files
  judge doctor         how strongly this machine can isolate submissions, and why
  judge selftest       attack the sandbox of this machine
  judge --version --verbose
                       versions, isolation, cache folder: what a bug report needs
  judge --print-completion SHELL
                       completion of all this for bash, zsh or tcsh
'judge COMMAND --help' says more about one of them.

{STATUS.format(yes="all accepted", no="some not accepted")}
"""


def parser() -> Parser:
    """The arguments of grading."""
    parser = parser_for(
        "judge PATH... [options]",
        "Run submissions in a sandbox, compare their numbers with the right ones, and name what went wrong.",
        EPILOG,
    )
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a submission (- for standard input), or a folder or archive (zip, tar, tar.gz) of them",
    )
    add_options(parser)
    return parser


def add_options(parser: Parser) -> None:
    """Add the options of grading."""
    from judge.reports.formats import format_names

    add_exercise(parser)
    output = parser.add_argument_group("output")
    output.add_argument(
        "--format",
        default="text",
        metavar="NAME",
        help=f"what to print: {', '.join(format_names())} (default: text)",
    )
    output.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="PATH",
        help="also write a report in the format of the name's ending (FILE.html, FILE.json, FILE.junit.xml, ...), "
        "grades (FILE.canvas.csv, FILE.moodle.csv), feedback for each learner (FILE.zip), or a folder with a report "
        "for each submission; as often as you like",
    )
    output.add_argument(
        "--audience",
        choices=("staff", "learner"),
        help="who will read it: staff sees all, a learner nothing of hidden cases (default: a learner with a "
        "public pack; staff with a whole exercise, and the judge says so)",
    )
    add_plain(output)
    limits = parser.add_argument_group("limits")
    limits.add_argument(
        "--time-limit", type=positive(float), metavar="S", help="seconds for one call of the submission"
    )
    limits.add_argument("--memory-limit", type=positive(int), metavar="MIB", help="memory of one submission")
    add_isolation(parser)
    batch = parser.add_argument_group("batch")
    batch.add_argument(
        "-j",
        "--jobs",
        type=positive(int),
        metavar="N",
        help="submissions at a time (default: one per processor)",
    )
    batch.add_argument(
        "--include", action="append", default=[], metavar="GLOB", help="of folders only these files"
    )
    batch.add_argument(
        "--exclude", action="append", default=[], metavar="GLOB", help="of folders not these files"
    )
    batch.add_argument(
        "--roster",
        default="",
        metavar="NAME",
        help="tell from the files' names who handed them in: auto, canvas, moodle, brightspace, blackboard, "
        "gradescope, classroom50, or a regular expression with the named groups id, name, attempt, late, file, group",
    )
    batch.add_argument(
        "--scale",
        default="",
        metavar="N",
        help="the grade for all points, in exported grades (default: the points)",
    )
    batch.add_argument(
        "--round",
        default="",
        metavar="WAY:STEP",
        help="how exported grades are rounded, like half-up:0.5; ways are half-up, half-even, up and down "
        "(default: half-up:0.01)",
    )
    batch.add_argument(
        "--assignment",
        default="",
        metavar="NAME",
        help="the column of grades for Canvas, like 'Homework 3 (1234)' (default: the exercise's title)",
    )
    batch.add_argument(
        "--shard",
        default="",
        metavar="I/N",
        help="only the I-th of N parts of the class, from 0; auto/N takes I from what Kubernetes, Slurm or AWS "
        "Batch set",
    )
    batch.add_argument("--fresh", action="store_true", help="grade again what the result folder already has")
    batch.add_argument(
        "--no-warm-lane",
        action="store_true",
        help="start every submission from a process in which jax has not computed anything yet",
    )
    add_fleet(parser)
    parser.add_argument(
        "--no-shrink", action="store_true", help="do not look for a small input that shows a wrong number"
    )


def add_fleet(parser: Parser) -> None:
    """Add the options that say where a batch is graded."""
    fleet = parser.add_argument_group("more than one process or machine")
    fleet.add_argument(
        "--executor",
        choices=("threads", "dask"),
        help="grade on threads of this process, or on workers of a Dask cluster, which is started here unless there "
        "is a --scheduler (default: threads)",
    )
    fleet.add_argument(
        "--workers",
        type=positive(int),
        metavar="N",
        help="processes of the cluster that is started here (default: 1)",
    )
    add_scheduler(fleet)


def run(options: argparse.Namespace) -> int:
    """Grade the named files and folders; exit status 0 when all are accepted."""
    _refuse_misspelt_command(options.paths[0])
    paths = [Path(path) for path in options.paths]
    outputs = [Path(path) for path in options.output]
    fleet = options.executor or options.scheduler
    several = bool(options.shard or fleet) or any(_is_folder(path) or _is_export(path) for path in outputs)
    if len(paths) == 1 and not several and not _is_batch(options, paths[0]):
        return _grade_one(options, paths[0], outputs)
    from judge.commands.grade_batch import grade_batch
    from judge.commands.output import usable_format

    return grade_batch(options, paths, usable_format(options.format).name, outputs)


def shows_hidden(report: Report) -> bool:
    """Return whether a report has something that learners may not see."""
    return any(check.visibility is Visibility.HIDDEN for check in report.checks)


def _refuse_misspelt_command(word: str) -> None:
    """Raise UsageError, naming the command, for a first argument that is no path and nearly a command."""
    near = difflib.get_close_matches(word, COMMANDS, n=1, cutoff=0.75)
    if near and not os.path.lexists(word):
        raise UsageError(f"{word}: no such file; did you mean 'judge {near[0]}'?")


def _is_batch(options: argparse.Namespace, path: Path) -> bool:
    from judge.archives import is_archive_name

    return bool(options.roster) or path.is_dir() or is_archive_name(path.name)


def _is_export(path: Path) -> bool:
    from judge.exports import export_for

    return export_for(path) is not None


def _is_folder(path: Path) -> bool:
    return path.is_dir() or not path.suffix


def _from_stdin(limits: Limits) -> Submission | Unusable:
    from judge.submission import submission_from

    source = sys.stdin.buffer.read(limits.source_kib * 1024 + 1)
    return submission_from(source, len(source), "<stdin>", limits)


def _grade_one(options: argparse.Namespace, path: Path, outputs: list[Path]) -> int:
    from judge.sandbox.flags import DEFAULT_FLAGS
    from judge.sandbox.zygote_process import ZygoteProcess

    # Started first: it imports jax for a second, in parallel with all that follows.
    with contextlib.closing(ZygoteProcess(DEFAULT_FLAGS)) as launched:
        from judge.commands.output import check_outputs, for_audience, show, usable_format, write_reports
        from judge.exercise.packs.packaged import in_an_exercise
        from judge.grader import Grader, load_exercise_with_goldens
        from judge.progress import notify, status
        from judge.sandbox import Warm
        from judge.submission import read_submission

        chosen = usable_format(options.format)
        check_outputs(outputs, 1)
        loaded = load_exercise_with_goldens(options.exercise, or_packaged=not in_an_exercise(path))
        loaded.programs.say = lambda line: notify([line])
        limits = limits_from(options, loaded.exercise.limits)
        accept = accept_from(options, own_practice=loaded.exercise.public)
        read = _from_stdin(limits) if path == STDIN else read_submission(path, limits)
        with Grader.of(loaded, limits=limits, accept=accept, warm=Warm.NEVER, launched=launched) as grader:
            notify(grader.notices())  # to compile beforehand (`judge prepare`) pays for more than one file
            with status(f"grading {path}") as stage:
                report = grader.grade(
                    read,
                    counterexample_s=0.0 if options.no_shrink else COUNTEREXAMPLE_S,
                    on_stage=stage,
                    on_retry=lambda reason: notify([f"judge error, trying again: {reason}"]),
                )
    audience = audience_from(options, loaded.exercise)
    report = for_audience(loaded.exercise, audience)(report)
    if options.audience is None and chosen.name == "text" and shows_hidden(report):
        notify([SHOWS_HIDDEN])
    unsaved = write_reports(outputs, [report])
    notify(unsaved)
    show([report], chosen.name, plain=options.plain)
    return JUDGE_ERROR if unsaved else status_of([report])
