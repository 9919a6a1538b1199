"""Asks, in a process of its own, whether the probes change anything that learner code could notice.

`test_probes` runs these tests in a child process, because the probes patch jax for the whole process. What is compared
with results without the probes is computed before they are installed (`unprobed`).
"""

from __future__ import annotations

import contextlib
import copy
import functools
import gc
import inspect
import json
import logging
import pickle
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flax
import flax.linen as nn
import jax
import jax.extend
import jax.flatten_util
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from judge.inside.probes import checksums, install
from judge.inside.probes.wrappers import MAX_EVENTS, without_raising
from judge.wire import MAX_REPEATS

ROOT = Path(__file__).resolve().parents[3]
STYLES = ("bound_module", "jitted_train_state", "vjp_with_aux", "optax_chain", "injected_hyperparams")
ORIGINALS = {name: getattr(jax, name) for name in ("grad", "value_and_grad", "vjp", "jacrev", "linearize")}
X = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
Y = np.ones(4, np.float32)
EVENTS: list[tuple[str, dict[str, Any]]] = []


@dataclass(frozen=True)
class Unprobed:
    """Results from before the probes were installed."""

    answers: dict[str, bytes]
    steps: list[bytes]


@pytest.fixture(scope="module", autouse=True)
def unprobed() -> Unprobed:
    before = Unprobed(answers(), steps_of_everything())
    install.install(record)
    return before


def record(kind: str, facts: dict[str, Any]) -> None:
    EVENTS.append((kind, facts))


def answers() -> dict[str, bytes]:
    found = {}
    for path in [
        ROOT / "reference/solution.py",
        *(ROOT / f"reference/accepted/{name}.py" for name in STYLES),
    ]:
        module: dict[str, Any] = {"__name__": "submission"}
        sys.modules["submission"] = types.ModuleType("submission")
        exec(compile(path.read_bytes(), str(path), "exec"), module)
        found[path.stem] = np.asarray(module["solve"](2.7, X.copy(), Y.copy(), 0.1)).tobytes()
    return found


def test_same_bits(unprobed: Unprobed) -> None:
    after = answers()
    assert after == unprobed.answers
    assert len({kind for kind, _ in EVENTS}) >= 8, "the probes saw nothing"


def steps_of_everything() -> list[bytes]:
    """A step of all variables, eager and compiled: values are followed while it runs."""
    model = nn.BatchNorm(use_running_average=False, momentum=0.9)
    variables = model.init(jax.random.PRNGKey(0), X)

    def loss(variables: Any) -> Any:
        out, new = model.apply(variables, X, mutable=["batch_stats"])
        return (out**3).sum(), new

    (_, new), grads = jax.value_and_grad(loss, has_aux=True)(variables)
    moved = jax.tree.map(lambda a, b: a - 0.3 * b, variables, grads)
    flat = jax.flatten_util.ravel_pytree(moved)[0]
    again = jax.jit(lambda a: jax.tree.map(lambda b: b / 3.0 + a.mean(), moved))(flat)
    return [np.asarray(leaf).tobytes() for leaf in jax.tree.leaves((new, grads, moved, flat, again))]


def test_following_changes_no_number(unprobed: Unprobed) -> None:
    install.new_step()
    EVENTS.clear()
    assert steps_of_everything() == unprobed.steps
    made = [facts["role"] for kind, facts in EVENTS if kind == "hand-step"]
    assert "state" in made, "nothing was followed"


def test_following_ends_with_the_step() -> None:
    install.new_step()
    bind = jax.extend.core.Primitive.bind
    steps_of_everything()
    assert jax.extend.core.Primitive.bind is not bind
    install.new_step()
    assert jax.extend.core.Primitive.bind is bind
    EVENTS.clear()
    model_free = jnp.ones(3) - 0.1 * jax.grad(lambda x: (x * x).sum())(jnp.ones(3))
    assert model_free.shape == (3,)
    assert not [kind for kind, _ in EVENTS if kind.startswith("hand-")]


def test_without_a_gradient_of_statistics_no_operation_is_looked_at() -> None:
    flow = install._installed[2]
    bind, looked = jax.extend.core.Primitive.bind, []
    flow._bound = flow._ran = lambda *given: looked.append(given)
    try:
        install.new_step()
        answers()
        assert not looked
        assert jax.extend.core.Primitive.bind is bind
        steps_of_everything()
        assert looked, "nothing is ever looked at"
    finally:
        del flow._bound, flow._ran
        install.new_step()


