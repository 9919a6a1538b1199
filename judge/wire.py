"""The frames that both sides exchange: a capped JSON header and raw array bytes, nothing that executes.

A frame is ``u32 header length | u32 body length | header | body`` (big endian). The header is one JSON object with a
``kind``; the body is the bytes of the arrays that the header describes, in order. Nothing is unpickled, every length
is checked against a cap before a byte of it is kept, and dtype, shape and byte count must agree.

Both the trusted side and the side that runs learner code import this module, and it imports no other module of judge.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PREFIX = struct.Struct("!II")
ITEM_BYTES: Mapping[str, int] = {"float32": 4, "float64": 8, "int32": 4, "int64": 8}
"""The dtypes that are sent; every other one is converted to one of them before."""

FILENAME = "submission.py"
"""The name of every submission's file, for Python and in what it says of lines."""

MAX_DIMENSIONS = 8

# Limits that the worker observes, and that the judge enforces.
MAX_EVENTS = 400
"""Per step."""
MAX_REPEATS = 3
"""Of the same event on the same line in one step."""
MAX_RUN_WEIGHT = 6 << 20
"""Of all headers of a run (see `weight`): those of a right solution weigh a tenth of it."""
MAX_DEPTH = 64
"""Of nested lists and objects in a header."""
MAX_TEXT = 4000
"""Characters of an exception's text."""
MAX_ANSWER_NUMBERS = 20_000
"""Of one answer: every number of every answer is kept by the judge until the report is written."""

STEP, HOW_LONG, WHERE = b"s", b"?", b"w"
"""Messages from the judge to a keeper, which are no frames: a step begins; how long has the process waited?"""


class FrameError(ValueError):
    """The bytes are not a well-formed frame, or the frame has a field that is not allowed."""


@dataclass(frozen=True)
class Caps:
    """The largest size of a frame; a longer one is refused when its prefix is read."""

    header_bytes: int = 512 * 1024
    body_bytes: int = 16 * 1024 * 1024
    header_weight: int = 1 << 40
    """See `weight`; no limit where the sender is trusted."""


@dataclass(frozen=True)
class Frame:
    header: Mapping[str, Any]
    body: bytes
    weight: int = 0
    """Of the header (see `weight`)."""

    @property
    def kind(self) -> str:
        return str(self.header["kind"])


def pack(header: Mapping[str, Any], body: bytes = b"") -> bytes:
    """Return the bytes of one frame. Raises ValueError for a header that JSON cannot hold (NaN included)."""
    text = json.dumps(header, allow_nan=False, separators=(",", ":")).encode()
    return PREFIX.pack(len(text), len(body)) + text + body


