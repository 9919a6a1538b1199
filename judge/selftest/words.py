"""All bytes of a value, wherever in it they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import numpy as np


def bytes_of(value: object) -> Iterator[bytes]:
    """Each text, byte string and array in a value made of dataclasses, mappings and sequences, however deep."""
    waiting: list[object] = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part.encode("utf-8", "surrogatepass")
        elif isinstance(part, bytes):
            yield part
        elif isinstance(part, np.ndarray):
            yield part.tobytes()
        elif dataclasses.is_dataclass(part) and not isinstance(part, type):
            waiting += [getattr(part, field.name) for field in dataclasses.fields(part)]
        elif isinstance(part, Mapping):
            waiting += [*part.keys(), *part.values()]
        elif isinstance(part, (list, tuple, set, frozenset)):
            waiting += part
