"""The command line: arguments in, exit status out. Everything heavy is imported by the command that needs it.

Exit status: 0 accepted, 1 not accepted, 2 usage, 3 judge error, 130 interrupted.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from judge.exit_status import INTERRUPTED, JUDGE_ERROR, USAGE
from judge.version import __version__

Command = Callable[[argparse.Namespace], int]

FORMATS = ("text", "csv", "github", "gradescope", "html", "json", "jsonl", "junit", "markdown", "sarif")
"""Their names, for the help alone: so that it need not import them all."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; no traceback of ours leaves this function."""
    from judge.streams import abandon_output, usable

    with usable():
        try:
            return _run(list(sys.argv[1:] if argv is None else argv))
        except BrokenPipeError:
            # whoever read our output has gone (`judge ... | head`): nothing left to say, and nobody to say it to
            abandon_output()
            return INTERRUPTED


def _run(arguments: Sequence[str]) -> int:
    from judge.model import JudgeError, UsageError
    from judge.streams import CannotPrintError, abandon_output

    wants_json = _wants_json(arguments)
    try:
        parsed = _parser(arguments).parse_args(arguments)
        command: Command = parsed.command
        status = command(parsed)
        sys.stdout.flush()
        return status
    except UsageError as error:
        return _fail(USAGE, str(error), wants_json)
    except JudgeError as error:
        return _fail(JUDGE_ERROR, str(error), wants_json)
    except CannotPrintError as error:
        abandon_output()
        return _fail(JUDGE_ERROR, f"the output could not be printed: {error}", wants_json=False)
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        return _fail(INTERRUPTED, "interrupted", wants_json)
    except Exception as error:
        if os.environ.get("JUDGE_DEBUG"):
            traceback.print_exc()
        message = f"this is a bug in judge, not in the submission: {type(error).__name__}: {error}"
        return _fail(JUDGE_ERROR, f"{message} (JUDGE_DEBUG=1 shows where)", wants_json)


def _wants_json(arguments: Sequence[str]) -> bool:
    if "--format=json" in arguments:
        return True
    return any(pair == ("--format", "json") for pair in itertools.pairwise(arguments))


def _fail(status: int, message: str, wants_json: bool) -> int:
    from judge.reports.escape import visible

    kind = {USAGE: "usage", INTERRUPTED: "interrupted"}.get(status, "judge")
    if wants_json:
        from judge.reports.json import render_failure
        from judge.streams import CannotPrintError, abandon_output, print_document

        try:
            print_document(render_failure(kind, message))
            return status
        except CannotPrintError:
            abandon_output()  # and say it in words
    prefix = "judge: " if status != JUDGE_ERROR else "judge: error: "
    sys.stderr.write("\n".join(visible(line) for line in f"{prefix}{message}".splitlines()) + "\n")
    sys.stderr.flush()
    return status


class _Parser(argparse.ArgumentParser):
    """An argparse parser whose complaints become UsageError, so that they take the same road as all others."""

    def error(self, message: str) -> NoReturn:
        from judge.model import UsageError

        raise UsageError(f"{message} ('{self.prog} --help' shows what is possible)")


STATUS = "exit status: 0 {yes}, 1 {no}, 2 usage, 3 judge error, 130 interrupted"
EPILOG = f"""\
commands:
  judge PATH...        grade files, or every .py file in folders
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


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of the command that is named, or of grading when none is: `judge FILE` needs no verb."""
    word = next((word for word in arguments if not word.startswith("-")), None)
    commands = {
        "start": _start_parser,
        "explain": _explain_parser,
        "watch": _watch_parser,
        "diff": _diff_parser,
        "doctor": _doctor_parser,
        "selftest": _selftest_parser,
        "cases": _authoring_parser,
        "fuzz": _authoring_parser,
    }
    if word is not None and word in commands and arguments and arguments[0] == word:
        return commands[word]()
    return _grade_parser()


def _base(usage: str, description: str, epilog: str) -> _Parser:
    parser = _Parser(prog="judge", usage=usage, description=description, epilog=epilog)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--version", action="version", version=f"judge {__version__}")
    return parser


def _add_exercise(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--exercise",
        type=Path,
        default=Path("."),
        metavar="DIR",
        help="the exercise's folder (default: the nearest one at or above the current folder)",
    )


def _add_text_or_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="what to print (default: text)"
    )


