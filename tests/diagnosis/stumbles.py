"""Programs that stop with an error for a mistake that people really make, and the code that each must get.

Public issues and questions are full of them.  ``# <- here`` marks the line that must be shown.
"""

from __future__ import annotations

from textwrap import dedent, indent

HEAD = """
import functools

import flax
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from flax.training.train_state import TrainState


class Net(nn.Module):
    # the given model, under another name and with a docstring
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        "As it was given."
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


class Two(nnx.Module):
    def __init__(self, rngs):
        self.first = nnx.Linear(3, 16, rngs=rngs)
        self.norm = nnx.BatchNorm(16, momentum=0.9, rngs=rngs)

    def __call__(self, x):
        return self.norm(self.first(x))


def evaluate(model, variables, x):
    return model.apply(variables, x, train=False).reshape(-1)  # <- evaluate

"""

BEGIN = """
    model = Net()
    variables = model.init(jax.random.PRNGKey(int(seed)), x, train=False)
    params, stats = variables["params"], variables["batch_stats"]
    tx = optax.sgd(lr)
    opt_state = tx.init(params)

    def loss_fn(params):
        out, updated = model.apply({"params": params, "batch_stats": stats}, x, train=True, mutable=["batch_stats"])
        return jnp.mean((out.reshape(-1) - y) ** 2), updated["batch_stats"]

    vag = jax.value_and_grad(loss_fn, has_aux=True)
"""


def program(body: str) -> str:
    """A submission whose ``solve`` has this body, after the model, its variables and a right loss function."""
    return f"{HEAD}\ndef solve(seed, x, y, lr):{BEGIN}{indent(dedent(body).strip(), '    ')}\n"


SCAN = """
def body(carry, _):
    params, stats = carry

    def loss_fn(params):
        variables = {"params": params, "batch_stats": stats}
        out, updated = model.apply(variables, x, train=True, mutable=["batch_stats"])
        return jnp.mean((out.reshape(-1) - y) ** 2), updated

    (loss, updated), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    return (params, updated), loss

"""

