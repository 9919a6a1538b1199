"""`judge --version --verbose`: versions, isolation and cache folder, for a bug report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from judge.commands.options import Parser
from judge.version import __version__


def parser() -> Parser:
    """The arguments of ``judge --version``."""
    parser = Parser(prog="judge", usage="judge --version [--verbose]", description="Print versions.")
    parser.add_argument("--version", action="store_true", help="print the version of judge")
    parser.add_argument(
        "--verbose", action="store_true", help="and all that a bug report needs: it takes a second"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Print the version, with ``--verbose`` everything else too. Exit status 0."""
    sys.stdout.write(f"judge {__version__}\n")
    if options.verbose:
        sys.stdout.writelines(f"{name + ':':<11}{value}\n" for name, value in surroundings())
    return 0


def surroundings() -> Iterator[tuple[str, str]]:
    """Yield what a grading depends on besides the exercise, by name."""
    import platform

    from judge.sandbox.tried import is_tried
    from judge.sandbox.versions import LIBRARIES, installed

    versions = installed()
    yield "Python", f"{platform.python_version()} ({platform.python_implementation()})"
    yield "platform", platform.platform()
    for name in LIBRARIES:
        yield name, versions.get(name, "not installed")
    yield "tried", ("yes" if is_tried(versions) else "no") + ", these versions together (docs/support.md)"
    yield "isolation", _isolation()
    yield "cache", _cache()


def _isolation() -> str:
    from judge.commands.doctor import examine

    examination = examine()
    if examination.assessment is None:
        return f"{examination.level} ({examination.complaint})"
    missing = ", ".join(item.layer for item in examination.assessment.missing)
    return f"{examination.level}{f', without {missing}' if missing else ''}"


def _cache() -> str:
    from judge.sandbox.warmup.program_cache import CacheFolderError, usual_place

    try:
        return str(usual_place())
    except CacheFolderError as error:
        return f"none ({error})"
