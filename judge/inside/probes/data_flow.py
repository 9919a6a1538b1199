"""The uses of gradients and updates of running statistics: values followed through arithmetic, however it is written.

Theory of operation. Nothing is followed until a gradient is taken with respect to running statistics, or an optimizer
is asked for an update of some: most programs never do either and pay nothing. From then on to the end of the step
every operation of jax is inspected where it is bound, eager or traced, so it makes no difference whether a step is
written with `jax.tree.map`, with a loop, with `ravel_pytree` or with a function of optax's. Eager calls of compiled
functions bypass Python when they are repeated; their shortcut is emptied and not filled again while values are
followed. The same compiled programs run, on the same arrays.

A value is one of these (`LeafRegistry` keeps it as the label's origin):

    a variable     parameters or statistics, or made of them and of numbers alone
    a gradient     a gradient or an update, or made of one and of anything but variables
    joined         both at once, not added up: a product, a stack
    stepped        the sum or difference of a variable and a gradient of the same role

Only values that are as large as the leaf are followed: a norm, or a loss, is no longer a gradient. A value that is
multiplied by zero, or is zero by construction, is no gradient either (so `optax.set_to_zero` and masks are not
steps), but a gradient that merely *turns out* to be zero is one. Compiled functions are followed through their
jaxprs.

The private parts of jax are touched here and in `jax_internals` alone; where one of them is missing nothing is
followed, and all else goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from judge.inside.probes import checksums
from judge.inside.probes.leaf_roles import (
    GRADIENTS,
    JOINED,
    MIXED,
    PARAMS,
    STATE,
    STEPPED,
    Label,
    LeafRegistry,
    shape_of,
)
from judge.inside.probes.wrappers import EventRecorder, without_raising

MAX_DEPTH = 12
MAX_EQUATIONS = 4000
MAX_TOLD = 64
MAX_SWEEPS = 10_000

ZERO, SOME, NONZERO = "zero", "some", "nonzero"
"""Known constants: all zero or false, some, or none."""

SHAPING = frozenset(
    {
        *("reshape", "broadcast_in_dim", "squeeze", "expand_dims", "transpose", "rev"),
        *("convert_element_type", "reduce_precision", "copy", "copy_p", "device_put"),
        *("optimization_barrier", "sharding_constraint"),
    }
)
TAKING_PARTS = frozenset({"slice", "dynamic_slice", "gather", "split"})
PUTTING_TOGETHER = frozenset({"concatenate", "pad", "dynamic_update_slice", "scatter", "stack"})
ADDING = frozenset({"add", "sub", "add_any", "reduce_sum", "dot_general", "scatter-add"})
SUBJAXPRS = ("jaxpr", "call_jaxpr", "fun_jaxpr")


@dataclass(frozen=True)
class Known:
    """The known facts about one operand or result."""

    shape: tuple[int, ...] | None = None
    label: Label | None = None
    constant: str | None = None


NOTHING = Known()


class Flow:
    """Follows values from the first gradient of statistics in a step to the step's end."""

    def __init__(self, recorder: EventRecorder, registry: LeafRegistry) -> None:
        self.active = False
        self._recorder = recorder
        self._registry = registry
        self._sweeps: dict[int, int] = {}
        self._told: set[tuple[int, int | None, str, str]] = set()
        self._equations: list[tuple[Any, str | None]] = []
        self._doors: Callable[[bool], object] | None = None

    def install(self) -> None:
        """Find the hooks; without them nothing is ever followed."""
        self._doors = without_raising(self._find_doors)

    def new_step(self) -> None:
        self._equations.clear()
        if len(self._sweeps) > MAX_SWEEPS:  # kept otherwise: a compiled function stays traced with its sweeps
            self._sweeps.clear()
        self._told.clear()
        if self.active:
            self.active = False
            without_raising(lambda: self._doors and self._doors(False))

    def begin(self) -> None:
        """Start to follow values."""
        if not self.active and self._doors is not None:
            self.active = True
            without_raising(lambda: self._doors and self._doors(True))

    def is_zero(self, leaf: Any) -> bool:
        """True if the leaf was made as zeros."""
        known = self._registry.label_of(leaf)
        return known is not None and known.origin == ZERO

    # ------------------------------------------------------------------------------------------------- the hooks

    def _find_doors(self) -> Callable[[bool], object]:
        from jax._src import core, pjit

        primitive: Any = core.Primitive
        bind, run, shortcut = primitive.bind, pjit._run_python_pjit, pjit._get_fastpath_data
        caches = (pjit._cpp_pjit_cache_fun_only, pjit._cpp_pjit_cache_explicit_attributes)
        if not all(callable(getattr(cache, "clear", None)) for cache in caches):
            raise AttributeError("clear")

        def followed_bind(self_: Any, *args: Any, **params: Any) -> Any:
            __tracebackhide__ = True
            result = bind(self_, *args, **params)
            without_raising(lambda: self._bound(self_, args, params, result))
            return result

        def followed_run(p: Any, *args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            result = run(p, *args, **kwargs)
            if self.active:
                without_raising(lambda: self._ran(result))
            return result

        def no_shortcut(*args: Any, **kwargs: Any) -> Any:
            return None if self.active else shortcut(*args, **kwargs)

        pjit._run_python_pjit, pjit._get_fastpath_data = followed_run, no_shortcut

        def turn(on: bool) -> None:
            primitive.bind = followed_bind if on else bind
            if on:
                for cache in caches:
                    cache.clear()

        return turn

    def _bound(self, primitive: Any, args: Sequence[Any], params: dict[str, Any], result: Any) -> None:
        if self._is_hidden():
            return
        results = list(result) if primitive.multiple_results else [result]
        known = self._rule(
            primitive.name, params, [self._known(arg) for arg in args], [shape_of(r) for r in results], 0
        )
        self._keep(results, known)

    def _ran(self, result: tuple[Any, ...]) -> None:
        if self._is_hidden():
            return
        _, results, _, args, jaxpr, *_ = result
        self._keep(results, self._through(jaxpr, [self._known(arg) for arg in args], 0))

    def _is_hidden(self) -> bool:
        """True inside of a model, whose computations are no steps, and while the sink is closed."""
        return bool(self._recorder.stack("model")) or not self._recorder.is_open()

    def _known(self, value: Any) -> Known:
        label = self._registry.label_of(value)
        shape = shape_of(value)
        if label is None:
            return Known(shape or (), None, without_raising(lambda: _constant(value)))
        return self._labelled(shape, label)

    @staticmethod
    def _labelled(shape: tuple[int, ...] | None, label: Label) -> Known:
        if label.origin == ZERO:
            return Known(shape, None, ZERO)
        return Known(shape, label if label.size else replace(label, size=_size(shape)))

    def _keep(self, results: Sequence[Any], known: Iterable[Known]) -> None:
        for result, found in zip(results, known, strict=False):
            label = found.label
            if found.constant == ZERO:
                label = Label(ZERO, ZERO, "")
            if label is None:
                continue
            self._registry.relabel(result, label)

    # --------------------------------------------------------------------------------------------------- jaxprs

    def _through(self, jaxpr: Any, operands: Sequence[Known], depth: int) -> list[Known]:
        """Return the known facts about a jaxpr's results, from those about its operands."""
        closed, jaxpr = jaxpr, getattr(jaxpr, "jaxpr", jaxpr)
        if depth > MAX_DEPTH or len(jaxpr.eqns) > MAX_EQUATIONS:
            return [NOTHING] * len(jaxpr.outvars)
        known: dict[int, Known] = {}
        for variable, value in zip(jaxpr.constvars, getattr(closed, "consts", ()), strict=False):
            known[id(variable)] = self._known(value)
        for variable, operand in zip(jaxpr.invars, operands, strict=False):
            known[id(variable)] = operand

        def read(atom: Any) -> Known:
            if hasattr(atom, "val"):
                return Known(tuple(atom.aval.shape), None, without_raising(lambda: _constant(atom.val)))
            label = self._registry.label_in_jaxpr(atom)
            if label is not None:
                return self._labelled(shape_of(atom.aval), label)
            return known.get(id(atom)) or Known(shape_of(atom.aval))

        written_in = getattr(jaxpr.debug_info, "func_filename", None)
        for equation in jaxpr.eqns:
            shapes = [shape_of(variable.aval) for variable in equation.outvars]
            if all(self._is_told(variable) for variable in equation.outvars):
                continue
            given = [read(atom) for atom in equation.invars]
            self._equations.append((equation, written_in))
            try:
                results = self._rule(equation.primitive.name, equation.params, given, shapes, depth + 1)
            finally:
                self._equations.pop()
            known.update(
                {id(variable): found for variable, found in zip(equation.outvars, results, strict=False)}
            )
        return [read(atom) for atom in jaxpr.outvars]

    def _is_told(self, variable: Any) -> bool:
        """True if this was reported as stepped when it was traced; `label_in_jaxpr` has its label."""
        label = self._registry.label_in_jaxpr(variable)
        return label is not None and label.origin == STEPPED

    def _rule(
        self,
        name: str,
        params: dict[str, Any],
        given: list[Known],
        shapes: list[tuple[int, ...] | None],
        depth: int,
    ) -> list[Known]:
        """Return the known facts about an operation's results."""
        if name == "scan":
            return self._scan(params, given, depth)
        if name == "while":
            return self._while(params, given, depth)
        if name == "cond":
            paths = [self._through(branch, given[1:], depth) for branch in params["branches"]]
            return [_either(found) for found in zip(*paths, strict=True)]
        for inner in SUBJAXPRS:
            if hasattr(params.get(inner), "eqns"):
                return self._through(params[inner], given, depth)
        return [self._one(name, given, shape) for shape in shapes]

    def _scan(self, params: dict[str, Any], given: list[Known], depth: int) -> list[Known]:
        constants, carried = params["num_consts"], params["num_carry"]
        fixed, carry, rows = (
            given[:constants],
            given[constants : constants + carried],
            given[constants + carried :],
        )
        found = self._through(params["jaxpr"], [*fixed, *carry, *rows], depth)
        return self._through(params["jaxpr"], [*fixed, *found[:carried], *rows], depth)

    def _while(self, params: dict[str, Any], given: list[Known], depth: int) -> list[Known]:
        fixed = given[params["cond_nconsts"] :][: params["body_nconsts"]]
        carry = given[params["cond_nconsts"] + params["body_nconsts"] :]
        found = self._through(params["body_jaxpr"], [*fixed, *carry], depth)
        return self._through(params["body_jaxpr"], [*fixed, *found], depth)

    # ----------------------------------------------------------------------------------------------- operations

    def _one(self, name: str, given: list[Known], shape: tuple[int, ...] | None) -> Known:
        if shape is None or not given:
            return NOTHING
        if name in SHAPING:
            return Known(shape, _sized(given[0].label, shape), given[0].constant)
        if name == "select_n":
            return replace(self._selected(given), shape=shape)
        if name in ("mul", "and", "dot_general") and any(operand.constant == ZERO for operand in given):
            return Known(shape, None, ZERO)
        if name == "neg":
            return replace(given[0], shape=shape)
        labels = [operand.label for operand in given if operand.label is not None]
        if not labels:
            return Known(shape)
        if name in TAKING_PARTS:
            return Known(shape, _part(labels[0], shape))
        if name in PUTTING_TOGETHER:
            return Known(shape, _sized(_together(labels), shape))
        if name == "mul" and _is_masked(labels, given):
            return Known(shape)
        self._tell_use(given, shape)
        return Known(shape, _sized(self._combined(name, labels, shape), shape))

    def _tell_use(self, given: list[Known], shape: tuple[int, ...]) -> None:
        """Report statistics that were stepped and are used on a whole batch, as a normalisation uses them."""
        for operand in given if len(given) > 1 else ():
            label = operand.label
            if label is None or label.role != STATE or label.origin not in (STEPPED, JOINED):
                continue
            if _size(shape) > max(label.size, _size(operand.shape)):
                self._tell("hand-used", STATE)

    def _combined(self, name: str, labels: list[Label], shape: tuple[int, ...]) -> Label | None:
        """Return the label of arithmetic on variables and gradients."""
        roles = {label.role for label in labels}
        if {STATE, PARAMS} <= roles:
            return None
        role = MIXED if MIXED in roles else labels[0].role
        size = min(label.size for label in labels)
        origins = {label.origin for label in labels}
        has_gradient = not origins.isdisjoint({*GRADIENTS, JOINED, STEPPED})
        has_variable = not origins <= GRADIENTS
        label = replace(next((x for x in labels if x.role == role), labels[0]), size=size)
        if not has_gradient:
            return label
        if not has_variable or self._recorder.stack("optimizer"):
            return replace(label, origin="gradient")  # in an optimizer: an update, whatever else it contains
        if STEPPED in origins:
            return replace(label, origin=STEPPED, sweep=_sweep(labels))
        if name in ADDING and _size(shape) == size:
            return replace(label, origin=STEPPED, sweep=self._tell("hand-step", role))
        self._tell("hand-joined", role)
        return replace(label, origin=JOINED)

    def _selected(self, given: list[Known]) -> Known:
        """Return the chosen value; drop one that is certainly not chosen, and in doubt a stepped one."""
        choice, *cases = given
        if choice.constant in (ZERO, NONZERO) and len(cases) == 2:
            chosen, other = cases if choice.constant == ZERO else cases[::-1]
        else:
            chosen = min(cases, key=lambda case: bool(case.label and case.label.origin == STEPPED))
            other = next((case for case in cases if case is not chosen), chosen)
            if chosen.label is None:
                chosen = other
        if other.label and other.label.origin == STEPPED and chosen is not other:
            self._tell("hand-step-dropped", other.label.role, other.label.sweep)
        return chosen

    def _tell(self, kind: str, role: str, of: int | None = None) -> int:
        """Report once what was made of leaves of this role, and in which sweep (or in ``of``); return the sweep."""
        lines = self._lines_of_equation()
        chain = hash((self._recorder.chain(), lines))
        sweep = self._sweeps.setdefault(chain, len(self._sweeps))
        if (sweep, of, kind, role) in self._told or len(self._told) >= MAX_TOLD:
            return sweep
        self._told.add((sweep, of, kind, role))
        adding = bool(self._recorder.stack("adding"))
        facts = {
            "role": role,
            "sweep": sweep if of is None else of,
            "adding": adding,
            "at": lines[0] if lines else None,
        }
        self._recorder.emit(kind, facts, began=self._recorder.serial())
        return sweep

    def _lines_of_equation(self) -> tuple[int, ...]:
        """Return the learner's lines that led to the current equation, innermost first.

        A library's compiled function keeps the lines of the code that first had it traced, maybe for another purpose;
        in that case the call of it is the place.
        """
        for equation, written_in in reversed(self._equations):
            if written_in is not None and self._recorder.is_library(written_in):
                continue
            traceback = equation.source_info.traceback
            frames = traceback.frames[:200] if traceback else ()
            return tuple(frame.line_num for frame in frames if not self._recorder.is_library(frame.file_name))
        return ()


def _together(labels: list[Label]) -> Label:
    """Return the label of pieces in one array, such as a raveled tree."""
    first = next((label for label in labels if label.role != PARAMS), labels[0])
    role = MIXED if len({label.role for label in labels}) > 1 else first.role
    size = sum(label.size for label in labels) if role == MIXED else first.size
    origins = {label.origin for label in labels}
    if STEPPED in origins:
        origin = STEPPED
        first = replace(first, sweep=_sweep(labels))
    elif JOINED in origins or (not origins.isdisjoint(GRADIENTS) and not origins <= GRADIENTS):
        origin = JOINED
    else:
        origin = first.origin
    return replace(first, role=role, origin=origin, size=size)


def _sweep(labels: list[Label]) -> int:
    """Return the sweep of the first label that is stepped."""
    return next(label.sweep for label in labels if label.origin == STEPPED)


def _part(label: Label, shape: tuple[int, ...]) -> Label | None:
    """Return the label of a piece of a raveled tree: still a gradient, but of an unknown variable."""
    if label.role != MIXED:
        return _sized(label, shape)
    return replace(label, size=_size(shape)) if label.origin in GRADIENTS else None


def _is_masked(labels: list[Label], given: list[Known]) -> bool:
    """True for a raveled gradient times an array that may be a mask: the remainder of the state's part is unknown."""
    if labels[0].role != MIXED:
        return False
    others = [operand for operand in given if operand.label is None]
    return any(_size(other.shape) > 1 and other.constant != NONZERO for other in others)


def _either(found: Sequence[Known]) -> Known:
    return next((known for known in found if known.label and known.label.origin == STEPPED), found[0])


def _sized(label: Label | None, shape: tuple[int, ...]) -> Label | None:
    """Return the label as long as the value is as large as the leaf that it comes from, else None."""
    return label if label is not None and _size(shape) >= label.size else None


def _constant(value: Any) -> str | None:
    import numpy as np

    if type(value).__name__ == "TypedNdArray":  # a constant while jax traces: a numpy array of a jax type
        value = np.asarray(value)
    if isinstance(value, (bool, np.bool_)):
        return NONZERO if value else ZERO
    if str(getattr(value, "dtype", "")) == "bool" and checksums.is_concrete(value):
        array: Any = np.asarray(value)
    else:
        array = checksums.concrete(value)
    if array is None or not array.size:
        return None
    return NONZERO if np.all(array) else SOME if np.any(array) else ZERO


def _size(shape: tuple[int, ...] | None) -> int:
    size = 1
    for n in shape or ():
        size *= n
    return size
