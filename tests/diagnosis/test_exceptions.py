"""Errors are recognised by class and text and structure; what only looks like one is left unrecognised."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.made import event, observation, raised, step

from judge.diagnosis.exceptions import UNRECOGNISED, recognise, recognise_load
from judge.model import ClaimedException, Event
from judge.trace import Trace

SCALAR = "Gradient only defined for scalar-output functions. Output was "
NUMBER = {"kind": "scalar", "shape": [], "dtype": "float32"}
STATS = {"kind": "mapping", "keys": ["BatchNorm_0"]}
ROWS = {"kind": "array", "shape": [8], "dtype": "float32"}
IMMUTABLE = 'Cannot update variable "mean" in "/BatchNorm_0" because collection "{}" is immutable.'


def code_of(error: ClaimedException, *events: Event) -> str:
    trace = Trace.of(observation(a=step(error, *events)), ["a"])
    found = recognise(error, trace, "a")
    return str(found.difference) if found.difference is not None else found.code


def grad_call(has_aux: bool, returned: dict[str, Any], **more: Any) -> Event:
    facts = {"api": "value_and_grad", "has_aux": has_aux, "returned": returned, "raised": "TypeError", **more}
    return event("grad-call", **facts)


def pair(*parts: dict[str, Any], kind: str = "tuple") -> dict[str, Any]:
    return {"kind": kind, "length": len(parts), "parts": list(parts)}


def apply(mutable: Any, returned: str, line: int = 6, **more: Any) -> Event:
    facts = {
        "depth": 0,
        "mutable": mutable,
        "raised": None,
        "returned": {"kind": returned},
        "norms": [],
        **more,
    }
    return event("module-apply", line, **facts)


def test_missing_mutable_is_flax_s_own_error_about_a_collection_of_state() -> None:
    flax = "flax.errors.ModifyScopeVariableError"
    assert code_of(raised(flax, IMMUTABLE.format("batch_stats"))) == "missing-mutable"
    assert code_of(raised(flax, IMMUTABLE.format("params"))) == UNRECOGNISED
    assert code_of(raised(flax, "something else")) == UNRECOGNISED
    assert (
        code_of(raised("submission.ModifyScopeVariableError", IMMUTABLE.format("batch_stats")))
        == UNRECOGNISED
    )
    assert code_of(raised("builtins.ValueError", IMMUTABLE.format("batch_stats"))) == UNRECOGNISED


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (grad_call(False, pair(NUMBER, STATS)), "missing-has-aux"),
        (grad_call(False, pair(STATS, NUMBER)), "missing-has-aux"),
        (grad_call(False, pair(NUMBER, ROWS, STATS)), "missing-has-aux"),
        (grad_call(False, pair(NUMBER, STATS, kind="mapping")), "missing-has-aux"),
        (grad_call(True, pair(STATS, NUMBER)), "aux-swapped"),
        (grad_call(True, pair(ROWS, NUMBER)), "aux-swapped"),
        (grad_call(False, ROWS), "loss-not-scalar"),
        (grad_call(True, pair(ROWS, STATS)), "loss-not-scalar"),
        (grad_call(False, pair(NUMBER)), UNRECOGNISED),
        (grad_call(False, pair(STATS, STATS)), UNRECOGNISED),
        (grad_call(False, {"kind": "none"}), UNRECOGNISED),
        (grad_call(False, NUMBER), UNRECOGNISED),
        (grad_call(True, pair(STATS, STATS)), UNRECOGNISED),
        (grad_call(True, {}), UNRECOGNISED),
    ],
)
def test_the_same_words_are_told_apart_by_what_was_returned(call: Event, code: str) -> None:
    assert code_of(raised("builtins.TypeError", SCALAR + "(...)."), call) == code


@pytest.mark.parametrize(
    ("trained_averages", "begun_averages", "code"),
    [
        (False, True, "missing-mutable"),
        (True, True, "training-mode: evaluating"),
        (True, False, "model: changed"),
    ],
)
def test_a_refused_evaluation_is_told_from_a_refused_training(
    trained_averages: bool, begun_averages: bool, code: str
) -> None:
    """Where the differentiated pass was let write and only averaged, the two modes are swapped."""

    def norm(averages: bool, **more: bool) -> dict[str, Any]:
        return {"path": "BatchNorm_0", "use_running_average": averages, **more}

    error = raised("flax.errors.ModifyScopeVariableError", IMMUTABLE.format("batch_stats"))
    starts = event("module-init", depth=0, norms=[norm(begun_averages, initialising=True)], began=1)
    trained = apply(["batch_stats"], "tuple", began=3, norms=[norm(trained_averages, mutable=True)])
    refused = apply(False, "none", began=5, norms=[norm(False)], raised=error.type_names[0].split(".")[-1])
    call = event("grad-call", api="value_and_grad", has_aux=True, returned={}, raised=None, began=2)
    assert code_of(error, starts, trained, call, refused) == code


def test_the_words_alone_accuse_nobody() -> None:
    error = raised("builtins.TypeError", SCALAR + "(Array(4.5), {'BatchNorm_0': ...}).")
    assert code_of(error) == UNRECOGNISED
    mine = raised("submission.TypeError", SCALAR + "(...).")
    assert code_of(mine, grad_call(False, pair(NUMBER, STATS))) == UNRECOGNISED


def test_a_collection_that_is_empty_or_nested() -> None:
    empty = 'Tried to access "mean" from collection "{}" in "/BatchNorm_0" but the collection is empty.'
    missing = 'No Variable named "mean" for collection "batch_stats" exists in "/BatchNorm_0".'
    assert (
        code_of(raised("flax.errors.ScopeCollectionNotFound", empty.format("batch_stats")))
        == "missing-batch-stats"
    )
    assert code_of(raised("flax.errors.ScopeCollectionNotFound", empty.format("params"))) == UNRECOGNISED
    not_found = raised("flax.errors.ScopeVariableNotFoundError", missing)
    assert code_of(not_found, apply(False, "none", nested=["batch_stats"])) == "nested-batch-stats"
    assert code_of(not_found, apply(False, "none", nested=[])) == UNRECOGNISED
    assert code_of(not_found) == UNRECOGNISED


def test_a_seed_that_is_no_integer() -> None:
    words = "PRNG key seed must be an integer; got {}"
    assert code_of(raised("builtins.TypeError", words.format("JitTracer(~float32[])"))) == "float-seed"
    assert code_of(raised("builtins.TypeError", words.format("JitTracer(bool[])"))) == UNRECOGNISED
    assert (
        code_of(raised("builtins.TypeError", "PRNGKey accepts a scalar seed, but was given an array"))
        == UNRECOGNISED
    )


def test_what_the_sandbox_refuses_is_told_as_that() -> None:
    assert code_of(raised("builtins.RuntimeError", "can't start new thread")) == "thread-limit"
    assert code_of(raised("builtins.RuntimeError", "can't start new thread in my pool")) == UNRECOGNISED
    for words in ("[Errno 1] Operation not permitted", "[Errno 13] Permission denied: '/etc/shadow'"):
        assert code_of(raised("builtins.PermissionError", words)) == "forbidden-call"
        assert recognise_load(raised("builtins.PermissionError", words)) == "forbidden-call"
        assert code_of(raised("submission.PermissionError", words)) == UNRECOGNISED
    assert code_of(raised("builtins.PermissionError", "not you")) == UNRECOGNISED


def test_a_flag_that_is_missing() -> None:
    words = "MLP.__call__() missing 1 required positional argument: '{}'"
    assert code_of(raised("builtins.TypeError", words.format("train"))) == "missing-train-flag"
    assert code_of(raised("builtins.TypeError", words.format("x"))) == UNRECOGNISED
    assert (
        code_of(raised("builtins.TypeError", "solve() missing 1 required positional argument: 'train'"))
        == UNRECOGNISED
    )


def test_a_condition_on_data_is_no_flag() -> None:
    name = "jax.errors.TracerBoolConversionError"
    words = "Attempted boolean conversion of traced array with shape bool[]. The value of the argument {}."
    inside = event("module-apply", raised="TracerBoolConversionError")
    assert code_of(raised(name, words.format("train"))) == "traced-train-flag"
    assert code_of(raised(name, words.format("x")), inside) == "traced-train-flag"
    assert code_of(raised(name, words.format("x"))) == "traced-value-concretized"


def test_a_pair_used_as_the_output_needs_a_pair() -> None:
    error = raised("builtins.AttributeError", "'tuple' object has no attribute 'reshape'")
    assert code_of(error, apply(["batch_stats"], "tuple")) == "mutable-not-unpacked"
    assert code_of(error, apply(False, "array")) == UNRECOGNISED
    assert code_of(error) == UNRECOGNISED
    squeezed = raised(
        "builtins.TypeError",
        "squeeze requires ndarray or scalar arguments, got <class 'tuple'> at position 0.",
    )
    assert code_of(squeezed, apply(True, "tuple")) == "mutable-not-unpacked"
    later = event("optimizer-update", began=9)
    assert code_of(error, apply(["batch_stats"], "tuple", began=1), later) == UNRECOGNISED
    lists = raised("builtins.AttributeError", "'list' object has no attribute 'reshape'")
    assert code_of(lists, apply(["batch_stats"], "tuple")) == UNRECOGNISED


def test_unpacking_is_blamed_only_on_the_line_that_unpacks() -> None:
    many = raised("builtins.ValueError", "too many values to unpack (expected 2)", 6)
    few = raised("builtins.ValueError", "not enough values to unpack (expected 2, got 1)", 6)
    assert code_of(many, apply(False, "array")) == "eval-unpacked"
    assert code_of(few, apply(False, "array")) == "eval-unpacked"
    assert code_of(many, apply(False, "array", line=7)) == UNRECOGNISED
    assert code_of(many, apply(["batch_stats"], "tuple")) == UNRECOGNISED
    flat = raised("builtins.ValueError", "not enough values to unpack (expected 3, got 2)", 6)
    done = event("grad-call", 6, api="value_and_grad", has_aux=True, raised=None)
    plain = event("grad-call", 6, api="value_and_grad", has_aux=False, raised=None)
    assert code_of(flat, done) == "aux-unpacked-flat"
    assert code_of(flat, plain) == UNRECOGNISED
    assert code_of(flat) == UNRECOGNISED


def test_the_starter_is_recognised_only_before_anything_ran() -> None:
    starter = raised("builtins.NotImplementedError", "solve is yours to write", 6)
    assert code_of(starter) == "not-implemented"
    assert code_of(starter, apply(False, "array")) == UNRECOGNISED
    assert code_of(raised("builtins.NotImplementedError", "deeper", 6, 2)) == UNRECOGNISED


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("builtins.SyntaxError", "invalid syntax (submission.py, line 3)", "syntax-error"),
        (
            "builtins.SyntaxError",
            "(unicode error) 'utf-8' codec can't decode byte 0xff in position 0",
            "undecodable",
        ),
        ("builtins.SyntaxError", "'ascii' codec can't decode byte 0xff in position 18", "undecodable"),
        ("builtins.SyntaxError", "unknown encoding: nosuch", "undecodable"),
        ("builtins.SyntaxError", "(unicode error) 'unicodeescape' codec can't decode bytes", "syntax-error"),
        ("builtins.SyntaxError", "source code string cannot contain null bytes", "undecodable"),
        ("judge.inside.worker.NoEntryPoint", "the file defines no 'solve'", "missing-solve"),
        ("judge.inside.worker.WrongSignature", "solve(a) cannot be called", "wrong-signature"),
        ("submission.NoEntryPoint", "the file defines no 'solve'", UNRECOGNISED),
        ("builtins.ImportError", "cannot import name", "import-error"),
        ("builtins.MemoryError", "", "memory-limit"),
        ("builtins.SystemExit", "3", "process-exit"),
        ("builtins.ZeroDivisionError", "division by zero", UNRECOGNISED),
        ("builtins.AttributeError", "module 'optax' has no attribute 'SGD'", "not-in-this-version"),
        ("builtins.AttributeError", "module 'numpy' has no attribute 'SGD'", UNRECOGNISED),
    ],
)
def test_errors_while_loading(name: str, text: str, code: str) -> None:
    assert recognise_load(raised(name, text)) == code


@given(st.text(max_size=300), st.lists(st.text(max_size=60), max_size=4), st.integers(0, 10**7))
def test_any_exception_is_some_code(text: str, names: list[str], line: int) -> None:
    error = raised("x", text, line)
    error = ClaimedException(tuple(names), text, error.frames)
    assert code_of(error, apply(True, "tuple"), grad_call(False, pair(NUMBER, STATS)))
    assert recognise_load(error)
