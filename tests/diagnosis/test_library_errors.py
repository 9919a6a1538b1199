"""Errors of the libraries are recognised by the very class and the beginning of the text; near ones are not.

`test_stumbles.py` has the same with programs that run into them.
"""

from __future__ import annotations

import pytest
from support.made import raised

from judge.diagnosis.library_errors import recognise_library_error

TRACED = (
    "Abstract tracer value encountered where concrete value is expected: traced array with shape float32[]"
)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("builtins.AttributeError", "module 'jax' has no attribute 'tree_map'", "not-in-this-version"),
        ("builtins.AttributeError", "Module flax.nnx has no attribute 'State2'", "not-in-this-version"),
        ("builtins.AttributeError", "jax.foo is deprecated; use jax.bar instead.", "not-in-this-version"),
        ("builtins.AttributeError", "module 'math' has no attribute 'tree_map'", None),
        ("builtins.AttributeError", "module 'jaxtyping' has no attribute 'x'", None),
        ("builtins.AttributeError", "'Net' object has no attribute 'unfreeze'", None),
        ("submission.AttributeError", "module 'jax' has no attribute 'tree_map'", None),
        ("builtins.TypeError", "dict.copy() takes no keyword arguments", "not-in-this-version"),
        ("builtins.TypeError", "list.copy() takes no keyword arguments", None),
        ("jax.errors.ConcretizationTypeError", TRACED, "traced-value-concretized"),
        ("submission.ConcretizationTypeError", TRACED, None),
        (
            "builtins.TypeError",
            "Shapes must be 1D sequences of concrete values of integer type, got (2.5,).",
            None,
        ),
        ("builtins.RuntimeError", "Array has been deleted with shape=float32[16].", "donated-buffer-used"),
        ("builtins.RuntimeError", "The Array has been deleted", None),
        ("builtins.ValueError", "INVALID_ARGUMENT: something else", None),
        ("builtins.ValueError", "unhashable", None),
        ("builtins.TypeError", "unhashable type: 'dict'", None),
        ("builtins.TypeError", "Other.__init__() got an unexpected keyword argument 'batch_stats'", None),
        ("builtins.ValueError", "assignment destination is read-only", "immutable-assigned"),
        ("builtins.ValueError", "the assignment destination is read-only today", None),
        ("builtins.TypeError", "'tuple' object does not support item assignment", None),
        ("flax.errors.InvalidRngError", 'Dense_0 needs PRNG for "params"', None),
        ("builtins.TypeError", "scan body output must be a pair, got None.", None),
        ("builtins.TypeError", "", None),
    ],
)
def test_a_class_and_a_text_together_are_a_mistake(name: str, text: str, code: str | None) -> None:
    found = recognise_library_error(raised(name, text))
    assert (found.code if found is not None else None) == code


def test_a_name_that_is_no_name_is_not_repeated() -> None:
    field = "TrainState.__init__() got an unexpected keyword argument '{}'"
    told = recognise_library_error(raised("builtins.TypeError", field.format("batch_stats")))
    assert told is not None
    assert told.cause == "The field that it lacks is `batch_stats`."
    long = recognise_library_error(raised("builtins.TypeError", field.format("x" * 100)))
    assert long is not None
    assert long.cause == ""
