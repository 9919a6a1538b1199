"""`judge export harbor -o DIR`: writes the exercise in the form in which another platform takes it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from judge.commands.options import Parser, add_exercise, open_whole_exercise, parser_for


def parser() -> Parser:
    """The arguments of ``judge export``."""
    parser = parser_for(
        "judge export harbor -o DIR [--wheel FILE.whl]",
        "Write the exercise as a task of Harbor: an agent solves it, and judge gives the reward.",
        "exit status: 0 written, 2 usage, 3 judge error",
    )
    parser.add_argument("what", choices=("harbor",), help="for which platform: harbor")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="a new or empty folder"
    )
    parser.add_argument(
        "--wheel",
        type=Path,
        metavar="FILE",
        help="the wheel of judge that the image installs (default: this version from the package index)",
    )
    add_exercise(parser)
    return parser


def run(options: argparse.Namespace) -> int:
    """Write the task. Exit status 0."""
    from judge.exports.harbor import export_harbor

    written = export_harbor(open_whole_exercise(options), options.output, options.wheel)
    sys.stdout.write(f"{options.output}: a task of Harbor, {len(written)} files\n")
    return 0
