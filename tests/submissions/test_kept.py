"""Which statements of a notebook are kept: what a right program needs, and nothing that trains, plots or prints."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from judge.submissions.kept import kept_statements

ROOT = Path(__file__).resolve().parents[2]
SOLVE = "def solve(seed, x, y, lr):\n    return {}\n"


def kept(source: str) -> list[str]:
    """The kept statements, each by its first line."""
    nodes = ast.parse(source).body
    return [
        ast.unparse(node).splitlines()[0]
        for node, is_kept in zip(nodes, kept_statements(nodes, "solve"), strict=True)
        if is_kept
    ]


def is_kept(statement: str, uses: str = "0") -> bool:
    """Whether a statement before a `solve` that returns ``uses`` is kept."""
    head = "import jax\nimport optax\nimport numpy as np\nfrom flax import linen as nn\n"
    head += "class MLP(nn.Module):\n    n: int = 1\n"
    source = f"{head}{statement}\n{SOLVE.format(uses)}"
    place = len(ast.parse(head).body)
    nodes = ast.parse(source).body
    return kept_statements(nodes, "solve")[place]


@pytest.mark.parametrize(
    "statement",
    [
        "HIDDEN = 8",
        "HIDDEN: int = 8",
        "NAMES = ['a', ('b', -1)]",
        "A, B = 1, 2",
        "TWICE = jax.numpy.pi * 2",
        "Array = jax.Array",
        "def helper(): pass",
        "async def helper(): pass",
        "class Model: pass",
        "from jax import numpy as jnp",
        "jax.config.update('jax_enable_x64', True)",
        "jax.config.jax_debug_nans = True",
        "'''A text.'''",
        "if jax.__version__ > '0.4':\n    KEYS = 1\nelse:\n    KEYS = 2",
        "try:\n    import flax\nexcept ImportError:\n    flax = None",
        "x: int",
    ],
)
def test_definitions_are_kept_whoever_uses_them(statement: str) -> None:
    assert is_kept(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "model = MLP()",
        "tx = optax.sgd(0.1)",
        "key = jax.random.PRNGKey(0)",
        "params = MLP().init(key, np.ones(3))",
        "data = np.load('data.npz')",
        "print(solve(0, 1, 2, 3))",
        "solve(0, 1, 2, 3)",
        "MLP",
        "for epoch in range(10**9): params = step(params)",
        "while True: step()",
        "assert solve(0, 1, 2, 3) == 0",
        "with open('x') as file: text = file.read()",
        "if __name__ == '__main__': MLP = None",
        "del MLP",
        "raise SystemExit",
        "MLP().init(key)",
        "jax.debug.print('x')",
        "np.random.seed(0)",
        "sorted(x for x in y)",
    ],
)
def test_what_nothing_graded_uses_is_left_out(statement: str) -> None:
    assert not is_kept(statement)


@pytest.mark.parametrize(
    ("statement", "uses"),
    [
        ("model = MLP()", "model"),
        ("tx = optax.sgd(0.1)", "lambda: tx"),
        ("tx = optax.sgd(0.1)", "[tx for _ in range(3)]"),
        ("a, (b, *c) = make()", "c"),
        ("(found := make())", "found"),
        ("model: nn.Module = MLP()", "model"),
        ("layers = []\nfor i in range(3): layers.append(i)", "layers"),
        ("with jax.default_matmul_precision('float32'): model = MLP()", "model"),
        ("for i in range(3): last = make(i)", "last"),
        ("if jax.devices(): model = MLP()", "model"),
        ("match make():\n    case [first, *rest]: pass", "rest"),
        ("optax.patched = make()", "optax.sgd"),
    ],
)
def test_what_solve_uses_is_kept(statement: str, uses: str) -> None:
    assert is_kept(statement, uses)
    assert is_kept(statement) == statement.startswith("layers"), "an empty list is a plain value"


def test_what_is_needed_is_followed_through_helpers() -> None:
    source = (
        "import jax\nkey = jax.random.PRNGKey(0)\nweights = draw(key)\nmodel = Model(weights)\nother = Other(key)\n"
        "class Model:\n    def apply(self):\n        return scale * 2\nscale = compute()\nunused = compute()\n"
        "def helper():\n    return model.apply()\n" + SOLVE.format("helper()") + "solve = jax.jit(solve)\n"
    )
    left_out = {"other = Other(key)", "unused = compute()"}
    everything = [ast.unparse(node).splitlines()[0] for node in ast.parse(source).body]
    assert kept(source) == [line for line in everything if line not in left_out]


def test_changes_to_what_solve_uses_are_kept() -> None:
    source = (
        "c = dict()\nc['n'] = make()\nc.update(m=make())\nc.items()\nn = make()\nn += 1\n"
        + SOLVE.format("c, n")
    )
    assert kept(source) == [
        "c = dict()", "c['n'] = make()", "c.update(m=make())", "n = make()", "n += 1", "def solve(seed, x, y, lr):"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "loss.defvjp(forward, backward)",
        "made.defjvp(forward)",
        "loss.whatever_it_is(forward)",
        "jax.tree_util.register_pytree_node(State, forward, backward)",
        "register_dataclass(State)",
        "made.set_defaults(forward)",
    ],
)
def test_rules_that_are_added_to_what_solve_uses_are_kept(statement: str) -> None:
    head = "import jax\nmade = jax.custom_jvp(f)\n@jax.custom_vjp\ndef loss(x): return x\nclass State: pass\n"
    source = f"{head}def forward(x): return x\ndef backward(x): return x\n{statement}\n"
    assert statement in kept(source + SOLVE.format("loss, State, made"))
    assert statement not in kept(source.replace("jax.tree_util.", "tree_util.") + SOLVE.format("0"))


def test_calls_that_show_something_are_no_changes() -> None:
    source = "model = MLP()\nmodel.init(key)\nmodel.apply(params, data)\nprint(model)\nmodel.tabulate(key)\n"
    assert kept(source + SOLVE.format("model")) == ["model = MLP()", "def solve(seed, x, y, lr):"]


def test_a_variable_of_the_function_itself_is_no_use_of_a_global_one() -> None:
    assert not is_kept("params = train()", "[params for params in x]")
    source = "params = train()\ndef solve(seed, x, y, lr):\n    params = x\n    return params\n"
    assert kept(source) == ["def solve(seed, x, y, lr):"]
    step = "    def step(params):\n        return params\n    return step(x)\n"
    source = f"params = train()\ndef solve(seed, x, y, lr):\n{step}"
    assert kept(source) == ["def solve(seed, x, y, lr):"]


def test_what_runs_when_something_needed_is_defined_is_kept() -> None:
    source = (
        "jit = make()\nsize = make()\nunused = make()\n@jit\ndef helper(n=size):\n    return unused\n"
        + SOLVE.format("helper()")
    )
    assert kept(source)[:4] == ["jit = make()", "size = make()", "unused = make()", "@jit"]


@pytest.mark.parametrize(
    "statement",
    [
        "@timed\ndef helper(): pass",
        "def helper(data=data): pass",
        "def helper(data: data): pass",
        "class Helper(nothing.Base): pass",
        "class Helper:\n    size = data",
        "SIZE = nothing.size",
        "nothing.settings['figure.figsize'] = (8, 4)",
        "nothing.size = 3",
        "try:\n    import surely_not_installed\nexcept ImportError: pass",
        "if nothing.size: SIZE = 3",
    ],
)
def test_a_definition_that_cannot_be_made_here_is_kept_only_where_it_is_used(statement: str) -> None:
    head = "import surely_not_installed as nothing\ntimed = make()\ndata = load()\n"
    assert kept(f"{head}{statement}\n{SOLVE.format('0')}") == ["def solve(seed, x, y, lr):"]
    names = "helper, Helper, SIZE, nothing, surely_not_installed"
    assert ast.unparse(ast.parse(statement)).splitlines()[0] in kept(f"{head}{statement}\n{SOLVE.format(names)}")


def test_what_is_built_on_a_definition_that_is_left_out_is_left_out() -> None:
    source = "data = load()\nclass A:\n    d = data\nclass B(A): pass\nclass C: pass\nclass D(C): pass\n"
    assert kept(source + SOLVE.format("0")) == ["class C:", "class D(C):", "def solve(seed, x, y, lr):"]


def test_an_import_that_is_missing_here_is_kept_only_where_it_is_used() -> None:
    missing = "import surely_not_installed.pyplot as plt"
    assert not is_kept(missing)
    assert is_kept(missing, "plt.x")
    assert not is_kept(f"{missing}\n" + "def plot():\n    plt.show()")
    assert is_kept("from . import x")


def test_a_plain_value_of_something_that_is_not_kept_is_left_out() -> None:
    assert kept("n = make()\nm = n\nk = 3\nl = k\n" + SOLVE.format("0")) == [
        "k = 3",
        "l = k",
        "def solve(seed, x, y, lr):",
    ]


def test_order_does_not_matter() -> None:
    source = SOLVE.format("model") + "model = MLP()\nmodel = MLP(2)\n"
    assert kept(source) == ["def solve(seed, x, y, lr):", "model = MLP()", "model = MLP(2)"]


def test_of_whole_programs_nothing_is_left_out_that_can_matter() -> None:
    folders = ("reference/accepted", "reference/misconceptions", "submissions", "tests/legitimate/programs")
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")) if path.stem != "casey"]
    assert len(paths) > 100
    left_out = set()
    for path in paths:
        nodes = ast.parse(path.read_bytes()).body
        dropped = [node for node, is_kept in zip(nodes, kept_statements(nodes, "solve"), strict=True) if not is_kept]
        left_out |= {(path.name, ast.unparse(node).splitlines()[0].partition("(")[0]) for node in dropped}
    assert left_out == {
        ("guarded_main.py", "if __name__ == '__main__':"),
        ("logging_and_warnings.py", "logging.basicConfig"),
    }
