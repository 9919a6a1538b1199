"""Looks at its own source, frames and signature."""

import ast
import inspect
import sys
import traceback


def helper(value):
    """A docstring."""
    return value * 2


def solve(seed, x_batch, y_batch, lr):
    source = inspect.getsource(helper)
    tree = ast.parse(source)
    try:
        raise ValueError("inside")
    except ValueError:
        lines = len(traceback.format_exc().splitlines())
    here = sys._getframe().f_code.co_name
    return [
        float(len(source)),
        float(len(tree.body)),
        float(lines > 2),
        float(len(inspect.signature(solve).parameters)),
        float(here == "solve"),
        float(inspect.getdoc(helper) == "A docstring."),
    ]
