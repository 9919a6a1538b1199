"""Options that several commands share, and their values. Imports nothing heavy."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from judge.version import __version__

if TYPE_CHECKING:
    from judge.model import Exercise, Limits

STATUS = "exit status: 0 {yes}, 1 {no}, 2 usage, 3 judge error, 130 interrupted"

MIN_MEMORY_MIB = 512
"""With less, jax hangs at start-up instead of failing; a limit that breaks right solutions is refused."""


class Parser(argparse.ArgumentParser):
    """An argparse parser that raises UsageError, so that its errors are handled like all others."""

    def error(self, message: str) -> NoReturn:
        from judge.model import UsageError

        raise UsageError(f"{message} ('{self.prog} --help' shows what is possible)")


def parser_for(usage: str, description: str, epilog: str) -> Parser:
    """Return a command's parser, of the arguments behind the command's name."""
    parser = Parser(prog="judge", usage=usage, description=description, epilog=epilog)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--version", action="version", version=f"judge {__version__}")
    return parser


def add_exercise(parser: argparse.ArgumentParser) -> None:
    """Add ``--exercise PLACE``."""
    parser.add_argument(
        "--exercise",
        type=Path,
        default=Path("."),
        metavar="PLACE",
        help="the exercise's folder, or a pack (default: the nearest folder at or above the current one)",
    )


def add_text_or_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--format text|json``."""
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="what to print (default: text)"
    )


def add_plain(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add ``--plain``."""
    parser.add_argument("--plain", action="store_true", help="no colours and no special signs")


def add_isolation(parser: argparse.ArgumentParser) -> None:
    """Add ``--accept-weak`` and ``--unsafe-no-sandbox``."""
    group = parser.add_argument_group("isolation")
    group.add_argument("--accept-weak", action="store_true", help="run even when isolation is only 'weak'")
    group.add_argument(
        "--unsafe-no-sandbox",
        action="store_true",
        help="run with no isolation at all: only for files that you wrote yourself",
    )


def add_scheduler(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add the address of a Dask scheduler, and what is needed to reach it."""
    parser.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="a running Dask scheduler, like tls://host:8786 (default: as Dask is configured)",
    )
    for name, what in (("ca", "of the authority"), ("cert", "of this side"), ("key", "")):
        text = f"the certificate {what}, in PEM format" if what else "the key of that certificate"
        parser.add_argument(f"--tls-{name}", type=Path, metavar="FILE", help=text)
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="use a scheduler without TLS on another machine: all who reach it can run code on the workers",
    )


def positive(kind: type[float] | type[int]) -> Callable[[str], float]:
    """Return an argparse type: a number above 0 and below 1e9."""

    def convert(text: str) -> float:
        value = kind(text)
        if not 0 < value < 1e9:
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return value

    convert.__name__ = "number" if kind is float else "whole number"
    return convert


def open_exercise(options: argparse.Namespace, *, or_packaged: bool = False) -> Exercise:
    """Open the exercise or pack that ``--exercise`` names. Raises UsageError or ExerciseError.

    With ``or_packaged``, for what learners do, it is the one that comes with judge where there is no other.
    """
    from judge.exercise.packs.packaged import open_nearest

    return open_nearest(options.exercise, or_packaged=or_packaged)


def open_whole_exercise(options: argparse.Namespace) -> Exercise:
    """Open the exercise that ``--exercise`` names, for work that needs its solutions.

    Raises UsageError also for a public pack.
    """
    from judge.model import UsageError

    exercise = open_exercise(options)
    if exercise.public:
        raise UsageError(f"{options.exercise}: a public pack has no solutions, and this needs them")
    return exercise


def limits_from(options: argparse.Namespace, limits: Limits) -> Limits:
    """Return the exercise's limits, changed by the options."""
    from judge.model import UsageError

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


def accept_from(options: argparse.Namespace, *, own_practice: bool = False) -> str:
    """Return the weakest isolation level to run under.

    With ``own_practice`` learners grade a file of their own with a public pack: where there is no sandbox at all, which
    is everywhere but on Linux, they may do so as they may run the file itself.
    """
    if options.unsafe_no_sandbox or (own_practice and not sys.platform.startswith("linux")):
        return "none"
    return "weak" if options.accept_weak else "good"


def audience_from(options: argparse.Namespace, exercise: Exercise) -> str:
    """Return who will read the reports: as asked for, else learners of a public pack, else staff."""
    return str(options.audience or ("learner" if exercise.public else "staff"))
