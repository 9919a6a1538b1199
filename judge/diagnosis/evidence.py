"""Distinguishes mistakes that return the same numbers, by the structure that the probes saw.

Statistics averaged once more by hand give the numbers of momentum 0.99; a dropped step gives those of an evaluation
before the step.  Each rule here reads a trace and answers whether the structure *supports* a word of
`judge.vocabulary.Evidence` (True), *contradicts* it (False), or neither (None).  An exercise's misconceptions declare
the words.  One that declares a pitfall is decided by the pitfall.

The place to show in the file is chosen here too, for the same reason: it depends on what was seen, not on the text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judge.diagnosis.divergence.checkpoints import checkpoints_of_case, inside
from judge.trace import ProbeEvent, Trace
from judge.vocabulary import Blame, Evidence

if TYPE_CHECKING:
    from judge.exercise import Misconception

Support = bool | None


@dataclass(frozen=True)
class Structure:
    """The observed structure of a submission's computation, on the cases that probes saw most of."""

    trace: Trace
    learning_rate: Mapping[str, float]
    """The value of the parameter that is named like a learning rate, per case; empty without one."""
    usual_momenta: frozenset[float] = frozenset()
    """The momenta of the reference's layers; empty when unknown."""

    def passes(self) -> list[ProbeEvent]:
        """Outermost model runs (not initialisations) of the case with most of them, in order."""
        best: list[ProbeEvent] = []
        for case in self.trace.steps:
            runs = [
                seen
                for seen in self.trace.of_case(case, "module-apply")
                if seen.facts.get("depth") == 0 and not any(norm.initialising for norm in seen.norms)
            ]
            if len(runs) > len(best):
                best = runs
        return best

    def inits(self) -> list[ProbeEvent]:
        best: list[ProbeEvent] = []
        for case in self.trace.steps:
            found = [s for s in self.trace.of_case(case, "module-init") if s.facts.get("depth") == 0]
            best = found if len(found) > len(best) else best
        return best

    def momenta(self) -> set[float]:
        return {
            norm.momentum
            for seen in self.trace.all("batch-norm")
            for norm in seen.norms
            if norm.momentum is not None and not norm.initialising
        }

    def updates(self) -> list[ProbeEvent]:
        return list(self.trace.all("optimizer-update"))

    def applied(self) -> list[ProbeEvent]:
        return list(self.trace.all("apply-updates")) or list(self.trace.all("tree-step"))

    def last_evaluation(self) -> ProbeEvent | None:
        """The evaluation of the case with most runs; None where none was seen."""
        runs = self.passes()
        return checkpoints_of_case(self.trace, runs[-1].case).last if runs else None


def support_for(
    misconception: Misconception,
    structure: Structure,
    pitfalls_seen: frozenset[str],
    peers: Sequence[Misconception],
) -> Support:
    """Return the support for this one among peers of equal numbers: True, False (contradicted) or None."""
    if misconception.pitfall is not None:
        return misconception.pitfall in pitfalls_seen
    said = _RULES[misconception.evidence](structure) if misconception.evidence is not None else None
    if said is None and any(peer.pitfall in pitfalls_seen for peer in peers if peer.pitfall is not None):
        return False
    return said


def place_of(blame: Blame, structure: Structure) -> tuple[int | None, str] | None:
    """Return the line and the name of the call to show; None when unknown or when it is not a call."""
    finder = _PLACES.get(blame)
    seen = finder(structure) if finder is not None else None
    return (seen.line, _hint_of(seen)) if seen is not None else None


# ------------------------------------------------------------------------------------------------------- rules


def _momentum_is_unusual(structure: Structure) -> Support:
    """Return True if a layer's momentum is none of the reference's, which supports a changed model."""
    momenta, usual = structure.momenta(), structure.usual_momenta
    if not momenta or not usual:
        return None
    return any(all(abs(momentum - known) > 1e-9 for known in usual) for momentum in momenta)


def _no_unusual_momentum(structure: Structure) -> Support:
    unusual = _momentum_is_unusual(structure)
    return None if unusual is None else not unusual


def _initialised_in_train_mode(structure: Structure) -> Support:
    """Return True if layers used batch statistics at initialisation, which shows that they invert their flag.

    The differentiated pass used running averages: either the layer or the caller inverted the flag.  What the caller
    passed is not seen; the layer's setting while the model was initialised is.  Nearly everyone initialises in
    evaluation mode, so a layer that used batch statistics there inverts its flag.
    """
    flags = {norm.averages for seen in structure.inits() for norm in seen.norms if norm.initialising}
    if flags == {False}:
        return True
    return False if flags == {True} else None


def _initialised_in_evaluation_mode(structure: Structure) -> Support:
    said = _initialised_in_train_mode(structure)
    return None if said is None else not said


def _updates_not_zero(structure: Structure) -> Support:
    """Return False if updates of zeros were made: applied, they leave no trace either, but nothing was dropped."""
    factors = [checkpoints_of_case(structure.trace, case).factor for case in structure.learning_rate]
    known = [factor for factor, lr in zip(factors, structure.learning_rate.values(), strict=True) if lr]
    return False if 0.0 in known else None


def _no_later_training_pass(structure: Structure) -> Support:
    """Return False if a train-mode run follows the differentiated one: the training loss is not returned itself."""
    last, trained = structure.last_evaluation(), _differentiated_pass(structure)
    return False if last is not None and trained is not None and last.trains and last != trained else None