@contextlib.contextmanager
def compilations() -> Iterator[list[str]]:
    """What jax says of each program that it compiles while the block runs; at its end one is compiled as a control."""
    compiled: list[str] = []

    class Count(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "Compiling" in record.getMessage():
                compiled.append(record.getMessage())

    handler, logger = Count(logging.DEBUG), logging.getLogger("jax._src.interpreters.pxla")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield compiled
        before = len(compiled)
        jax.jit(lambda x: x * 3.25)(jnp.arange(5.0))
        assert len(compiled) > before, "a compilation would not have been seen"
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def test_following_compiles_nothing() -> None:
    install.new_step()
    steps_of_everything()
    with compilations() as compiled:
        install.new_step()
        steps_of_everything()
        assert not [text for text in compiled if "<lambda>" not in text], compiled


def test_wrapped_functions_look_the_same() -> None:
    for name, original in ORIGINALS.items():
        now = getattr(jax, name)
        assert now is not original
        assert now.__wrapped__ is original
        assert (now.__name__, now.__qualname__, now.__doc__) == (
            name,
            original.__qualname__,
            original.__doc__,
        )
        assert now.__module__ == "jax"
        assert inspect.signature(now) == inspect.signature(original)
        assert inspect.isfunction(now)


def test_functions_of_functions_look_the_same() -> None:
    def loss(params: Any, scale: float = 2.0) -> Any:
        """A loss."""
        return (params * scale).sum()

    now, original = jax.grad(loss), ORIGINALS["grad"](loss)
    assert inspect.signature(now) == inspect.signature(original)
    assert (now.__name__, now.__doc__) == (original.__name__, original.__doc__)
    assert jax.grad(fun=loss)(jnp.ones(2)).tolist() == [2.0, 2.0]
    assert jax.value_and_grad(functools.partial(loss, scale=3.0))(jnp.ones(2))[1].tolist() == [3.0, 3.0]


def test_errors_are_the_same() -> None:
    def generator(x: Any) -> Any:
        yield x

    for attempt in (
        lambda api: api(3),
        lambda api: api(),
        lambda api: api(generator),
        lambda api: api(lambda x: (x, x))(1.0),
        lambda api: api(lambda x: x)(),
        lambda api: api(lambda x: x, argnums=5)(1.0),
        lambda api: api(lambda x: x, has_aux=True)(1.0),
        lambda api: api(lambda x: 1 / 0)(1.0),
    ):
        for name in ("grad", "value_and_grad"):
            assert text_of(lambda: attempt(getattr(jax, name))) == text_of(lambda: attempt(ORIGINALS[name]))  # noqa: B023


def text_of(action: Callable[[], Any]) -> str:
    try:
        action()
    except Exception as error:
        return f"{type(error).__name__}: {error}".replace("_watched_call.<locals>.", "")
    return "no error"


def test_optimizers_look_the_same() -> None:
    def init(params: Any) -> Any:
        """Start."""
        return ()

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        return updates, state

    tx = optax.GradientTransformation(init, update)
    assert isinstance(tx, optax.GradientTransformation)
    assert isinstance(tx, tuple)
    assert isinstance(optax.sgd(0.1), optax.GradientTransformationExtraArgs)
    assert tx == optax.GradientTransformation(init=init, update=update)
    assert hash(tx) == hash(optax.GradientTransformation(init, update)) == hash((init, update))
    assert tx == (init, update)
    assert tx.init == init
    assert init == tx.init
    assert {tx: 1}[optax.GradientTransformation(init, update)] == 1
    assert isinstance(tx.init, types.FunctionType)
    assert inspect.isfunction(tx.update)
    assert callable(tx.update)
    assert inspect.signature(tx.update) == inspect.signature(update)
    assert list(inspect.signature(optax.GradientTransformation).parameters) == ["init", "update"]
    assert (tx.init.__name__, tx.init.__doc__, tx.init.__qualname__) == ("init", "Start.", init.__qualname__)
    assert tx.init.__code__ is init.__code__
    assert inspect.getsource(tx.init) == inspect.getsource(init)
    assert repr(tx.init) == repr(init)
    begin, advance = tx
    assert advance([1], begin([1])) == ([1], ())
    assert tx._replace(update=update).init == init
    assert optax.GradientTransformation._make([init, update]) == tx
    assert set(tx._asdict()) == {"init", "update"}

    class Holder:
        method = tx.init

    assert Holder.method == init
    assert Holder().method() == ()  # bound, like any function in a class
    assert text_of(lambda: optax.GradientTransformation(1)).startswith("TypeError")
    assert optax.GradientTransformation(1, None) == (1, None)


def test_optimizers_pickle_and_copy() -> None:
    tx = optax.GradientTransformation(module_level_init, module_level_update)
    data = pickle.dumps(tx)
    assert b"judge" not in data, "a probe travels with it"
    assert pickle.loads(data) == tx
    assert copy.deepcopy(tx) == tx
    assert copy.copy(tx) == tx
    assert pickle.loads(pickle.dumps(jax.grad)) is jax.grad
    assert pickle.loads(pickle.dumps(jax.vjp)) is jax.vjp
    assert pickle.loads(pickle.dumps(flax.core.apply)) is flax.core.apply
    assert pickle.loads(pickle.dumps(optax.apply_updates)) is optax.apply_updates
    assert pickle.loads(pickle.dumps(nn.BatchNorm(momentum=0.9))) == nn.BatchNorm(momentum=0.9)


def module_level_init(params: Any) -> Any:
    return ()


def module_level_update(updates: Any, state: Any, params: Any = None) -> Any:
    return updates, state


def test_optimizers_are_static_arguments() -> None:
    traced = []

    @functools.partial(jax.jit, static_argnums=0)
    def step(tx: Any, grads: Any) -> Any:
        traced.append(1)
        return tx.update(grads, tx.init(grads))[0]

    tx = optax.sgd(0.5)
    assert step(tx, jnp.ones(2)).tolist() == [-0.5, -0.5]
    step(tx, jnp.ones(2))
    assert len(traced) == 1
    assert jax.jit(tx.update)(jnp.ones(2), tx.init(jnp.ones(2)))[0].tolist() == [-0.5, -0.5]
    assert jax.vmap(tx.init)(jnp.ones((2, 3))) is not None


class Hostile:
    """A leaf that objects to being looked at."""

    @property
    def shape(self) -> Any:
        raise SystemExit("do not look")

    @property
    def dtype(self) -> Any:
        raise KeyboardInterrupt

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]


