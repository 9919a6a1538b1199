"""A submission that is stopped at a limit says on which of its lines it was, even from within a library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from judge.model import Claimed, Ended, Limits
from judge.sandbox import Call, Sandbox

LIMITS = Limits(wall_s=0.5, total_wall_s=5.0, memory_mib=512, threads=32, output_kib=256)
PATIENT = replace(LIMITS, wall_s=60.0, total_wall_s=60.0)
"""For programs that reach another limit, which takes a busy machine its time."""

DEEP = """
import re

def inner(text):
    return re.match("(a+)+$", text)

def solve(x):
    return inner("a" * 64 + "b")
"""
PRINTS = """
def solve(x):
    while True:
        print("x" * 1000)
"""
OWN_HANDLER = """
import signal
signal.signal(signal.SIGUSR1, lambda number, frame: None)

def solve(x):
    while True:
        pass
"""
DRIPS = """
import os, threading, time

def drip():
    time.sleep(0.6)
    while True:
        os.write(3, b"x")
        time.sleep(0.02)

def solve(x):
    threading.Thread(target=drip, daemon=True).start()
    while True:
        time.sleep(0.01)
"""
GROWS = """
def collect(kept):
    print("collecting", flush=True)
    while True:
        kept.append(bytearray(1 << 20))

def solve(x):
    collect([])
"""
OWN_HANDLERS = """
import signal
for number in (signal.SIGUSR1, signal.SIGUSR2):
    signal.signal(number, lambda number, frame: None)

def solve(x):
    kept = []
    while True:
        kept.append(bytearray(1 << 20))
"""
SPINS = """
def spin():
    while True:
        pass

def solve(x):
    spin()
"""
AT_LOAD = """
while True:
    pass
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(LIMITS, preload=(), accept="weak") as sandbox:
        yield sandbox


def claimed(sandbox: Sandbox, source: str, ended: Ended) -> Claimed:
    limits = LIMITS if ended is Ended.WALL_LIMIT else PATIENT
    step = sandbox.observe(source.encode(), "solve", [Call("a", {"x": 1.0})], limits=limits).cases["a"]
    assert step.measured.ended is ended
    return step.claimed


def lines(told: Claimed) -> list[tuple[int, str]]:
    return [(frame.line, frame.function) for frame in told.stopped_at]


def test_a_loop_within_a_library_shows_the_lines_that_led_there(sandbox: Sandbox) -> None:
    told = claimed(sandbox, DEEP, Ended.WALL_LIMIT)
    assert lines(told) == [(8, "solve"), (5, "inner")]
    assert "Stack" not in told.stdout


def test_a_flood_of_output_shows_the_line_that_prints(sandbox: Sandbox) -> None:
    assert lines(claimed(sandbox, PRINTS, Ended.OUTPUT_LIMIT)) == [(4, "solve")]


def test_a_list_that_grows_shows_the_line_that_appends(sandbox: Sandbox) -> None:
    told = claimed(sandbox, GROWS, Ended.MEMORY_LIMIT)
    assert lines(told)[0] == (8, "solve")
    assert lines(told)[1][1] == "collect"
    assert told.stdout == "collecting\n"


def test_a_program_without_processor_time_shows_the_line_where_it_spent_it() -> None:
    limits = replace(PATIENT, cpu_s=2.0)
    with Sandbox(limits, preload=(), accept="weak") as sandbox:
        step = sandbox.observe(SPINS.encode(), "solve", [Call("a", {"x": 1.0})]).cases["a"]
    assert step.measured.ended is Ended.CPU_LIMIT
    assert lines(step.claimed)[0] == (7, "solve")
    assert lines(step.claimed)[1][1] == "spin"
    assert step.claimed.stdout == ""


def test_a_program_that_answers_neither_question_is_stopped_for_its_memory(sandbox: Sandbox) -> None:
    assert claimed(sandbox, OWN_HANDLERS, Ended.MEMORY_LIMIT).stopped_at == ()


def test_a_file_that_never_ends_loading_shows_its_line(sandbox: Sandbox) -> None:
    load = sandbox.observe(AT_LOAD.encode(), "solve", []).load
    assert load.measured.ended is Ended.WALL_LIMIT
    ((line, name),) = lines(load.claimed)
    assert line in (2, 3)
    assert name == "<module>"


def test_a_program_that_took_the_signal_for_itself_is_stopped_all_the_same(sandbox: Sandbox) -> None:
    assert claimed(sandbox, OWN_HANDLER, Ended.WALL_LIMIT).stopped_at == ()


def test_an_answer_has_no_such_lines(sandbox: Sandbox) -> None:
    assert claimed(sandbox, "def solve(x):\n    return [x]\n", Ended.ANSWERED).stopped_at == ()


def test_a_program_that_goes_on_writing_after_its_stack_is_not_waited_for(sandbox: Sandbox) -> None:
    step = sandbox.observe(DRIPS.encode(), "solve", [Call("a", {"x": 1.0})]).cases["a"]
    assert step.measured.ended is Ended.WALL_LIMIT
    assert step.measured.wall_s < 60, "as long as it takes to fill what a stack may have: twenty minutes"
    assert "solve" in [frame.function for frame in step.claimed.stopped_at]
