"""Summarises one run in checkpoints: how models began, what was differentiated, what was evaluated with what.

The same checkpoints are made of the reference, from events recorded with its goldens, and of a submission.  Their
first difference shows where to look; agreement shows how far the run is right.  Everything is optional: under jit
numbers are not visible, and a solution without flax has no models.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from judge.model import Event, Json
from judge.trace import ProbeEvent, Trace

KEPT: Mapping[str, tuple[str, ...]] = {
    "module-init": ("depth", "keys", "variables", "layers", "sums"),
    "module-apply": ("depth", "differentiated", "norms", "sums", "output", "batch", "batch_sums"),
    "grad-call": ("value",),
    "optimizer-update": ("proportion",),
}
"""The kinds of events that are recorded of a reference, with the facts that are kept."""
STEPS = ("apply-updates", "tree-step")
"""Updates added by optax, and steps made by hand, leaf by leaf."""
Path = str
"""``collection/module/.../name``"""


@dataclass(frozen=True)
class Sum:
    """A checksum of an array: the sum of absolute values, and a sum with weights from 1 to 7 by place."""

    size: float
    weighted: float


@dataclass(frozen=True)
class Initialisation:
    """One initialisation of a model."""

    seen: ProbeEvent
    keys: Mapping[str, tuple[int, ...]]
    """The data words of each known key, by stream."""
    shapes: Mapping[Path, tuple[int, ...]]
    layers: Mapping[str, Mapping[str, Json]]
    """Class and settings of each layer by its path, in the order of their runs."""
    lines: Mapping[str, int]
    """The line on which each layer was run."""
    sums: Mapping[Path, Sum]


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of one case. None or empty means unknown."""

    initialisations: tuple[Initialisation, ...] = ()
    trained: ProbeEvent | None = None
    """The model's run inside of the differentiation."""
    training: tuple[ProbeEvent, ...] = ()
    """Every run of the model inside of a differentiation."""
    differentiated: ProbeEvent | None = None
    """The differentiation: the first whose value is known, or else the first."""
    loss: float | None = None
    gradient_params: Mapping[Path, Sum] = field(default_factory=dict)
    """The parameters at which it was taken; their paths may have different roots."""
    gradient: Mapping[Path, Sum] = field(default_factory=dict)
    """The gradient that it gave; paths may have different roots."""
    received: Mapping[Path, Sum] = field(default_factory=dict)
    """What the optimizer's first update was given as gradients."""
    second_gradient: ProbeEvent | None = None
    """A differentiation at parameters to which a step had been added, followed by another step."""
    applied: ProbeEvent | None = None
    """The last addition of updates."""
    additions: int = 0
    """The number of additions of updates that were seen."""
    factor: float | None = None
    """The exact ratio of updates to gradients."""
    proportional: bool | None = None
    parts: Mapping[Path, float] | None = None
    """The ratio of each array of updates to its gradient, if each has one and the whole has none."""
    update: ProbeEvent | None = None
    """The optimizer's first update."""
    optimizer_line: int | None = None
    """The line on which the optimizer was made."""
    last: ProbeEvent | None = None
    """The evaluation: the model's last run after the training; None if the only runs were those of the training."""
    evaluating: tuple[ProbeEvent, ...] = ()
    """The runs of the model that were not differentiated, after the last training."""
    final_variables: Mapping[Path, Sum] = field(default_factory=dict)
    """The variables that the evaluation was given."""
    output: tuple[Sum, ...] = ()
    """The output of the evaluation."""
    stepped: Mapping[Path, Sum] = field(default_factory=dict)
    """The parameters with the updates added; paths may have different roots."""

    @property
    def is_empty(self) -> bool:
        return not self.initialisations and self.last is None and self.loss is None

    def initialisation_like(self, other: Checkpoints) -> Initialisation | None:
        """Return the initialisation that has most in common with the other's first."""
        if not other.initialisations:
            return self.initialisations[0] if self.initialisations else None
        model = other.initialisations[0]
        return max(self.initialisations, key=lambda start: _likeness(start, model), default=None)