class HostileFunction:
    def __call__(self, x: Any) -> Any:
        return (x * x).sum()

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def test_hostile_objects_meet_no_probe() -> None:
    tx = optax.identity()
    tx.init({"a": Hostile(), "b": [Hostile()] * 3})
    tx.update({"a": Hostile()}, Hostile())
    optax.GradientTransformation(Hostile(), Hostile())
    assert text_of(lambda: jax.grad(HostileFunction())(jnp.ones(2))) == text_of(
        lambda: ORIGINALS["grad"](HostileFunction())(jnp.ones(2))
    )
    deep: Any = 0
    for _ in range(300):
        deep = [deep]
    tx.init(deep)
    assert nn.Dense(2).init(jax.random.PRNGKey(0), jnp.ones((1, 2)), **{}) is not None


def test_a_record_that_raises_is_no_ones_business() -> None:
    def refuse(kind: str, facts: dict[str, Any]) -> None:
        raise MemoryError

    install.install(refuse)
    try:
        assert optax.sgd(1.0).init({"a": jnp.ones(2)}) is not None
        assert jax.grad(lambda x: x * x)(3.0) == 6.0
    finally:
        install.install(record)


def test_events_are_capped() -> None:
    install.new_step()
    EVENTS.clear()
    tx = optax.identity()
    for index in range(20_000):
        tx.init({f"name{index}": 1})
    assert 0 < len(EVENTS) <= MAX_EVENTS * MAX_REPEATS, len(EVENTS)
    install.new_step()
    EVENTS.clear()
    for _ in range(1000):
        tx.init({"a": 1})
    assert len(EVENTS) == MAX_REPEATS
    install.new_step()
    tx.init({"a": 1})
    assert len(EVENTS) == MAX_REPEATS + 1, "a new step records again"


def test_events_are_json_that_travels() -> None:
    install.new_step()
    EVENTS.clear()
    model = nn.BatchNorm(momentum=float("nan"), epsilon=float("inf"), use_running_average=False)
    variables = model.init(jax.random.PRNGKey(0), jnp.ones((2, 2)))
    model.apply(variables, jnp.ones((2, 2)), mutable=["batch_stats"])
    optax.scale(float("nan")).update({"\ud800": jnp.ones(2)}, optax.EmptyState())
    assert len(EVENTS) >= 4
    json.dumps(EVENTS, allow_nan=False)


