"""`judge prepare`: compiles beforehand what the first grading on a machine would compile."""

from __future__ import annotations

import argparse
import sys
import time

from judge.commands.options import Parser, accept_from, add_exercise, add_isolation, parser_for


def parser() -> Parser:
    """The arguments of ``judge prepare``."""
    parser = parser_for(
        "judge prepare",
        "Compile what grading needs, once for each machine and version: for images, setup scripts and CI caches.",
        "exit status: 0 prepared, 2 usage, 3 judge error, 130 interrupted",
    )
    add_exercise(parser)
    add_isolation(parser)
    return parser


def run(options: argparse.Namespace) -> int:
    """Build the compiled programs that are missing, and say how long that took. Exit status 0."""
    from judge.grader import Grader, load_bench
    from judge.progress import compiling, notify
    from judge.sandbox import Warm

    began = time.monotonic()
    bench = load_bench(options.exercise, or_packaged=True)
    bench.speed.say = lambda line: notify([line])
    accept = accept_from(options, own_practice=bench.exercise.public)
    built = 0

    with Grader.of(bench, accept=accept, warm=Warm.NEVER) as grader, compiling() as told:

        def count(done: int, of: int) -> None:
            nonlocal built
            built = of
            told(done, of)

        notices = grader.prepare(count)
    notify(notices)
    took = f"in {time.monotonic() - began:.0f} s"
    what = f"{built} programs compiled {took}" if built else "everything was compiled already"
    sys.stdout.write(f"{bench.exercise.title}: {what}\n")
    return 0
