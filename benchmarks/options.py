"""Arguments of ``python -m benchmarks``, and how much is measured."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from judge.commands.options import positive

PARTS = ("eager", "jitted", "mixed", "watch", "confinement", "scaling")


@dataclass(frozen=True)
class Choice:
    """What is measured, and how thoroughly."""

    parts: tuple[str, ...]
    rounds: int
    size: int
    """Submissions in a set."""
    sample: int
    """Submissions in a round, for those who take one at a time."""
    naive_sample: int
    """Submissions in a round for naive: as many for each of its processes."""
    cold_sample: int
    """Submissions in a round, for a batch in the cold lane."""
    pairs: int
    """Of a confined and an unconfined grading."""
    scales: tuple[int, ...]
    """Sizes of batches."""
    jobs: int
    seed: int


def rounds_parser(module: str, description: str, rounds: int) -> argparse.ArgumentParser:
    """A parser for ``python -m MODULE`` that knows ``--rounds``."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument(
        "--rounds", type=positive(int), default=rounds, metavar="N", help=f"rounds (default: {rounds})"
    )
    return parser


def parse(arguments: Sequence[str] | None = None) -> tuple[Choice, argparse.Namespace]:
    """What is chosen, and where results go: ``json`` and ``markdown``, paths or None."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the judge against one pytest process per submission and against the bare calls. "
        "In full it takes some 25 minutes on two processors, and wants the machine for itself.",
    )
    parser.add_argument(
        "--only", action="append", choices=PARTS, metavar="NAME", help=f"only this: {', '.join(PARTS)}"
    )
    parser.add_argument(
        "--rounds", type=positive(int), metavar="N", help="rounds (default: 5, with --quick 1)"
    )
    parser.add_argument("--quick", action="store_true", help="a first impression, in some five minutes")
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="submissions at a time, in a batch and of naive"
    )
    parser.add_argument("--seed", type=int, default=5, metavar="N", help="of all that is drawn (default: 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to this file")
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="put the tables between the markers in this file"
    )
    options = parser.parse_args(arguments)
    quick = options.quick
    jobs = options.jobs or len(os.sched_getaffinity(0))
    sample = 2 if quick else 3
    choice = Choice(
        parts=tuple(part for part in PARTS if not options.only or part in options.only),
        rounds=options.rounds or (1 if quick else 5),
        size=24 if quick else 40,
        sample=sample,
        naive_sample=sample * jobs,
        cold_sample=8 if quick else 16,
        pairs=4 if quick else 12,
        scales=(25, 50, 100) if quick else (50, 200, 800),
        jobs=jobs,
        seed=options.seed,
    )
    return choice, options
