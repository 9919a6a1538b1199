"""`judge new exercise DIR`: writes a small exercise that works, to be turned into another one."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from judge.commands.options import Parser, parser_for


def parser() -> Parser:
    """The arguments of ``judge new``."""
    parser = parser_for(
        "judge new exercise DIR",
        "Write a commented exercise that is recorded and checked as it stands, and say what to do next.",
        "exit status: 0 written, 2 usage, 3 judge error",
    )
    parser.add_argument("what", choices=("exercise",), help="what to write: exercise")
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")
    return parser


def run(options: argparse.Namespace) -> int:
    """Write the exercise. Exit status 0."""
    from judge.authoring.exercise_template import new_exercise

    folder = shlex.quote(str(new_exercise(options.folder)))
    sys.stdout.write(
        f"{folder} is an exercise that works, with comments on what to replace.\n"
        f"  1. Compute the expected values: judge cases record --exercise {folder}\n"
        f"  2. See what its cases show, and what is missing: judge cases check --exercise {folder}\n"
        f"  3. Begin with {folder}/reference/exercise.yaml, and repeat both as you go\n"
    )
    return 0