def checkpoints_of(events: Iterable[ProbeEvent]) -> Checkpoints:
    """The checkpoints of one case's events, in order."""
    events = [seen for seen in events if not seen.raised]
    runs = [seen for seen in events if seen.kind == "module-apply" and seen.facts.get("depth") == 0]
    runs = [seen for seen in runs if not any(norm.initialising for norm in seen.norms)]
    starts = [seen for seen in events if seen.kind == "module-init" and seen.facts.get("depth") == 0]
    calls = [seen for seen in events if seen.kind == "grad-call"]
    updates = [seen for seen in events if seen.kind == "optimizer-update"]
    applied = [seen for seen in events if seen.kind in STEPS]
    last = _evaluation(runs, calls, [*updates, *applied])
    losses = [value for call in calls if (value := _finite(call.facts.get("value"))) is not None]
    differentiated = next((call for call in calls if _finite(call.facts.get("value")) is not None), None)
    differentiated = differentiated or (calls[0] if calls else None)
    factor, proportional = _proportion(updates[0]) if updates else (None, None)
    return Checkpoints(
        initialisations=tuple(_initialisation(seen) for seen in starts),
        trained=inside(calls, runs),
        training=tuple(run for run in runs if run.flag("differentiated")),
        differentiated=differentiated,
        loss=losses[0] if losses else None,
        gradient_params=_sums({"": differentiated.facts.get("point")}) if differentiated is not None else {},
        gradient=_sums({"": differentiated.facts.get("gradient")}) if differentiated is not None else {},
        received=_sums({"": updates[0].facts.get("received")}) if updates else {},
        second_gradient=_second_gradient(
            calls, [*updates, *(seen for seen in applied if seen.kind == "tree-step")]
        ),
        applied=applied[-1] if applied else None,
        additions=len(applied),
        factor=factor,
        proportional=proportional,
        parts=_parts(updates[0]) if updates else None,
        update=updates[0] if updates else None,
        optimizer_line=updates[0].number("made") if updates else None,
        last=last,
        evaluating=_after(runs, calls),
        final_variables=_sums(last.facts.get("sums")) if last is not None else {},
        output=output_of(last) if last is not None else (),
        stepped=_sums({"": applied[-1].facts.get("sums")}) if applied else {},
    )


def checkpoints_of_case(trace: Trace, case: str | None) -> Checkpoints:
    return checkpoints_of(trace.of_case(case))


def checkpoints_of_golden(events: Sequence[Event]) -> Checkpoints:
    """The checkpoints of the reference, of the events that were recorded with its answer."""
    return checkpoints_of(
        ProbeEvent(event.kind, None, None, order, event.facts) for order, event in enumerate(events)
    )


def kept(events: Sequence[Event]) -> tuple[Event, ...]:
    """Return the reference's events that its checkpoints are made of, with the facts that they need."""
    ordered = sorted(
        (event for event in events if event.kind in KEPT),
        key=lambda event: began if type(began := event.facts.get("began")) is int else 0,
    )
    # Only the order shows where a differentiation begins and ends: the run inside of it comes after it.
    return tuple(
        Event(event.kind, None, {name: event.facts[name] for name in KEPT[event.kind] if name in event.facts})
        for event in ordered
    )


def is_complete(events: Sequence[Event] | None) -> bool:
    """Return True if events were recorded with everything that the current checkpoints need."""
    return events is not None and all(
        "batch" in event.facts for event in events if event.kind == "module-apply"
    )


# ------------------------------------------------------------------------------------------------------- reading


def inside(calls: Sequence[ProbeEvent], runs: Sequence[ProbeEvent]) -> ProbeEvent | None:
    """Return the first run after the first differentiation that any run follows."""
    latest = max((run.order for run in runs), default=0)
    began = next((call.order for call in calls if call.order < latest), None)
    return None if began is None else next(run for run in runs if run.order > began)


def _evaluation(
    runs: Sequence[ProbeEvent], calls: Sequence[ProbeEvent], steps: Sequence[ProbeEvent]
) -> ProbeEvent | None:
    """Return the last run that can be the evaluation.

    The pass that a step is made from is training, even if it is the last run that was seen: an evaluation without
    flax, say in NumPy, leaves no trace.  A run before the training is not an evaluation after it.
    """
    trained = inside(calls, runs)
    called = sorted(call.order for call in calls)
    stepped = sorted(step.order for step in steps)
    for run in reversed(runs):
        before = bisect_left(called, run.order)
        if calls and not before:
            return None
        if not before or not _is_differentiated(run, trained):
            return run
        own = called[before - 1]
        earlier, made = bisect_left(called, own) > 0, bisect_left(stepped, own) > 0
        if earlier and made and bisect_right(stepped, own) == len(stepped):
            return run  # differentiated once more after the last step, for its value
    return None


def _after(runs: Sequence[ProbeEvent], calls: Sequence[ProbeEvent]) -> tuple[ProbeEvent, ...]:
    """The undifferentiated runs after the last differentiation that one of them follows."""
    plain = [run for run in runs if not run.flag("differentiated")]
    began = max((call.order for call in calls if plain and call.order < plain[-1].order), default=0)
    return tuple(run for run in plain if run.order > began)