def _initialised_again(structure: Structure) -> Support:
    inits = structure.inits()
    return len(inits) > 1 if inits else None


def _initialised_once(structure: Structure) -> Support:
    """Return True if the model was initialised once, which supports a loss taken before the step."""
    again = _initialised_again(structure)
    return None if again is None else not again


def _step_size_as_given(structure: Structure) -> Support:
    """Return True if the optimizer's step size is the given learning rate, so that the loss must be larger."""
    sizes = _step_sizes(structure)
    return all(given == used for given, used in sizes) if sizes else None


def _step_size_changed(structure: Structure) -> Support:
    sizes = _step_sizes(structure)
    return any(given != used for given, used in sizes) if sizes else None


def _step_sizes(structure: Structure) -> list[tuple[float, float]]:
    found = []
    for update in structure.updates():
        used = update.facts.get("step_size")
        given = structure.learning_rate.get(update.case) if update.case is not None else None
        if type(used) is float and given is not None:
            found.append((given, used))
    return found


_RULES: Mapping[Evidence, Callable[[Structure], Support]] = {
    Evidence.UNUSUAL_MOMENTUM: _momentum_is_unusual,
    Evidence.USUAL_MOMENTUM: _no_unusual_momentum,
    Evidence.INITIALISED_IN_TRAIN_MODE: _initialised_in_train_mode,
    Evidence.INITIALISED_IN_EVALUATION_MODE: _initialised_in_evaluation_mode,
    Evidence.UPDATES_NOT_ZERO: _updates_not_zero,
    Evidence.NO_LATER_TRAINING_PASS: _no_later_training_pass,
    Evidence.INITIALISED_AGAIN: _initialised_again,
    Evidence.INITIALISED_ONCE: _initialised_once,
    Evidence.STEP_SIZE_AS_GIVEN: _step_size_as_given,
    Evidence.STEP_SIZE_CHANGED: _step_size_changed,
}


# ------------------------------------------------------------------------------------------------------ places


def _last_pass(structure: Structure) -> ProbeEvent | None:
    return structure.last_evaluation()


def _differentiated_pass(structure: Structure) -> ProbeEvent | None:
    """The model run inside of the first differentiation."""
    for case in structure.trace.steps:
        calls = structure.trace.of_case(case, "grad-call")
        runs = [run for run in structure.trace.of_case(case, "module-apply") if run.facts.get("depth") == 0]
        if (found := inside(calls, runs)) is not None:
            return found
    return None


def _extra_training_pass(structure: Structure) -> ProbeEvent | None:
    """The last train-mode run that is not the differentiated one."""
    differentiated = _differentiated_pass(structure)
    training = [seen for seen in structure.passes() if seen.trains and seen != differentiated]
    return training[-1] if training else None


def _last_update(structure: Structure) -> ProbeEvent | None:
    updates = structure.updates()
    return updates[0] if updates else None


def _optimizer_init(structure: Structure) -> ProbeEvent | None:
    return next(structure.trace.all("optimizer-init"), None)


def _apply_updates(structure: Structure) -> ProbeEvent | None:
    applied = structure.applied()
    return applied[0] if applied else _last_update(structure)


def _second_init(structure: Structure) -> ProbeEvent | None:
    inits = structure.inits()
    return inits[-1] if len(inits) > 1 else _apply_updates(structure)


def _init(structure: Structure) -> ProbeEvent | None:
    inits = structure.inits()
    return inits[0] if inits else None


def _norm(structure: Structure) -> ProbeEvent | None:
    return next(structure.trace.all("batch-norm"), None)


_PLACES: Mapping[Blame, Callable[[Structure], ProbeEvent | None]] = {
    Blame.LAST_EVALUATION: _last_pass,
    Blame.DIFFERENTIATED_PASS: _differentiated_pass,
    Blame.EXTRA_TRAINING_PASS: _extra_training_pass,
    Blame.FIRST_INIT: _init,
    Blame.SECOND_INIT: _second_init,
    Blame.MODEL: _norm,
    Blame.OPTIMIZER_INIT: _optimizer_init,
    Blame.APPLY_UPDATES: _apply_updates,
}
"""Finds the call to blame. A returned loss is not a call: `context.Run.place` finds it."""


def _hint_of(seen: ProbeEvent) -> str:
    return {
        "module-apply": "apply",
        "module-init": "init",
        "optimizer-init": "init",
        "optimizer-update": "update",
        "apply-updates": "apply_updates",
        "batch-norm": "BatchNorm",
        "tree-step": "map",
    }.get(seen.kind, "")


def uses_other_optimizer(structure: Structure) -> str:
    """Return the name of an optax transformation in an update that does not just scale the gradients, else ''."""
    for update in structure.updates():
        for member in update.members:
            name = member.name.rpartition(".")[2]
            other = name in _CHANGE_GRADIENTS or (name.startswith("scale_by_") and name not in _PLAIN)
            is_optax = member.name.startswith("optax.") and name.isidentifier()
            if other and is_optax and member.params + member.mixed:
                return name
    return ""


_PLAIN = frozenset({"scale_by_learning_rate", "scale_by_schedule"})
_CHANGE_GRADIENTS = frozenset(
    {
        "adaptive_grad_clip",
        "add_decayed_weights",
        "add_noise",
        "centralize",
        "clip",
        "clip_by_block_rms",
        "clip_by_global_norm",
        "normalize_by_update_norm",
        "per_example_global_norm_clip",
    }
)