STUMBLES: dict[str, dict[str, str]] = {
    "not-in-this-version": {
        "popped_pair": 'state, params = variables.pop("params")  # <- here',
        "popped_statistics": 'params, stats = variables.pop("batch_stats")  # <- here',
        "unfreeze": "variables = variables.unfreeze()  # <- here",
        "copy_with_keyword": 'v = variables.copy(add_or_replace={"batch_stats": stats})  # <- here',
        "copy_with_entries": 'v = variables.copy({"batch_stats": stats})  # <- here',
        "tree_map": "jax.tree_map(lambda leaf: leaf, params)  # <- here",
        "tree_multimap": "jax.tree_util.tree_multimap(lambda p, g: p - g, params, params)  # <- here",
        "flax_optim": "optimizer = flax.optim.GradientDescent(lr).create(params)  # <- here",
        "index_update": "x = jax.ops.index_update(x, 0, 1.0)  # <- here",
        "misspelt": "tx = optax.SGD(lr)  # <- here",
        "nnx_optimizer": "nnx.Optimizer(Two(nnx.Rngs(0)), optax.sgd(lr))  # <- here",
        "nnx_update": """
            model = Two(nnx.Rngs(0))
            optimizer = nnx.Optimizer(model, optax.sgd(lr), wrt=nnx.Param)
            optimizer.update(nnx.grad(lambda m: jnp.mean(m(x)))(model))  # <- here
        """,
        "nnx_model": "nnx.Optimizer(Two(nnx.Rngs(0)), optax.sgd(lr), wrt=nnx.Param).model  # <- here",
    },
    "missing-batch-stats": {
        "bare_params": "return model.apply(params, x, train=False)  # <- here",
        "bare_params_in_state": """
            state = TrainState.create(apply_fn=model.apply, params=params, tx=tx)
            return state.apply_fn(state.params, x, train=False)  # <- here
        """,
        "other_name": 'return model.apply({"params": params, "stats": stats}, x, train=False)  # <- here',
    },
    "params-at-wrong-level": {
        "bare_params_in_training": 'model.apply(params, x, train=True, mutable=["batch_stats"])  # <- here',
        "twice": 'model.apply({"params": {"params": params}}, x, train=False)  # <- here',
        "variables_as_params": """
            v = {"params": variables, "batch_stats": stats}
            model.apply(v, x, train=False)  # <- here
        """,
    },
    "misnamed-collection": {
        "param": 'return model.apply({"param": params, "batch_stats": stats}, x, train=False)  # <- here',
        "in_capitals": 'return model.apply({"Params": params, "batch_stats": stats}, x, train=False)  # <- here',
    },
    "undefined-name": {
        "misspelt": "return jnp.mean(parms['Dense_0']['kernel'])  # <- here",
        "before_its_value": """
            later = None

            def early():
                value = later  # <- here
                later = 1

            early()
        """,
    },
    "no-keyboard": {"input": 'lr = float(input("lr? "))  # <- here'},
    "file-not-there": {"load": 'np.load("weights.npy")  # <- here'},
    "no-network": {
        "download": """
        import urllib.request

        urllib.request.urlopen("https://example.com/data.npz")  # <- here
    """
    },
    "no-such-device": {"gpu": 'jax.devices("gpu")  # <- here'},
    "endless-recursion": {
        "itself": """
        def mean(values):
            return mean(values)  # <- here

        mean(x)
    """
    },
    "traced-value-concretized": {
        "float_in_loss": """
            def loss_only(params):
                return float(loss_fn(params)[0])  # <- here

            jax.grad(loss_only)(params)
        """,
        "numpy_in_loss": """
            def loss_only(params):
                return np.mean(np.asarray(loss_fn(params)[0]))  # <- here

            jax.grad(loss_only)(params)
        """,
        "numpy_function": "jax.grad(lambda p: np.sqrt(loss_fn(p)[0]))(params)  # <- here",
        "if_in_jit": """
            @jax.jit
            def step(params, lr):
                if lr > 0:  # <- here
                    return params
                return params

            step(params, lr)
        """,
        "range_in_jit": """
            @jax.jit
            def steps(n, x):
                for _ in range(n):  # <- here
                    x = x + 1
                return x

            steps(3, x)
        """,
        "shape_in_jit": "jax.jit(lambda n: jnp.zeros(n))(3)  # <- here",
        "mask_in_jit": "jax.jit(lambda x: x[x > 0])(x)  # <- here",
        "int_in_jit": "jax.jit(lambda seed: jax.random.PRNGKey(int(seed)))(seed)  # <- here",
    },
    "static-argument-unhashable": {
        "variables": """
            run = jax.jit(lambda v, x: model.apply(v, x, train=False), static_argnums=0)
            run(variables, x)  # <- here
        """,
        "array": "jax.jit(lambda x, y: x, static_argnums=1)(x, y)  # <- here",
        "dictionary": 'jax.jit(lambda x, c: x, static_argnames="c")(x, c={"lr": lr})  # <- here',
    },
    "donated-buffer-used": {
        "in_apply": """
            step = jax.jit(lambda p: jax.tree.map(lambda a: a + 1, p), donate_argnums=0)
            step(params)
            evaluate(model, variables, x)
        """,
        "read": """
            step = jax.jit(lambda p: jax.tree.map(lambda a: a + 1, p), donate_argnums=0)
            step(params)
            return np.asarray(params["Dense_0"]["bias"])  # <- here
        """,
    },
    "train-state-without-field": {
        "create": """
            TrainState.create(apply_fn=model.apply, params=params, tx=tx, batch_stats=stats)  # <- here
        """,
        "read": """
            state = TrainState.create(apply_fn=model.apply, params=params, tx=tx)
            state.batch_stats  # <- here
        """,
        "replace": """
            state = TrainState.create(apply_fn=model.apply, params=params, tx=tx)
            state.apply_gradients(grads=params, batch_stats=stats)  # <- here
        """,
    },
    "not-a-jax-type": {
        "model": "jax.jit(lambda m, v: m.apply(v, x, train=False))(model, variables)  # <- here",
        "optimizer": "jax.jit(lambda t, p: t.init(p))(tx, params)  # <- here",
        "text": 'jax.jit(lambda mode, p: p)("train", params)  # <- here',
        "returned": "jax.jit(lambda p: model)(params)  # <- here",
        "differentiated": "jax.grad(lambda m: 1.0)(model)  # <- here",
    },
    "value-for-function": {
        "called_at_once": "jax.grad(loss_fn(params)[0])(params)  # <- here",
        "jitted": "jax.jit(model.apply(variables, x, train=False))  # <- here",
    },
    "gradient-of-integers": {
        "number": "jax.grad(lambda s: s * 1.0)(int(seed))  # <- here",
        "state": """
            state = TrainState.create(apply_fn=model.apply, params=params, tx=tx)
            jax.grad(lambda s: loss_fn(s.params)[0])(state)  # <- here
        """,
    },
    "model-without-variables": {
        "called": "return model(x, train=False)  # <- here",
        "layer": "return nn.Dense(3)(x)  # <- here",
        "parameters": "return model.params  # <- here",
    },
    "not-a-key": {
        "number": "Net().init(int(seed), x, train=False)  # <- here",
        "no_key": "Net().init(x, train=False)  # <- here",
        "normal": "jax.random.normal(int(seed), (3,))  # <- here",
        "generator_of_numpy": "jax.random.normal(np.random.default_rng(0), (3,))  # <- here",
        "two_keys": "Net().init(jax.random.split(jax.random.key(0)), x, train=False)  # <- here",
    },
    "immutable-assigned": {
        "array": 'params["Dense_1"]["bias"][0] = 1.0  # <- here',
        "frozen_dict": 'flax.core.freeze(variables)["params"] = params  # <- here',
        "state": """
            state = TrainState.create(apply_fn=model.apply, params=params, tx=tx)
            state.params = params  # <- here
        """,
        "view": 'np.asarray(params["Dense_1"]["bias"])[0] = 1.0  # <- here',
    },
    "nested-batch-stats": {
        "scan": SCAN + "jax.lax.scan(body, (params, stats), jnp.arange(1))  # <- here",
        "for_loop": SCAN + "jax.lax.fori_loop(0, 1, lambda _, c: body(c, _)[0], (params, stats))  # <- here",
        "while_loop": SCAN
        + "jax.lax.while_loop(lambda c: c[2] < 1, lambda c: (*body(c[:2], 0)[0], c[2] + 1), (params, stats, 0))",
        "applied": """
            v = {"params": params, "batch_stats": {"batch_stats": stats}}
            model.apply(v, x, train=False)  # <- here
        """,
    },
    "carry-changed": {
        "shape": "jax.lax.scan(lambda c, _: (c[:2], None), y, jnp.arange(1))  # <- here",
        "type": "jax.lax.fori_loop(0, 1, lambda _, c: c.astype(jnp.float16), y)  # <- here",
        "structure": "jax.lax.scan(lambda c, _: ({'p': c[0]}, None), (params, stats), jnp.arange(1))  # <- here",
        "taken_apart": """
            def body(carry, _):
                params, state = carry
                return (params, state["batch_stats"]), None

            jax.lax.scan(body, (params, {"batch_stats": stats}), jnp.arange(1))  # <- here
        """,
    },
    "trees-differ": {
        "flattened": "jax.tree.structure(params).flatten_up_to(variables)  # <- here",
        "all_variables": """
            (loss, stats), grads = vag(params)
            updates, opt_state = tx.update(grads, opt_state)
            optax.apply_updates(variables, updates)  # <- here
        """,
        "by_hand": """
            (loss, stats), grads = vag(params)
            jax.tree.map(lambda p, g: p - lr * g, variables, grads)  # <- here
        """,
        "gradient_and_aux": """
            state = TrainState.create(apply_fn=model.apply, params=params, tx=optax.adam(lr))
            grads = jax.grad(loss_fn, has_aux=True)(params)
            state.apply_gradients(grads=grads)  # <- here
        """,
        "value_and_gradient": """
            optax.adam(lr).update(vag(params), optax.adam(lr).init(params))  # <- here
        """,
        "pair": """
            updates = tx.update(vag(params)[1], opt_state)
            optax.apply_updates(params, updates)  # <- here
        """,
    },
    "batch-stats-optimized": {
        "gradient_of_all": """
            def loss_of_all(v):
                out, updated = model.apply(v, x, train=True, mutable=["batch_stats"])
                return jnp.mean((out.reshape(-1) - y) ** 2), updated

            grads, updated = jax.grad(loss_of_all, has_aux=True)(variables)
            optax.adam(lr).update(grads, optax.adam(lr).init(params))  # <- here
        """,
    },
    "not-an-optimizer-state": {
        "order": "tx.update(params, params, opt_state)  # <- here",
        "another": "optax.adam(lr).update(params, optax.sgd(lr).init(params)[0])  # <- here",
    },
    "loss-not-returned": {
        "plain": """
            def loss_only(params):  # <- here
                loss = loss_fn(params)[0]

            jax.value_and_grad(loss_only)(params)
        """,
    },
    "state-changed-in-trace": {
        "jit": """
            model = Two(nnx.Rngs(0))
            jax.jit(lambda x: model(x))(x)
        """,
    },
    "aux-swapped": {
        "subscript": """
            (state, loss), grads = vag(params)  # <- here
            stats = state["BatchNorm_0"]
        """,
        "applied": """
            (new, value), grads = vag(params)  # <- here
            model.apply({"params": params, "batch_stats": new}, x, train=False)
        """,
        "as_number": """
            (new, loss), grads = vag(params)  # <- here
            return loss.reshape(1)
        """,
        "to_float": """
            (new, train_loss), grads = vag(params)  # <- here
            print(float(train_loss))
        """,
        "tuple_of_extras": """
            def loss_and_all(params):
                variables = {"params": params, "batch_stats": stats}
                out, updated = model.apply(variables, x, train=True, mutable=["batch_stats"])
                return jnp.mean((out.reshape(-1) - y) ** 2), (out, updated)

            (aux, loss), grads = jax.value_and_grad(loss_and_all, has_aux=True)(params)  # <- here
            print(float(loss))
        """,
        "stored_first": """
            (new, loss), grads = vag(params)  # <- here
            held = {"params": params, "batch_stats": new}
            model.apply(held, x, train=False)
        """,
        "under_jit": """
            @jax.jit
            def step(params):
                (new, loss), grads = vag(params)  # <- here
                return new["BatchNorm_0"], grads

            step(params)
        """,
        "in_two_steps": """
            outputs, grads = vag(params)  # <- here
            updated, loss = outputs
            stats = updated["BatchNorm_0"]
        """,
    },
    "unrecognised-exception": {
        "loss_as_dictionary": """
            (loss, new), grads = vag(params)
            loss["BatchNorm_0"]  # <- here
        """,
        "other_dictionary": """
            (loss, new), grads = vag(params)
            new.reshape(1)  # <- here
        """,
        "another_array": """
            (loss, new), grads = vag(params)
            jnp.mean(x)["BatchNorm_0"]  # <- here
        """,
        "names_that_say_nothing": """
            (a, b), grads = vag(params)
            b.reshape(1)  # <- here
        """,
        "popped_list": "first, second = [(1, 2, 3)].pop()  # <- here",
        "own_attribute": "functools.tree_map(x)  # <- here",
        "own_unfreeze": "x.unfreeze()  # <- here",
        "only_statistics": 'model.apply({"batch_stats": stats}, x, train=False)  # <- here',
        "shapes": "jnp.dot(x, y)  # <- here",
        "in_function": 'evaluate(model, {"params": stats, "batch_stats": stats}, x)',
        "loss_is_text": "jax.grad(lambda p: (1, 2))(params)  # <- here",
        "keyword": "optax.sgd(lr=lr)  # <- here",
        "own_words": 'raise ValueError("Array has been deleted")  # <- here',
    },
}
