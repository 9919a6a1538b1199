"""Recognises mistakes by the exceptions that they raise: by class *and* text *and* what the probes saw.

Mistakes that a library's message identifies in any exercise are in `library_errors`; those of a pitfall are in its
module.

A class alone is not enough (a learner may define a class of the same name), nor is a text alone: several mistakes
share a message.  An exception that is not recognised for certain is reported as it is.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping

from judge.diagnosis.library_errors import (
    CARRY_CHANGED,
    NOT_IN_THIS_VERSION,
    PARAMS_AT_WRONG_LEVEL,
    PLAIN_DICTIONARY,
    recognise_library_error,
)
from judge.diagnosis.python_errors import NO_NETWORK, NOTHING_WRITTEN, near_name, recognise_python_error
from judge.diagnosis.spans import Source
from judge.diagnosis.unpacking import bound_in_pair, unpacks_popped_entry
from judge.model import ClaimedException, ClaimedFrame, Json
from judge.pitfalls import pitfalls
from judge.trace import Recognised, Trace, is_one_number, is_shown_name

UNRECOGNISED = "unrecognised-exception"


NO_SOURCE = Source(b"")


def recognise(
    raised: ClaimedException,
    trace: Trace,
    case: str,
    source: Source = NO_SOURCE,
    frame: ClaimedFrame | None = None,
) -> Recognised:
    """Return the mistake that this exception, which left the entry point on this case, shows.

    ``frame``: the learner's own innermost line; by default the innermost of all.
    """
    frame = frame or (raised.frames[-1] if raised.frames else None)
    if frame is not None:
        for rule_at in RULES_AT_LINE:
            found = rule_at(raised, trace, case, source, frame)
            if found is not None:
                return found
    for rule in (*RULES, *_rules_of_pitfalls()):
        found = rule(raised, trace, case)
        if found is not None:
            return found
    known = recognise_library_error(raised) or recognise_python_error(raised)
    if known is None:
        return Recognised(UNRECOGNISED)
    return Recognised(known.code, cause=known.cause or near_name(raised, source))


def recognise_load(raised: ClaimedException, source: Source = NO_SOURCE) -> str:
    """Return the code for an exception that ended the loading of the file."""
    for rule in (_file_made, _socket_refused):
        found = rule(raised, Trace({}), "", source, raised.frames[-1]) if raised.frames else None
        if found is not None:
            return found.code
    names = _names(raised)
    if "builtins.SyntaxError" in names:
        is_encoding = (
            _UNDECODABLE.search(raised.text) or "null bytes" in raised.text
        )  # UTF-16 text has many null bytes
        return "undecodable" if is_encoding else "syntax-error"
    if "builtins.UnicodeDecodeError" in names:
        return "undecodable"
    if "null bytes" in raised.text and ("builtins.ValueError" in names):
        return "undecodable"
    last = raised.type_names[0].rpartition(".")[2] if raised.type_names else ""
    if raised.type_names[:1] and raised.type_names[0].startswith("judge.inside."):
        return {"NoEntryPoint": "missing-solve", "WrongSignature": "wrong-signature"}.get(last, UNRECOGNISED)
    if "builtins.ImportError" in names:
        return "import-error"
    code = _common(raised)
    if code is None:
        known = recognise_library_error(raised) or recognise_python_error(raised)
        code = known.code if known is not None else None
    return code or UNRECOGNISED


# ------------------------------------------------------------------------------------------------- single rules


def _out_of_resources(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    code = _common(raised)
    return Recognised(code) if code else None


def _common(raised: ClaimedException) -> str | None:
    names = _names(raised)
    if "builtins.MemoryError" in names or (_is_jax_runtime(raised) and "RESOURCE_EXHAUSTED" in raised.text):
        return "memory-limit"
    if "builtins.SystemExit" in names:
        return "process-exit"
    if raised.refused_thread:
        return "thread-limit"
    if raised.type_names[:1] == ("builtins.PermissionError",) and _REFUSED.match(raised.text):
        return "forbidden-call"
    return None


def _import_error(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    return Recognised("import-error") if "builtins.ImportError" in _names(raised) else None


def _not_implemented(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    if raised.type_names[:1] != ("builtins.NotImplementedError",) or not raised.frames:
        return None
    # raised by the entry point itself before anything was computed: the starter's own placeholder
    if len(raised.frames) == 1 and not trace.of_case(case):
        return Recognised("not-implemented")
    return None


def _missing_batch_stats(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    if raised.type_names[:1] != ("flax.errors.ScopeCollectionNotFound",):
        return None
    match = re.match(r'Tried to access "[^"]*" from collection "([^"]*)"', raised.text)
    if match is None:
        return None
    if match[1] == "params":
        return _misnamed_collection(trace, case) or _bare_params(trace, case)
    return Recognised("missing-batch-stats", *_last_line(trace, case, "module-apply"), "apply")


def _misnamed_collection(trace: Trace, case: str) -> Recognised | None:
    """Recognise variables whose parameters stand under a name that is spelt nearly like flax's."""
    passes = trace.of_case(case, "module-apply")
    names = [name for name in passes[-1].names("collections") if is_shown_name(name)] if passes else []
    near = difflib.get_close_matches("params", names, n=1, cutoff=0.7)
    if not near or near == ["params"]:
        return None
    cause = f"What `apply` was given has a collection `{near[0]}`, and flax looks for one called `params`."
    return Recognised("misnamed-collection", passes[-1].line, "apply", cause=cause)


