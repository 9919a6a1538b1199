"""`judge fuzz FILE`: searches for an input on which a submission is wrong."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from judge.commands.options import STATUS, Parser, add_text_or_json, open_whole_exercise, parser_for
from judge.commands.sandboxes import add_runs, count, print_json, sandboxes, say
from judge.model import UsageError

DONE, FAILED = 0, 1


def parser() -> Parser:
    """The arguments of ``judge fuzz``."""
    parser = parser_for(
        "judge fuzz FILE",
        "Test one submission against the reference on fresh draws, and shrink what fails.",
        STATUS.format(yes="no input found", no="an input was found on which it is wrong"),
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    add_runs(parser)
    parser.add_argument(
        "-n", "--count", type=count, default=200, metavar="N", help="draws to try (default 200)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="where to start drawing (default 0)")
    parser.add_argument("--pin", metavar="NAME", help="add the counterexample to cases/pinned.yaml")
    add_text_or_json(parser)
    return parser


def run(options: argparse.Namespace) -> int:
    """Fuzz, print the result, and pin it if requested."""
    from judge.authoring.pin import case_with, check_pin_name, pin
    from judge.progress import progress
    from judge.solutions.fuzz import as_counterexample, failure_text, fuzz
    from judge.submission import NOT_A_NOTEBOOK, Unusable, is_notebook, read_submission
    from judge.submissions.notebook import read_notebook

    exercise = open_whole_exercise(options)
    if options.pin is not None:
        check_pin_name(exercise, options.pin)
    submission = read_submission(options.file, exercise.limits)
    if not isinstance(submission, Unusable) and is_notebook(submission.path):
        try:
            submission = read_notebook(submission, exercise.entry_point, exercise.limits)
        except (MemoryError, RecursionError):
            submission = Unusable(
                submission.path, NOT_A_NOTEBOOK, "it is a notebook that is too much to be read"
            )
    if isinstance(submission, Unusable):
        raise UsageError(f"{options.file}: {submission.message}")
    with (
        sandboxes(options, exercise, 1) as (runner,),
        progress(f"fuzzing {options.file.name}", options.count) as step,
    ):
        result = fuzz(exercise, runner, submission.source, count=options.count, seed=options.seed, step=step)
    failure = result.failure
    if options.format == "json":
        from dataclasses import asdict

        found = asdict(as_counterexample(failure)) if failure is not None else None
        print_json({"tried": result.tried, "discarded": result.discarded, "counterexample": found})
    else:
        say(f"{result.tried} inputs tried, {result.discarded} discarded (right solutions disagree there)")
        say(failure_text(failure) if failure is not None else "no input found on which it is wrong")
    if failure is not None and options.pin is not None:
        if known := case_with(exercise, failure.inputs):
            told = f"not pinned: {known} has these inputs already, and sees this submission without fuzzing"
        else:
            path = pin(exercise, options.pin, failure, submission.source, options.file.name, options.seed)
            told = f"pinned as pinned/{options.pin} in {path.relative_to(exercise.root)}; run 'judge cases record'"
        print(told, file=sys.stderr)
    return FAILED if failure is not None else DONE
