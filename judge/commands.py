"""What the short commands do, once their arguments are parsed."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

from judge import cli
from judge.model import Limits, Report, UsageError, Verdict


def grade(options: argparse.Namespace) -> int:
    """`judge PATH...`: one file is graded here, several files and folders are a batch."""
    from judge.reports import format_named

    chosen = format_named(options.format)
    paths = [Path(path) for path in options.paths]
    outputs = [Path(path) for path in options.output]
    if len(paths) == 1 and not paths[0].is_dir() and not any(_is_folder(path) for path in outputs):
        return _grade_one(options, paths[0], chosen.name, outputs)
    from judge.batch import grade_batch

    return grade_batch(options, paths, chosen.name, outputs)


COUNTEREXAMPLE_S = 10.0


def _is_folder(path: Path) -> bool:
    return path.is_dir() or not path.suffix


def _grade_one(options: argparse.Namespace, path: Path, format_name: str, outputs: list[Path]) -> int:
    from judge.grader import Grader, load_bench
    from judge.output import check_outputs, show, write_reports
    from judge.progress import status

    check_outputs(outputs, 1)
    bench = load_bench(options.exercise)
    limits = limits_from(options, bench.exercise.limits)
    with Grader.of(bench, limits=limits, accept=accept_from(options)) as grader, status(f"grading {path}"):
        report = grader.grade(path, counterexample_s=0.0 if options.no_shrink else COUNTEREXAMPLE_S)
    write_reports(outputs, [report], options.audience)
    show([report], format_name, options.audience, plain=options.plain)
    return status_of([report])


def status_of(reports: list[Report]) -> int:
    """0 when all are accepted, 3 when the judge failed on any, else 1."""
    verdicts = {report.verdict for report in reports}
    if Verdict.JUDGE_ERROR in verdicts:
        return cli.JUDGE_ERROR
    return cli.ACCEPTED if verdicts <= {Verdict.ACCEPTED} else cli.NOT_ACCEPTED


def limits_from(options: argparse.Namespace, limits: Limits) -> Limits:
    """The exercise's limits, changed as the options say."""
    if options.time_limit is not None:
        wall_s = float(options.time_limit)
        total_s = max(limits.total_wall_s * wall_s / limits.wall_s, wall_s)
        limits = dataclasses.replace(limits, wall_s=wall_s, total_wall_s=total_s)
    if options.memory_limit is not None:
        if options.memory_limit < MIN_MEMORY_MIB:
            raise UsageError(
                f"--memory-limit {options.memory_limit}: jax needs at least {MIN_MEMORY_MIB} MiB"
            )
        limits = dataclasses.replace(limits, memory_mib=int(options.memory_limit))
    return limits


MIN_MEMORY_MIB = 512
"""With less, jax hangs at start-up instead of failing; a limit that breaks right solutions is refused."""


def accept_from(options: argparse.Namespace) -> str:
    """The weakest isolation level to run under."""
    if options.unsafe_no_sandbox:
        return "none"
    return "weak" if options.accept_weak else "good"


def start(options: argparse.Namespace) -> int:
    """`judge start FILE`."""
    from judge import exercise as exercises
    from judge.start import start_file

    loaded = exercises.load_exercise(exercises.find_exercise(options.exercise))
    sys.stdout.write(start_file(loaded, options.file))
    return cli.ACCEPTED


def explain(options: argparse.Namespace) -> int:
    """`judge explain [CODE]`: outside of an exercise, the engine's own findings only."""
    from judge import exercise as exercises
    from judge.explain import explain_all, explain_code

    try:
        found = exercises.load_exercise(exercises.find_exercise(options.exercise))
    except UsageError:
        found = None
    if options.code is None:
        explain_all(found, plain=options.plain)
    else:
        explain_code(options.code, found, plain=options.plain)
    return cli.ACCEPTED
