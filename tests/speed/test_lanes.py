"""A thousand submissions of every kind in the warm lane: verdict, score and findings are those of the cold one.

Two workers share a warm zygote, as in a batch, and hostile files come in between.  What the warm lane does not answer
starts over in the cold one, so a difference can only come from an answer that counted and should not have; and a file
that hangs in the warm lane alone would be a fork that lost its threads.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import pytest

from judge.authoring.mutation_operators import make_mutants
from judge.grade import LoadedExercise
from judge.grader import Grader, load_exercise_with_goldens
from judge.model import Limits, Report
from judge.sandbox import Warm
from judge.sandbox.warmup.warm_lane import STEP_S

ROOT = Path(__file__).resolve().parents[2]
AUTHOR_LIMITS = Limits(wall_s=60.0, total_wall_s=300.0, cpu_s=300.0)
"""However busy the machine is, a file that ends is not to be cut off."""
STRICT = Limits(wall_s=5.0, total_wall_s=10.0, cpu_s=10.0, memory_mib=1024)
"""For hostile files, which take all that they get."""
GRADINGS = 1000
WORKERS = 2

_HEAD = "import ctypes, os, signal, sys, time\n\ndef solve(seed, x_batch, y_batch, lr):\n    "
HOSTILE = {
    "spins": "while True: pass",
    "sleeps": "time.sleep(1e6)",
    "stops": "os.kill(os.getpid(), signal.SIGSTOP)",
    "memory": "keep = []\n    while True: keep.append(bytearray(b'x') * (64 << 20))",
    "floods": "while True: print('x' * 10_000)",
    "exits": "os._exit(0)",
    "exits-as-if-it-left": "os._exit(77)",
    "leaves": "sys.exit(0)",
    "crashes": "ctypes.string_at(0)",
    "aborts": "os.abort()",
    "forks": "while True: os.fork()",
    "kills": "[os.kill(pid, 9) for pid in (os.getppid(), -1)]",
    "recursion": "return solve(seed, x_batch, y_batch, lr)",
    "descriptors": "[os.write(fd, b'x' * 100) for fd in range(3, 64)]",
    "answers-where-it-was-forked": "return [float(len(os.listdir('/proc/self/task')))]",
}
"""No bomb of threads: which of its two limits stops it first is chance in either lane."""
TWICE = 2
"""Hostile files are graded so often: each takes as long as its limits allow."""


@dataclass(frozen=True)
class Kind:
    """Files that belong together in the table."""

    name: str
    sources: Mapping[str, str]


def kinds(seed: int) -> list[Kind]:
    """Right, wrong, changed, jitted and hostile files."""
    draw = random.Random(seed)
    accepted = {path.stem: path.read_text() for path in sorted((ROOT / "reference/accepted").glob("*.py"))}
    wrong = {path.stem: path.read_text() for path in sorted((ROOT / "reference/misconceptions").glob("*.py"))}
    learners = {path.stem: path.read_text() for path in sorted((ROOT / "submissions").glob("*.py"))}
    jitted = {name: source for name, source in accepted.items() if "jit" in source}
    eager = {name: source for name, source in accepted.items() if name not in jitted}
    return [
        Kind("right", accepted),
        Kind("wrong", wrong),
        Kind("example", learners),
        Kind("changed", _mutants(eager, 60, draw)),
        Kind("jitted", _mutants(jitted, 15, draw)),
        Kind("hostile", {name: _HEAD + body + "\n" for name, body in HOSTILE.items()}),
    ]


def _mutants(sources: Mapping[str, str], count: int, draw: random.Random) -> dict[str, str]:
    mutants = {name: make_mutants(source) for name, source in sources.items()}
    names = [draw.choice(list(sources)) for _ in range(count)]
    return {f"{name}~{number}": draw.choice(mutants[name]).source for number, name in enumerate(names)}


def few_cases(whole: LoadedExercise) -> LoadedExercise:
    """The first public case and one hidden case of each shape; compiled programs are those of all cases."""
    first = {case.shape_key: case for case in reversed(whole.cases)}
    chosen = {case.id: case for case in (whole.cases[0], *first.values())}
    goldens = {name: whole.goldens[name] for name in chosen}
    loaded = LoadedExercise(whole.exercise, tuple(chosen.values()), goldens, whole.misconceptions)
    loaded.programs = whole.programs
    return loaded


def essence(report: Report) -> tuple[str, ...]:
    """What must be the same in both lanes: everything but times and what a program printed of its process.

    As text, in which a NaN equals a NaN, and a number no other.
    """
    parts: tuple[object, ...] = (
        report.verdict,
        report.points,
        [(check.id, check.outcome, check.got, check.difference, check.reason) for check in report.checks],
        [(one.code, one.severity, one.title, one.span, one.checks) for one in report.findings],
        [(one.code, one.span, one.checks) for one in report.public_findings],
    )
    return tuple(map(repr, parts))


@dataclass(frozen=True)
class Job:
    """A file, and under which limits it is graded."""

    source: str
    limits: Limits = AUTHOR_LIMITS


def graded(loaded: LoadedExercise, warm: Warm, jobs: Iterable[Job]) -> Iterator[Report]:
    """Reports in the order of the jobs, by as many workers as share the work of a batch."""
    idle: SimpleQueue[dict[Limits, Grader]] = SimpleQueue()
    workers = [
        {limits: Grader.of(loaded, limits=limits, warm=warm) for limits in (AUTHOR_LIMITS, STRICT)}
        for _ in range(WORKERS)
    ]

    def grade(job: Job) -> Report:
        worker = idle.get()
        try:
            return worker[job.limits].grade(job.source.encode())
        finally:
            idle.put(worker)

    try:
        for worker in workers:
            idle.put(worker)
        with ThreadPoolExecutor(WORKERS) as pool:
            yield from pool.map(grade, jobs)
    finally:
        for worker in workers:
            for grader in worker.values():
                grader.close()


def compare_lanes(gradings: int, seed: int) -> tuple[dict[str, Counter[str]], list[str]]:
    """Grade so many times in the warm lane. Counts by kind, and every difference and hang in words."""
    loaded = few_cases(load_exercise_with_goldens(ROOT))
    with Grader.of(loaded) as grader:
        grader.prepare()
    everything = kinds(seed)
    files = {
        (kind.name, name): Job(source, STRICT if kind.name == "hostile" else AUTHOR_LIMITS)
        for kind in everything
        for name, source in kind.sources.items()
    }
    draw = random.Random(seed)
    hostile = [key for key in files if key[0] == "hostile"]
    others = [key for key in files if key[0] != "hostile"]
    order = hostile * TWICE
    while len(order) < gradings:
        order += draw.sample(others, min(len(others), gradings - len(order)))
    draw.shuffle(order)
    used = dict.fromkeys(order)
    reports = graded(loaded, Warm.NEVER, (files[key] for key in used))
    cold = dict(zip(used, map(essence, reports), strict=True))
    counts = {kind.name: Counter[str]() for kind in everything}
    problems = []
    for key, report in zip(order, graded(loaded, Warm.FIRST, (files[key] for key in order)), strict=True):
        kind, name = key
        reason = str(report.timing["lane_reason"])
        counts[kind]["gradings"] += 1
        counts[kind][f"answered {report.timing['lane']}"] += 1
        if essence(report) != cold[key]:
            parts = [f"{a} and {b}" for a, b in zip(essence(report), cold[key], strict=True) if a != b]
            lane = report.timing["lane"]
            problems.append(f"{kind} {name} differs, answered {lane}: {'; '.join(parts)[:2000]}")
        if reason == f"no answer within {STEP_S:g} s" and kind != "hostile":
            problems.append(f"{kind} {name} hangs in the warm lane")
        if "closed" in reason:
            problems.append(f"{kind} {name}: {reason}")
    return counts, problems


@pytest.mark.long
def test_both_lanes_say_the_same_of_a_thousand_submissions() -> None:
    counts, problems = compare_lanes(GRADINGS, seed=3)
    for kind, count in counts.items():
        print(f"{kind:10}", dict(count))
    assert not problems, "\n".join(problems)
    assert sum(count["gradings"] for count in counts.values()) >= GRADINGS
    assert sum(count["answered warm"] for count in counts.values()) > GRADINGS / 2
    assert counts["hostile"]["gradings"] == TWICE * len(HOSTILE)


@pytest.mark.long
def test_a_difference_would_be_seen() -> None:
    """The comparison above looks at numbers, not only at verdicts."""
    loaded = few_cases(load_exercise_with_goldens(ROOT))
    source = (ROOT / "submissions/alice.py").read_text()
    tell = "\n_right = solve\ndef solve(*a):\n    import jax\n    return _right(*a) * (1 + 1e-7 * {})\n"
    one, other, same = graded(loaded, Warm.NEVER, [Job(source + tell.format(factor)) for factor in (0, 3, 0)])
    assert essence(one) == essence(same)
    assert essence(one) != essence(other)
    assert one.verdict is other.verdict
