"""Errors of jax, flax and optax that are the same mistake in any exercise, recognised by class and text together.

The class must be the very one that the library raises, and the text must match the library's: a learner's class of
the same name, or the same text in an error of another class, does not count.  Each rule covers a whole kind of
mistake, and the sentence that it adds is true wherever it matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from judge.model import ClaimedException
from judge.trace import is_shown_name

NOT_IN_THIS_VERSION = "not-in-this-version"
CARRY_CHANGED = "carry-changed"
PARAMS_AT_WRONG_LEVEL = "params-at-wrong-level"

PLAIN_DICTIONARY = (
    "Variables are plain dictionaries in this version of flax; older ones made them a `FrozenDict`, whose methods "
    "take and give other things."
)


@dataclass(frozen=True)
class LibraryError:
    """A code, and a sentence on the cause beyond the error's own text ('' for none)."""

    code: str
    cause: str = ""


@dataclass(frozen=True)
class ErrorRule:
    """An error that has one meaning: its very class, and what its text must match."""

    code: str
    classes: tuple[str, ...]
    text: re.Pattern[str]
    cause: str = ""
    """``{0}`` stands for the text's first group."""


def recognise_library_error(raised: ClaimedException) -> LibraryError | None:
    """Return the mistake that the text of a library's own error identifies; None if there is none."""
    return first_match(_RULES, raised)


def first_match(rules: Iterable[ErrorRule], raised: ClaimedException) -> LibraryError | None:
    """Return what the first rule says whose class and text are those of the exception."""
    for rule in rules:
        if raised.type_names[:1] != () and raised.type_names[0] in rule.classes:
            match = rule.text.search(raised.text)
            if match is not None:
                return LibraryError(rule.code, _cause(rule, match))
    return None


def _cause(rule: ErrorRule, match: re.Match[str]) -> str:
    if "{0}" not in rule.cause:
        return rule.cause
    name = match[1] or ""
    return rule.cause.format(name) if all(is_shown_name(part) for part in name.split(".")) else ""


def rule_of(code: str, classes: str, text: str, cause: str = "") -> ErrorRule:
    """Return a rule; ``classes`` are qualified names, separated by spaces."""
    return ErrorRule(code, tuple(classes.split()), re.compile(text), cause)


_TYPE_ERROR, _VALUE_ERROR, _ATTRIBUTE_ERROR = (
    "builtins.TypeError",
    "builtins.ValueError",
    "builtins.AttributeError",
)

