"""The events of a run that the probes saw, as typed values that pitfalls and diagnosis read.

Events are claims: a hostile submission can forge any of them.  So every fact is read with its type checked, a
malformed one counts as absent, and nothing here can raise for any JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from judge.model import ClaimedException, Event, Json, Observation
from judge.vocabulary import Difference

T = TypeVar("T")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")


@dataclass(frozen=True)
class Tree:
    """The number of leaves of a tree that are parameters, state (running statistics), both at once, or unknown."""

    leaves: int = 0
    params: int = 0
    state: int = 0
    mixed: int = 0
    collections: tuple[str, ...] = ()
    origins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def has_state(self) -> bool:
        return self.state + self.mixed > 0


@dataclass(frozen=True)
class Member:
    """One innermost transformation of an optimizer, and the number of leaves that it was given."""

    name: str
    params: int
    state: int
    mixed: int
    stands_still: bool = False
    """Its learning rate is 0."""
    held: bool = False
    """All that it made of the state was zeros, by construction."""

    @property
    def leaves_as_is(self) -> bool:
        """True for optax's own set_to_zero, identity and ema: they optimise nothing, and may be given anything."""
        return self.name.startswith("optax.") and self.name.endswith((".set_to_zero", ".identity", ".ema"))

    @property
    def freezes(self) -> bool:
        return self.name.startswith("optax.") and self.name.endswith(".set_to_zero")

    @property
    def optimises_state(self) -> bool:
        if self.leaves_as_is or self.stands_still or not self.state + self.mixed:
            return False
        # A home-made transformation may hold the state still, and likely does if it is given the state alone. One of
        # optax's makes zeros of it only if it was given zeros.
        return self.name.startswith("optax.") or (self.params + self.mixed > 0 and not self.held)


@dataclass(frozen=True)
class BatchNormPass:
    """One pass through a BatchNorm layer."""

    path: str
    averages: bool | None
    """True if it normalised with the running averages; None when that was traced."""
    momentum: float | None
    epsilon: float | None
    initialising: bool
    mutable: bool


@dataclass(frozen=True)
class ProbeEvent:
    """One event, in the order in which the watched calls began."""

    kind: str
    case: str | None
    """None while the file was loaded."""
    line: int | None
    order: int
    facts: Mapping[str, Json]

    def flag(self, name: str) -> bool:
        return self.facts.get(name) is True

    def text(self, name: str) -> str:
        value = self.facts.get(name)
        return value[:200] if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        return _integer(self.facts.get(name))

    def names(self, name: str) -> tuple[str, ...]:
        return _names(self.facts.get(name))

    @property
    def batch(self) -> tuple[int, ...] | None:
        """The shape of the batch that a model was run on; None if it has fewer than two dimensions."""
        shape = self.facts.get("batch")
        if not isinstance(shape, list) or len(shape) < 2:
            return None
        return tuple(map(_count, shape[:8]))

    def tree(self, name: str) -> Tree:
        value = self.facts.get(name)
        if not isinstance(value, Mapping):
            return Tree()
        origins = value.get("origins")
        return Tree(
            leaves=_count(value.get("leaves")),
            params=_count(value.get("params")),
            state=_count(value.get("state")),
            mixed=_count(value.get("mixed")),
            collections=_names(value.get("collections")),
            origins={str(role): _names(found) for role, found in origins.items()}
            if isinstance(origins, Mapping)
            else {},
        )

    def returned(self) -> Mapping[str, Json]:
        """The structure of what the watched function returned ({} when nothing is known)."""
        value = self.facts.get("returned")
        return value if isinstance(value, Mapping) else {}

    @property
    def members(self) -> tuple[Member, ...]:
        found = self.facts.get("members")
        if not isinstance(found, list):
            return ()
        return tuple(
            Member(
                str(item.get("name", ""))[:200],
                _count(item.get("params")),
                _count(item.get("state")),
                _count(item.get("mixed")),
                _real(item.get("step_size")) == 0,
                item.get("held") is True,
            )
            for item in found[:64]
            if isinstance(item, Mapping)
        )

    @property
    def norms(self) -> tuple[BatchNormPass, ...]:
        found = [self.facts] if self.kind == "batch-norm" else self.facts.get("norms")
        if not isinstance(found, list):
            return ()
        return tuple(_norm(item) for item in found[:64] if isinstance(item, Mapping))

    @property
    def mutable(self) -> bool | tuple[str, ...]:
        """flax's filter: a bool, or the collections that may change (True for 'all but some')."""
        value = self.facts.get("mutable")
        if isinstance(value, list):
            return _names(value)
        return isinstance(value, Mapping) or value is True

    @property
    def raised(self) -> str:
        return self.text("raised")

    @property
    def trains(self) -> bool:
        """True if a model was run, not initialised, and some BatchNorm used the batch's own statistics."""
        return any(norm.averages is False and not norm.initialising for norm in self.norms)

    @property
    def evaluates(self) -> bool:
        """True if a model was run, not initialised, and every BatchNorm used running averages."""
        return bool(self.norms) and all(
            norm.averages is True and not norm.initialising for norm in self.norms
        )


