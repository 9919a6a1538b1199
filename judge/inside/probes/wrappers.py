"""Shared parts of all probes: the destination of events, and callables that stand in for a function unnoticed."""

from __future__ import annotations

import functools
import operator
import os
import sys
import threading
import types
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from judge import wire
from judge.inside.probes.checksums import over_laters

MAX_EVENTS = 160
"""Different events per step; further ones are dropped."""
MAX_LOOKS = 4000
"""Inspections by probes per step; after that they only call through."""
MAX_COMPLETED_CHARS = 100_000
"""Characters per step that are added to events that are recorded already."""


@dataclass
class Entry:
    """An event of a body that is being traced; ``numbers`` holds a `Later` where a tracer was."""

    kind: str
    facts: dict[str, Any]
    unique: dict[str, int]
    numbers: dict[str, Any]
    line: int | None
    recorded: dict[str, Any]
    """Its facts as they were recorded: completed when the numbers are known."""


class EventRecorder:
    """Passes events on, at most `MAX_EVENTS` per step: a loop of a million applies costs no memory.

    ``stack`` is per thread: the calls that are being watched right now, outermost first.
    """

    def __init__(self, record: Callable[[str, dict[str, Any]], object]) -> None:
        self.record = record
        self._seen: dict[tuple[str, object, str], int] = {}
        self._looks = 0
        self._completed_chars = 0
        self.not_recorded = {"events": 0, "looks": 0}
        """Counts of this step's events and looks for which there was no room."""
        self._serial = 0
        self._local = threading.local()
        self._is_library: dict[str, bool] = {}
        self._library_dirs = _library_dirs()

    def new_step(self) -> None:
        self._seen.clear()
        self._looks = self._completed_chars = 0
        self.not_recorded = dict.fromkeys(self.not_recorded, 0)
        self._local = threading.local()

    def is_open(self) -> bool:
        """Return True if a probe may still look in this step; each call counts as a look."""
        self._looks += 1
        if self._looks > MAX_LOOKS:
            self.not_recorded["looks"] += 1
        return self._looks <= MAX_LOOKS

    def serial(self) -> int:
        """Return a number larger than all before it: the order in which watched calls began, and ids of objects."""
        self._serial += 1
        return self._serial

    def stack(self, name: str) -> list[Any]:
        """Return this thread's stack of that name."""
        found = self._local.__dict__.get(name)
        if found is None:
            found = self._local.__dict__[name] = []
        return found

    def emit(
        self,
        kind: str,
        facts: dict[str, Any],
        numbers: Callable[[], dict[str, Any]] | None = None,
        **unique: int,
    ) -> None:
        """Record an event.

        ``unique`` facts and the result of ``numbers`` do not count when events are compared: the same event on the
        same line is recorded `wire.MAX_REPEATS` times, and numbers are computed only for recorded events.
        """
        if not self._takes((kind, self._place(), repr(facts))):
            return
        self._record(kind, facts, without_raising(numbers, {}) if numbers is not None else {}, unique)

    def emit_again(
        self,
        kind: str,
        facts: dict[str, Any],
        numbers: dict[str, Any],
        unique: dict[str, int],
        line: int | None,
    ) -> None:
        """Record an event of a compiled function whose body did not run this time."""
        if self._takes((kind, line, repr(facts))):
            self._record(kind, facts, numbers, unique, line)

    def complete(self, entry: Entry, numbers: dict[str, Any]) -> None:
        """Add the numbers that are known now that the traced function was run to a recorded event."""
        found = _without_laters(numbers)
        self._completed_chars += len(repr(found))
        if self._completed_chars <= MAX_COMPLETED_CHARS:
            entry.recorded.update(found)
        if recordings := self.stack("recording"):
            recordings[-1].entries.append(replace(entry, numbers=numbers))

    def _takes(self, key: tuple[str, object, str]) -> bool:
        count = self._seen.get(key, 0)
        if count >= wire.MAX_REPEATS:
            return False
        if not count and len(self._seen) >= MAX_EVENTS:
            self.not_recorded["events"] += 1
            return False
        self._seen[key] = count + 1
        return True

    def _record(
        self,
        kind: str,
        facts: dict[str, Any],
        numbers: dict[str, Any],
        unique: dict[str, int],
        line: int | None = None,
    ) -> None:
        recorded = {**facts, **_without_laters(numbers), **unique}
        event = self.record(kind, recorded)
        if event is None:
            self.not_recorded["events"] += 1
        if isinstance(event, dict):
            event["line"] = line = event["line"] if line is None else line
        if recordings := self.stack("recording"):
            recordings[-1].entries.append(Entry(kind, facts, unique, numbers, line, recorded))

    def line(self) -> int | None:
        """Return the line of the innermost frame outside of the libraries."""
        place = self._place()
        return place[1] if place is not None else None

    def chain(self) -> int:
        """Return a hash of the path that led here: all lines outside of the libraries. One loop's body has one hash."""
        lines = []
        frame: types.FrameType | None = sys._getframe(2)
        for _ in range(400):
            if frame is None:
                break
            if not self.is_library(frame.f_code.co_filename):
                lines.append((id(frame.f_code), frame.f_lineno))
            frame = frame.f_back
        return hash(tuple(lines))

    def is_library(self, filename: str) -> bool:
        """Return True if code of this file belongs to the libraries or to the probes."""
        library = self._is_library.get(filename)
        if library is None:
            if len(self._is_library) > 5000:
                self._is_library.clear()
            library = self._is_library[filename] = filename.startswith(self._library_dirs)
        return library

    def _place(self) -> tuple[int, int] | None:
        """Return code and line of the innermost frame outside of the libraries."""
        frame: types.FrameType | None = sys._getframe(2)
        for _ in range(400):
            if frame is None:
                return None
            if not self.is_library(frame.f_code.co_filename):
                return id(frame.f_code), frame.f_lineno
            frame = frame.f_back
        return None


