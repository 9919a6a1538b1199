"""What in a file could reach behind the probes, and what looks like it and could not."""

from __future__ import annotations

import ast

import pytest

from judge.diagnosis.reaches import reaches, uses


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import sys\nsys._getframe()", "sys._getframe"),
        ("import sys as s\ns.modules['judge']", "sys.modules"),
        ("from sys import modules", "sys.modules"),
        ("import gc\ngc.get_objects()", "gc.get_objects"),
        ("import importlib\nimportlib.reload(optax)", "importlib.reload"),
        ("from importlib import reload", "importlib.reload"),
        ("import ctypes", "ctypes"),
        ("import judge.inside.worker", "judge"),
        ("exec('x = 1')", "exec"),
        ("run = eval", "eval"),
        ("f.__code__ = g", "__code__"),
        ("f.__closure__[0].cell_contents", "__closure__"),
        ("import threading\nthreading.setprofile(f)", "threading.setprofile"),
        ("import os\nos.sys.modules", "sys.modules"),
        ("__builtins__['repr'] = f", "__builtins__"),
    ],
)
def test_what_reaches_objects_that_were_never_imported_is_far(source: str, what: str) -> None:
    first = reaches(ast.parse(source))[0]
    assert (first.what, first.far) == (what, True)


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("tx.init.__wrapped__(v)", "__wrapped__"),
        ("tx.init._original(v)", "_original"),
        ("getattr(tx.init, name)(v)", "getattr"),
        ("getattr(tx.init, '_original')(v)", "_original"),
        ("vars(tx)", "vars"),
        ("import optax\noptax.sgd = mine", "optax.sgd"),
        ("import optax._src.base", "optax._src.base"),
        ("from jax._src import core", "jax._src.core"),
        ("import pickle", "pickle"),
        ("import operator\noperator.attrgetter(name)(tx.init)", "attrgetter"),
        ("find('__wrapped__')", "__wrapped__"),
        ("match tx.init:\n    case object(_original=f):\n        f(v)", "_original"),
        ("import optax\nsetattr(optax, 'apply_updates', f)", "setattr"),
        ("@jax.tree_util.register_pytree_node_class\nclass A: ...", "register_pytree_node_class"),
        ("from unittest import mock", "unittest"),
    ],
)
def test_what_reaches_behind_something_at_hand_is_near(source: str, what: str) -> None:
    first = reaches(ast.parse(source))[0]
    assert (first.what, first.far) == (what, False)


@pytest.mark.parametrize(
    "source",
    [
        "import sys\nprint(sys.version, file=sys.stderr)\nsys.setrecursionlimit(5000)",
        "import gc\ngc.collect()",
        "import importlib.metadata\nimportlib.metadata.version('jax')",
        "import importlib\nimportlib.metadata.version('jax')",
        "import threading\nlock = threading.Lock()",
        "class A:\n    def __init__(self):\n        self._x = 1\n\n    def __call__(self):\n        return self._x",
        "from __future__ import annotations\n__all__ = ['solve']\nprint(solve.__name__)",
        "getattr(nn, 'relu')(x)",
        "setattr(config, 'hidden', 16)",
        "state._replace(step=1)._asdict()",
        "model = nn.Dense(1)\nmodel.hidden = 3",
        "import re\nre.compile('x')",
        "step = jax.jit(f).lower(x).compile()",
        "from . import helpers",
    ],
)
def test_what_honest_files_do_is_no_reach(source: str) -> None:
    assert reaches(ast.parse(source)) == []


def test_a_library_is_used_where_its_name_is_read() -> None:
    assert uses(ast.parse("import optax as o\ntx = o.sgd(1)"), "optax")
    assert uses(ast.parse("from optax import sgd\ntx = sgd(1)"), "optax")
    assert not uses(ast.parse("import optax\nimport jax\njax.grad(f)"), "optax")
    assert not uses(ast.parse("# optax.sgd\nx = 'optax'"), "optax")
