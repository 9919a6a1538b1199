"""For each page of the engine a whole program that makes the mistake, with the page's own example in it.

`test_triggers.py` sees that the example's lines stand in the program, so that neither changes without the other, and
that the program is told this very code.  Pages of the exercise's own wrong solutions need none: their examples are cut
out of the files that `tests/grading/test_bank.py` grades.
"""

from __future__ import annotations

from textwrap import dedent

HEAD = """
import functools
import os
import subprocess
import sys
import threading
import time

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from flax.training.train_state import TrainState


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def begin(seed, x):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x, train=False)
    return model, variables, variables["params"], variables["batch_stats"]

"""


def program(body: str) -> str:
    """A submission: the given model, a helper that initialises it, and the body."""
    return HEAD + dedent(body)


LOSS_WITH_AUX = """
    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": stats}, x, train=True, mutable=["batch_stats"]
        )
        loss = jnp.mean((out.reshape(-1) - y) ** 2)
        return loss, updated["batch_stats"]
"""

EVALUATE = """
    out = model.apply({"params": params, "batch_stats": stats}, x, train=False)
    return jnp.mean((out.reshape(-1) - y) ** 2).reshape(1)
"""

RIGHT = (
    """
def solve(seed, x, y, lr):
    model, variables, params, stats = begin(seed, x)
"""
    + LOSS_WITH_AUX
    + """
    (loss, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params))
    params = optax.apply_updates(params, updates)
"""
    + EVALUATE
)
"""A right solution: the control, and what most bodies below differ from in one place."""


def changed(old: str, new: str) -> str:
    """The right solution with one place changed; ValueError when there is no such place."""
    if RIGHT.count(old) != 1:
        raise ValueError(old)
    return RIGHT.replace(old, new)


def instead(body: str) -> str:
    """A program whose ``solve`` has this body, which begins with the model and its variables at hand."""
    text = "".join(f"    {line}\n" if line else "\n" for line in dedent(body).strip("\n").split("\n"))
    return f"\ndef solve(seed, x, y, lr):\n    model, variables, params, stats = begin(seed, x)\n{text}"