def _without_laters(numbers: dict[str, Any]) -> dict[str, Any]:
    return over_laters(numbers, lambda later: None)  # type: ignore[no-any-return]


def without_raising(action: Callable[[], Any], default: Any = None) -> Any:
    """Return the action's value, or ``default`` when it raises anything at all: a probe must not disturb."""
    try:
        return action()
    except BaseException:
        return default


def call_and_report(run: Callable[[], Any], report: Callable[[Any, str | None], object]) -> Any:
    """Return or raise what ``run`` does; afterwards call ``report(result, name of the exception)``, quietly."""
    __tracebackhide__ = True
    result: Any = None
    raised: str | None = None
    try:
        result = run()
    except BaseException as error:
        raised = type(error).__name__[:80]
        raise
    finally:
        without_raising(lambda: report(result, raised))
    return result


class FunctionProxy:
    """A callable in front of ``original`` that looks, compares, hashes, pickles and introspects like it.

    Equality and hash are the original's, so that caches and static arguments keep working; copies and pickles are of
    the original, so that no stand-in is written anywhere.
    """

    def __init__(self, original: Callable[..., Any], call: Callable[..., Any]) -> None:
        self.__dict__["_original"] = original
        self.__dict__["_call"] = call
        self.__dict__["__wrapped__"] = original
        for name in ("__module__", "__name__", "__qualname__", "__doc__"):
            try:
                self.__dict__[name] = getattr(original, name)
            except Exception:
                continue

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self._call(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_original"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._original, name, value)

    def __eq__(self, other: object) -> bool:
        return bool(self._original == (other._original if isinstance(other, FunctionProxy) else other))

    def __hash__(self) -> int:
        return hash(self._original)

    def __repr__(self) -> str:
        return repr(self._original)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if not isinstance(self._original, types.FunctionType) or instance is None:
            return self
        return types.MethodType(self, instance)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return operator.itemgetter(0), ((self._original,),)  # loading it needs no code of judge

    def __copy__(self) -> FunctionProxy:
        return self

    def __deepcopy__(self, memo: Any) -> FunctionProxy:
        return self

    @property
    def __class__(self) -> Any:
        # isinstance(f, types.FunctionType) and inspect.isfunction(f) answer as for the original
        original = self.__dict__["_original"]
        return types.FunctionType if type(original) is types.FunctionType else FunctionProxy

    @__class__.setter
    def __class__(self, value: Any) -> None:
        raise TypeError("__class__ assignment is not supported")


def is_stand_in(value: object) -> bool:
    return type(value) is FunctionProxy


def original_of(function: Any) -> Any:
    """Return the function itself, or the original of a stand-in."""
    return function.__dict__["_original"] if type(function) is FunctionProxy else function


def wraps_safely(original: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """functools.wraps that also survives originals with unusual attributes."""

    def dress(wrapper: Callable[..., Any]) -> Callable[..., Any]:
        try:
            return functools.wraps(original)(wrapper)
        except Exception:
            wrapper.__wrapped__ = original  # type: ignore[attr-defined]
            return wrapper

    return dress


def _library_dirs() -> tuple[str, ...]:
    found = [os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep]
    for name in (
        "jax",
        "flax",
        "optax",
        "jaxlib",
        "chex",
        "functools",
        "contextlib",
        "typing",
        "dataclasses",
    ):
        file = getattr(sys.modules.get(name), "__file__", None)
        if file:
            found.append(os.path.dirname(file) + os.sep if file.endswith("__init__.py") else file)
    return tuple(found)