@dataclass(frozen=True)
class Trace:
    """Every event of a run, per step."""

    steps: Mapping[str | None, tuple[ProbeEvent, ...]]
    _memory: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    def remembered(self, name: Hashable, make: Callable[[], T]) -> T:
        """Return the cached value of this name, made on first use."""
        if name not in self._memory:
            self._memory[name] = make()
        return self._memory[name]  # type: ignore[no-any-return]

    @classmethod
    def of(cls, observation: Observation, cases: Iterable[str]) -> Trace:
        """The trace of loading the file and of these cases, as far as they were started."""
        steps: dict[str | None, tuple[ProbeEvent, ...]] = {
            None: _ordered(observation.load.claimed.events, None)
        }
        for case in cases:
            if case in observation.cases:
                steps[case] = _ordered(observation.cases[case].claimed.events, case)
        return cls(steps)

    def all(self, *kinds: str) -> Iterator[ProbeEvent]:
        for step in self.steps.values():
            yield from (seen for seen in step if seen.kind in kinds)

    def of_case(self, case: str | None, *kinds: str) -> tuple[ProbeEvent, ...]:
        """A step's events of these kinds (of all kinds without any), in order."""
        return tuple(seen for seen in self.steps.get(case, ()) if not kinds or seen.kind in kinds)

    def maker_of(self, call: ProbeEvent) -> ProbeEvent | None:
        """The event that made the differentiated function called here: in the same step, or at load."""
        number = call.number("maker")
        for step in (call.case, None):
            for seen in self.of_case(step, "grad-make"):
                if number is not None and seen.number("maker") == number:
                    return seen
        return None


@dataclass(frozen=True)
class Context:
    """The input of a pitfall's functions: the trace, and how each case ended."""

    trace: Trace
    right: frozenset[str]
    """Cases whose answer was right."""
    raised: Mapping[str, ClaimedException]
    """Cases that ended in an exception."""

    @property
    def all_right(self) -> bool:
        cases = [case for case in self.trace.steps if case is not None]
        return bool(cases) and all(case in self.right for case in cases)


@dataclass(frozen=True)
class Detection:
    """One place where a pitfall was seen. ``certain`` is False for what is only worth a warning."""

    line: int | None
    case: str | None
    hint: str
    """The name of the call on that line to show, such as ``init`` or ``value_and_grad``."""
    facts: Mapping[str, Json]
    certain: bool = True


@dataclass(frozen=True)
class Recognised:
    """The mistake behind an exception: a code of the engine, or a difference that the exercise has a name for.

    ``line`` is the line to show, and ``hint`` the call on it; without a line, the place where it was raised is shown.
    """

    code: str
    line: int | None = None
    hint: str = ""
    defined: int | None = None
    """The first line of a function whose returned value is the better place to show."""
    whole_line: bool = False
    """True if the line itself is the place, not a call on it."""
    cause: str = ""
    """A sentence on the cause beyond the error's own text; '' for none."""
    difference: Difference | None = None
    """Set for a difference from the reference's run: the code is then the one that the exercise has for it."""


def is_one_number(part: Mapping[str, Json]) -> bool:
    """Return True if this is the structure of a single real number."""
    return part.get("kind") == "scalar" and "int" not in str(part.get("dtype"))


def is_shown_name(text: str) -> bool:
    """Return True for a plain identifier: a learner's other names are not repeated in messages."""
    return NAME.fullmatch(text) is not None


def _ordered(events: tuple[Event, ...], case: str | None) -> tuple[ProbeEvent, ...]:
    found: list[ProbeEvent] = []
    order = 0
    for event in events:
        own = _integer(event.facts.get("began"))
        if own is None:
            own = _integer(event.facts.get("maker"))
        order = order if own is None else own
        found.append(ProbeEvent(event.kind, case, event.line, order, event.facts))
    return tuple(sorted(found, key=lambda seen: seen.order))


def _norm(facts: Mapping[str, Json]) -> BatchNormPass:
    averages = facts.get("use_running_average")
    return BatchNormPass(
        path=str(facts.get("path", ""))[:200],
        averages=averages if isinstance(averages, bool) else None,
        momentum=_real(facts.get("momentum")),
        epsilon=_real(facts.get("epsilon")),
        initialising=facts.get("initialising") is True,
        mutable=facts.get("mutable") is True,
    )


def _integer(value: Json) -> int | None:
    return value if type(value) is int and 0 <= value < 2**63 else None


def _count(value: Json) -> int:
    return _integer(value) or 0


def _real(value: Json) -> float | None:
    return float(value) if type(value) is float or (type(value) is int and abs(value) < 2**53) else None


def _names(value: Json) -> tuple[str, ...]:
    return tuple(str(item)[:60] for item in value[:16]) if isinstance(value, list) else ()