def _is_differentiated(run: ProbeEvent, trained: ProbeEvent | None) -> bool:
    said = run.facts.get("differentiated")
    return said if isinstance(said, bool) else run == trained


def output_of(run: ProbeEvent) -> tuple[Sum, ...]:
    """Checksums of the arrays in a model run's output."""
    found = _sums({"": [[str(n), sums] for n, sums in enumerate(_listed(run.facts.get("output")))]})
    return tuple(found.values())


def batch_of(run: ProbeEvent) -> Sum | None:
    """The checksum of the batch that a model was run on."""
    return _sums({"": [["", run.facts.get("batch_sums")]]}).get("/")


def _listed(value: Json) -> list[Json]:
    return value[:4] if isinstance(value, list) else []


def _second_gradient(calls: Sequence[ProbeEvent], updates: Sequence[ProbeEvent]) -> ProbeEvent | None:
    """The first differentiation at stepped parameters that another step follows."""
    latest = max((update.order for update in updates), default=0)
    for call in calls:
        stepped = {"applied", "stepped"} & set(call.tree("wrt").origins.get("params", ()))
        if stepped and call.order < latest:
            return call
    return None


def _initialisation(seen: ProbeEvent) -> Initialisation:
    keys, layers = seen.facts.get("keys"), _layers(seen.facts.get("layers"))
    return Initialisation(
        seen,
        keys={
            str(stream): words
            for stream, value in (keys.items() if isinstance(keys, Mapping) else ())
            if (words := _words(value))
        },
        shapes=_shapes(seen.facts.get("variables")),
        layers={path: settings for path, settings, _ in layers},
        lines={path: line for path, _, line in layers if line is not None},
        sums=_sums(seen.facts.get("sums")),
    )


def _layers(value: Json) -> list[tuple[str, Mapping[str, Json], int | None]]:
    found = []
    for item in value[:64] if isinstance(value, list) else ():
        if (
            isinstance(item, list)
            and len(item) == 3
            and isinstance(item[0], str)
            and isinstance(item[1], Mapping)
        ):
            line = item[2] if type(item[2]) is int and 0 < item[2] < 2**31 else None
            found.append((item[0][:200], item[1], line))
    return found


def _words(value: Json) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(type(word) is int for word in value):
        return ()
    return tuple(value[:8])


def _entries(value: Json) -> Iterable[tuple[Path, Json]]:
    """The pairs of ``{collection: [[path, value], ...]}``, of at most 16 collections with 2,000 pairs each."""
    for collection, leaves in list(value.items())[:16] if isinstance(value, Mapping) else ():
        for item in leaves[:2000] if isinstance(leaves, list) else ():
            if isinstance(item, list) and len(item) == 2 and isinstance(item[0], str):
                yield f"{str(collection)[:60]}/{item[0][:200]}", item[1]


def _shapes(value: Json) -> dict[Path, tuple[int, ...]]:
    return {
        path: tuple(shape)
        for path, shape in _entries(value)
        if isinstance(shape, list) and all(type(n) is int for n in shape)
    }


def _sums(value: Json) -> dict[Path, Sum]:
    found = {}
    for path, sums in _entries(value):
        if isinstance(sums, list) and len(sums) == 2:
            size, weighted = _finite(sums[0]), _finite(sums[1])
            if size is not None and weighted is not None:
                found[path] = Sum(size, weighted)
    return found


def _proportion(update: ProbeEvent) -> tuple[float | None, bool | None]:
    value = update.facts.get("proportion")
    if not isinstance(value, Mapping) or not isinstance(value.get("exact"), bool):
        return None, None
    return (_finite(value.get("factor")), True) if value["exact"] else (None, False)


def _parts(update: ProbeEvent) -> Mapping[Path, float] | None:
    value = update.facts.get("proportion")
    listed = value.get("parts") if isinstance(value, Mapping) else None
    if not isinstance(listed, list):
        return None
    found = {path: factor for path, at in _entries({"": listed}) if (factor := _finite(at)) is not None}
    return {path.removeprefix("/"): factor for path, factor in found.items()} or None


def _finite(value: Json) -> float | None:
    is_number = type(value) is float or (type(value) is int and abs(value) < 2**53)
    return float(value) if is_number and math.isfinite(value) else None


def _likeness(start: Initialisation, model: Initialisation) -> tuple[bool, bool, int]:
    same = sum(start.shapes.get(path) == shape for path, shape in model.shapes.items())
    return start.keys == model.keys and start.shapes == model.shapes, start.keys == model.keys, same