def _bare_params(trace: Trace, case: str) -> Recognised | None:
    """Recognise parameters passed in place of the variables: flax finds no collection of parameters."""
    passes = trace.of_case(case, "module-apply")
    given = passes[-1].tree("given") if passes else None
    if given is None or not given.params or given.has_state or "params" in passes[-1].names("collections"):
        return None
    names = [f"`{name}`" for name in passes[-1].names("collections") if is_shown_name(name)]
    cause = (
        f"What `apply` was given has {', '.join(names)} at its top, which are no collections: it is "
        "the parameters alone, without the level above them."
    )
    has_norms = any(seen.norms for seen in trace.of_case(case, "module-init", "module-apply"))
    statistics_are_read = has_norms and passes[-1].mutable is False
    code = "missing-batch-stats" if statistics_are_read else PARAMS_AT_WRONG_LEVEL
    return Recognised(code, passes[-1].line, "apply", cause=cause if names else "")


def _nested_batch_stats(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    if raised.type_names[:1] != ("flax.errors.ScopeVariableNotFoundError",):
        return None
    match = re.match(r'No Variable named "[^"]*" for collection "([^"]*)" exists', raised.text)
    if match is None or match[1] == "params":
        return None
    # A tree of another model raises the same message; only the nesting itself distinguishes them.
    passes = [seen for seen in trace.of_case(case, "module-apply", "module-bind") if seen.names("nested")]
    if not passes or match[1] not in passes[-1].names("nested"):
        return None
    return Recognised("nested-batch-stats", passes[-1].line, "apply")


def _float_seed(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    if raised.type_names[:1] != ("builtins.TypeError",):
        return None
    said = re.match(r"PRNG key seed must be an integer; got (.*)", raised.text, re.DOTALL)
    return Recognised("float-seed") if said and re.search(r"float|\d\.\d", said[1]) else None


def _missing_train_flag(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    if raised.type_names[:1] != ("builtins.TypeError",):
        return None
    match = re.fullmatch(
        r"(\w+)\.__call__\(\) missing 1 required positional argument: '(train|training|is_training)'",
        raised.text,
    )
    return Recognised("missing-train-flag") if match else None


def _leaked_tracer(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    if raised.type_names[:1] != ("jax.errors.UnexpectedTracerError",):
        return None
    if "unexpected tracer" not in raised.text.lower():
        return None
    passes = [seen for seen in trace.of_case(case, "module-apply") if seen.raised == "UnexpectedTracerError"]
    return Recognised("leaked-tracer", passes[0].line if passes else None, "apply")


def _traced_flag(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    if raised.type_names[:1] != ("jax.errors.TracerBoolConversionError",):
        return None
    # A condition on traced data raises the same message; it is a flag if a model run raised it or the text names one.
    passes = [
        seen
        for seen in trace.of_case(case, "module-apply", "module-init")
        if seen.raised == "TracerBoolConversionError"
    ]
    named = re.search(r"value of the arguments? (?:\w+, )*(\w*train\w*|use_running_average)\b", raised.text)
    if not passes and not named:
        return None
    hint = "init" if passes and passes[0].kind == "module-init" else "apply"
    return Recognised("traced-train-flag", passes[0].line if passes else None, hint)


def _mutable_not_unpacked(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    if raised.type_names[:1] not in (("builtins.AttributeError",), ("builtins.TypeError",)):
        return None
    if not re.search(r"'tuple'|<class 'tuple'>|^tuple indices", raised.text):
        return None
    pairs = [
        seen
        for seen in trace.of_case(case, "module-apply")
        if seen.mutable is not False and not seen.raised and seen.returned().get("kind") == "tuple"
    ]
    if not pairs:
        return None
    # The pair must be recent: no optimizer step came between making it and the error.
    if any(
        other.order > pairs[-1].order for other in trace.of_case(case, "optimizer-update", "apply-updates")
    ):
        return None
    return Recognised("mutable-not-unpacked", pairs[-1].line, "apply")


def _eval_unpacked(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    if raised.type_names[:1] != ("builtins.ValueError",) or not raised.frames:
        return None
    if not re.fullmatch(
        r"too many values to unpack \(expected 2\)|not enough values to unpack \(expected 2, got 1\)",
        raised.text,
    ):
        return None
    alone = [
        seen
        for seen in trace.of_case(case, "module-apply")
        if seen.mutable is False and not seen.raised and seen.returned().get("kind") == "array"
    ]
    lines = {frame.line for frame in raised.frames}
    if alone and alone[-1].line in lines:
        return Recognised("eval-unpacked", alone[-1].line, "apply")
    return None


def _aux_unpacked_flat(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    if raised.type_names[:1] != ("builtins.ValueError",) or not raised.frames:
        return None
    if not re.fullmatch(r"not enough values to unpack \(expected [34], got 2\)", raised.text):
        return None
    calls = [call for call in trace.of_case(case, "grad-call") if not call.raised and call.flag("has_aux")]
    lines = {frame.line for frame in raised.frames}
    if calls and calls[-1].line in lines:
        return Recognised("aux-unpacked-flat", calls[-1].line)
    return None


def _nested_carry(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    """Recognise a loop's carry that comes out with the statistics one level deeper than it went in."""
    known = recognise_library_error(raised)
    if known is None or known.code != CARRY_CHANGED:
        return None
    for name in {name for seen in trace.of_case(case, "module-apply") for name in seen.names("updated")}:
        alone = re.escape(f"('{name}',)")
        grew = rf"carry output is a <class '[\w.]*'> with pytree metadata {alone}, so"
        shrank = (
            r"carry output is a <class '[\w.]*'> with 1 child, so .*symmetric difference of key sets: "
            rf"\{{[^}}]*'{re.escape(name)}'"
        )
        if name != "params" and re.search(f"{grew}|{shrank}", raised.text, re.DOTALL):
            cause = (
                f"In the carry that came out, the statistics stand under a key `{name}` of their own; "
                "in the one that went in they do not."
            )
            return Recognised("nested-batch-stats", cause=cause if is_shown_name(name) else "")
    return None


def _aux_missing(raised: ClaimedException, trace: Trace, case: str) -> Recognised | None:
    words = "expected function with aux output to return a two-element tuple"
    if raised.type_names[:1] != ("builtins.TypeError",) or not raised.text.startswith(words):
        return None
    calls = trace.of_case(case, "grad-call")
    return Recognised(
        "aux-not-returned",
        *_last_line(trace, case, "grad-call"),
        "",
        calls[-1].number("defined") if calls else None,
    )


Rule = Callable[[ClaimedException, Trace, str], Recognised | None]


def _rules_of_pitfalls() -> list[Rule]:
    """The rules of the pitfalls, for errors that are theirs or only look like theirs."""
    return [pitfall.recognise for pitfall in pitfalls().values() if pitfall.recognise is not None]


RULES: tuple[Rule, ...] = (
    _out_of_resources,
    _import_error,
    _not_implemented,
    _missing_batch_stats,
    _nested_batch_stats,
    _float_seed,
    _missing_train_flag,
    _leaked_tracer,
    _traced_flag,
    _mutable_not_unpacked,
    _eval_unpacked,
    _aux_unpacked_flat,
    _nested_carry,
    _aux_missing,
)


# -------------------------------------------------------------------- rules that look at the line that failed


def _popped_entry_unpacked(
    raised: ClaimedException, trace: Trace, case: str, source: Source, frame: ClaimedFrame
) -> Recognised | None:
    """Recognise ``state, params = variables.pop("params")``: only a FrozenDict's `pop` returned two values."""
    if raised.type_names[:1] != ("builtins.ValueError",) or not _UNPACKED_AS_TWO.fullmatch(raised.text):
        return None
    if not trace.of_case(case, "module-init") or not unpacks_popped_entry(source, frame.line):
        return None
    return Recognised(NOT_IN_THIS_VERSION, frame.line, "pop", cause=PLAIN_DICTIONARY)


def _file_made(
    raised: ClaimedException, trace: Trace, case: str, source: Source, frame: ClaimedFrame
) -> Recognised | None:
    """Recognise what a line that makes a file or a folder is told: that it may not, or that there is no such place."""
    if not _says(raised, _NO_PLACE) or not source.makes_file(frame.line):
        return None
    return Recognised(NOTHING_WRITTEN)


def _socket_refused(
    raised: ClaimedException, trace: Trace, case: str, source: Source, frame: ClaimedFrame
) -> Recognised | None:
    """Recognise a socket that could not even be made: the error itself does not say what was refused."""
    if raised.type_names[:1] != ("builtins.PermissionError",) or not _REFUSED_WITHOUT_PATH.fullmatch(
        raised.text
    ):
        return None
    return Recognised(NO_NETWORK) if source.names_on(frame.line) & _NETWORK_NAMES else None


def _pair_taken_the_other_way(
    raised: ClaimedException, trace: Trace, case: str, source: Source, frame: ClaimedFrame
) -> Recognised | None:
    """Recognise ``(aux, loss), grads = ...`` of a function that returns the loss first, by the error that follows.

    Three conditions must hold: the function returned a number first and a container second, a number is used as a
    container (or the other way round), and the names that they are bound to say the opposite of what they are.
    """
    as_container, as_number = _used_as_container(raised), _used_as_number(raised)
    if not as_container and not as_number:
        return None
    for call in reversed(trace.of_case(case, "grad-call")):
        parts = call.returned().get("parts")
        if call.raised or not call.flag("has_aux") or not isinstance(parts, list) or len(parts) != 2:
            continue
        if not is_one_number(_mapping(parts[0])) or _mapping(parts[1]).get("kind") not in _CONTAINERS:
            continue
        names = bound_in_pair(source, call.line)
        if names is None:
            continue
        first, second = names
        stumbled = source.names_on(frame.line)
        names_are_swapped = bool(_LOSS.search(second)) and not _LOSS.search(first)
        if (as_container and not _LOSS.search(first) and (first in stumbled or names_are_swapped)) or (
            as_number and names_are_swapped
        ):
            place = source.in_words(call.line or 0)  # not None: there are names
            cause = (
                f"The differentiated function returned the loss first. {place[0].upper()}{place[1:]} "
                f"calls what came first `{first}`, and the other `{second}`."
            )
            return Recognised("aux-swapped", call.line, whole_line=True, cause=cause)
    return None


def _used_as_container(raised: ClaimedException) -> bool:
    """Return True if a single number was indexed like a container, or passed in place of one."""
    return _says(raised, _NUMBER_AS_CONTAINER)


def _used_as_number(raised: ClaimedException) -> bool:
    """Return True if a dictionary, list or tuple was treated as an array or as a number."""
    return _says(raised, _CONTAINER_AS_NUMBER)


def _says(raised: ClaimedException, words: Mapping[str, str]) -> bool:
    pattern = words.get((raised.type_names or ("",))[0])
    return pattern is not None and re.search(pattern, raised.text, re.DOTALL) is not None


_CONTAINER = r"(?:dict|tuple|list|FrozenDict)"
_NUMBER_AS_CONTAINER = {
    "flax.errors.ApplyScopeInvalidVariablesTypeError": r"",
    "builtins.IndexError": r"^Too many indices: array is 0-dimensional",
    "builtins.ValueError": r"^pytree structure error: different types.*<class '[\w.]*(?:ArrayImpl|Tracer)'>\.",
    "builtins.TypeError": r"^JAX does not support string indexing|^iteration over a 0-d array"
    r"|^'[\w.]*(?:ArrayImpl|Tracer)' object is not (?:a mapping|iterable)",
    "builtins.AttributeError": r"^'?[\w.]*(?:ArrayImpl|Tracer)'?(?: object)? has no attribute"
    r" '?(?:get|items|keys|values|pop|copy|unfreeze|batch_stats)'?$",
}
"""By class, the messages of Python and the libraries when a 0-d array is used as a container."""
_CONTAINER_AS_NUMBER = {
    "builtins.AttributeError": rf"^'{_CONTAINER}' object has no attribute"
    r" '(?:reshape|item|mean|sum|astype|squeeze|ravel|shape|dtype|block_until_ready|tolist)'$",
    "builtins.TypeError": rf"^float\(\) argument must be .* not '{_CONTAINER}'$"
    rf"|^unsupported operand type\(s\) for .*'{_CONTAINER}'"
    rf"|requires ndarray or scalar arguments, got <class '(?:[\w.]*\.)?{_CONTAINER}'>"
    rf"|^unsupported format string passed to {_CONTAINER}\."
    rf"|^'[<>]=?' not supported between instances of .*'{_CONTAINER}'",
}
"""The same for a container that is used as a number or an array."""
_CONTAINERS = ("mapping", "tuple", "list")


def _mapping(value: object) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


RULES_AT_LINE: tuple[
    Callable[[ClaimedException, Trace, str, Source, ClaimedFrame], Recognised | None], ...
] = (_file_made, _socket_refused, _popped_entry_unpacked, _pair_taken_the_other_way)

_UNPACKED_AS_TWO = re.compile(
    r"too many values to unpack \(expected 2\)|not enough values to unpack \(expected 2, got [01]\)"
)
_LOSS = re.compile(r"loss|cost|error|mse|value|^[lv]$", re.IGNORECASE)
"""Common names for a loss."""

_NO_PLACE = {
    "builtins.FileNotFoundError": r"^\[Errno 2\] ",
    "builtins.PermissionError": r"^\[Errno (1|13)\] .*: '",
    "builtins.OSError": r"^\[Errno 30\] ",
}
"""What the system answers where no file can be made: by how submissions are sealed off here."""
_REFUSED_WITHOUT_PATH = re.compile(r"\[Errno (1|13)\] [^:]*")
_NETWORK_NAMES = frozenset(
    {"socket", "create_connection", "connect", "urlopen", "urlretrieve", "HTTPConnection", "HTTPSConnection"}
)
_REFUSED = re.compile(r"\[Errno (1|13)\] ")
"""EPERM and EACCES."""
# "(unicode error) 'unicodeescape' codec" is about an escape inside of a string: the file itself was decoded.
_UNDECODABLE = re.compile(
    r"^(\(unicode error\) )?'(?!unicodeescape)[\w-]+' codec can't decode|^unknown encoding|^encoding problem"
)


def _names(raised: ClaimedException) -> frozenset[str]:
    return frozenset(raised.type_names)


def _is_jax_runtime(raised: ClaimedException) -> bool:
    return any(
        name.rpartition(".")[2] in ("XlaRuntimeError", "JaxRuntimeError") for name in raised.type_names
    )


def _last_line(trace: Trace, case: str, kind: str) -> tuple[int | None]:
    seen = trace.of_case(case, kind)
    return (seen[-1].line if seen else None,)
