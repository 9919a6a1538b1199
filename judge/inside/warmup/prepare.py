"""Preparation of a zygote before its first child, for speed: settings, compiled programs, and the warm-up on request.

``prepare`` reads these from the start frame, whose body holds the compiled programs and then the calls:

    entries   keys and sizes of compiled programs, or absent
    warm      ``entry_point``, ``sizes`` of the marshalled programs (which come in a file of their own, so that their
              bytes can be overwritten), ``steps`` and ``affinity``, or absent

A warm zygote is then proven: a forked child runs the first program again and must return the same bytes.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

from judge import wire
from judge.inside import process_io
from judge.inside.confinement import confine
from judge.inside.warmup import exit_on_compile, jax_internals, run_programs

PROOF_S = 30.0
MORTAL = 1000
"""An immortal object reports billions of references, a new one a few."""
NEEDED_TO_FORK = ("--xla_cpu_multi_thread_eigen", "--xla_cpu_enable_concurrency_optimized_scheduler")
"""These turn off features that give work to threads, which a forked child does not have."""


class NotWarm(Exception):
    """Children of this process could hang, differ, or find secrets; the text says which."""


def prepare(start: wire.Frame, program_fd: int | None, unknown_flags: Sequence[str] = ()) -> dict[str, Any]:
    """Make this process fast to fork from. Returns facts for the ``ready`` frame; raises nothing.

    ``warm`` in the result is None when no warm-up was requested, else ``{"refused": reason or "", ...}``: after a
    refusal nothing may be forked from this process. ``unknown_flags`` were left out, because this jaxlib does not
    know them. ``brought`` has a list for each step: the number of operations, for each of its calls, that were new in
    memory.
    """
    with contextlib.suppress(jax_internals.Unsupported):
        jax_internals.share_lowering_context()
    jax_internals.dispatch_synchronously()
    body = memoryview(start.body)
    if "entries" in start.header:
        entries: dict[str, bytes] = {}
        place = 0
        for key, size in start.header["entries"]:
            entries[key] = bytes(body[place : place + size])
            place += size
        body = body[place:]
        with contextlib.suppress(jax_internals.Unsupported):
            jax_internals.use_memory_store(entries, write=False)
    if "warm" not in start.header or program_fd is None:
        return {"warm": None}
    began = time.monotonic()
    try:
        _require_flags(unknown_flags)
        if keeps_names():
            raise NotWarm("this Python never forgets the names in a program, so the author's could be found")
        brought = _warm(start.header["warm"], bytes(body), program_fd)
    except Exception as error:
        return {"warm": {"refused": f"{type(error).__name__}: {error}"[:500]}}
    return {"warm": {"refused": "", "wall_s": time.monotonic() - began, "brought": brought}}


def _require_flags(unknown: Sequence[str]) -> None:
    """Raise NotWarm when this jaxlib does not know a flag without which a child could wait for ever."""
    lacking = [flag for flag in unknown if flag.startswith(NEEDED_TO_FORK)]
    if lacking:
        raise NotWarm(f"this jaxlib does not know {', '.join(lacking)}, so a child could hang")


def keeps_names() -> bool:
    """Return True if names in a program outlive it: from Python 3.12 on they do, and every child sees them."""
    (name,) = compile(f"name_{os.getpid()}_{time.monotonic_ns()}", "", "eval").co_names
    return sys.getrefcount(name) > MORTAL


def _warm(wanted: Any, packed_calls: bytes, program_fd: int) -> list[list[int]]:
    if wanted["affinity"] and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, wanted["affinity"])  # before the backend counts processors
    frames = wire.FrameReader(wire.Caps()).feed(packed_calls)
    calls = [wire.unpack_arguments(frame) for frame in frames]
    entry_point = str(wanted["entry_point"])
    steps = [(int(number), [int(index) for index in chosen]) for number, chosen in wanted["steps"]]
    data = _read_all(program_fd)
    first_program = data[: wanted["sizes"][0]]
    programs = run_programs.load_programs(data, wanted["sizes"])
    lowerings = run_programs.Lowerings(refuse_own=True)
    jax_internals.before_lowering(lowerings)
    expected, brought = run_programs.warm_up(programs, entry_point, calls, steps, lowerings)
    exit_on_compile.arm()
    _prove(first_program, entry_point, [calls[index] for index in steps[0][1]], expected)
    run_programs.overwrite_free_memory()
    return brought


def _read_all(fd: int) -> bytearray:
    """Return the file's bytes in one buffer that can be overwritten, and close the file."""
    with os.fdopen(fd, "rb", buffering=0) as file:
        data = bytearray(os.fstat(fd).st_size)
        file.seek(0)
        if file.readinto(data) != len(data):
            raise NotWarm("the programs did not arrive")
    return data


def _prove(
    program: bytearray, entry_point: str, calls: Sequence[Sequence[Any]], expected: list[bytes | None]
) -> None:
    """Run the program in a forked child; raise NotWarm unless it returns the same as here, in time."""
    pid = process_io.fork()
    if not pid:
        status = 1
        try:
            confine.die_with_parent(None)
            lowerings = run_programs.Lowerings(refuse_own=True)
            codes = run_programs.load_programs(program, [len(program)])
            status = (
                0
                if run_programs.run_program(codes, entry_point, calls, lowerings).returned == expected
                else 2
            )
        finally:
            os._exit(status)
    program[:] = bytes(len(program))
    deadline = time.monotonic() + PROOF_S
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise NotWarm("a forked child hung")
        time.sleep(0.005)
    if not os.WIFEXITED(status):
        raise NotWarm(f"a forked child died of signal {os.WTERMSIG(status)}")
    if os.WEXITSTATUS(status):
        what = {exit_on_compile.LEFT: "had to compile", 2: "returned something else"}
        raise NotWarm(f"a forked child {what.get(os.WEXITSTATUS(status), 'failed')}")
