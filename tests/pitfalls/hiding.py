"""Right numbers with a pitfall behind them, and ways to keep the probes from seeing it.

Each way is a prelude and two expressions: how the optimizer's ``init`` and its ``update`` are called.  It is applied
to every mistake of `MISTAKES`, and to the step done right, which must never be called a mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PROGRAM = """\
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
{prelude}

class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    x, y = jnp.asarray(x_batch), jnp.asarray(y_batch)
    variables = model.init(jax.random.PRNGKey(int(seed)), x, train=False)
    params, stats = variables["params"], variables["batch_stats"]
    tx = optax.sgd(lr)
    started_on = {started_on}
    opt_state = {init}

    def loss_fn(given):
        p = {params_of_given}
        out, new = model.apply({{"params": p, "batch_stats": stats}}, x, train=True, mutable=["batch_stats"])
        return jnp.mean((out.reshape(-1) - y) ** 2), new["batch_stats"]

    given = {differentiated}
    (_, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(given)
    {step}
    params = {params_of_given}
    out = model.apply({{"params": params, "batch_stats": new_stats}}, x, train=False)
    return jnp.mean((out.reshape(-1) - y) ** 2).reshape(1)
"""


@dataclass(frozen=True)
class Mistake:
    """What the optimizer is started on, and what it makes a step of."""

    started_on: str
    differentiated: str
    params_of_given: str
    by_hand: bool = False


RIGHT = Mistake("params", "params", "given")
MISTAKES: Mapping[str, Mistake] = {
    "optimizer-on-variables": Mistake("variables", "params", "given"),
    "batch-stats-optimized": Mistake("variables", "variables", 'given["params"]'),
    "step-of-statistics": Mistake("params", "variables", 'given["params"]'),
    "step-by-hand": Mistake("params", "variables", 'given["params"]', by_hand=True),
}
"""The third is the second with plain SGD's empty state: nothing stands in its way. The last has no use for optax."""
BY_OPTAX = "updates, opt_state = {update}\n    given = optax.apply_updates(given, updates)"
BY_HAND = "given = jax.tree.map(lambda p, g: p - lr * g, given, grads)"


@dataclass(frozen=True)
class Way:
    name: str
    prelude: str = ""
    init: str = "tx.init(started_on)"
    update: str = "tx.update(grads, opt_state, given)"


SEEN_ALL_THE_SAME = frozenset(
    {
        "recorder-full",
        "wrapped",
        "original",
        "pickled",
        "found-by-the-collector",
        "profile-hook",
        "constructor-passed-by",
        "a-right-one-in-front",
    }
)
"""Ways that hide less than they mean to: an optimizer's members are watched as well as the whole."""

HELPERS = '''
def unprobed(function):
    """What a stand-in stands for."""
    return getattr(function, "_" + "original")


def copies(tree):
    return {f"v{i}": jnp.array(np.asarray(leaf)).reshape(-1, 1) for i, leaf in enumerate(jax.tree.leaves(tree))}


def without(module, name, value, run):
    """Runs something while a name of a module means something else."""
    kept = getattr(module, name)
    setattr(module, name, value)
    try:
        return run()
    finally:
        setattr(module, name, kept)


def refused(*args, **kwargs):
    raise RuntimeError
'''


def _around(module: str, name: str, value: str) -> dict[str, str]:
    """Init and update while a name of a module has another value."""
    return {
        "prelude": f"import sys\n{HELPERS}\nmodule = sys.modules[{module!r}]\n",
        "init": f"without(module, {name!r}, {value}, lambda: tx.init(started_on))",
        "update": f"without(module, {name!r}, {value}, lambda: tx.update(grads, opt_state, given))",
    }


SINK = "import sys\nrecorder, registry, flow = sys.modules['judge.inside.probes.install']._installed\n"
RECORDER = "import sys\nrecorder = sys.modules['judge.inside.worker'].RECORDER\n"

WAYS = (
    Way("recorder-without-file", RECORDER + "recorder.filename = None\n"),
    Way("recorder-full", RECORDER + "recorder._chars = 10**9\n"),
    Way("recorder-that-forgets", RECORDER + "type(recorder).take = lambda self: []\n"),
    Way("frames-taken-away", **_around("sys", "_getframe", "None")),
    Way("frames-refused", **_around("sys", "_getframe", "refused")),
    Way("repr-refused", **_around("builtins", "repr", "refused")),
    Way(
        "without-raising-does-nothing",
        **_around("judge.inside.probes.optax_probes", "without_raising", "lambda action, default=None: default"),
    ),
    Way(
        "nothing-followed",
        **_around("judge.inside.probes.optax_probes", "call_and_report", "lambda run, report: run()"),
    ),
    Way("wrapped", "", "tx.init.__wrapped__(started_on)", "tx.update.__wrapped__(grads, opt_state, given)"),
    Way("original", HELPERS, "unprobed(tx.init)(started_on)", "unprobed(tx.update)(grads, opt_state, given)"),
    Way(
        "pickled",
        "import pickle\n\ndef original(f):\n    return f.__reduce_ex__(2)[1][0][0]\n",
        "original(tx.init)(started_on)",
        "original(tx.update)(grads, opt_state, given)",
    ),
    Way(
        "found-by-the-collector",
        "import gc\n\ndef plain(name):\n    return [f for f in gc.get_objects() if type(f).__name__ == 'function'\n"
        "        and f.__qualname__ == f'chain.<locals>.{name}_fn'][-1]\n",
        "plain('init')(started_on)",
        "plain('update')(grads, opt_state, given)",
    ),
    Way("under-other-names", HELPERS, "tx.init(copies(started_on))", "tx.update(grads, opt_state, given)"),
    Way(
        "too-many-events",
        "\ndef flood():\n    first = optax.sgd(0.1)\n    for n in range(1, 171):\n        first.init((0.0,) * n)\n",
        "[flood(), tx.init(started_on)][1]",
    ),
    Way(
        "too-many-looks",
        "\ndef flood():\n    first, tree = optax.sgd(0.1), {'a': jnp.zeros(3)}\n    for _ in range(4100):\n"
        "        first.init(tree)\n",
        "[flood(), tx.init(started_on)][1]",
    ),
    Way("too-many-leaves", "", "tx.init([started_on, [0.0] * 2001])"),
    Way("emit-exchanged", SINK + "type(recorder).emit.__code__ = (lambda self, *a, **k: None).__code__\n"),
    Way("sink-closed", SINK + "recorder.is_open = lambda: False\n"),
    Way("registry-emptied", SINK + "type(registry).roles = lambda self, tree: None\n"),
    Way("record-exchanged", SINK + "recorder.record = lambda kind, facts: None\n"),
    Way(
        "audit-hook",
        "import sys\n\n\ndef hook(event, arguments):\n    if event == 'sys._getframe' and '/probes/' in "
        "arguments[0].f_code.co_filename:\n        raise RuntimeError\n\n\nsys.addaudithook(hook)\n",
    ),
    Way(
        "profile-hook",
        "import sys\n\n\ndef hook(frame, event, argument):\n    code = frame.f_code\n"
        "    if event == 'call' and 'judge' in code.co_filename and code.co_name == 'emit':\n"
        "        raise RuntimeError\n\n\nsys.setprofile(hook)\n",
    ),
    Way(
        "libraries-reloaded",
        "import importlib, sys\nimport optax._src.base\nimportlib.reload(optax._src.base)\n"
        "for name in ('combine', 'transform', 'alias'):\n    importlib.reload(sys.modules['optax._src.' + name])\n"
        "importlib.reload(optax)\n",
    ),
    Way(
        "constructor-passed-by",
        "import optax._src.base as base\n\n\ndef plain(tx):\n    return tuple.__new__(optax.GradientTransformation, "
        "(tx.init.__wrapped__, tx.update.__wrapped__))\n",
        "plain(tx).init(started_on)",
        "plain(tx).update(grads, opt_state, given)",
    ),
    Way(
        "a-right-one-in-front",
        "",
        "[tx.init(params), tx.init.__wrapped__(started_on)][1]",
        "[tx.update(jax.tree.map(jnp.zeros_like, params), tx.init(params)), "
        "tx.update.__wrapped__(grads, opt_state, given)][1]",
    ),
    Way(
        "executed-text",
        "made = {}\nexec('def run(f, *a):\\n    return f.__wrapped__(*a)', made)\n",
        "made['run'](tx.init, started_on)",
    ),
)


def program(way: Way, mistake: Mistake) -> str:
    return PROGRAM.format(
        prelude=way.prelude,
        init=way.init,
        step=BY_HAND if mistake.by_hand else BY_OPTAX.format(update=way.update),
        started_on=mistake.started_on,
        differentiated=mistake.differentiated,
        params_of_given=mistake.params_of_given,
    )
