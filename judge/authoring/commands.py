"""The command line of authors: ``judge cases record|check|...`` and ``judge fuzz``.

Heavy modules are imported by the command that needs them.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judge.exit_status import JUDGE_ERROR
from judge.model import Exercise, StaleGoldensError, UsageError

if TYPE_CHECKING:
    from judge.sandbox import Sandbox

DONE, FAILED = 0, 1


def add_parser(subparsers: Any) -> None:
    """Mount ``cases`` and ``fuzz`` (the argparse object that ``add_subparsers`` returns)."""
    cases = subparsers.add_parser(
        "cases", help="record, check, draw, mutate, new, show: the exercise's cases"
    )
    verbs = cases.add_subparsers(required=True, metavar="VERB", parser_class=type(cases))
    for add in (_add_record, _add_check, _add_draw, _add_mutate, _add_new, _add_show):
        add(verbs)
    _add_fuzz(subparsers)


def _common(parser: argparse.ArgumentParser, *, runs: bool = True, jobs: bool = False) -> None:
    parser.add_argument(
        "--exercise",
        type=Path,
        default=Path("."),
        metavar="DIR",
        help="the exercise's folder (default: the nearest one at or above the current folder)",
    )
    if not runs:
        return
    if jobs:
        parser.add_argument(
            "-j", "--jobs", type=_count, default=1, metavar="N", help="solutions run side by side"
        )
    parser.add_argument("--accept-weak", action="store_true", help="run even when isolation is only 'weak'")
    parser.add_argument("--unsafe-no-sandbox", action="store_true", help="run with no isolation at all")


def _count(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return number


def open_exercise(options: argparse.Namespace) -> Exercise:
    from judge.exercise import find_exercise, load_exercise

    return load_exercise(find_exercise(options.exercise))


@contextmanager
def sandboxes(
    options: argparse.Namespace, exercise: Exercise, count: int, *, compiled: bool = True
) -> Iterator[Sequence[Sandbox]]:
    """This many sandboxes, each on a processor of its own as far as there are enough.

    With ``compiled`` they use the exercise's compiled programs where these are in the user's cache already: much
    faster, and the same bits. ``judge cases record --check`` does without, so that goldens are confirmed by programs
    that were compiled from their sources alone.
    """
    from judge.authoring.players import PATIENT
    from judge.exercise import load_cases
    from judge.sandbox import Sandbox
    from judge.sandbox.speed import Speed

    accept = _accepted_level(options)
    processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    speed = Speed(exercise, load_cases(exercise)) if compiled else None
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                Sandbox(
                    PATIENT,
                    accept=accept,
                    affinity=(processors[index % len(processors)],),
                    secrets=(exercise.root,),
                    speed=speed,
                )
            )
            for index in range(count)
        ]


def _accepted_level(options: argparse.Namespace) -> str:
    """The weakest isolation level to run under."""
    if options.unsafe_no_sandbox:
        return "none"
    return "weak" if options.accept_weak else "good"


def _say(line: str = "") -> None:
    print(line, file=sys.stdout, flush=True)


# ------------------------------------------------------------------------------------------------------- record


def _add_record(verbs: Any) -> None:
    parser = verbs.add_parser(
        "record",
        prog="judge cases record",
        help="run what changed on every case and write the goldens",
        description="Run the reference, the accepted variants and the misconceptions on every case that is new or "
        "changed, say what moved, and write cases/goldens/.",
    )
    _common(parser, jobs=True)
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail when a golden is stale or this machine's reference gives another value",
    )
    parser.add_argument("--all", action="store_true", help="run everything again, also what did not change")
    parser.set_defaults(command=_record)


def _record(options: argparse.Namespace) -> int:
    from judge.authoring.progress import progress
    from judge.authoring.record import record, write
    from judge.progress import compiling

    exercise = open_exercise(options)
    if options.check:
        return _check_recorded(options, exercise)
    with sandboxes(options, exercise, options.jobs) as runners, ExitStack() as stack:

        def prepare() -> None:
            with compiling() as told:
                runners[0].prepare(told)

        recording = record(
            exercise,
            runners,
            lambda count: stack.enter_context(progress("recording", count)),
            anew=options.all,
            prepare=prepare,
        )
    for line in recording.moved:
        _say(line)
    write(recording)
    if recording.changes:
        names = ", ".join(sorted(path.name for path in recording.files))
        _say(f"{recording.runs} runs; wrote {names} in {exercise.goldens_dir.relative_to(exercise.root)}/")
    else:
        _say("nothing changed; the goldens are as they were")
    return DONE


def _check_recorded(options: argparse.Namespace, exercise: Exercise) -> int:
    from judge.authoring.progress import progress
    from judge.authoring.reproduce import reproduce
    from judge.exercise import load_cases, load_goldens

    cases = load_cases(exercise)
    goldens = load_goldens(exercise, cases)
    with (
        sandboxes(options, exercise, 1, compiled=False) as (runner,),
        progress("reference", len(cases)) as step,
    ):
        differences = reproduce(exercise, runner, cases, goldens, step)
    if differences:
        raise StaleGoldensError(
            "this machine's reference does not give the recorded values; 'judge cases record --all' makes them anew\n  "
            + "\n  ".join(differences)
        )
    _say(f"{len(cases)} cases: goldens are current, and the reference gives them here")
    return DONE


# -------------------------------------------------------------------------------------------------------- check


def _add_check(verbs: Any) -> None:
    parser = verbs.add_parser(
        "check",
        prog="judge cases check",
        help="the kill matrix: which case sees which wrong solution, and what is missing",
        description="Read the goldens, print cases against misconceptions, and fail when a condition does not hold. "
        "Runs nothing.",
    )
    _common(parser, runs=False)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="what to print")
    parser.add_argument("--plot", type=Path, metavar="FILE.png|svg", help="draw the matrix as a heat map")
    parser.set_defaults(command=_check)


def _check(options: argparse.Namespace) -> int:
    from judge.authoring.check import assess

    exercise = open_exercise(options)
    assessment = assess(exercise)
    if options.plot is not None:
        from judge.authoring.matrix_plot import plot_matrix

        plot_matrix(assessment.matrix, options.plot, f"{exercise.title}: cases against misconceptions")
    if options.format == "json":
        _print_json(assessment.to_json())
    else:
        from judge.authoring.matrix_text import assessment_text

        _print_rich(assessment_text(assessment))
    if assessment.unusable:
        return JUDGE_ERROR
    return FAILED if assessment.failed else DONE


def _print_json(document: Any) -> None:
    import json

    _say(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def _print_rich(text: Any) -> None:
    """Colours on a terminal, plain text elsewhere; never wrapped, for a matrix must not be."""
    from rich.console import Console

    Console(soft_wrap=True, highlight=False).print(text, end="")


# --------------------------------------------------------------------------------------------------------- draw


def _add_draw(verbs: Any) -> None:
    parser = verbs.add_parser(
        "draw",
        prog="judge cases draw",
        help="freeze Hypothesis draws into cases/generated.yaml",
        description="Draw inputs from reference/strategies.py, discard those on which right solutions disagree, and "
        "keep the ones that show what the other cases see least. The same seed gives the same file.",
    )
    _common(parser)
    parser.add_argument(
        "-n", "--count", type=_count, default=8, metavar="N", help="cases to write (default 8)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="where to start drawing (default 0)")
    parser.set_defaults(command=_draw)


def _draw(options: argparse.Namespace) -> int:
    from judge.authoring.draw import draw_cases
    from judge.authoring.pin import write_generated
    from judge.authoring.progress import progress

    exercise = open_exercise(options)
    with sandboxes(options, exercise, 1) as (runner,), ExitStack() as stack:
        drawing = draw_cases(
            exercise,
            runner,
            options.count,
            options.seed,
            lambda title, count: stack.enter_context(progress(title, count)),
        )
    path = write_generated(exercise, drawing.text)
    _say(
        f"{drawing.drawn} draws: {drawing.ill_conditioned} discarded as ill-conditioned, {drawing.not_finite} as 0 or "
        f"not finite, {drawing.known} known already; {drawing.kept} kept in {path.relative_to(exercise.root)}"
    )
    _say("run 'judge cases record' to record them")
    return DONE


# ------------------------------------------------------------------------------------------------------- mutate


def _add_mutate(verbs: Any) -> None:
    parser = verbs.add_parser(
        "mutate",
        prog="judge cases mutate",
        help="is every mechanical mutant of the reference rejected?",
        description="Make one small change after another in reference/solution.py and run each mutant on all cases. "
        "Survivors are shown with their diff; equivalent ones belong in reference/equivalent-mutants.yaml.",
    )
    _common(parser, jobs=True)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="what to print")
    parser.set_defaults(command=_mutate)


def _mutate(options: argparse.Namespace) -> int:
    from judge.authoring.mutate import WANTED_SHARE, mutate
    from judge.authoring.players import PATIENT
    from judge.authoring.progress import progress
    from judge.grader import Grader
    from judge.model import Severity, Verdict

    exercise = open_exercise(options)

    def accepts(source: bytes) -> str | None:
        report = grader.grade(source)
        if report.verdict is Verdict.ACCEPTED:
            return None
        codes = [finding.code for finding in report.findings if finding.severity is Severity.ERROR]
        return codes[0] if codes else report.verdict.value

    with (
        # With patience: on a busy machine a right program may run out of time, and that must not count as rejected.
        Grader(exercise.root, limits=PATIENT, accept=_accepted_level(options)) as grader,
        sandboxes(options, exercise, options.jobs) as runners,
        ExitStack() as stack,
    ):
        result = mutate(
            exercise, runners, accepts, lambda count: stack.enter_context(progress("mutants", count))
        )
    if options.format == "json":
        _print_json(result.to_json())
        return FAILED if result.failed else DONE
    for fate in result.fates:
        if fate.killed_by is None:
            _say(fate.mutant.diff(result.original, "reference/solution.py"))
            _say(f"equivalent: {fate.reason}\n" if fate.reason else "survives, unexplained\n")
    for guard, fates in result.surviving_under.items():
        reason = result.harmless.get(guard, "unexplained")
        _say(f"under '{guard}' {len(fates)} of {len(result.fates)} survive: {reason}")
        for fate in fates if guard not in result.harmless else ():
            _say(f"  line {fate.mutant.line}: {fate.mutant.now}")
    for line in result.stale:
        _say(f"stale: {line}")
    if result.guards:
        _say(
            f"{result.pairs} pairs of mutant and guard: {result.killed_share:.1%} rejected "
            f"(wanted are {WANTED_SHARE:.0%})"
        )
    _say(
        f"{len(result.fates)} mutants: {result.killed} rejected, {result.equivalent} equivalent, "
        f"{len(result.unexplained)} unexplained"
    )
    return FAILED if result.failed else DONE


# ----------------------------------------------------------------------------------------------- new, show, fuzz


def _add_new(verbs: Any) -> None:
    parser = verbs.add_parser("new", prog="judge cases new", help="write a commented skeleton of a case")
    parser.add_argument("name", metavar="NAME")
    parser.add_argument(
        "--file", default="cases", metavar="STEM", help="which file below cases/ (default cases)"
    )
    _common(parser, runs=False)
    parser.set_defaults(command=_new)


def _new(options: argparse.Namespace) -> int:
    from judge.authoring.one_case import new_case

    exercise = open_exercise(options)
    stem = options.file.removesuffix(".yaml").removeprefix("cases/")
    path, line = new_case(exercise, options.name, stem)
    _say(f"{path.relative_to(exercise.root)}:{line}: edit it, then run 'judge cases record'")
    return DONE


def _add_show(verbs: Any) -> None:
    parser = verbs.add_parser(
        "show", prog="judge cases show", help="one case: inputs, expected value, tolerance, what it sees"
    )
    parser.add_argument("name", metavar="NAME", help="a case, as FILE/NAME or by its name alone")
    _common(parser, runs=False)
    parser.set_defaults(command=_show)


def _show(options: argparse.Namespace) -> int:
    from judge.authoring.one_case import show_case

    sys.stdout.write(show_case(open_exercise(options), options.name))
    return DONE


def _add_fuzz(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "fuzz",
        prog="judge fuzz",
        help="look for an input on which a submission is wrong",
        description="Test one submission against the reference on fresh draws, and shrink what fails.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    _common(parser)
    parser.add_argument(
        "-n", "--count", type=_count, default=200, metavar="N", help="draws to try (default 200)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="where to start drawing (default 0)")
    parser.add_argument("--pin", metavar="NAME", help="add the counterexample to cases/pinned.yaml")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="what to print")
    parser.set_defaults(command=_fuzz)


def _fuzz(options: argparse.Namespace) -> int:
    from judge.authoring.fuzz import as_counterexample, failure_text, fuzz
    from judge.authoring.pin import case_with, check_pin_name, pin
    from judge.authoring.progress import progress
    from judge.submission import Unusable, read_submission

    exercise = open_exercise(options)
    if options.pin is not None:
        check_pin_name(exercise, options.pin)
    submission = read_submission(options.file, exercise.limits)
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
        _print_json({"tried": result.tried, "discarded": result.discarded, "counterexample": found})
    else:
        _say(f"{result.tried} inputs tried, {result.discarded} discarded (right solutions disagree there)")
        _say(failure_text(failure) if failure is not None else "no input found on which it is wrong")
    if failure is not None and options.pin is not None:
        if known := case_with(exercise, failure.inputs):
            told = f"not pinned: {known} has these inputs already, and sees this submission without fuzzing"
        else:
            path = pin(exercise, options.pin, failure, submission.source, options.file.name, options.seed)
            told = f"pinned as pinned/{options.pin} in {path.relative_to(exercise.root)}; run 'judge cases record'"
        print(told, file=sys.stderr)
    return FAILED if failure is not None else DONE
