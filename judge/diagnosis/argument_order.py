"""The finding about an entry point that has the statement's parameters in another order."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from judge.diagnosis import messages
from judge.diagnosis.context import Run
from judge.diagnosis.explanation import Explained, Explanation

ANOTHER_ORDER = "arguments-in-another-order"


def find_argument_order(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Explain the failures where no answer is right and the names say which argument was meant to be which.

    A submission that writes the names in another order and uses them in that order gives right answers, or none.
    """
    wanted = [parameter.name for parameter in run.exercise.parameters]
    names = _parameters(run)
    failed = [case for case in run.outcomes.answered if case not in explained.cases]
    if names == wanted or sorted(names) != sorted(wanted) or run.outcomes.right or not failed:
        return
    entry_point = run.exercise.entry_point
    holds = next((mine, theirs) for mine, theirs in zip(names, wanted, strict=True) if mine != theirs)
    happened = (
        f"{messages.some_of(len(failed), run.started)} there is no right answer. The file defines "
        f"`{entry_point}({', '.join(names)})`, and it is called as `{messages.call_of(run.exercise)}`, by position: so "
        f"`{holds[0]}` holds what the statement calls `{holds[1]}`."
    )
    facts = {"cases": len(failed), "of": run.started}
    span = run.source.of_function(entry_point)
    yield run.explanation(ANOTHER_ORDER, happened, facts, span=span, cases=failed)


def _parameters(run: Run) -> list[str]:
    """Return the parameters of the file's plain definition of the entry point; empty if it has another form."""
    name = run.exercise.entry_point
    for node in reversed(run.source.tree.body if run.source.tree is not None else []):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            if not isinstance(node, ast.FunctionDef) or node.decorator_list:
                return []
            arguments = node.args
            plain = not (arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults)
            return [one.arg for one in (*arguments.posonlyargs, *arguments.args)] if plain else []
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.Import | ast.ImportFrom) and name in _bound_by(
            node
        ):
            return []
    return []


def _bound_by(node: ast.stmt) -> set[str]:
    stored = {
        one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }
    return stored | {one.asname or one.name for one in ast.walk(node) if isinstance(one, ast.alias)}
