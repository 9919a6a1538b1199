"""``judge worker``: grades for batches that use a Dask scheduler."""

from __future__ import annotations

import argparse

from judge.batch.pool import processors
from judge.commands.fleet_options import scheduler_from
from judge.commands.options import Parser, add_scheduler, parser_for, positive
from judge.model import UsageError


def parser() -> Parser:
    """The arguments of ``judge worker``."""
    parser = parser_for(
        "judge worker --scheduler ADDRESS [options]",
        "Grade on this machine for batches that use this Dask scheduler, until it ends or you do (Ctrl-C).",
        "exit status: 0 ended by the scheduler or by you, 2 usage, 3 the scheduler cannot be reached",
    )
    add_scheduler(parser)
    parser.add_argument(
        "-j",
        "--jobs",
        type=positive(int),
        metavar="N",
        help="submissions at a time (default: one per processor)",
    )
    parser.add_argument(
        "--name", default="", help="what to call it (default: the host's name and the process)"
    )
    parser.add_argument(
        "--dashboard",
        default="",
        metavar="ADDRESS",
        help="serve Dask's dashboard there, like 127.0.0.1:8787 (default: none)",
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Run a worker; exit status 0 when it has ended in good order."""
    scheduler = scheduler_from(options, "judge worker")
    if scheduler is None:
        raise UsageError("--scheduler ADDRESS is needed: where the batches are, like tls://host:8786")
    from judge.fleet.worker import serve

    return serve(scheduler, options.jobs or processors(), options.name, options.dashboard)
