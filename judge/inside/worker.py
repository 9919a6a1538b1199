"""The loop of the process that runs learner code: load the file, then answer one call after another.

Nothing here is trusted once the learner's file has been executed: it shares this interpreter. So the worker holds no
secret, decides nothing, and everything that it sends is a claim.
"""

from __future__ import annotations

import builtins
import codecs
import inspect
import io
import json
import linecache
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

from judge import wire
from judge.inside import scaled_updates
from judge.inside.probes import install
from judge.inside.process_io import Channel
from judge.inside.serialize import describe_exception, describe_value, type_name
from judge.inside.warmup import build

MODULE_NAME = "submission"
MAX_EVENTS = wire.MAX_EVENTS
MAX_EVENT_CHARS = 200_000
MAX_EVENTS_WEIGHT = 5 * wire.MAX_RUN_WEIGHT // 6
"""For a whole run; the rest is for exceptions and values."""


class Recorder:
    """Collects probe events of the current step, each with the learner's line that led to it."""

    def __init__(self) -> None:
        self.begin(None)

    def begin(self, filename: str | None) -> None:
        """Record the lines of this file from now on, with room for a whole run."""
        self.filename = filename
        self._events: list[dict[str, Any]] = []
        self._chars = 0
        self._weight = 0

    def __call__(self, kind: str, facts: dict[str, Any]) -> dict[str, Any] | None:
        """Record an event and return it, or None when there is no room for it."""
        if self.filename is None or len(self._events) >= MAX_EVENTS - 1 or self._chars > MAX_EVENT_CHARS:
            return None
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != self.filename:
            frame = frame.f_back
        self._chars += len(repr(facts))
        event = {"kind": kind, "line": frame.f_lineno if frame else None, "facts": facts}
        self._events.append(event)
        return event

    def take(self) -> list[dict[str, Any]]:
        """Return the events of the step; none once those of the whole run weigh more than the judge takes.

        The last one counts what was left out for lack of room, if anything.
        """
        events, self._events, self._chars = self._events, [], 0
        left_out = install.not_recorded()
        self._weight += wire.weight(json.dumps(events, default=str).encode()) if events else 0
        if self._weight > MAX_EVENTS_WEIGHT:
            left_out = {**left_out, "events": left_out.get("events", 0) + len(events)}
            events = []
        if any(left_out.values()):
            events.append({"kind": "not-recorded", "line": None, "facts": left_out})
        return events


RECORDER = Recorder()


def work(channel: Channel) -> None:
    """Serve one submission until the judge closes the channel."""
    install.new_step()
    first = channel.receive()
    if first is None:
        return
    if first.kind == "build":  # only ever sent to a process that runs an author's own files
        build.build(channel, first)
        return
    # The report on compiling can be trusted: nothing of the submission has run when it is sent.
    compiled = _attempt(lambda: compile_as_python_does(first.header["filename"], first.body))
    code = compiled.pop("value", None)
    channel.send({"kind": "compiled", **compiled})
    second = channel.receive() if code is not None else None
    if code is None or second is None:
        return
    entry_point: Callable[..., Any] | None = None
    loaded = _attempt(lambda: execute(second.header, code))
    if "value" in loaded:
        entry_point = loaded.pop("value")
    channel.send({"kind": "loaded", **loaded, "events": RECORDER.take()})
    while entry_point is not None and (frame := channel.receive()) is not None:
        arguments = wire.unpack_arguments(frame)
        install.new_step()
        scaled_updates.new_call()
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
    """Return the bytes of an array, to detect that a call changed it; None for a number, which cannot change."""
    return argument.tobytes() if hasattr(argument, "tobytes") else None


def _attempt(action: Callable[[], Any]) -> dict[str, Any]:
    """Return ``{"value": ...}``, or ``{"raised": ...}`` for any exception of the action, SystemExit included."""
    try:
        return {"value": action()}
    except BaseException as error:
        return {"raised": describe_exception(error, RECORDER.filename)}
    finally:
        _flush()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            continue


class NoEntryPoint(Exception):
    """The file does not define the required function."""


class WrongSignature(Exception):
    """The entry point cannot be called with the required number of arguments."""


def compile_as_python_does(filename: str, source: bytes) -> types.CodeType:
    """Return the code of a file. Raises SyntaxError wherever ``python FILE`` does, not only where `compile` does."""
    RECORDER.begin(filename)
    if b"\0" in source:
        raise SyntaxError("source code cannot contain null bytes", (filename, None, None, None))
    text = _decode(filename, source)
    linecache.cache[filename] = (len(source), None, text.splitlines(keepends=True), filename)
    return compile(source, filename, "exec", dont_inherit=True)


def execute(header: Mapping[str, Any], code: types.CodeType) -> Callable[..., Any]:
    """Execute the submission as a real module and find its entry point in it."""
    filename, name, arity = header["filename"], header["entry_point"], header["arity"]
    if header.get("scaled"):
        scaled_updates.install()
    module = types.ModuleType(MODULE_NAME)
    module.__file__ = filename
    module.__dict__["__builtins__"] = builtins
    sys.modules[MODULE_NAME] = module
    exec(code, module.__dict__)
    entry_point = getattr(module, name, None)
    if entry_point is None:
        raise NoEntryPoint(f"the file defines no {name!r}")
    if not callable(entry_point):
        raise NoEntryPoint(f"{name!r} is {type_name(entry_point)}, not a function")
    _check_signature(entry_point, name, arity)
    return entry_point  # type: ignore[no-any-return]


def _check_signature(entry_point: Callable[..., Any], name: str, arity: int) -> None:
    try:
        signature = inspect.signature(entry_point)
    except (TypeError, ValueError):
        return  # a builtin or compiled function need not have a signature
    try:
        signature.bind(*range(arity))
    except TypeError as error:
        raise WrongSignature(
            f"{name}{signature} cannot be called with {arity} positional arguments: {error}"
        ) from None


_QUESTION_MARKS = bytes(range(128)) + b"?" * 128


def _decode(filename: str, source: bytes) -> str:
    """Decode the whole text, comments included, which `compile` does not check. Raises SyntaxError.

    Where UTF-8 is declared, by name or by a BOM, Python allows any bytes in comments; where UTF-8 is the default, it
    does not.
    """
    import tokenize

    mark = codecs.BOM_UTF8 if source.startswith(codecs.BOM_UTF8) else b""
    ascii_only = mark + source[len(mark) :].translate(_QUESTION_MARKS)  # the rest is checked below
    encoding, lines = tokenize.detect_encoding(io.BytesIO(ascii_only).readline)
    declared = any(tokenize.cookie_re.match(line.decode("latin-1")) for line in lines)
    lenient = encoding == "utf-8-sig" or (encoding == "utf-8" and declared)
    try:
        return source.decode(encoding, "replace" if lenient else "strict")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        said = f"(unicode error) {error}"
        raise SyntaxError(said, (filename, line, None, None)) from None
    except LookupError as error:
        raise SyntaxError(f"encoding problem: {error}", (filename, 1, None, None)) from None
