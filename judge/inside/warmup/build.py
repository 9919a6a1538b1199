"""A confined child that runs an author's own files and returns the programs that jax compiled for them.

It communicates with the judge over the usual channel: ``build`` (entry point and calls), then one ``program`` after
another (each with the numbers of the calls to make), each answered by ``built``, and ``collect`` until ``entries``
reports that nothing is left. Only programs of jax's own operations are kept; see
`judge.inside.warmup.library_programs`.
"""

from __future__ import annotations

import gc
import marshal

from judge import wire
from judge.inside.process_io import Channel
from judge.inside.warmup import jax_internals
from judge.inside.warmup.run_programs import Lowerings, run_program

PORTION_BYTES = 4 << 20


class Collected(dict[str, bytes]):
    """Compiled library programs by key; other programs are dropped."""

    def __init__(self, lowerings: Lowerings) -> None:
        super().__init__()
        self._lowerings = lowerings

    def __setitem__(self, key: str, value: bytes) -> None:
        if self._lowerings.last_is_library:
            super().__setitem__(key, value)


def build(channel: Channel, start: wire.Frame) -> None:
    """Serve the judge until it closes the channel."""
    lowerings = Lowerings(refuse_own=False)
    entries = Collected(lowerings)
    jax_internals.use_memory_store(entries, write=True)
    jax_internals.before_lowering(lowerings)
    calls = [wire.unpack_arguments(frame) for frame in wire.FrameReader(wire.Caps()).feed(start.body)]
    entry_point = str(start.header["entry_point"])
    gc.collect()
    gc.freeze()
    channel.send({"kind": "building", "calls": len(calls)})
    while (frame := channel.receive()) is not None:
        if frame.kind == "collect":
            keys, body = _portion(entries)
            channel.send({"kind": "entries", "keys": keys, "left": len(entries)}, body)
            continue
        chosen = [calls[index] for index in frame.header["calls"]]
        ran = run_program([marshal.loads(frame.body)], entry_point, chosen, lowerings)
        channel.send({"kind": "built", "new": ran.new, "own": ran.own, "alive": sorted(set(ran.alive))})
        gc.freeze()


def _portion(entries: dict[str, bytes]) -> tuple[list[tuple[str, int]], bytes]:
    """Remove as many entries as one frame may hold; return their keys and sizes, and their bytes."""
    keys, parts, size = [], [], 0
    while entries and size < PORTION_BYTES:
        key, value = entries.popitem()
        keys.append((key, len(value)))
        parts.append(value)
        size += len(value)
    return keys, b"".join(parts)
