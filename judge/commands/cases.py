"""`judge cases VERB`: record, check, draw, mutate, new, show."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from judge.commands.exit_status import JUDGE_ERROR
from judge.commands.options import (
    STATUS,
    Parser,
    accept_from,
    add_exercise,
    add_text_or_json,
    open_exercise,
    open_whole_exercise,
    parser_for,
)
from judge.commands.sandboxes import add_runs, count, print_json, sandboxes, say
from judge.model import Exercise, StaleGoldensError, UsageError

DONE, FAILED = 0, 1


def parser() -> Parser:
    """The arguments of ``judge cases``: a parser for each verb."""
    parser = parser_for(
        "judge cases VERB ...",
        "The exercise's own cases: write, record, check, draw, attack.",
        STATUS.format(yes="done, or all conditions hold", no="a condition does not hold"),
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB", parser_class=Parser)
    for add in (_add_record, _add_check, _add_draw, _add_mutate, _add_new, _add_show):
        add(verbs)
    return parser


def run(options: argparse.Namespace) -> int:
    """Run the verb that was parsed."""
    return int(options.verb_run(options))


# ------------------------------------------------------------------------------------------------------- record


def _add_record(verbs: Any) -> None:
    parser = verbs.add_parser(
        "record",
        prog="judge cases record",
        help="run what changed on every case and write the goldens",
        description="Run the reference, the accepted variants and the misconceptions on every case that is new or "
        "changed, say what moved, and write cases/goldens/.",
    )
    add_runs(parser, jobs=True)
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail when a golden is stale or this machine's reference gives another value",
    )
    parser.add_argument("--all", action="store_true", help="run everything again, also what did not change")
    parser.set_defaults(verb_run=_record)


def _record(options: argparse.Namespace) -> int:
    from judge.authoring.record import record, write
    from judge.authoring.recording.moved import summed_up
    from judge.progress import compiling, progress

    exercise = open_whole_exercise(options)
    if options.check:
        return _check_recorded(options, exercise)
    with sandboxes(options, exercise, options.jobs) as runners, ExitStack() as stack:

        def prepare() -> None:
            with compiling() as on_progress:
                runners[0].prepare(on_progress)

        recording = record(
            exercise,
            runners,
            lambda count: stack.enter_context(progress("recording", count)),
            again=options.all,
            prepare=prepare,
        )
    for line in summed_up(recording.moved):
        say(line)
    write(recording)
    if recording.changes:
        names = ", ".join(sorted(path.name for path in recording.files))
        say(f"{recording.runs} runs; wrote {names} in {exercise.goldens_dir.relative_to(exercise.root)}/")
    else:
        say("nothing changed; the goldens are as they were")
    return DONE


def _check_recorded(options: argparse.Namespace, exercise: Exercise) -> int:
    from judge.exercise import load_cases, load_goldens
    from judge.progress import progress
    from judge.solutions.reproduce import reproduce

    cases = load_cases(exercise)
    goldens = load_goldens(exercise, cases)
    with (
        sandboxes(options, exercise, 1, compiled=False) as (runner,),
        progress("reference", len(cases)) as step,
    ):
        differences = reproduce(exercise, runner, cases, goldens, step)
    if differences:
        raise StaleGoldensError(
            "this machine's reference does not give the recorded values; 'judge cases record --all' takes these\n  "
            + "\n  ".join(differences)
        )
    say(f"{len(cases)} cases: goldens are current, and the reference gives them here")
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
    add_exercise(parser)
    add_text_or_json(parser)
    parser.add_argument(
        "--plot", type=Path, metavar="FILE.html", help="write the matrix as a page of its own"
    )
    parser.set_defaults(verb_run=_check)


def _check(options: argparse.Namespace) -> int:
    from judge.authoring.check import assess

    exercise = open_whole_exercise(options)
    assessment = assess(exercise)
    if options.plot is not None:
        from judge.files import write_file
        from judge.reports.formats.html.page import kill_matrix_page

        if options.plot.suffix != ".html":
            raise UsageError(f"--plot {options.plot}: the file must end in .html")
        title = f"{exercise.title}: cases against misconceptions"
        write_file(options.plot, kill_matrix_page(title, assessment.matrix.to_json()))
    if options.format == "json":
        print_json(assessment.to_json())
    else:
        from judge.authoring.kill_matrix_text import assessment_text

        _print_rich(assessment_text(assessment))
    if assessment.unusable:
        return JUDGE_ERROR
    return FAILED if assessment.failed else DONE


def _print_rich(text: Any) -> None:
    """Print in colour on a terminal, as plain text elsewhere; never wrapped, because a matrix must not be."""
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
    add_runs(parser)
    parser.add_argument(
        "-n", "--count", type=count, default=8, metavar="N", help="cases to write (default 8)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="where to start drawing (default 0)")
    parser.set_defaults(verb_run=_draw)


def _draw(options: argparse.Namespace) -> int:
    from judge.authoring.draw import draw_cases
    from judge.authoring.pin import write_generated
    from judge.progress import progress

    exercise = open_whole_exercise(options)
    with sandboxes(options, exercise, 1) as (runner,), ExitStack() as stack:
        drawing = draw_cases(
            exercise,
            runner,
            options.count,
            options.seed,
            lambda title, count: stack.enter_context(progress(title, count)),
        )
    path = write_generated(exercise, drawing.text)
    say(
        f"{drawing.drawn} draws: {drawing.ill_conditioned} discarded as ill-conditioned, {drawing.not_finite} as 0 or "
        f"not finite, {drawing.known} known already; {drawing.kept} kept in {path.relative_to(exercise.root)}"
    )
    say("run 'judge cases record' to record them")
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
    add_runs(parser, jobs=True)
    add_text_or_json(parser)
    parser.set_defaults(verb_run=_mutate)


def _mutate(options: argparse.Namespace) -> int:
    from judge.authoring.mutation_test import WANTED_SHARE, mutate
    from judge.grader import Grader
    from judge.model import Severity, Verdict
    from judge.progress import progress
    from judge.solutions.runner import AUTHOR_LIMITS

    exercise = open_whole_exercise(options)

    def accepts(source: bytes) -> str | None:
        report = grader.grade(source)
        if report.verdict is Verdict.ACCEPTED:
            return None
        codes = [finding.code for finding in report.findings if finding.severity is Severity.ERROR]
        return codes[0] if codes else report.verdict.value

    with (
        # Patient limits: on a busy machine a right program may run out of time, and that must not count as rejected.
        Grader(exercise.root, limits=AUTHOR_LIMITS, accept=accept_from(options)) as grader,
        sandboxes(options, exercise, options.jobs) as runners,
        ExitStack() as stack,
    ):
        result = mutate(
            exercise, runners, accepts, lambda count: stack.enter_context(progress("mutants", count))
        )
    if options.format == "json":
        print_json(result.to_json())
        return FAILED if result.failed else DONE
    for fate in result.fates:
        if fate.killed_by is None:
            say(fate.mutant.diff(result.original, "reference/solution.py"))
            say(f"equivalent: {fate.reason}\n" if fate.reason else "survives, unexplained\n")
    for guard, fates in result.surviving_under.items():
        reason = result.harmless.get(guard, "unexplained")
        say(f"under '{guard}' {len(fates)} of {len(result.fates)} survive: {reason}")
        for fate in fates if guard not in result.harmless else ():
            say(f"  line {fate.mutant.line}: {fate.mutant.now}")
    for line in result.stale:
        say(f"stale: {line}")
    if result.guards:
        say(
            f"{result.pairs} pairs of mutant and guard: {result.killed_share:.1%} rejected "
            f"(wanted are {WANTED_SHARE:.0%})"
        )
    say(
        f"{len(result.fates)} mutants: {result.killed} rejected, {result.equivalent} equivalent, "
        f"{len(result.unexplained)} unexplained"
    )
    return FAILED if result.failed else DONE


# ----------------------------------------------------------------------------------------------------- new, show


def _add_new(verbs: Any) -> None:
    parser = verbs.add_parser("new", prog="judge cases new", help="write a commented skeleton of a case")
    parser.add_argument("name", metavar="NAME")
    parser.add_argument(
        "--file", default="cases", metavar="STEM", help="which file below cases/ (default cases)"
    )
    add_exercise(parser)
    parser.set_defaults(verb_run=_new)


def _new(options: argparse.Namespace) -> int:
    from judge.authoring.case_template import new_case

    exercise = open_whole_exercise(options)
    stem = options.file.removesuffix(".yaml").removeprefix("cases/")
    path, line = new_case(exercise, options.name, stem)
    say(f"{path.relative_to(exercise.root)}:{line}: edit it, then run 'judge cases record'")
    return DONE


def _add_show(verbs: Any) -> None:
    parser = verbs.add_parser(
        "show", prog="judge cases show", help="one case: inputs, expected value, tolerance, what it sees"
    )
    parser.add_argument("name", metavar="NAME", help="a case, as FILE/NAME or by its name alone")
    add_exercise(parser)
    parser.set_defaults(verb_run=_show)


def _show(options: argparse.Namespace) -> int:
    from judge.authoring.case_template import show_case

    sys.stdout.write(show_case(open_exercise(options), options.name))
    return DONE
