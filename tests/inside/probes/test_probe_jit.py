"""What runs inside of a compiled function is seen in every call: with its numbers, and only when it ran."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from support.diagnosis_bank import CASES, Wanted, observe

from judge.model import Event, Observation

MODEL = """
import functools
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax

class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        return nn.Dense(1)(nn.relu(x))

model = MLP()
"""
PROGRAMS = {
    "module_level": """
@jax.jit
def evaluate(variables, x, y):
    return jnp.mean((model.apply(variables, x, train=False)[:, 0] - y) ** 2)

def solve(seed, x, y, lr):
    variables = model.init(jax.random.PRNGKey(int(seed)), x, train=False)
    return evaluate(variables, x, y).reshape(1)
""",
    "static_flag": """
@functools.partial(jax.jit, static_argnames="train")
def run(variables, x, train):
    out, _ = model.apply(variables, x, train=train, mutable=["batch_stats"])
    return out

def solve(seed, x, y, lr):
    variables = model.init(jax.random.PRNGKey(int(seed)), x, train=False)
    run(variables, x, train=True)
    return ((run(variables, x, train=False)[:, 0] - y) ** 2).mean().reshape(1)
""",
    "method": """
class Trainer:
    @functools.partial(jax.jit, static_argnums=0)
    def evaluate(self, variables, x):
        return model.apply(variables, x, train=False)

trainer = Trainer()

def solve(seed, x, y, lr):
    variables = model.init(jax.random.PRNGKey(int(seed)), x, train=False)
    return ((trainer.evaluate(variables, x)[:, 0] - y) ** 2).mean().reshape(1)
""",
    "nested": """
@jax.jit
def forward(variables, x):
    return model.apply(variables, x, train=False)

@jax.jit
def evaluate(variables, x, y):
    return jnp.mean((forward(variables, x)[:, 0] - y) ** 2)

def solve(seed, x, y, lr):
    variables = model.init(jax.random.PRNGKey(int(seed)), x, train=False)
    return evaluate(variables, x, y).reshape(1)
""",
    "never_called": """
@jax.jit
def evaluate(variables, x):
    return model.apply(variables, x, train=False)

def solve(seed, x, y, lr):
    variables = model.init(jax.random.PRNGKey(int(seed)), x, train=False)
    evaluate.lower(variables, x)
    return np.zeros(1)
""",
    "loss": """
def loss_fn(params, stats, x, y):
    out, new = model.apply({"params": params, "batch_stats": stats}, x, train=True, mutable=["batch_stats"])
    return jnp.mean((out[:, 0] - y) ** 2), new

grads_of = jax.jit(jax.value_and_grad(loss_fn, has_aux=True))

def solve(seed, x, y, lr):
    variables = model.init(jax.random.PRNGKey(int(seed)), x, train=False)
    (loss, _), _ = grads_of(variables["params"], variables["batch_stats"], x, y)
    return loss.reshape(1)
""",
    "introspected": """
import inspect, pickle, copy

@jax.jit
def double(x, y=1.0):
    return 2 * x

def solve(seed, x, y, lr):
    assert isinstance(double, jax.stages.Wrapped) and callable(double)
    assert list(inspect.signature(double).parameters) == ["x", "y"] and double.__name__ == "double"
    assert double.lower(x).compile()(x).shape == x.shape
    assert jax.eval_shape(double, x).shape == x.shape and double.trace(x).jaxpr is not None
    assert hash(double) == hash(copy.copy(double)) and double == copy.deepcopy(double)
    assert jax.jit(double)(x).shape == jax.vmap(double)(x).shape == x.shape
    assert jax.grad(lambda x: double(x).sum())(x).shape == x.shape
    assert jax.jit(lambda x: x, donate_argnums=0)(jnp.zeros(3)).shape == (3,)
    with jax.checking_leaks():
        assert jax.jit(lambda v: model.apply(v, x, train=False))(
            model.init(jax.random.PRNGKey(0), x, train=False)).shape == (len(x), 1)
    return np.zeros(1)
""",
}


@pytest.fixture(scope="module")
def seen() -> Mapping[str, Observation]:
    both = tuple(case.id for case in CASES[:2])
    return observe(Wanted(name, (MODEL + text).encode(), both) for name, text in PROGRAMS.items())


def applied(seen: Mapping[str, Observation], name: str, case: int) -> list[Event]:
    step = seen[name].cases[CASES[case].id]
    assert step.claimed.raised is None, step.claimed.raised
    return [event for event in step.claimed.events if event.kind == "module-apply"]


@pytest.mark.parametrize("name", ["module_level", "method", "nested"])
def test_a_call_from_jit_s_cache_is_seen_with_its_own_numbers(
    seen: Mapping[str, Observation], name: str
) -> None:
    first, second = (applied(seen, name, case) for case in (0, 1))
    assert len(first) == len(second) == 1
    assert first[0].line == second[0].line is not None
    assert first[0].facts["norms"] == second[0].facts["norms"] != []
    sums = [dict(event.facts["sums"]["params"])["Dense_0/kernel"] for (event,) in (first, second)]
    assert None not in sums
    assert sums[0] != sums[1]


def test_what_a_compiled_function_returns_is_known(seen: Mapping[str, Observation]) -> None:
    outputs = [applied(seen, "method", case)[0].facts["output"] for case in (0, 1)]
    assert outputs[0] != outputs[1]
    assert all(sums is not None for output in outputs for sums in output)
    hidden = applied(seen, "module_level", 1)[0].facts["output"]
    assert hidden == [None], "the loss alone is returned: what it was made of is unknown"


def test_static_arguments_tell_recordings_apart(seen: Mapping[str, Observation]) -> None:
    for case in (0, 1):
        events = applied(seen, "static_flag", case)
        assert [event.facts["norms"][0]["use_running_average"] for event in events] == [False, True]


def test_what_was_only_lowered_is_not_reported_again(seen: Mapping[str, Observation]) -> None:
    assert [len(applied(seen, "never_called", case)) for case in (0, 1)] == [1, 0]


def test_the_value_of_a_compiled_differentiation_is_known(seen: Mapping[str, Observation]) -> None:
    for case in CASES[:2]:
        step = seen["loss"].cases[case.id]
        (call,) = [event for event in step.claimed.events if event.kind == "grad-call"]
        assert step.claimed.returned is not None
        assert step.claimed.returned.array is not None
        assert call.facts["value"] == pytest.approx(float(step.claimed.returned.array[0]), rel=1e-6)
        assert [run.facts["differentiated"] for run in applied(seen, "loss", CASES.index(case))] == [True]


def test_a_stand_in_passes_for_the_compiled_function(seen: Mapping[str, Observation]) -> None:
    for case in CASES[:2]:
        assert seen["introspected"].cases[case.id].claimed.raised is None
