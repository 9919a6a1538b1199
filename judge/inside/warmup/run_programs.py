"""Running trusted programs in this process so that what jax compiled for them stays, and nothing else does.

Theory of operation. A program is an author's file as marshalled code without docstrings. It is executed as a module,
its entry point is called with inputs that are no case's inputs, and everything it made is dropped. jax's caches
remain, filled with jax's own operations on these shapes. Learner code that is forked from here later can reach all of
this process's memory, so three things are verified, each by a check and not by trust:

- a function that is jitted by the file itself is not compiled (`library_programs` tells them apart);
- every code object of the file is dead afterwards, because learner code that finds one could call it.  jax keeps no
  tracebacks meanwhile, since through them its caches would hold the callers' code;
- no traced function of the file is left in any cache.

Code or a traced function that is left raises `Leftover`, and this process must not run learner code.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import io
import marshal
import os
import random
import sys
import types
import warnings
import weakref
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from judge.inside.warmup import jax_internals
from judge.inside.warmup.library_programs import is_library_program, origin_of

FILENAME = "warm-up"
MODULE_NAME = "submission"


class Leftover(Exception):
    """Some part of a program is still there after it was dropped."""


class OwnProgram(BaseException):
    """A program is about to compile a function of its own; no Exception, so that no file catches it by accident."""


@dataclass
class Lowerings:
    """Counts of the programs that jax was about to compile since the last `reset`."""

    refuse_own: bool
    library: int = 0
    own: int = 0
    last_is_library: bool = True

    def reset(self) -> None:
        self.library = self.own = 0

    def __call__(self, closed_jaxpr: Any) -> None:
        self.last_is_library = is_library_program(closed_jaxpr)
        if self.last_is_library:
            self.library += 1
            return
        self.own += 1
        if self.refuse_own:
            raise OwnProgram


@dataclass
class Ran:
    """The results of one program. ``new`` counts, per call, the operations that were not in memory before."""

    new: list[int] = field(default_factory=list)
    own: int = 0
    returned: list[bytes | None] = field(default_factory=list)
    """The bytes of each returned array, None for anything but an array of numbers."""
    alive: list[str] = field(default_factory=list)
    """Names of functions whose code is still there."""


def run_program(
    holder: list[types.CodeType], entry_point: str, calls: Sequence[Sequence[Any]], lowerings: Lowerings
) -> Ran:
    """Execute the program in ``holder``, call its entry point, and drop it; its exceptions are ignored.

    It is removed from ``holder``, which must have the only reference to it.
    """
    codes = list(_codes(holder.pop()))
    watched = [(weakref.ref(code), code.co_name) for code in codes]
    ran = Ran()
    with jax_internals.without_tracebacks(), jax_internals.same_settings(), _quiet_and_repeatable():
        _execute(codes[0], entry_point, calls, lowerings, ran)
    gc.collect()
    _overwrite_unused(codes)
    codes.clear()
    ran.alive = [name for reference, name in watched if reference() is not None]
    return ran


def _overwrite_unused(codes: list[types.CodeType]) -> None:
    """Fill the bytecode of code objects that nothing else refers to with zeros; freeing alone would leave it there."""
    codes.append(compile("0", FILENAME, "eval"))  # gives the number of references from here
    *counts, ours = [sys.getrefcount(code) for code in codes]
    codes.pop()
    inner = Counter(id(constant) for code in codes for constant in code.co_consts)
    start = types.CodeType.__basicsize__
    for code, count in zip(codes, counts, strict=True):
        if count == ours + inner[id(code)]:
            ctypes.memset(id(code) + start, 0, sys.getsizeof(code) - start)


def _execute(
    code: types.CodeType,
    entry_point: str,
    calls: Sequence[Sequence[Any]],
    lowerings: Lowerings,
    ran: Ran,
) -> None:
    import numpy as np

    module = types.ModuleType(MODULE_NAME)
    sys.modules[MODULE_NAME] = module
    lowerings.reset()
    try:
        exec(code, module.__dict__)
        for arguments in calls:
            before = lowerings.library
            value = None
            with contextlib.suppress(Exception):
                value = np.asarray(getattr(module, entry_point)(*arguments))
            ran.new.append(lowerings.library - before)
            numeric = value is not None and value.dtype.kind in "fiu"
            ran.returned.append(value.tobytes() if value is not None and numeric else None)
    except (Exception, OwnProgram, SystemExit):
        ran.new += [0] * (len(calls) - len(ran.new))
    finally:
        ran.own = lowerings.own
        sys.modules.pop(MODULE_NAME, None)
        module.__dict__.clear()


def warm_up(
    programs: list[types.CodeType],
    entry_point: str,
    calls: Sequence[Sequence[Any]],
    steps: Sequence[tuple[int, Sequence[int]]],
    lowerings: Lowerings,
) -> tuple[list[bytes | None], list[list[int]]]:
    """Run the steps, each a program's number and the numbers of the calls to make.

    ``programs`` is emptied on the way, so that no code outlives its run. Returns the results of the first step, and
    for each step the number of operations, per call, that were not in memory before. Raises Leftover when any part of
    a program is still there afterwards.
    """
    first: list[bytes | None] = []
    brought: list[list[int]] = []
    gc.collect()
    gc.freeze()
    for place, (number, chosen) in enumerate(steps):
        holder = [programs[number]]
        programs[number] = _nothing.__code__
        ran = run_program(holder, entry_point, [calls[index] for index in chosen], lowerings)
        if ran.alive:
            raise Leftover(f"program {number} leaves {', '.join(sorted(set(ran.alive)))}")
        brought.append(ran.new)
        if place == 0:
            first = ran.returned
        gc.freeze()  # so that it is not searched again after the next program
    programs.clear()
    jax_internals.drop_lowered()
    gc.unfreeze()
    gc.collect()
    _require_no_traces()
    return first, brought


def load_programs(data: bytearray, sizes: Sequence[int]) -> list[types.CodeType]:
    """Return the programs that are concatenated in ``data``, which is overwritten with zeros."""
    programs, start = [], 0
    with memoryview(data) as view:
        for size in sizes:
            with view[start : start + size] as part:
                programs.append(marshal.loads(part))
            start += size
        view[:] = bytes(len(data))
    return programs


def overwrite_free_memory() -> None:
    """Return free pages to the system, and fill the remaining free memory of Python and malloc with zeros.

    The bytes of a dead program would stay there until they are reused.
    """
    _give_back_free_pages()
    small = [bytes(size) for size in range(0, 513, 8) for _ in range(4000)]
    large = [bytes(size) for size in range(5 << 12, 512, -16) for _ in range(24)]
    del small, large
    _give_back_free_pages()


def _give_back_free_pages() -> None:
    with contextlib.suppress(OSError, AttributeError):  # only the GNU C library has it
        ctypes.CDLL(None).malloc_trim(0)


def _require_no_traces() -> None:
    """Raise Leftover when a cache holds a traced function of a program."""
    for thing in gc.get_objects():
        if type(thing).__name__ == "Jaxpr" and origin_of(thing) == FILENAME:
            raise Leftover("a traced function is still there")


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


@contextlib.contextmanager
def _quiet_and_repeatable() -> Iterator[None]:
    """Suppress output and warnings in the block, and restore random generators and environment variables."""
    import numpy as np

    state, numpy_state, environment = random.getstate(), np.random.get_state(), dict(os.environ)
    hidden = io.StringIO()
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(hidden),
        contextlib.redirect_stderr(hidden),
        np.errstate(),
    ):
        warnings.simplefilter("ignore")
        yield
    random.setstate(state)
    np.random.set_state(numpy_state)
    if dict(os.environ) != environment:
        os.environ.clear()
        os.environ.update(environment)


def _nothing() -> None:
    return None
