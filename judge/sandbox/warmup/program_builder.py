"""Building the compiled programs: confined children run the author's files and return what jax compiled."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from judge import wire
from judge.sandbox.session import Session
from judge.sandbox.warmup.plan import WarmPlan
from judge.sandbox.warmup.program_cache import Compiled, Steps

PROGRAM_S = 300.0
HEAVY = 120
"""A file beyond ``asked`` that needs more new operations than this is not worth the time of every warm-up."""


@dataclass(frozen=True)
class _Built:
    new: tuple[int, ...]
    clean: bool
    """It compiled no function of its own and left nothing behind."""


def build(sessions: Sequence[Session], plan: WarmPlan, on_progress: Callable[[int, int], None]) -> Compiled:
    """Run all of the plan, divided among the sessions, and choose the steps of a warm-up.

    ``on_progress(done, of)`` is called in the calling thread, with numbers of files. Raises SandboxError when one
    fails.
    """
    waiting = deque(range(1, len(plan.programs)))
    done: SimpleQueue[tuple[int, _Built]] = SimpleQueue()
    with ThreadPoolExecutor(len(sessions)) as pool:
        works = [pool.submit(_work, session, plan, waiting, done) for session in sessions]
        built: dict[int, _Built] = {}
        while len(built) < len(plan.programs) and not any(work.done() and work.exception() for work in works):
            with contextlib.suppress(Empty):
                number, one = done.get(timeout=0.2)
                built[number] = one
                on_progress(len(built), len(plan.programs))
        waiting.clear()  # after a failure the others stop as well
        entries = {key: value for work in works for key, value in work.result().items()}
    return Compiled(dict(sorted(entries.items())), _steps(built, plan.asked))


def _work(
    session: Session, plan: WarmPlan, waiting: deque[int], done: SimpleQueue[tuple[int, _Built]]
) -> dict[str, bytes]:
    """Run the first file, which every process needs, then files that are not taken yet; return what was compiled."""
    header = {"kind": "build", "entry_point": plan.entry_point}
    session.ask(wire.pack(header, b"".join(plan.calls)), PROGRAM_S)
    number = 0
    while True:
        calls = range(len(plan.calls) if number == 0 else plan.shapes)
        message = wire.pack({"kind": "program", "calls": list(calls)}, plan.programs[number])
        answer = session.ask(message, PROGRAM_S).header
        done.put((number, _Built(tuple(answer["new"]), not answer["own"] and not answer["alive"])))
        try:
            number = waiting.popleft()
        except IndexError:
            break
    entries: dict[str, bytes] = {}
    left = 1
    while left:
        frame = session.ask(wire.pack({"kind": "collect"}), PROGRAM_S)
        left, place = int(frame.header["left"]), 0
        for key, size in frame.header["keys"]:
            entries[key] = frame.body[place : place + size]
            place += size
    return entries


def _steps(built: Mapping[int, _Built], asked: int) -> Steps:
    """Return every clean file with those of its calls that needed new operations; all calls of the first."""
    steps = []
    for number, one in sorted(built.items()):
        if not one.clean or (number >= asked and sum(one.new) > HEAVY):
            continue
        calls = tuple(index for index, new in enumerate(one.new) if new or not number)
        if calls:
            steps.append((number, calls))
    return tuple(steps)


def without_redundant_steps(steps: Steps, brought: Sequence[Sequence[int]]) -> Steps:
    """Return the steps without the calls that needed nothing new after those before them; all calls of the first.

    The files were divided among several processes, so `build` cannot know; a warm-up runs them in one.
    """
    first, *others = zip(steps, brought, strict=True)
    left = [
        (number, tuple(call for call, new in zip(calls, counts, strict=True) if new))
        for (number, calls), counts in others
    ]
    return (first[0], *((number, calls) for number, calls in left if calls))