def test_nothing_is_kept_alive() -> None:
    install.new_step()
    variables = nn.BatchNorm(use_running_average=True).init(jax.random.PRNGKey(0), jnp.ones((2, 2)))
    optax.adam(0.1).init(variables)
    leaf = weakref.ref(jax.tree.leaves(variables)[0])
    assert leaf() is not None
    del variables
    gc.collect()
    assert leaf() is None


def test_no_tracer_leaks() -> None:
    with jax.checking_leaks():

        @jax.jit
        def step(x: Any) -> Any:
            model = nn.BatchNorm(use_running_average=False)
            variables = model.init(jax.random.PRNGKey(0), x)
            tx = optax.adam(0.1)

            def loss(params: Any) -> Any:
                out, updated = model.apply({**variables, "params": params}, x, mutable=["batch_stats"])
                return out.sum(), updated

            (_, updated), grads = jax.value_and_grad(loss, has_aux=True)(variables["params"])
            updates, _ = tx.update(grads, tx.init(variables["params"]))
            return optax.apply_updates(variables["params"], updates), updated

        step(jnp.ones((3, 2)))


def test_looking_at_numbers_compiles_nothing() -> None:
    values = [jax.random.PRNGKey(3), jax.random.key(4), jnp.arange(5.0), np.float32(2.0)]
    with compilations() as compiled:
        assert checksums.key_words(values[0]) == [0, 3]
        assert checksums.key_words(values[1]) == [0, 4]
        assert checksums.checksum(values[2]) == checksums.sums_of(np.arange(5.0))
        assert checksums.sums_of(np.arange(5.0))[0] == 10.0
        assert checksums.number(values[3]) == 2.0
        halved = ("a", values[2], -0.5 * np.arange(5.0))
        assert checksums.proportion([halved]) == {"factor": -0.5, "exact": True}
        same, zeros = ("b", np.ones(2), np.ones(2)), ("c", np.zeros(2), np.zeros(2))
        found = checksums.proportion([halved, same, zeros])
        assert found is not None
        assert (found["exact"], found["parts"]) == (False, [["a", -0.5], ["b", 1.0]])
        odd = checksums.proportion([halved, ("d", np.ones(2), np.arange(2.0))])
        assert odd is not None
        assert "parts" not in odd, "an array that is in no proportion leaves nothing to say of the parts"
        assert not compiled


def test_traced_numbers_are_not_known() -> None:
    seen: list[Any] = []

    @jax.jit
    def step(x: Any, key: Any) -> Any:
        seen.extend([checksums.checksum(x), checksums.number(x.sum()), checksums.key_words(key)])
        seen.append(checksums.proportion([("x", x, x)]))
        return x

    step(jnp.ones(3), jax.random.key(0))
    step(jnp.ones(3), jax.random.PRNGKey(0))
    assert seen == [None] * 8
    for odd in (None, "text", object(), Hostile(), jnp.ones(2, bool), jnp.array([np.nan])):
        assert without_raising(lambda odd=odd: checksums.checksum(odd)) is None


def test_arrays_can_still_be_donated() -> None:
    donate = jax.jit(lambda x: x + 1, donate_argnums=0)
    x = jnp.ones(1000)
    place = x.unsafe_buffer_pointer()
    assert checksums.checksum(x) is not None
    assert donate(x).unsafe_buffer_pointer() == place, "looking must not keep the buffer from being reused"
    assert x.is_deleted()


def test_tree_map_looks_the_same() -> None:
    assert jax.tree.map(lambda a, b: a - b, {"a": 3, "b": [4]}, {"a": 1, "b": [1]}) == {"a": 2, "b": [3]}
    assert jax.tree.map(f=lambda a: a + 1, tree=(1, None)) == (2, None)
    assert jax.tree_util.tree_map(lambda a: a, [1, None], is_leaf=lambda a: a is None) == [1, None]
    assert pickle.loads(pickle.dumps(jax.tree.map)) is jax.tree.map
    assert pickle.loads(pickle.dumps(jax.tree_util.tree_map)) is jax.tree_util.tree_map
    assert jax.tree.map.__name__ == "map"
    assert text_of(lambda: jax.tree.map(lambda a: a)).startswith("TypeError")


