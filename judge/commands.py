"""What the short commands do, once their arguments are parsed."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path

from judge.exit_status import ACCEPTED, JUDGE_ERROR, status_of
from judge.model import UsageError
from judge.options import accept_from, limits_from

COUNTEREXAMPLE_S = 10.0
"""How long a small input is looked for on which a wrong answer shows."""


def grade(options: argparse.Namespace) -> int:
    """`judge PATH...`: one file is graded here, several files and folders are a batch."""
    paths = [Path(path) for path in options.paths]
    outputs = [Path(path) for path in options.output]
    if len(paths) == 1 and not paths[0].is_dir() and not any(_is_folder(path) for path in outputs):
        return _grade_one(options, paths[0], outputs)
    from judge.batch import grade_batch
    from judge.reports import format_named

    return grade_batch(options, paths, format_named(options.format).name, outputs)


def _is_folder(path: Path) -> bool:
    return path.is_dir() or not path.suffix


def _grade_one(options: argparse.Namespace, path: Path, outputs: list[Path]) -> int:
    from judge.sandbox.flags import DEFAULT_FLAGS
    from judge.sandbox.launched import Launched

    # Before anything that it does not need: it imports jax for a second, beside all that comes now.
    with contextlib.closing(Launched(DEFAULT_FLAGS)) as launched:
        from judge.grader import Grader, load_bench
        from judge.output import check_outputs, for_audience, show, write_reports
        from judge.progress import compiling, notify, status
        from judge.reports import format_named
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


def start(options: argparse.Namespace) -> int:
    """`judge start FILE`."""
    from judge import exercise as exercises
    from judge.start import start_file

    loaded = exercises.load_exercise(exercises.find_exercise(options.exercise))
    sys.stdout.write(start_file(loaded, options.file))
    return ACCEPTED


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
    return ACCEPTED
