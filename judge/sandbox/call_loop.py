"""Making all calls of a submission, in a fresh process after the previous one has died."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from judge.model import Ended, Limits, StepObservation
from judge.sandbox.session import Call, Session
from judge.wire import FILENAME

CONTINUE_AFTER = (Ended.EXITED, Ended.WALL_LIMIT, Ended.CPU_LIMIT, Ended.MEMORY_LIMIT)
"""After these ends the other calls may still succeed. Breaking the protocol or flooding allows no further try."""

LEAST_SHARE = 0.1
"""No process is begun with less than this share of one call's time left: what it would be stopped at tells nothing."""

NextCall: TypeAlias = Callable[[Mapping[str, StepObservation], Sequence[Call]], Call | None]
"""Given the results so far and the calls that wait, returns the next one; None when no other is needed."""


def in_order(made: Mapping[str, StepObservation], waiting: Sequence[Call]) -> Call | None:
    """Return the first of the calls that wait."""
    return waiting[0]


@dataclass
class Made:
    """The results of the calls that were made; ``load`` and ``compiled`` are those of the first process."""

    load: StepObservation
    compiled: bool
    cases: dict[str, StepObservation] = field(default_factory=dict)
    own_wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_mib: float = 0.0


def make_calls(
    open_session: Callable[[Limits], AbstractContextManager[Session]],
    source: bytes,
    entry_point: str,
    calls: Sequence[Call],
    limits: Limits,
    *,
    in_one_process: bool,
    scaled: bool = False,
    on_step: Callable[[str], None],
    next_call: NextCall = in_order,
) -> Made:
    """Load the source and make the calls in order.

    A call that ends the process has its own observation, and the calls after it are made in a fresh process, as long
    as the time for all of them lasts. Calls that were not made are missing from the result. ``in_one_process`` stops
    at the first such end instead.  ``next_call`` picks each call, or ends them.
    """
    made: Made | None = None
    waiting = list(calls)
    left_s = limits.total_wall_s
    headers_bytes = 0
    while True:
        with open_session(replace(limits, total_wall_s=left_s)) as session:
            session.headers_bytes = headers_bytes
            arity = len(calls[0].inputs) if calls else 0
            load = session.load(source, FILENAME, entry_point, arity, scaled=scaled)
            if made is None:
                made = Made(load, session.compiled)
            last = load
            usable = load.claimed.raised is None
            while usable and waiting and not session.over:
                call = next_call(made.cases, waiting)
                if call is None:
                    waiting.clear()
                    break
                waiting = [one for one in waiting if one is not call]
                on_step(call.id)
                last = made.cases[call.id] = session.call(list(call.inputs.values()))
            session.close()
            spent_s = session.spent_s
            left_s -= spent_s
            headers_bytes = session.headers_bytes
            cpu_s, peak_memory_mib = session.totals
        made.own_wall_s += spent_s
        made.cpu_s += cpu_s
        made.peak_memory_mib = max(made.peak_memory_mib, peak_memory_mib)
        failed_to_load = last is load
        if (
            in_one_process
            or not waiting
            or failed_to_load
            or last.measured.ended not in CONTINUE_AFTER
            or left_s < LEAST_SHARE * limits.wall_s
        ):
            return made
