"""Claims that are meant for the judge itself: what it keeps and looks through stays small, whatever they are."""

from __future__ import annotations

import io
import json
import tokenize
from collections.abc import Callable

import pytest
from support.growth import grows_linearly

from judge import wire
from judge.diagnosis.spans import Source
from judge.grader import Grader
from judge.model import Verdict
from judge.sandbox.session import FRAME_CAPS, MAX_HEADERS_BYTES
from judge.selftest.process_monitor import PeakMemory

CLAIMS = b"""\
import sys

worker = sys.modules["judge.inside.worker"]
worker.MAX_EVENTS = worker.MAX_EVENT_CHARS = worker.MAX_EVENTS_WEIGHT = 10**12


def sgd_step(params, grads, lr):
    for n in range(%d):
        worker.RECORDER("optimizer-init", {"began": n, "tree": {"params": 1, "state": 1, "leaves": 2}})
    return params - lr * grads
"""


def test_events_beyond_the_worker_s_own_cap_are_a_violation(small_grader: Grader) -> None:
    at_the_cap = small_grader.grade(CLAIMS % wire.MAX_EVENTS)
    assert at_the_cap.verdict is not Verdict.VIOLATION  # the control: so many are let through
    beyond = small_grader.grade(CLAIMS % (wire.MAX_EVENTS + 1))
    assert beyond.verdict is Verdict.VIOLATION
    assert beyond.points == 0


def nested(parts: int) -> bytes:
    header = {"kind": "answer", "number": 1, "events": [{"kind": "x", "line": 1, "facts": {"a": 0}}]}
    return json.dumps(header).replace('"a": 0', '"a": [' + "[]," * parts + "0]").encode()


def test_parts_count_for_what_they_take_when_they_are_parsed() -> None:
    text = nested(170_000)
    assert len(text) < FRAME_CAPS.header_bytes  # its length alone would let it through, twelve times in a run
    with PeakMemory() as memory:
        kept = [
            json.loads(text) for _ in range(4)
        ]  # the control: what a judge needs that parses before it weighs
    assert memory.grown_mib > 24
    del kept
    frame = wire.PREFIX.pack(len(text), 0) + text
    room = wire.Caps(FRAME_CAPS.header_bytes, FRAME_CAPS.body_bytes, wire.weight(text) - 1)
    with pytest.raises(wire.FrameError, match="more parts than allowed"):
        list(wire.FrameReader(room).feed(frame))
    assert 4 * wire.weight(text) > 170_000 * 56
    assert MAX_HEADERS_BYTES // wire.weight(text) <= 1


@pytest.mark.parametrize(
    "piece", ["'\"", "a = (", "# ", *(pytest.param(one, marks=pytest.mark.long) for one in ("'''", " "))]
)
def test_a_line_of_a_mebibyte_is_looked_at_once(piece: str) -> None:
    def span_of_line(n: int) -> Callable[[], object]:
        source = Source(("x" + piece * n + "$ # why").encode())
        return lambda: source.span_of_line(1)

    assert grows_linearly(span_of_line, 40_000)


def test_the_library_s_tokenizer_is_no_way_to_look_at_a_long_line() -> None:
    """The control: what the judge did once."""

    def tokens(n: int) -> Callable[[], object]:
        text = "x" + " " * n + "$\n"

        def work() -> None:
            try:
                list(tokenize.generate_tokens(io.StringIO(text).readline))
            except (tokenize.TokenError, SyntaxError):
                return

        return work

    assert not grows_linearly(tokens, 300)
