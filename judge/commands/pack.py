"""``judge pack``: writes the exercise as one file, for learners without what has to stay hidden, or whole."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from judge.commands.options import Parser, add_exercise, open_exercise, parser_for
from judge.model import UsageError


def parser() -> Parser:
    """The arguments of ``judge pack``."""
    parser = parser_for(
        "judge pack [--public] -o FILE.zip",
        "Write the exercise as one file, which --exercise takes in the place of a folder.",
        "exit status: 0 written, 2 usage, 3 judge error",
    )
    parser.add_argument(
        "--public",
        action="store_true",
        help="for learners: the public cases and the pages, no solution and nothing of hidden cases",
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="the pack to write; it ends in .zip"
    )
    add_exercise(parser)
    return parser


def run(options: argparse.Namespace) -> int:
    """Write the pack. Exit status 0."""
    from judge.exercise.packs.build import build_pack
    from judge.files import write_file

    if options.output.suffix != ".zip":
        raise UsageError(f"{options.output}: a pack's name ends in .zip")
    pack = build_pack(open_exercise(options), public=options.public)
    write_file(options.output, pack)
    kind = "a public pack" if options.public else "a whole pack, with the solutions and all hidden cases"
    sys.stdout.write(f"{options.output}: {kind}, {len(pack) / 1024:,.0f} KiB\n")
    return 0