def _add_isolation(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("isolation")
    group.add_argument("--accept-weak", action="store_true", help="run even when isolation is only 'weak'")
    group.add_argument(
        "--unsafe-no-sandbox",
        action="store_true",
        help="run with no isolation at all: only for files that you wrote yourself",
    )


def _grade_parser() -> argparse.ArgumentParser:
    parser = _base(
        "judge PATH... [options]",
        "Run submissions in a sandbox, compare their numbers with the right ones, and name what went wrong.",
        EPILOG,
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a submission, or a folder of submissions")
    _add_exercise(parser)
    output = parser.add_argument_group("output")
    output.add_argument(
        "--format",
        default="text",
        metavar="NAME",
        help=f"what to print: {', '.join(FORMATS)} (default: text)",
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
    output.add_argument("--plain", action="store_true", help="no colours and no special signs")
    limits = parser.add_argument_group("limits")
    limits.add_argument(
        "--time-limit", type=_positive(float), metavar="S", help="seconds for one call of the submission"
    )
    limits.add_argument("--memory-limit", type=_positive(int), metavar="MIB", help="memory of one submission")
    _add_isolation(parser)
    batch = parser.add_argument_group("batch")
    batch.add_argument(
        "-j",
        "--jobs",
        type=_positive(int),
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
    parser.set_defaults(command=_grade)
    return parser


def _positive(kind: type[float] | type[int]) -> Callable[[str], float]:
    def convert(text: str) -> float:
        value = kind(text)
        if not 0 < value < 1e9:
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return value

    convert.__name__ = "number" if kind is float else "whole number"
    return convert


def _grade(options: argparse.Namespace) -> int:
    from judge.commands import grade

    return grade(options)


def _start_parser() -> argparse.ArgumentParser:
    parser = _base(
        "judge start FILE",
        "Write the exercise's starter file, and say what to do next.",
        "exit status: 0 written, 2 usage, 3 judge error",
    )
    parser.add_argument("verb", help=argparse.SUPPRESS)
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="what to write; refused when it is there already"
    )
    _add_exercise(parser)
    parser.set_defaults(command=_start)
    return parser


def _start(options: argparse.Namespace) -> int:
    from judge.commands import start

    return start(options)


def _explain_parser() -> argparse.ArgumentParser:
    parser = _base(
        "judge explain [CODE]",
        "The page about a finding: what happens, why, how it shows, and a question.",
        "exit status: 0 printed, 2 usage, 3 judge error",
    )
    parser.add_argument("verb", help=argparse.SUPPRESS)
    parser.add_argument(
        "code", nargs="?", metavar="CODE", help="as reports name it; without it all are listed"
    )
    parser.add_argument("--plain", action="store_true", help="no colours and no special signs")
    _add_exercise(parser)
    parser.set_defaults(command=_explain)
    return parser


def _explain(options: argparse.Namespace) -> int:
    from judge.commands import explain

    return explain(options)


def _watch_parser() -> argparse.ArgumentParser:
    parser = _base(
        "judge watch FILE",
        "Grade a file, and again on every save, until Ctrl-C.",
        "exit status: 130 after Ctrl-C, 2 usage, 3 judge error",
    )
    parser.add_argument("verb", help=argparse.SUPPRESS)
    parser.add_argument("file", type=Path, metavar="FILE", help="the submission that you are writing")
    parser.add_argument("--plain", action="store_true", help="no colours and no special signs")
    _add_exercise(parser)
    _add_isolation(parser)
    parser.set_defaults(command=_watch)
    return parser


def _watch(options: argparse.Namespace) -> int:
    from judge.watch import watch

    return watch(options)


def _diff_parser() -> argparse.ArgumentParser:
    parser = _base(
        "judge diff DIR_A DIR_B",
        "Whose verdict, score or findings changed between two result folders.",
        STATUS.format(yes="nothing changed", no="something changed"),
    )
    parser.add_argument("verb", help=argparse.SUPPRESS)
    parser.add_argument("before", type=Path, metavar="DIR_A", help="what 'judge ... -o DIR_A' wrote")
    parser.add_argument("after", type=Path, metavar="DIR_B", help="what 'judge ... -o DIR_B' wrote later")
    _add_text_or_json(parser)
    parser.set_defaults(command=_diff)
    return parser


def _diff(options: argparse.Namespace) -> int:
    from judge.diff import diff

    return diff(options)


def _doctor_parser() -> argparse.ArgumentParser:
    parser = _base(
        "judge doctor",
        "How strongly this machine can isolate submissions, with the probe that proved each layer.",
        STATUS.format(yes="'strong' or 'good'", no="weaker"),
    )
    parser.add_argument("verb", help=argparse.SUPPRESS)
    _add_text_or_json(parser)
    parser.set_defaults(command=_doctor)
    return parser


def _doctor(options: argparse.Namespace) -> int:
    from judge.doctor import doctor

    return doctor(options)


def _selftest_parser() -> argparse.ArgumentParser:
    parser = _base(
        "judge selftest",
        "Attack the sandbox of this machine and count what held.",
        STATUS.format(yes="all held", no="something did not"),
    )
    parser.add_argument("verb", help=argparse.SUPPRESS)
    _add_text_or_json(parser)
    _add_isolation(parser)
    parser.set_defaults(command=_selftest)
    return parser


def _selftest(options: argparse.Namespace) -> int:
    from judge.selftest import selftest

    return selftest(options)


def _authoring_parser() -> argparse.ArgumentParser:
    from judge.authoring.commands import add_parser

    parser = _base(
        "judge cases|fuzz ...", "The exercise's own cases: write, record, check, draw, attack.", EPILOG
    )
    add_parser(parser.add_subparsers(required=True, parser_class=_Parser, prog="judge"))
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