def test_layers_are_told_as_they_are_set() -> None:
    class Net(nn.Module):
        @nn.compact
        def __call__(self, x: Any) -> Any:
            x = nn.remat(nn.Dense)(3, use_bias=False, kernel_init=nn.initializers.he_normal(), name="first")(
                x
            )
            return nn.BatchNorm(use_running_average=True, momentum=0.5, dtype=jnp.bfloat16)(x)

    install.new_step()
    EVENTS.clear()
    Net().init({"params": jax.random.key(5), "dropout": jax.random.PRNGKey(6)}, jnp.ones((2, 2)))
    (facts,) = [facts for kind, facts in EVENTS if kind == "module-init"]
    assert facts["keys"] == {"params": [0, 5], "dropout": [0, 6]}
    (first, dense, _), (second, norm, _) = facts["layers"]
    assert (first, second) == ("first", "BatchNorm_0")
    assert (dense["class"], dense["features"], dense["use_bias"], dense["dtype"]) == (
        "Dense",
        3,
        False,
        "float32",
    )
    assert "scale=2.0" in dense["kernel_init"]
    assert (norm["class"], norm["momentum"], norm["dtype"]) == ("BatchNorm", 0.5, "bfloat16")
    assert not {"parent", "name", "use_running_average"} & {*dense, *norm}
    assert [path for path, _ in facts["sums"]["params"]] == [path for path, _ in facts["variables"]["params"]]


def test_loops_and_maps_look_the_same() -> None:
    total, each = jax.lax.scan(lambda carry, x: (carry + x, carry * x), 0.0, jnp.arange(4.0))
    assert (float(total), each.tolist()) == (6.0, [0.0, 0.0, 2.0, 9.0])
    assert jax.lax.fori_loop(0, 3, lambda i, x: x + i, 0) == 3
    assert jax.lax.map(lambda x: 2 * x, jnp.arange(3)).tolist() == [0, 2, 4]
    assert jax.lax.while_loop(lambda x: x < 5, lambda x: x + 2, 0) == 6

    @functools.partial(jax.vmap, in_axes=(0, None), out_axes=1)
    def scaled(row: Any, factor: Any) -> Any:
        """Its own words."""
        return row * factor

    assert scaled(jnp.ones((2, 3)), 2.0).shape == (3, 2)
    assert scaled.__name__ == "scaled"
    assert "Its own words." in str(scaled.__doc__)
    for function in (jax.lax.scan, jax.lax.map, jax.lax.fori_loop, jax.lax.while_loop, jax.vmap):
        assert pickle.loads(pickle.dumps(function)) is function
    assert text_of(lambda: jax.vmap(lambda a: a)(1.0)).startswith("ValueError")
    assert text_of(lambda: jax.lax.scan(lambda c, x: c, 0, jnp.ones(2))).startswith("TypeError")


def test_runs_inside_of_loops_are_marked() -> None:
    model = nn.Dense(1)
    variables = model.init(jax.random.key(0), X)

    def seen(run: Callable[[], Any]) -> list[tuple[bool, Any]]:
        install.new_step()
        EVENTS.clear()
        run()
        return [(facts["repeated"], facts["batch"]) for kind, facts in EVENTS if kind == "module-apply"]

    whole = list(X.shape)
    assert seen(lambda: model.apply(variables, X)) == [(False, whole)]
    assert seen(lambda: jax.jit(model.apply)(variables, X[:2])) == [(False, [2, 3])]
    assert seen(lambda: jax.vmap(lambda row: model.apply(variables, row))(X)) == [(True, [3])]
    assert seen(lambda: jax.vmap(jax.jit(lambda row: model.apply(variables, row[None])))(X)) == [(True, [1, 3])]
    assert seen(lambda: jax.lax.map(lambda row: model.apply(variables, row[None]), X)) == [(True, [1, 3])]
    step = jax.jit(lambda x: jax.lax.scan(lambda c, part: (c, model.apply(variables, part)), 0, x))
    assert seen(lambda: step(X.reshape(2, 2, 3))) == [(True, [2, 3])]
    assert seen(lambda: model.apply(variables, X)) == [(False, whole)], "a loop that ended is over"
    assert text_of(lambda: jax.lax.map(lambda row: 1 / 0, X)).startswith("ZeroDivisionError")
    assert seen(lambda: model.apply(variables, X)) == [(False, whole)], "as is one that raised"


def test_threads_do_not_mix() -> None:
    failures: list[str] = []

    def work() -> None:
        try:
            for _ in range(20):
                tx = optax.chain(optax.identity(), optax.sgd(0.1))
                tx.update(jnp.ones(2), tx.init(jnp.ones(2)))
        except BaseException as error:
            failures.append(repr(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
