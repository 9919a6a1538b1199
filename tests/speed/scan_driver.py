"""Becomes a warm zygote, then looks through all of its own memory: prints what it found as JSON.

Arguments: a file with a packed start frame, one with the marshalled programs, one with needles, and whether to keep
the programs on purpose (the positive control). Run with the package root on the path.
"""

from __future__ import annotations

import gc
import json
import os
import re
import sys
import types

frame_path, program_path, needle_path, keep = sys.argv[1:]

import flax.linen  # noqa: E402
import jax  # noqa: E402
import jax.numpy  # noqa: E402
import optax  # noqa: E402

from judge import wire  # noqa: E402
from judge.inside import xla_flags  # noqa: E402
from judge.inside.warmup import prepare, run_programs  # noqa: E402

kept: list[object] = []
if keep == "keep":
    load = run_programs.load_programs

    def load_and_keep(data: bytearray, sizes: list[int]) -> list[types.CodeType]:
        kept.append(bytes(data))
        programs = load(data, sizes)
        kept.extend(programs)
        return programs

    run_programs.load_programs = load_and_keep

with open(frame_path, "rb") as file:
    (start,) = wire.FrameReader(wire.Caps(header_bytes=1 << 24, body_bytes=1 << 28)).feed(file.read())
told = prepare.prepare(start, os.open(program_path, os.O_RDONLY), xla_flags.drop_unknown())
gc.collect()


def regions() -> list[tuple[int, int]]:
    found = []
    with open("/proc/self/maps") as file:
        for line in file:
            place, rights, *rest = line.split()
            if rights.startswith("rw") and not (len(rest) > 3 and rest[3].startswith("[v")):
                low, high = place.split("-")
                found.append((int(low, 16), int(high, 16)))
    return found


halves = [
    (name, bytes.fromhex(first), bytes.fromhex(second))
    for name, first, second in json.load(open(needle_path))  # noqa: SIM115
]
hits: dict[str, int] = dict.fromkeys((name for name, _, _ in halves), 0)
memory = os.open("/proc/self/mem", os.O_RDONLY)
buffer = bytearray(4 << 20)
looked_at = 0
for low, high in regions():
    for begin in range(low, high, len(buffer) - 4096):
        size = min(len(buffer), high - begin)
        try:
            got = os.preadv(memory, [memoryview(buffer)[:size]], begin)
        except OSError:
            continue
        looked_at += got
        for name, first, second in halves:
            place = buffer.find(first, 0, got)
            while place >= 0:
                if buffer.startswith(second, place + len(first)):
                    hits[name] += 1
                place = buffer.find(first, place + 1, got)

codes = 0
for thing in gc.get_objects():
    if isinstance(thing, types.FunctionType) and thing.__code__.co_filename == run_programs.FILENAME:
        codes += thing.__code__ is not run_programs._nothing.__code__
print(
    json.dumps(
        {
            "told": told,
            "hits": {n: h for n, h in hits.items() if h},
            "looked_at": looked_at,
            "functions": codes,
        }
    )
)
_ = re, jax, flax, optax
