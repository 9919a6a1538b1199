"""The loop of the process that runs learner code: load the file, then answer one call after another.

Nothing here is trusted once the learner's file has been executed: it shares this interpreter.  So the worker holds
no secret, decides nothing, and everything that it sends is a claim.
"""

from __future__ import annotations

import builtins
import inspect
import io
import linecache
import os
import sys
import types
from collections.abc import Callable
from typing import Any

from judge import wire
from judge.inside import probes, warm_build

MODULE_NAME = "submission"
MAX_TEXT = 4000
MAX_FRAMES = 40
MAX_EVENTS = 400
MAX_EVENT_CHARS = 200_000
MAX_LENGTH = 10_000_000
MAX_ANSWER_NUMBERS = 100_000
"""Every number of every answer is kept by the judge until the report is written."""


class Recorder:
    """Collects probe events of the current step, each with the learner's line that led to it."""

    def __init__(self) -> None:
        self.filename: str | None = None
        self._events: list[dict[str, Any]] = []
        self._chars = 0

    def __call__(self, kind: str, facts: dict[str, Any]) -> None:
        if self.filename is None or len(self._events) >= MAX_EVENTS or self._chars > MAX_EVENT_CHARS:
            return
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != self.filename:
            frame = frame.f_back
        self._chars += len(repr(facts))
        self._events.append({"kind": kind, "line": frame.f_lineno if frame else None, "facts": facts})

    def take(self) -> list[dict[str, Any]]:
        events, self._events, self._chars = self._events, [], 0
        return events


RECORDER = Recorder()


class Channel:
    """Blocking frames over one descriptor, with plain read and write: the sandbox allows nothing else on it."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._reader = wire.FrameReader(wire.Caps(header_bytes=1 << 20, body_bytes=1 << 28))
        self._waiting: list[wire.Frame] = []

    def receive(self) -> wire.Frame | None:
        """The next frame, or None when the judge has closed the channel."""
        while not self._waiting:
            data = os.read(self._fd, 1 << 16)
            if not data:
                return None
            self._waiting.extend(self._reader.feed(data))
        return self._waiting.pop(0)

    def send(self, header: dict[str, Any], body: bytes = b"") -> None:
        view = memoryview(wire.pack(header, body))
        while view:
            view = view[os.write(self._fd, view) :]


def work(channel: Channel) -> None:
    """Serve one submission until the judge closes the channel."""
    probes.new_step()
    first = channel.receive()
    if first is None:
        return
    if first.kind == "build":  # only ever sent to a process that runs an author's own files
        warm_build.build(channel, first)
        return
    entry_point: Callable[..., Any] | None = None
    loaded = _attempt(lambda: _load(first))
    if "value" in loaded:
        entry_point = loaded.pop("value")
    channel.send({"kind": "loaded", **loaded, "events": RECORDER.take()})
    while entry_point is not None and (frame := channel.receive()) is not None:
        arguments = wire.unpack_arguments(frame)
        probes.new_step()
        number = frame.header["number"]
        given = [_bytes_of(argument) for argument in arguments]
        answer = _attempt(lambda: entry_point(*arguments))  # noqa: B023 -- called before the loop goes on
        for position, argument in enumerate(arguments):
            if _bytes_of(argument) != given[position]:
                RECORDER("input-mutated", {"position": position})
        body = b""
        if "value" in answer:
            value = answer.pop("value")
            described = _attempt(lambda: describe_value(value))  # noqa: B023
            if "value" in described:
                answer["returned"], body = described.pop("value")
            else:
                answer = described
        channel.send({"kind": "answer", "number": number, **answer, "events": RECORDER.take()}, body)


def _bytes_of(argument: Any) -> bytes | None:
    """The values of an array, to see whether a call changed them; None for a number, which cannot change."""
    return argument.tobytes() if hasattr(argument, "tobytes") else None


def _attempt(action: Callable[[], Any]) -> dict[str, Any]:
    """``{"value": ...}``, or ``{"raised": ...}`` for whatever left the learner's code, SystemExit included."""
    try:
        return {"value": action()}
    except BaseException as error:
        return {"raised": describe_exception(error)}
    finally:
        _flush()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            continue


class NoEntryPoint(Exception):
    """The file defines no function of the name that is asked for."""


class WrongSignature(Exception):
    """The entry point cannot be called with the arguments that it will be given."""


def _load(frame: wire.Frame) -> Callable[..., Any]:
    """Execute the submission as a real module and find its entry point in it."""
    header = frame.header
    filename, name, arity = header["filename"], header["entry_point"], header["arity"]
    RECORDER.filename = filename
    module = types.ModuleType(MODULE_NAME)
    module.__file__ = filename
    module.__dict__["__builtins__"] = builtins
    sys.modules[MODULE_NAME] = module
    code = compile(frame.body, filename, "exec", dont_inherit=True)
    text = _decode(frame.body)
    linecache.cache[filename] = (len(frame.body), None, text.splitlines(keepends=True), filename)
    exec(code, module.__dict__)
    entry_point = getattr(module, name, None)
    if entry_point is None:
        raise NoEntryPoint(f"the file defines no {name!r}")
    if not callable(entry_point):
        raise NoEntryPoint(f"{name!r} is {_type_name(entry_point)}, not a function")
    _check_signature(entry_point, name, arity)
    return entry_point  # type: ignore[no-any-return]


