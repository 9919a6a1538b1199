"""``%%judge`` and ``%judge`` in a real kernel, as Jupyter starts it."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
EXERCISE = ROOT / "tests" / "exercises" / "optax_sgd_step"
RIGHT = (EXERCISE / "reference" / "solution.py").read_text()
HEAD, SOLVE = RIGHT[: RIGHT.index("def sgd_step")], RIGHT[RIGHT.index("def sgd_step") :]

CELLS = {
    "load": "%load_ext judge",
    "head": HEAD + "\nprint('not to be printed again')",
    "broken": "raise ValueError\nunfinished = 1\nsgd_step = unfinished",
    "right": f"%%judge\n{SOLVE}",
    "own": f"%%judge\n{SOLVE}\nsorted([])",
    "is run": "sgd_step.__name__",
    "wrong": "def mine(params, grads, lr):\n    return undefined + 1",
    "by name": "%judge mine",
    "again": "%judge sgd_step",
    "for learners": "%judge sgd_step --audience learner",
    "unknown": "%judge nothing",
    "no exercise": "%judge sgd_step --exercise /",
    "quote": "%judge sgd_step '",
    "option": "%judge sgd_step --no-such-option",
}


@pytest.fixture(scope="module")
def outputs() -> dict[str, list[Any]]:
    """What each of the cells shows."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS.values()]
    document = nbformat.v4.new_notebook(cells=cells)
    resources = {"metadata": {"path": str(EXERCISE / "cases")}}
    NotebookClient(document, timeout=300, kernel_name="python3", resources=resources, allow_errors=True).execute()
    return {name: cell.outputs for name, cell in zip(CELLS, document.cells, strict=True)}


def shown(outputs: list[Any]) -> tuple[str, str]:
    """The report as text and as a page."""
    (data,) = [one["data"] for one in outputs if one["output_type"] == "display_data"]
    return data["text/plain"], data["text/html"]


def said(outputs: list[Any]) -> str:
    (one,) = outputs
    assert one["name"] == "stderr"
    return str(one["text"])


def test_a_cell_is_run_and_graded_with_what_it_needs_of_others(outputs: dict[str, list[Any]]) -> None:
    text, _ = shown(outputs["right"])
    assert "Accepted" in text.splitlines()[0]
    assert "this notebook" in text
    assert outputs["is run"][0]["data"]["text/plain"] == "'sgd_step'"
    assert not any(one.get("name") == "stdout" for one in outputs["right"])
    assert "left out" not in text, "what is left out of other cells is no news"
    place = list(CELLS).index("own") + 1
    assert f"Cell {place}: left out" in shown(outputs["own"])[0]


def test_the_page_is_in_a_frame_of_its_own(outputs: dict[str, list[Any]]) -> None:
    _, page = shown(outputs["right"])
    assert page.startswith('<iframe sandbox="allow-scripts allow-popups"')
    inside = unescape(page.partition('srcdoc="')[2].partition('"')[0])
    assert inside.startswith("<!DOCTYPE html>")
    assert inside.rstrip().endswith("</html>")


def test_a_function_of_another_name_is_graded_with_its_place(outputs: dict[str, list[Any]]) -> None:
    text, page = shown(outputs["by name"])
    place = list(CELLS).index("wrong") + 1
    assert f"--> this notebook, cell {place}, line 2" in text
    assert f"cell {place}, line 2" in page


def test_the_function_in_the_notebook_is_graded_by_name(outputs: dict[str, list[Any]]) -> None:
    assert "Accepted" in shown(outputs["again"])[0].splitlines()[0]


def test_learners_see_nothing_of_hidden_cases(outputs: dict[str, list[Any]]) -> None:
    assert "hidden cases not shown" in shown(outputs["for learners"])[0]
    assert "hidden cases not shown" not in shown(outputs["again"])[0]


def test_what_cannot_be_graded_is_said_in_a_line(outputs: dict[str, list[Any]]) -> None:
    assert said(outputs["unknown"]) == "judge: nothing is called nothing in this notebook yet\n"
    assert said(outputs["no exercise"]).startswith("judge: ")
    assert "--no-such-option" in said(outputs["option"])
    assert all(said(outputs[name]).count("\n") == 1 for name in ("unknown", "no exercise", "quote", "option"))
