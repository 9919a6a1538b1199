"""``judge merge DIR...``: puts the results folders of a class's shards together."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from judge.commands.options import Parser, parser_for
from judge.model import UsageError
from judge.reports.escape import visible

INCOMPLETE = 1


def parser() -> Parser:
    """The arguments of ``judge merge``."""
    parser = parser_for(
        "judge merge DIR... -o DIR",
        "Put the results folders of a class's shards together, as one run would have written them.",
        "exit status: 0 the whole class is there, 1 something is missing, 2 usage, 3 judge error",
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="the results folder of a shard")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="DIR",
        help="the results folder to write, new or empty",
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Merge the folders; exit status 0 when every submission of the class has a report."""
    from judge.batch.merge import merge

    target = options.output
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target}: is there already; merged results go to a new or empty folder")
    missing = merge(options.folders, target)
    for line in missing:
        sys.stderr.write(f"judge: {visible(line)}\n")
    sys.stdout.write(f"{visible(str(target))}: {len(options.folders)} shards merged\n")
    return INCOMPLETE if missing else 0