class FrameReader:
    """Cuts a byte stream into frames; holds at most one frame's worth of bytes beyond what it was just fed."""

    def __init__(self, caps: Caps) -> None:
        self._caps = caps
        self._buffer = bytearray()

    @property
    def empty(self) -> bool:
        """True when no part of a frame is waiting for its rest."""
        return not self._buffer

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that ``data`` completes. Raises FrameError; the reader is of no use after that."""
        self._buffer += data
        while len(self._buffer) >= PREFIX.size:
            header_bytes, body_bytes = PREFIX.unpack_from(self._buffer)
            if header_bytes > self._caps.header_bytes or body_bytes > self._caps.body_bytes:
                raise FrameError(f"a frame of {header_bytes} + {body_bytes} bytes is larger than allowed")
            end = PREFIX.size + header_bytes + body_bytes
            if len(self._buffer) < end:
                return
            header = bytes(self._buffer[PREFIX.size : PREFIX.size + header_bytes])
            body = bytes(self._buffer[PREFIX.size + header_bytes : end])
            del self._buffer[:end]
            weighs = weight(header)
            if weighs > self._caps.header_weight:
                raise FrameError("a frame's header has more parts than allowed")
            yield Frame(_parse_header(header), body, weighs)


def weight(header: bytes) -> int:
    """Return the most memory that a header takes in the judge once it is parsed, in units of four bytes.

    Text takes up to four bytes for each of its own. ``[[],[]]`` takes thirty times its length: every list, object,
    text and number has an overhead.
    """
    return (
        len(header)
        + 24 * header.count(b"[")
        + 60 * header.count(b"{")
        + 8 * header.count(b'"')
        + 10 * header.count(b",")
    )


def _parse_header(data: bytes) -> Mapping[str, Any]:
    try:
        header = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"a frame's header is not JSON: {type(error).__name__}") from None
    if not isinstance(header, dict) or not isinstance(header.get("kind"), str):
        raise FrameError("a frame's header is not an object with a kind")
    _refuse_depth(header)
    return header


def _refuse_depth(header: Mapping[str, Any]) -> None:
    """Raise FrameError for a deep header: later code that handles it, pickling included, may recurse."""
    level: list[Any] = [header]
    for _ in range(MAX_DEPTH):
        inner = [part.values() if isinstance(part, dict) else part for part in level]
        level = [child for parts in inner for child in parts if isinstance(child, dict | list)]
        if not level:
            return
    raise FrameError(f"a frame's header is nested deeper than {MAX_DEPTH} levels")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


# ------------------------------------------------------------------------------------------------------ arrays


def describe_array(array: npt.NDArray[np.generic]) -> dict[str, Any]:
    """Return the header entry of an array that is sent in the body: ``{"dtype": "float32", "shape": [8, 5]}``."""
    name = array.dtype.name
    if name not in ITEM_BYTES:
        raise ValueError(f"dtype {name} does not travel")
    return {"dtype": name, "shape": list(array.shape)}


def array_bytes(array: npt.NDArray[np.generic]) -> bytes:
    """Return the array's values, C order, little endian."""
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes(order="C")


def take_array(description: object, body: bytes, offset: int) -> tuple[npt.NDArray[np.generic], int]:
    """Return the array that ``description`` finds in ``body`` at ``offset`` (own memory), and the offset after it.

    Raises FrameError when dtype, shape and byte count do not agree.
    """
    import numpy as np

    if not isinstance(description, dict):
        raise FrameError("an array's description is not an object")
    dtype, shape = description.get("dtype"), description.get("shape")
    if not isinstance(dtype, str) or dtype not in ITEM_BYTES:
        raise FrameError("an array's dtype is not one that travels")
    if not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS:
        raise FrameError("an array's shape is not a short list")
    if not all(type(n) is int and 0 <= n <= len(body) + 1 for n in shape):
        raise FrameError("an array's shape does not fit the bytes that came with it")
    count = math.prod(shape)
    end = offset + count * ITEM_BYTES[dtype]
    if end > len(body):
        raise FrameError("an array's shape asks for more bytes than came with it")
    data = np.frombuffer(body, dtype=np.dtype(dtype).newbyteorder("<"), count=count, offset=offset)
    return data.astype(dtype).reshape(shape), end


# --------------------------------------------------------------------------------------------------- arguments


def pack_call(number: int, arguments: Sequence[float | int | npt.NDArray[np.generic]]) -> bytes:
    """Return a ``call`` frame: positional arguments only, so the other side learns no case names and no order."""
    described: list[dict[str, Any]] = []
    body = b""
    for value in arguments:
        if isinstance(value, bool):
            raise ValueError("a bool is no argument")
        if isinstance(value, float):
            described.append({"float": value})
        elif isinstance(value, int):
            described.append({"int": value})
        else:
            described.append(describe_array(value))
            body += array_bytes(value)
    return pack({"kind": "call", "number": number, "arguments": described}, body)


def unpack_arguments(frame: Frame) -> list[Any]:
    """Return the positional arguments of a ``call`` frame; arrays are fresh and writable."""
    values: list[Any] = []
    offset = 0
    for described in frame.header["arguments"]:
        if "float" in described:
            values.append(float(described["float"]))
        elif "int" in described:
            values.append(int(described["int"]))
        else:
            array, offset = take_array(described, frame.body, offset)
            values.append(array)
    return values
