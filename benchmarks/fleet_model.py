"""A model of a fleet: how many submissions a second come back, given what grading and passing on take.

It assumes

- one client and one scheduler, which pass submissions on one after another: ``serial_s`` of one processor for each,
  half of it when the submission goes out and half when its report is back;
- as many submissions out as the judge allows, `judge.fleet.executor.JOBS_PER_THREAD` for each worker, so that a worker
  has the next one there when it is free;
- workers that grade one at a time, each on a processor of its own, and do not slow each other down;
- gradings that take what was measured, drawn anew for each submission;
- no worker that dies, a network that is never full, and a scheduler whose work does not grow with the workers.

What it leaves out makes a real fleet slower. So its figures are an upper bound, and the number of workers from which
they no longer grow is where the client is the bottleneck at the latest.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Sequence

from judge.fleet.executor import JOBS_PER_THREAD

GRADED_PER_WORKER = 200
"""Submissions in a simulated class, for each worker: start and end weigh little beside them."""
OUT, BACK = "out", "back"


def throughput(workers: int, service_s: Sequence[float], serial_s: float, seed: int = 5) -> float:
    """Return submissions per second of a simulated class. Raises ValueError without workers or service times."""
    if workers < 1 or not service_s:
        raise ValueError(
            f"{workers} workers and {len(service_s)} service times: at least one of each is needed"
        )
    draw = random.Random(seed)
    total = GRADED_PER_WORKER * workers
    to_send = total
    events: list[tuple[float, int, str]] = []  # time, order, what the client has to do
    queue: deque[float] = deque()
    idle = workers
    client_free_s = now = 0.0
    order = returned = 0

    def grade(start_s: float) -> None:
        nonlocal order
        order += 1
        heapq.heappush(events, (start_s + draw.choice(service_s), order, BACK))

    for _ in range(min(JOBS_PER_THREAD * workers, total)):
        to_send -= 1
        client_free_s += serial_s / 2
        order += 1
        heapq.heappush(events, (client_free_s, order, OUT))
    while returned < total:
        now, _, what = heapq.heappop(events)
        if what == OUT:  # it arrives at the workers
            if idle:
                idle -= 1
                grade(now)
            else:
                queue.append(now)
            continue
        if queue:  # the worker goes on with what waits there
            queue.popleft()
            grade(now)
        else:
            idle += 1
        returned += 1
        client_free_s = max(client_free_s, now) + serial_s / 2
        if to_send:
            to_send -= 1
            client_free_s += serial_s / 2
            order += 1
            heapq.heappush(events, (client_free_s, order, OUT))
    return total / max(now, client_free_s)