def _check_signature(entry_point: Callable[..., Any], name: str, arity: int) -> None:
    try:
        signature = inspect.signature(entry_point)
    except (TypeError, ValueError):
        return  # a builtin or compiled function need not tell
    try:
        signature.bind(*range(arity))
    except TypeError as error:
        raise WrongSignature(
            f"{name}{signature} cannot be called with {arity} positional arguments: {error}"
        ) from None


def _decode(source: bytes) -> str:
    import tokenize

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        return source.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return source.decode("utf-8", "replace")


# ------------------------------------------------------------------------------------------- describing values


def describe_value(value: Any) -> tuple[dict[str, Any], bytes]:
    """A returned value as header entry and float64 bytes.

    Every real dtype becomes float64, which is exact for all floats up to 64 bits; integers too large for it are
    rounded.  What is no array of real numbers is described by its type and a ``problem``.
    """
    import numpy as np

    facts: dict[str, Any] = {"type": _type_name(value), "dtype": None, "shape": None}
    if value is None:
        return {**facts, "problem": "None"}, b""
    if isinstance(value, (str, bytes, dict, set, frozenset)) or callable(value):
        return {**facts, "problem": f"{_type_name(value)} is not an array of numbers"}, b""
    try:
        array = np.asarray(value)
    except Exception as error:
        return {**facts, "problem": f"cannot become an array: {_short(error)}"}, b""
    facts["dtype"] = str(array.dtype)[:40]
    facts["shape"] = [min(int(n), MAX_LENGTH) for n in array.shape[: wire.MAX_DIMENSIONS]]
    if array.dtype.kind == "O":
        # a list that mixes jax scalars and floats is still a list of real numbers
        try:
            array = np.asarray([float(item) for item in array.ravel()], dtype=np.float64).reshape(array.shape)
        except Exception:
            return {**facts, "problem": "not real numbers"}, b""
    is_extended_float = array.dtype.kind == "V" and "float" in array.dtype.name  # bfloat16, float8: ml_dtypes
    if array.dtype.kind == "b":
        return {**facts, "problem": "booleans, not numbers"}, b""
    if array.dtype.kind == "c":
        return {**facts, "problem": "complex numbers"}, b""
    if array.dtype.kind not in "fiu" and not is_extended_float:
        return {**facts, "problem": f"dtype {array.dtype} holds no real numbers"}, b""
    if array.size == 0:
        return {**facts, "problem": "an empty array"}, b""
    if array.ndim > wire.MAX_DIMENSIONS or array.size > MAX_ANSWER_NUMBERS:
        return {**facts, "problem": "too large to be an answer"}, b""
    plain = np.array(array, dtype=np.float64, order="C", subok=False)
    return {**facts, "array": wire.describe_array(plain)}, wire.array_bytes(plain)


def describe_exception(error: BaseException) -> dict[str, Any]:
    """Classes, text and the learner's own lines of an exception; each piece capped, none trusted to behave."""
    names = []
    for cls in type(error).__mro__[:-1]:
        names.append(f"{cls.__module__}.{cls.__qualname__}"[:200])
    return {"types": names[:20], "text": _short(error), "frames": _learner_frames(error)}


def _learner_frames(error: BaseException) -> list[dict[str, Any]]:
    frames: list[dict[str, Any]] = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if code.co_filename == RECORDER.filename:
            place: dict[str, Any] = {"line": step.tb_lineno, "function": code.co_name[:100]}
            positions = list(code.co_positions())
            index = step.tb_lasti // 2
            if 0 <= index < len(positions):
                line, end_line, column, end_column = positions[index]
                if line == step.tb_lineno and end_line and column is not None and end_column is not None:
                    place |= {"end_line": end_line, "column": column, "end_column": end_column}
            frames.append(place)
        step = step.tb_next
    if isinstance(error, SyntaxError) and error.filename == RECORDER.filename and type(error.lineno) is int:
        place = {"line": max(error.lineno, 1), "function": "<module>"}
        if type(error.offset) is int and error.offset > 0:
            place |= {"end_line": place["line"], "column": error.offset - 1, "end_column": error.offset}
        frames.append(place)
    return frames[-MAX_FRAMES:]


def _short(error: BaseException) -> str:
    try:
        text = str(error)
        return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + " [...]"
    except BaseException as second:
        return f"(its text could not be made: {type(second).__name__})"


def _type_name(value: Any) -> str:
    cls = type(value)
    return f"{cls.__module__}.{cls.__qualname__}"[:200].removeprefix("builtins.")