_RULES = (
    rule_of(
        NOT_IN_THIS_VERSION,
        _ATTRIBUTE_ERROR,
        r"^[Mm]odule '?((?:jax|flax|optax)(?:\.\w+)*)'? has no attribute '\w+'$",
    ),
    rule_of(NOT_IN_THIS_VERSION, _ATTRIBUTE_ERROR, r"^jax\.[\w.]+ (?:is|was) (?:deprecated|removed)\b"),
    rule_of(NOT_IN_THIS_VERSION, f"{_ATTRIBUTE_ERROR} {_TYPE_ERROR}", r"\b(?:[Ss]ince|As of) Flax \d"),
    rule_of(
        NOT_IN_THIS_VERSION,
        _ATTRIBUTE_ERROR,
        r"^'dict' object has no attribute 'unfreeze'$",
        PLAIN_DICTIONARY,
    ),
    rule_of(
        NOT_IN_THIS_VERSION,
        _TYPE_ERROR,
        r"^dict\.copy\(\) takes no (?:keyword )?arguments",
        PLAIN_DICTIONARY,
    ),
    rule_of(
        "traced-value-concretized",
        "jax.errors.ConcretizationTypeError jax.errors.TracerArrayConversionError "
        "jax.errors.TracerIntegerConversionError jax.errors.TracerBoolConversionError "
        "jax.errors.NonConcreteBooleanIndexError",
        r"\btraced array|\bconcrete\b",
    ),
    rule_of(
        "traced-value-concretized",
        _TYPE_ERROR,
        r"(?s)^Shapes must be 1D sequences of concrete values of integer type, got .*Tracer",
    ),
    rule_of(
        "static-argument-unhashable", _VALUE_ERROR, r"^Non-hashable static arguments (?:are|is) not supported"
    ),
    rule_of("donated-buffer-used", "builtins.RuntimeError", r"^Array has been deleted\b"),
    rule_of(
        "donated-buffer-used",
        f"{_VALUE_ERROR} builtins.RuntimeError jax.errors.JaxRuntimeError",
        r"^INVALID_ARGUMENT: .*\b(?:deleted or donated|previously donated)\b",
    ),
    rule_of(
        "train-state-without-field",
        _TYPE_ERROR,
        r"^TrainState\.__init__\(\) got an unexpected keyword argument '(\w+)'",
        "The field that it lacks is `{0}`.",
    ),
    rule_of(
        "train-state-without-field",
        _ATTRIBUTE_ERROR,
        r"^'TrainState' object has no attribute '(\w+)'$",
        "The field that it lacks is `{0}`.",
    ),
    rule_of(
        "not-a-jax-type",
        _TYPE_ERROR,
        r"(?s)^Error interpreting argument to .* as an abstract array\. The problematic value is of type "
        r"<class '(?:[\w.<>]*\.)?(\w+)'>",
        "What jax could not take is a `{0}`.",
    ),
    rule_of(
        "not-a-jax-type",
        _TYPE_ERROR,
        r"(?s)^(?:Argument .*|function .* returned a value) of type <class '(?:[\w.<>]*\.)?(\w+)'>,?"
        r"(?: which)? is not a valid JAX type",
        "What jax could not take is a `{0}`.",
    ),
    rule_of("value-for-function", _TYPE_ERROR, r"^Expected a callable value, got (?!<function)"),
    rule_of(
        "gradient-of-integers",
        _TYPE_ERROR,
        r"^grad requires real- or complex-valued inputs .*, but got (?:u?int|bool)\d*\.",
    ),
    rule_of(
        "model-without-variables",
        "flax.errors.CallCompactUnboundModuleError",
        r"^Can't call compact methods on unbound modules",
    ),
    rule_of(
        "model-without-variables",
        _ATTRIBUTE_ERROR,
        r"remember these fields are only accessible from inside 'init' or 'apply'\.$",
    ),
    rule_of(
        "not-a-key",
        "flax.errors.InvalidRngError",
        r"^RNGs should be of shape \(2,\) or PRNGKey\b",
    ),
    rule_of("not-a-key", _TYPE_ERROR, r"^JAX encountered invalid PRNG key data|^unexpected PRNG key type "),
    rule_of("immutable-assigned", _TYPE_ERROR, r"^JAX arrays are immutable\b"),
    rule_of(
        "immutable-assigned",
        _VALUE_ERROR,
        r"^FrozenDict is immutable\b|^assignment destination is read-only$",
    ),
    rule_of("immutable-assigned", "dataclasses.FrozenInstanceError", r"^cannot assign to field '\w+'$"),
    rule_of(
        PARAMS_AT_WRONG_LEVEL,
        "flax.errors.ApplyScopeInvalidVariablesStructureError",
        r"with an extra params layer\b",
        "What stands under `params` is itself a dictionary with an entry `params`.",
    ),
    rule_of(
        CARRY_CHANGED,
        _TYPE_ERROR,
        r"^\w+ body function carry input and carry output must have (?:the same pytree structure|equal types)",
    ),
    rule_of(
        "state-changed-in-trace",
        "flax.errors.TraceContextError",
        r"^Cannot (?:mutate '?\w+'?|extract graph node) from (?:a )?different trace level",
    ),
    rule_of(
        "trees-differ",
        _VALUE_ERROR,
        r"^pytree structure error: |^(?:Dict key|Tuple arity|List arity|Custom node type) mismatch[;:]",
    ),
    rule_of(
        "not-an-optimizer-state",
        _VALUE_ERROR,
        r"^The number of updates and states has to be the same in chain!",
    ),
)
