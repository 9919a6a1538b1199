"""`judge PATH...`: grades one file here, several files and folders as a batch."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from judge.commands.exit_status import JUDGE_ERROR, status_of
from judge.commands.options import (
    STATUS,
    Parser,
    accept_from,
    add_exercise,
    add_isolation,
    add_plain,
    limits_from,
    parser_for,
    positive,
)

COUNTEREXAMPLE_S = 10.0
"""Seconds spent on searching a small input on which a wrong answer shows."""

EPILOG = f"""\
commands:
  judge PATH...        grade files and notebooks, or all of them in folders
  judge start FILE     write the exercise's starter file
  judge explain CODE   the page about a finding; without CODE, all of them
  judge watch FILE     grade again on every save
  judge cases ...      the exercise's own cases: record, check, draw, mutate, new, show
  judge fuzz FILE      look for an input on which a submission is wrong
  judge diff A B       what changed between two result folders
  judge doctor         how strongly this machine can isolate submissions, and why
  judge selftest       attack the sandbox of this machine
'judge COMMAND --help' says more about one of them.

{STATUS.format(yes="all accepted", no="some not accepted")}
"""


def parser() -> Parser:
    """The arguments of grading."""
    from judge.reports.formats import format_names

    parser = parser_for(
        "judge PATH... [options]",
        "Run submissions in a sandbox, compare their numbers with the right ones, and name what went wrong.",
        EPILOG,
        verb=False,
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a submission, or a folder of submissions")
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
        help="also write a report in the format of the name's ending (FILE.html, FILE.json, FILE.junit.xml, ...), or "
        "a folder with a report for each submission; as often as you like",
    )
    output.add_argument(
        "--audience",
        choices=("staff", "learner"),
        default="staff",
        help="who will read it: staff (default) sees all, a learner nothing of hidden cases",
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
    batch.add_argument("--fresh", action="store_true", help="grade again what the result folder already has")
    batch.add_argument(
        "--no-warm-lane",
        action="store_true",
        help="start every submission from a process in which jax has not computed anything yet",
    )
    parser.add_argument(
        "--no-shrink", action="store_true", help="do not look for a small input that shows a wrong number"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Grade the named files and folders; exit status 0 when all are accepted."""
    paths = [Path(path) for path in options.paths]
    outputs = [Path(path) for path in options.output]
    if len(paths) == 1 and not paths[0].is_dir() and not any(_is_folder(path) for path in outputs):
        return _grade_one(options, paths[0], outputs)
    from judge.commands.grade_batch import grade_batch
    from judge.reports.formats import format_named

    return grade_batch(options, paths, format_named(options.format).name, outputs)


def _is_folder(path: Path) -> bool:
    return path.is_dir() or not path.suffix


def _grade_one(options: argparse.Namespace, path: Path, outputs: list[Path]) -> int:
    from judge.sandbox.flags import DEFAULT_FLAGS
    from judge.sandbox.launched import Launched

    # Started first: it imports jax for a second, in parallel with all that follows.
    with contextlib.closing(Launched(DEFAULT_FLAGS)) as launched:
        from judge.commands.output import check_outputs, for_audience, show, write_reports
        from judge.grader import Grader, load_bench
        from judge.progress import compiling, notify, status
        from judge.reports.formats import format_named
        from judge.sandbox import Warm

        chosen = format_named(options.format)
        check_outputs(outputs, 1)
        bench = load_bench(options.exercise)
        bench.speed.say = lambda line: notify([line])
        limits, accept = limits_from(options, bench.exercise.limits), accept_from(options)
        with Grader.of(bench, limits=limits, accept=accept, warm=Warm.NEVER, launched=launched) as grader:
            with compiling() as told:
                notices = grader.prepare(told)
            notify(notices)
            with status(f"grading {path}"):
                report = grader.grade(
                    path,
                    counterexample_s=0.0 if options.no_shrink else COUNTEREXAMPLE_S,
                    on_retry=lambda reason: notify([f"judge error, trying again: {reason}"]),
                )
    report = for_audience(bench.exercise, options.audience)(report)
    unsaved = write_reports(outputs, [report])
    notify(unsaved)
    show([report], chosen.name, plain=options.plain)
    return JUDGE_ERROR if unsaved else status_of([report])