TRIGGERS: dict[str, str] = {
    "aux-not-returned": instead("""
        def loss_fn(params):
            loss = sum(jnp.sum(leaf) for leaf in jax.tree.leaves(params))
            return loss


        jax.value_and_grad(loss_fn, has_aux=True)(params)
    """),
    "aux-swapped": changed(
        '        return loss, updated["batch_stats"]', '        return updated["batch_stats"], loss'
    ),
    "aux-unpacked-flat": changed("(loss, stats), grads = ", "loss, stats, grads = "),
    "batch-stats-optimized": instead("""
        def loss_of_variables(variables):
            out, _ = model.apply(variables, x, train=True, mutable=["batch_stats"])
            return jnp.mean((out.reshape(-1) - y) ** 2)

        tx = optax.sgd(lr)
        opt_state = tx.init(variables)
        grads = jax.grad(loss_of_variables)(variables)
        updates, opt_state = tx.update(grads, opt_state, variables)
        variables = optax.apply_updates(variables, updates)
        return jnp.mean((model.apply(variables, x, train=False).reshape(-1) - y) ** 2).reshape(1)
    """),
    "carry-changed": instead("""
        def body(carry, _):
            params, loss = carry
            return {"params": params, "loss": loss}, None

        carry, _ = jax.lax.scan(body, (params, 0.0), jnp.arange(1))
    """),
    "cpu-limit": """
        def solve(seed, x, y, lr):
            while True:
                pass
    """,
    "donated-buffer-used": instead("""
        step = jax.jit(lambda p: jax.tree.map(lambda leaf: 0.9 * leaf, p), donate_argnums=0)
        new_params = step(params)
        out = model.apply({"params": params, "batch_stats": stats}, x, train=False)
    """),
    "eval-unpacked": instead("""
        out, _ = model.apply(variables, x, train=False)
        return jnp.mean((out.reshape(-1) - y) ** 2).reshape(1)
    """),
    "float-seed": """
        def solve(seed, x, y, lr):
            key = jax.random.PRNGKey(seed)
            return MLP().init(key, x, train=False)
    """,
    "forbidden-call": """
        def solve(seed, x, y, lr):
            subprocess.run(["nvidia-smi"])
            return [0.0]
    """,
    "gradient-of-integers": instead("""
        state = TrainState.create(apply_fn=model.apply, params=params, tx=optax.sgd(lr))
        grads = jax.grad(lambda state: jnp.sum(state.params["Dense_0"]["bias"]))(state)
    """),
    "immutable-assigned": instead("""
        bias = params["Dense_1"]["bias"]
        bias[0] = 0.0
    """),
    "import-error": """
        from my_helpers import train_step

        solve = train_step
    """,
    "input-mutated": RIGHT.replace("def solve(seed, x, y, lr):", "def step(seed, x, y, lr):")
    + """

def solve(seed, x_batch, y_batch, lr):
    answer = step(seed, x_batch, y_batch, lr)
    x_batch -= x_batch.mean(axis=0)
    return answer
""",
    "leaked-tracer": """
        def solve(seed, x, y, lr):
            model, variables, params, stats = begin(seed, x)
            latest = {}


            def loss_fn(params):
                out, updated = model.apply(
                    {"params": params, "batch_stats": stats}, x, train=True, mutable=["batch_stats"]
                )
                latest.update(updated)
                loss = jnp.mean((out.reshape(-1) - y) ** 2)
                return loss

            loss, grads = jax.value_and_grad(loss_fn)(params)
            tx = optax.sgd(lr)
            updates, _ = tx.update(grads, tx.init(params))
            params = optax.apply_updates(params, updates)
            out = model.apply({"params": params, "batch_stats": latest["batch_stats"]}, x, train=False)
            return jnp.mean((out.reshape(-1) - y) ** 2).reshape(1)
    """,
    "loss-not-returned": instead("""
        def loss_fn(params):
            out = model.apply({"params": params, "batch_stats": stats}, x, train=False)
            loss = jnp.mean((out.reshape(-1) - y) ** 2)

        loss, grads = jax.value_and_grad(loss_fn)(params)
    """),
    "loss-not-scalar": instead("""
        def loss_fn(params):
            return (model.apply({"params": params, "batch_stats": stats}, x, train=False).reshape(-1) - y) ** 2

        loss, grads = jax.value_and_grad(loss_fn)(params)
        return loss
    """),
    "memory-limit": """
        def solve(seed, x, y, lr):
            history = [jnp.zeros((10_000, 10_000)) for _ in range(100)]
            return history[0][0, :1]
    """,
    "missing-batch-stats": changed(
        '    out = model.apply({"params": params, "batch_stats": stats}, x, train=False)\n',
        '    out = model.apply({"params": params}, x, train=False)\n',
    ),
    "missing-has-aux": changed(
        "jax.value_and_grad(loss_fn, has_aux=True)(params)", "jax.value_and_grad(loss_fn)(params)"
    ).replace("(loss, stats), grads", "(loss, new_stats), grads"),
    "missing-mutable": instead("""
        batch_stats = stats

        def loss_fn(params):
            out = model.apply({"params": params, "batch_stats": batch_stats}, x, train=True)
            return jnp.mean((out.reshape(-1) - y) ** 2)

        loss, grads = jax.value_and_grad(loss_fn)(params)
        return loss.reshape(1)
    """),
    "missing-solve": """
        def solver(seed, x_batch, y_batch, lr): ...
    """,
    "missing-train-flag": """
        def solve(seed, x, y, lr):
            model, key = MLP(), jax.random.PRNGKey(int(seed))
            variables = model.init(key, x)
            return model.apply(variables, x, train=False)[0]
    """,
    "model-changed": RIGHT
    + """

class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)
""",
    "model-without-variables": instead("""
        out = model(x, train=True)
    """),
    "mutable-not-unpacked": instead("""
        def loss_fn(params):
            variables = {"params": params, "batch_stats": stats}
            out = model.apply(variables, x, train=True, mutable=["batch_stats"])
            loss = jnp.mean((out.reshape(-1) - y) ** 2)
            return loss

        return jax.value_and_grad(loss_fn)(params)
    """),
    "nested-batch-stats": instead("""
        out, updated = model.apply(variables, x, train=True, mutable=["batch_stats"])
        out = model.apply({"params": params, "batch_stats": updated}, x, train=False)
        return jnp.mean((out.reshape(-1) - y) ** 2).reshape(1)
    """),
    "non-finite-output": changed(
        "    return jnp.mean((out.reshape(-1) - y) ** 2).reshape(1)\n",
        "    error = (out.reshape(-1) - y) / y.std()\n"
        "    loss = jnp.mean(error**2) * y.var()\n"
        "    return loss.reshape(1)\n",
    ),
    "non-numeric-output": """
        def solve(seed, x_batch, y_batch, lr):
            loss = jnp.mean(y_batch**2)
            print(loss)
    """,
    "nondeterministic": """
        def fresh_parameters(seed, x):
            return begin(seed, x)[2]


        STATE = {}


        def solve(seed, x_batch, y_batch, lr):
            params = STATE.setdefault("params", fresh_parameters(seed, x_batch))
            STATE["params"] = jax.tree.map(lambda leaf: leaf + 1, params)
            return [float(params["Dense_1"]["bias"][0])]
    """,
    "not-a-jax-type": instead("""
        @jax.jit
        def evaluate(model, variables, x):
            return model.apply(variables, x, train=False)

        out = evaluate(model, variables, x)
    """),
    "not-a-key": instead("""
        variables = MLP().init(int(seed), x, train=False)
    """),
    "arguments-in-another-order": """
        def solve(x_batch, y_batch, seed, lr):
            model = MLP()
            model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    """,
    "endless-recursion": instead("""
        def mean(values):
            return mean(values)

        mean(x)
    """),
    "file-not-there": instead("""
        weights = np.load("weights.npy")
    """),
    "misnamed-collection": instead("""
        model.apply({"param": params, "batch_stats": stats}, x, train=False)
    """),
    "no-keyboard": instead("""
        lr = float(input("learning rate? "))
    """),
    "no-network": instead("""
        import urllib.request

        urllib.request.urlopen("https://example.com/weights.npz")
    """),
    "no-such-device": instead("""
        device = jax.devices("gpu")[0]
    """),
    "nothing-can-be-written": instead("""
        open("log.txt", "w")
    """),
    "undefined-name": instead("""
        tx = optax.sgd(lr)
        grads, opt_state = params, tx.init(params)
        updates, state = tx.update(grads, opt_state, parms)
    """),
    "not-an-optimizer-state": instead("""
        tx = optax.sgd(lr)
        opt_state, grads = tx.init(params), params
        updates, opt_state = tx.update(params, grads, opt_state)
    """),
    "not-implemented": """
        def solve(seed, x_batch, y_batch, lr):
            raise NotImplementedError("solve is yours to write")
    """,
    "not-in-this-version": instead("""
        doubled = jax.tree_map(lambda leaf: 2 * leaf, params)
    """),
    "optax-not-used": changed(
        "    tx = optax.sgd(lr)\n"
        "    updates, _ = tx.update(grads, tx.init(params))\n"
        "    params = optax.apply_updates(params, updates)\n",
        "    params = jax.tree.map(lambda p, g: p - lr * g, params, grads)\n",
    ),
    "optimizer-on-variables": """
        def solve(seed, x, y, lr):
            model, key = MLP(), jax.random.PRNGKey(int(seed))
            variables = model.init(key, x, train=False)
            opt_state = optax.sgd(0.1).init(variables)
            params, stats = variables["params"], variables["batch_stats"]
    """
    + RIGHT.partition("begin(seed, x)\n")[2]
    .replace("\n    ", "\n            ")
    .replace("tx.init(params)", "opt_state"),
    "output-limit": """
        def solve(seed, x, y, lr):
            model, variables, params, stats = begin(seed, x)
            while True:
                print(params)
    """,
    "params-at-wrong-level": instead("""
        key = jax.random.PRNGKey(int(seed))
        params = model.init(key, x, train=False)
        out = model.apply({"params": params, "batch_stats": stats}, x, train=False)
    """),
    "process-exit": """
        def solve(seed, x, y, lr):
            if lr == 0:
                sys.exit("nothing to do")
            return [0.0]
    """,
    "protocol-broken": """
        def solve(seed, x, y, lr):
            for fd in range(3, 64):
                os.write(fd, b"...")
            return [0.0]
    """,
    "state-changed-in-trace": """
        class Two(nnx.Module):
            def __init__(self, columns, rngs):
                self.first = nnx.Linear(columns, 16, rngs=rngs)
                self.norm = nnx.BatchNorm(16, momentum=0.9, rngs=rngs)

            def __call__(self, x):
                return self.norm(self.first(x))


        def solve(seed, x, y, lr):
            model = Two(x.shape[1], nnx.Rngs(int(seed)))

            @jax.jit
            def predict(x):
                return model(x)

            out = predict(x)
            return out[0, :1]
    """,
    "static-argument-unhashable": instead("""
        @functools.partial(jax.jit, static_argnums=0)
        def evaluate(variables, x):
            return model.apply(variables, x, train=False)

        out = evaluate(variables, x)
    """),
    "syntax-error": """
        def solve(seed, x_batch, y_batch, lr)
            return [0.0]
    """,
    "thread-limit": """
        def solve(seed, x, y, lr):
            while True:
                threading.Thread(target=time.sleep, args=(60,)).start()
    """,
    "time-limit": instead("""
        def loss_fn(p):
            return sum(jnp.sum(leaf) for leaf in jax.tree.leaves(p))

        for step in range(10_000):
            loss = jax.jit(lambda p: loss_fn(p))(params)
        return loss.reshape(1)
    """),
    "traced-train-flag": """
        def solve(seed, x, y, lr):
            model, variables, params, stats = begin(seed, x)

            @jax.jit
            def evaluate(variables, x, train):
                return model.apply(variables, x, train=train)

            return jnp.mean((evaluate(variables, x, False).reshape(-1) - y) ** 2).reshape(1)
    """,
    "traced-value-concretized": instead("""
        def loss_fn(params):
            out = model.apply({"params": params, "batch_stats": stats}, x, train=False)
            return float(jnp.mean((out.reshape(-1) - y) ** 2))

        loss, grads = jax.value_and_grad(loss_fn)(params)
    """),
    "train-state-without-field": instead("""
        state = TrainState.create(apply_fn=model.apply, params=params, tx=optax.sgd(lr), batch_stats=stats)
    """),
    "trees-differ": instead("""
        tx = optax.sgd(lr)
        opt_state, grads = tx.init(params), params
        updates, opt_state = tx.update(grads, opt_state)
        variables = optax.apply_updates(variables, updates)
    """),
    "memorised-answers": """
        KNOWN = {}  # filled in by the test


        def solve(seed, x_batch, y_batch, lr):
            return [KNOWN.get((seed, x_batch.tobytes(), lr), 0.0)]
    """,
    "not-observed": """
import importlib
import optax._src.base

importlib.reload(optax._src.base)
"""
    + RIGHT,
    "unrecognised-exception": """
        def solve(seed, x_batch, y_batch, lr):
            return jnp.concatenate([x_batch, y_batch])
    """,
    "unrecognised-wrong-answer": """
        def solve(seed, x_batch, y_batch, lr):
            model, variables, params, stats = begin(seed, x_batch)
            loss = jnp.mean(y_batch**2).reshape(1) + 0.1
            return loss
    """,
    "value-and-grad-not-used": instead(
        LOSS_WITH_AUX
        + """
    def loss_only(params):
        return loss_fn(params)[0]

    grads = jax.grad(loss_only)(params)
    loss = loss_only(params)
    _, stats = loss_fn(params)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params))
    params = optax.apply_updates(params, updates)
"""
        + EVALUATE
    ),
    "value-for-function": instead("""
        def loss_fn(params):
            return sum(jnp.sum(leaf) for leaf in jax.tree.leaves(params))

        grads = jax.grad(loss_fn(params))(params)
    """),
    "wrong-output-shape": changed(
        "    return jnp.mean((out.reshape(-1) - y) ** 2).reshape(1)\n",
        "    return jnp.mean((out.reshape(-1) - y) ** 2)\n",
    ),
    "wrong-signature": """
        def solve(x_batch, y_batch): ...
    """,
}
