"""Turning a frame of the untrusted side into claims: every field checked, every length capped.

The frame is already well-formed JSON with array bytes (`judge.wire`); here its meaning is checked. A frame with an
improper field raises FrameError, which ends in the verdict ``violation``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judge import wire
from judge.model import ClaimedException, ClaimedFrame, ClaimedValue, Event

MAX_TEXT = wire.MAX_TEXT + 100
"""With room for the note on a cut."""
MAX_LINE = 10_000_000


def read_claim(frame: wire.Frame) -> dict[str, Any]:
    """Return keyword arguments for `judge.model.Claimed`: ``returned`` or ``raised``, and ``events``."""
    header = frame.header
    claim: dict[str, Any] = {"events": _events(header.get("events", []))}
    if "raised" in header:
        claim["raised"] = _exception(header["raised"])
    elif "returned" in header:
        claim["returned"] = _value(header["returned"], frame.body)
    elif frame.kind == "answer":
        raise wire.FrameError("an answer holds neither a value nor an exception")
    return claim


def _value(described: object, body: bytes) -> ClaimedValue:
    facts = _object(described, "a returned value")
    shape = facts.get("shape")
    if shape is not None:
        if not isinstance(shape, list) or len(shape) > wire.MAX_DIMENSIONS:
            raise wire.FrameError("a returned shape is not a short list")
        shape = tuple(_integer(n, "a size in a returned shape") for n in shape)
    array = None
    if "array" in facts:
        taken, end = wire.take_array(facts["array"], body, 0)
        if taken.size > wire.MAX_ANSWER_NUMBERS:
            raise wire.FrameError(f"an answer holds more than {wire.MAX_ANSWER_NUMBERS:,} numbers")
        if end != len(body) or taken.dtype.name != "float64":
            raise wire.FrameError("a returned array does not fill its bytes with float64")
        array = taken.astype("float64", copy=False)
        array.setflags(write=False)
        shape = tuple(array.shape)
    dtype = facts.get("dtype")
    return ClaimedValue(
        type_name=_text(facts.get("type"), 300),
        dtype=None if dtype is None else _text(dtype, 60),
        shape=shape,
        array=array,
        problem=_text(facts.get("problem", "" if array is not None else "no value"), MAX_TEXT),
    )


def _exception(described: object) -> ClaimedException:
    facts = _object(described, "an exception")
    names, frames = facts.get("types"), facts.get("frames")
    if not isinstance(names, list) or not isinstance(frames, list) or len(names) > 40 or len(frames) > 100:
        raise wire.FrameError("an exception's classes or frames are not short lists")
    return ClaimedException(
        type_names=tuple(_text(name, 300) for name in names) or ("builtins.BaseException",),
        text=_text(facts.get("text"), MAX_TEXT),
        frames=tuple(_frame(frame) for frame in frames),
    )


def _frame(described: object) -> ClaimedFrame:
    facts = _object(described, "a frame")
    optional = {
        key: _integer(facts[key], key)
        for key in ("end_line", "column", "end_column")
        if facts.get(key) is not None
    }
    return ClaimedFrame(_integer(facts.get("line"), "line"), _text(facts.get("function"), 200), **optional)


def _events(described: object) -> tuple[Event, ...]:
    if not isinstance(described, list) or len(described) > wire.MAX_EVENTS:
        raise wire.FrameError(f"events are not a list of at most {wire.MAX_EVENTS}")
    events = []
    for item in described:
        facts = _object(item, "an event")
        line = facts.get("line")
        events.append(
            Event(
                kind=_text(facts.get("kind"), 100),
                line=None if line is None else _integer(line, "line"),
                facts=_object(facts.get("facts"), "an event's facts"),
            )
        )
    return tuple(events)


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise wire.FrameError(f"{what} is not an object")
    return value


def _integer(value: object, what: str) -> int:
    if type(value) is not int or not 0 <= value <= MAX_LINE:
        raise wire.FrameError(f"{what} is not a small whole number")
    return value


def _text(value: object, cap: int) -> str:
    if not isinstance(value, str):
        raise wire.FrameError("a text is not a string")
    return value[:cap]
