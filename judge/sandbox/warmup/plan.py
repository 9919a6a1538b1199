"""An exercise's contribution to speed: programs to run before submissions come, and inputs to run them on.

The programs are the reference, the accepted variants, the misconceptions, and the files that the author puts in
``reference/warm_up`` for this alone; the inputs have the cases' shapes, dtypes and kinds of numbers (above 32 bits,
whole, zero, ...) and other values. Nothing is executed here: a file is parsed, loses its docstrings, and is sent as
marshalled code.
"""

from __future__ import annotations

import ast
import marshal
import os
import re
import tempfile
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from judge import wire
from judge.model import Case, Exercise, Inputs
from judge.syntax import parse

if TYPE_CHECKING:
    from judge.model import Array

FILENAME = "warm-up"
FOLDERS = ("warm_up", "accepted", "misconceptions")
"""Below ``reference/``. ``warm_up`` is run right after the reference, and its files are for nothing else."""

LIKELY_OWN = re.compile(rb"\b(jit|scan|checkpoint|remat|nnx|TrainState|dataclass|while_loop|cond)\b")
"""In files that probably compile functions of their own, or stay registered somewhere: they come last."""


@dataclass(frozen=True)
class WarmPlan:
    """An author's files and the calls to make of them (packed arguments).

    The first ``asked`` files are run in every warm-up, the others as far as it pays. The first ``shapes`` calls are
    one for each combination of shapes; the others have other kinds of scalars.
    """

    entry_point: str
    sources: tuple[bytes, ...]
    calls: tuple[bytes, ...]
    shapes: int
    asked: int

    @property
    def parts(self) -> tuple[bytes, ...]:
        """Everything in it, for a digest."""
        return (self.entry_point.encode(), *self.sources, *self.calls)

    @cached_property
    def programs(self) -> tuple[bytes, ...]:
        """The files that are valid Python, as marshalled code."""
        trees = [tree for source in self.sources if (tree := _parsed(source)) is not None]
        return tuple(_marshalled(tree) for tree in trees)


@dataclass(frozen=True)
class WarmStart:
    """The programs and calls that a zygote is to warm up with."""

    entry_point: str
    programs: tuple[bytes, ...]
    calls: tuple[bytes, ...]
    steps: tuple[tuple[int, tuple[int, ...]], ...]
    """Indices into ``programs``, each with indices into ``calls``."""
    affinity: tuple[int, ...]

    @classmethod
    def of(
        cls, plan: WarmPlan, steps: Sequence[tuple[int, tuple[int, ...]]], affinity: Sequence[int]
    ) -> WarmStart:
        """Make a start that has only the programs that the steps run."""
        programs = tuple(plan.programs[number] for number, _ in steps)
        renumbered = tuple((place, calls) for place, (_, calls) in enumerate(steps))
        return cls(plan.entry_point, programs, plan.calls, renumbered, tuple(affinity))

    def header(self) -> dict[str, Any]:
        """Return everything but the programs and the calls, as JSON."""
        return {
            "entry_point": self.entry_point,
            "sizes": [len(program) for program in self.programs],
            "steps": [[number, list(calls)] for number, calls in self.steps],
            "affinity": list(self.affinity),
        }

    def program_file(self) -> int:
        """Return a descriptor of an unnamed file that holds the concatenated programs; the caller closes it."""
        with tempfile.TemporaryFile(buffering=0) as file:
            data = memoryview(b"".join(self.programs))
            while data:
                data = data[file.write(data) :]
            return os.dup(file.fileno())


def plan_for(exercise: Exercise, cases: Sequence[Case]) -> WarmPlan:
    """Return the plan of an exercise: the reference first, and every kind of input once; of a public pack, no file."""
    folder = exercise.reference_dir
    written_for_it, *others = [
        [path.read_bytes() for path in sorted((folder / name).glob("*.py"))] for name in FOLDERS
    ]
    bank = sorted((source for sources in others for source in sources), key=_likely_own)
    chosen = _one_of_each_kind(case.inputs for case in cases)
    taken = frozenset(v for case in cases for v in case.inputs.values() if isinstance(v, int | float))
    calls = [
        wire.pack_call(number, list(other_values(inputs, number, taken).values()))
        for number, inputs in enumerate(chosen)
    ]
    shapes = len({_shapes(inputs) for inputs in chosen})
    first = () if exercise.public else ((folder / "solution.py").read_bytes(),)
    sources = (*first, *written_for_it, *bank)
    return WarmPlan(exercise.entry_point, sources, tuple(calls), shapes, asked=1 + len(written_for_it))


def _parsed(source: bytes) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return parse(source)
    except (SyntaxError, ValueError):
        return None


def _likely_own(source: bytes) -> bool:
    return LIKELY_OWN.search(source) is not None


def _marshalled(tree: ast.Module) -> bytes:
    """Return the file's code without docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body
            first = body[0] if body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = body[1:] or [ast.copy_location(ast.Pass(), first)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return marshal.dumps(compile(tree, FILENAME, "exec", dont_inherit=True))


def _one_of_each_kind(many: Iterable[Inputs]) -> list[Inputs]:
    """Return one of the inputs for each combination of shapes, then one for each other kind of scalar."""
    inputs = list(many)
    chosen: list[Inputs] = []
    seen: set[Any] = set()
    for part in (_shapes, _scalars):
        for candidate in inputs:
            kind = part(candidate)
            if kind not in seen:
                chosen.append(candidate)
                seen |= {kind, _shapes(candidate), _scalars(candidate)}
    return chosen


def _shapes(inputs: Inputs) -> tuple[Any, ...]:
    items: Iterable[tuple[str, Any]] = inputs.items()
    return tuple((name, value.dtype.name, value.shape) for name, value in items if hasattr(value, "shape"))


def _scalars(inputs: Inputs) -> tuple[Any, ...]:
    return tuple((name, _kind(value)) for name, value in inputs.items() if not hasattr(value, "shape"))


def _kind(value: Any) -> tuple[str, bool, bool, bool, int]:
    """Return what may decide how a number is used: type, sign, zero, wholeness, magnitude (from 2**31, from 2**32)."""
    size = abs(value)
    magnitude = 0 if size < 2**31 else 1 if size < 2**32 else 2
    return type(value).__name__, value < 0, value == 0, value == int(value), magnitude


def other_values(inputs: Inputs, salt: int, taken: frozenset[float | int] = frozenset()) -> Inputs:
    """Return inputs of the same shapes, dtypes and kinds of numbers, with new values: 0 stays, ``taken`` is avoided."""
    items: Iterable[tuple[str, Any]] = inputs.items()
    return {
        name: _other_array(value, salt) if hasattr(value, "shape") else _other_number(value, salt, taken)
        for name, value in items
    }


def _other_array(value: Array, salt: int) -> Array:
    import numpy as np

    random = np.random.RandomState(1_000_003 + salt)
    if value.dtype.kind == "i":
        return random.randint(0, 3, size=value.shape).astype(value.dtype)
    return random.standard_normal(value.shape).astype(value.dtype)


def _other_number(value: Any, salt: int, taken: frozenset[float | int]) -> Any:
    kind, negative, zero, whole, magnitude = _kind(value)
    if zero:
        return value
    while True:
        other: float = (3, 2**31 + 11, 2**32 + 13)[magnitude] + salt
        if not whole:
            other = other + 0.25 if abs(value) >= 1 else 0.375 / (salt + 1)
        other = -other if negative else other
        if other != value and other not in taken:
            return int(other) if kind == "int" else float(other)
        salt += 1
