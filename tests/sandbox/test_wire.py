"""Any byte string ends in frames or in FrameError: never in another exception, a hang or unbounded memory."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from judge import wire
from judge.model import Claimed
from judge.sandbox.claims import read_claim

CAPS = wire.Caps(header_bytes=4096, body_bytes=4096)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)

KNOWN_KEYS = (
    "kind",
    "number",
    "raised",
    "returned",
    "events",
    "types",
    "text",
    "frames",
    "array",
    "shape",
    "dtype",
)


def hostile_objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects that use the protocol's own field names with values of the wrong kind."""
    return st.dictionaries(st.sampled_from(KNOWN_KEYS), inner, max_size=6)


hostile_values = st.recursive(
    json_values | st.sampled_from(["float64", "float32", "answer", [1], [-1], [2**63], -1, 1e300]),
    lambda inner: hostile_objects(inner) | st.lists(inner, max_size=3),
    max_leaves=25,
)


def read_all(data: bytes, chunk: int) -> list[wire.Frame]:
    reader = wire.FrameReader(CAPS)
    frames: list[wire.Frame] = []
    for start in range(0, len(data), chunk):
        frames.extend(reader.feed(data[start : start + chunk]))
    return frames


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes_are_frames_or_a_frame_error(data: bytes, chunk: int) -> None:
    try:
        frames = read_all(data, chunk)
    except wire.FrameError:
        return
    for frame in frames:
        assert isinstance(frame.kind, str)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_header_bytes_with_a_right_prefix(header: bytes, body: bytes) -> None:
    data = wire.PREFIX.pack(len(header), len(body)) + header + body
    try:
        (frame,) = read_all(data, 7)
    except wire.FrameError:
        return
    assert json.loads(header) == dict(frame.header)
    assert frame.body == body


@given(st.dictionaries(st.sampled_from(KNOWN_KEYS), hostile_values, max_size=8), st.binary(max_size=64))
def test_any_well_formed_frame_is_a_claim_or_a_frame_error(header: dict[str, Any], body: bytes) -> None:
    frame = wire.Frame({**header, "kind": "answer"}, body)
    try:
        claim = Claimed(**read_claim(frame))
    except wire.FrameError:
        return
    assert (claim.returned is None) != (claim.raised is None)
    if claim.returned is not None and claim.returned.array is not None:
        assert claim.returned.array.dtype == np.float64
        assert claim.returned.array.nbytes <= len(body)


@given(
    st.lists(
        st.floats(allow_nan=False, allow_infinity=False)
        | hnp.arrays(
            np.float32, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(-1e6, 1e6, width=32)
        ),
        max_size=4,
    ),
    st.integers(1, 20),
)
def test_arguments_arrive_bit_for_bit(values: list[Any], chunk: int) -> None:
    (frame,) = read_all(wire.pack_call(3, values), chunk)
    arrived = wire.unpack_arguments(frame)
    assert frame.header["number"] == 3
    for sent, got in zip(values, arrived, strict=True):
        assert type(got) is type(sent)
        assert np.asarray(got).tobytes() == np.asarray(sent).tobytes()
        if isinstance(got, np.ndarray):
            assert got.shape == sent.shape
            assert got.flags.writeable
            assert not np.shares_memory(got, sent)


@pytest.mark.parametrize(
    "data",
    [
        wire.PREFIX.pack(4097, 0),
        wire.PREFIX.pack(2, 4097) + b"{}",
        wire.PREFIX.pack(2**32 - 1, 2**32 - 1),
        wire.PREFIX.pack(2, 0) + b"{}",
        wire.PREFIX.pack(2, 0) + b"[]",
        wire.PREFIX.pack(12, 0) + b'{"kind":1.5}',
        wire.PREFIX.pack(12, 0) + b'{"kind":NaN}',
        wire.PREFIX.pack(2, 0) + b"\xff\xff",
        wire.PREFIX.pack(4000, 0) + b"[" * 4000,
    ],
)
def test_these_are_refused(data: bytes) -> None:
    with pytest.raises(wire.FrameError):
        read_all(data, len(data))


def test_a_too_long_frame_is_refused_before_it_is_kept() -> None:
    reader = wire.FrameReader(CAPS)
    with pytest.raises(wire.FrameError, match="larger than allowed"):
        list(reader.feed(struct.pack("!II", 0xFFFFFFFF, 0)))


@pytest.mark.parametrize(
    ("description", "body"),
    [
        ({"dtype": "object", "shape": [1]}, b"x" * 8),
        ({"dtype": "float64", "shape": [2]}, b"x" * 8),
        ({"dtype": "float64", "shape": [-1]}, b"x" * 8),
        ({"dtype": "float64", "shape": [True]}, b"x" * 8),
        ({"dtype": "float64", "shape": [2**40, 2**40]}, b"x" * 8),
        ({"dtype": "float64", "shape": [1] * 9}, b"x" * 8),
        ({"dtype": ["float64"], "shape": [1]}, b"x" * 8),
        ("float64", b"x" * 8),
    ],
)
def test_an_array_that_does_not_agree_with_its_bytes_is_refused(description: object, body: bytes) -> None:
    with pytest.raises(wire.FrameError):
        wire.take_array(description, body, 0)


@pytest.mark.parametrize("opening", ["[", '{"a": '])
def test_a_header_is_nested_so_deep_and_no_deeper(opening: str) -> None:
    def header(depth: int) -> bytes:
        closing = {"[": "]"}.get(opening, "}")
        return f'{{"kind": "x", "y": {opening * depth}0{closing * depth}}}'.encode()

    wire._parse_header(header(wire.MAX_DEPTH - 1))
    for depth in (wire.MAX_DEPTH, 900):
        with pytest.raises(wire.FrameError, match="nested deeper than 64 levels"):
            wire._parse_header(header(depth))
