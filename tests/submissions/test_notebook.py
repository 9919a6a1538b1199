"""Reading notebook files: those that Jupyter writes, and those that are broken or hostile, each in one clear line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from support.notebooks import code, document, markdown, notebook

from judge.bounded.client import server_of
from judge.bounded.grading import python_of
from judge.grade import LoadedExercise
from judge.grader import load_exercise_with_goldens
from judge.model import Limits, Submission
from judge.submission import NOTEBOOK_KIB, Unusable, read_submission, submission_of
from judge.submissions.notebook import code_cells, read_notebook

ROOT = Path(__file__).resolve().parents[2]
SOLVE = "def solve(seed, x_batch, y_batch, lr):\n    return 0\n"


def read(data: bytes, limits: Limits | None = None) -> Submission | Unusable:
    return read_notebook(submission_of(data, "mine.ipynb"), "solve", limits or Limits())


@pytest.mark.parametrize("minor", range(6))
def test_what_jupyter_writes_is_read_as_nbformat_reads_it(minor: int) -> None:
    made = nbformat.v4.new_notebook(metadata={"language_info": {"name": "python"}})
    made.cells = [
        nbformat.v4.new_markdown_cell("# ä\n\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")),
        nbformat.v4.new_code_cell("import jax\n\nA = 'ä'", metadata={"tags": ["judge-ignore", "b"]}),
        nbformat.v4.new_raw_cell("raw"),
        nbformat.v4.new_code_cell(SOLVE, outputs=[nbformat.v4.new_output("stream", text="x\n" * 9)]),
    ]
    made.nbformat_minor = minor
    for cell in made.cells:
        if minor < 5:
            del cell["id"]
    text = nbformat.writes(made)
    again = nbformat.reads(text, as_version=4)
    expected = [
        (place, cell.source, frozenset(cell.metadata.get("tags", ())))
        for place, cell in enumerate(again.cells, 1)
        if cell.cell_type == "code"
    ]
    assert [(cell.number, cell.source, cell.tags) for cell in code_cells(text.encode())] == expected
    got = read(text.encode())
    assert isinstance(got, Submission)
    assert got.sha256 == submission_of(text).sha256
    assert got.notebook is not None
    assert [one.cell for one in got.notebook.cells] == [4]


def test_a_byte_order_mark_and_numbers_that_json_has_not_are_taken() -> None:
    cell = {**code(SOLVE), "outputs": [{"data": {"x": [float("nan"), float("inf"), 10**5]}}]}
    assert isinstance(read(b"\xef\xbb\xbf" + notebook(cell)), Submission)


def hostile() -> dict[str, tuple[bytes, str]]:
    """Files by kind, each with what is said of it."""
    nested = notebook(SOLVE).replace(b'"outputs": []', b'"outputs": ' + b"[" * 100_000 + b"]" * 100_000)
    lone = notebook("A = 1\n", SOLVE).replace(b"A = 1", rb"A = '\ud800'")
    digits = notebook(SOLVE).replace(b'"execution_count": null', b'"execution_count": ' + b"9" * 100_000)
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": []}]}

    def dumped(value: Any) -> bytes:
        return json.dumps(value).encode()

    return {
        "python": (SOLVE.encode(), "is not JSON, as a notebook must be: Expecting value in line 1"),
        "cut off": (notebook(SOLVE)[:-100], "is not JSON, as a notebook must be: "),
        "binary": (b"PK\x03\x04\xff\xfe" * 9, "is not UTF-8, as a notebook must be (byte 4)"),
        "utf-16": (notebook(SOLVE).decode().encode("utf-16"), "is not UTF-8, as a notebook must be (byte 0)"),
        "null": (b"null", "is not a notebook: its JSON is no object"),
        "a list": (b"[1]", "is not a notebook: its JSON is no object"),
        "an object": (b"{}", "is not a notebook: it has no nbformat number"),
        "version as text": (notebook(SOLVE, nbformat="4"), "is not a notebook: it has no nbformat number"),
        "version true": (notebook(SOLVE, nbformat=True), "is not a notebook: it has no nbformat number"),
        "version 3": (dumped(old), "is a notebook of the old format 3, written before 2015"),
        "version 5": (notebook(SOLVE, nbformat=5), "is a notebook of format 5, which is newer than this judge"),
        "no cells": (dumped({"nbformat": 4}), "is not a notebook: it has no list of cells"),
        "cells as object": (dumped({"nbformat": 4, "cells": {}}), "is not a notebook: it has no list of cells"),
        "a number as cell": (dumped(document() | {"cells": [7, code(SOLVE)]}), "cell 1 is a number, not an object"),
        "null as cell": (dumped(document() | {"cells": [code(SOLVE), None]}), "cell 2 is nothing, not an object"),
        "source a number": (notebook({**code(SOLVE), "source": 7}), "the source of cell 1 is no text"),
        "source of numbers": (notebook({**code(SOLVE), "source": [7]}), "the source of cell 1 is no text"),
        "no source": (notebook({"cell_type": "code"}), "the source of cell 1 is no text"),
        "a surrogate": (lone, "holds half a character (a lone surrogate) in cell 1"),
        "a key twice": (notebook(SOLVE)[:-2] + b', "cells": []}', "has the key 'cells' twice in one object"),
        "julia": (notebook(SOLVE, metadata={"kernelspec": {"language": "julia"}}), "is a notebook in 'julia'"),
        "depth": (nested, "is nested too deeply to be a notebook"),
        "digits": (digits, ""),
        "tags of numbers": (notebook({**code(SOLVE), "metadata": {"tags": [1, [], None]}}), ""),
        "metadata a list": (notebook({**code(SOLVE), "metadata": []}, metadata=[]), ""),
    }  # fmt: skip


@pytest.mark.parametrize("kind", hostile())
def test_a_file_that_is_no_notebook_is_refused_in_one_line(kind: str) -> None:
    data, said = hostile()[kind]
    told = read(data)
    if not said:  # odd, and a notebook all the same
        assert isinstance(told, Submission)
        return
    assert isinstance(told, Unusable)
    assert (told.path, told.code) == ("mine.ipynb", "not-a-notebook")
    assert told.message.startswith("it ")
    assert said in told.message
    assert told.message.isprintable()
    assert len(told.message) < 200


def test_a_notebook_without_code_is_empty() -> None:
    for data in (notebook(), notebook(markdown("# Title"), "", " \n")):
        assert read(data) == Unusable("mine.ipynb", "empty", "it has no code cell with code in it")
    told = read(notebook(code(SOLVE, "judge-ignore"), "%%bash\nls"))
    assert told == Unusable(
        "mine.ipynb",
        "empty",
        "no code cell of it is left to grade. Cell 1 is left out by its tag. "
        "Cell 2 is left out: it begins with `%%bash`",
    )


def test_more_code_than_a_source_may_have_is_refused() -> None:
    told = read(notebook(SOLVE, "# " + "x" * 3000), Limits(source_kib=2))
    assert told == Unusable("mine.ipynb", "too-large", "its code has 0.0 MiB; at most 2 KiB of code are read")


def test_more_cells_than_a_report_has_room_for_are_refused() -> None:
    told = read(notebook(*["pass"] * 2_001))
    assert told == Unusable("mine.ipynb", "too-large", "it has 2,001 code cells; at most 2,000 are read")


def test_a_file_of_a_gigabyte_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "huge.ipynb"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    told = read_submission(path, Limits())
    assert told == Unusable(
        str(path),
        "too-large",
        "it has 1024.0 MiB; at most 16,384 KiB are read of a notebook (clearing its outputs makes it smaller)",
    )


def test_outputs_beyond_the_limit_for_code_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "large.ipynb"
    path.write_bytes(notebook({**code(SOLVE), "outputs": [{"data": {"image/png": "A" * (3 << 20)}}]}))
    found = read_submission(path, Limits())
    assert isinstance(found, Submission)
    assert isinstance(read(found.source), Submission)


@pytest.fixture(scope="module")
def loaded() -> Iterator[LoadedExercise]:
    loaded = load_exercise_with_goldens(ROOT)
    server_of(loaded).begin(loaded)
    yield loaded
    server_of(loaded).leave(loaded)


def bombs() -> dict[str, tuple[bytes, bool]]:
    """Within the limit of size, and far more work than that; with whether it has to be given up."""
    room = NOTEBOOK_KIB * 1024 - 4096
    head, tail = notebook({**code(SOLVE), "outputs": ["@"]}).split(b'"@"')
    nested = "".join(f"{' ' * n}def f{n}():\n" for n in range(99)) + " " * 99 + "pass\n"
    chain = "\n".join(f"v{n} = g(v{n + 1})" for n in range(5_000))
    return {
        "empty objects": (head + b"{}," * (room // 3) + b"1" + tail, True),
        "one deep expression": (notebook("x = " + "-" * 500_000 + "1\n" + SOLVE), False),
        "deep functions": (notebook(nested, SOLVE), False),
        "names": (notebook(chain, SOLVE.replace("0", "v0")), False),
    }


@pytest.mark.parametrize("kind", bombs())
def test_a_bomb_is_told_in_one_line_and_harms_nothing(kind: str, loaded: LoadedExercise) -> None:
    data, is_too_much = bombs()[kind]
    told = python_of(loaded, submission_of(data, "mine.ipynb"), Limits())
    assert isinstance(told, Unusable) or not is_too_much
    if isinstance(told, Unusable):
        assert told.code == "not-a-notebook"
        assert told.message.endswith("more than 2 s of processor time or 256 MiB of memory to be read")
    right = python_of(loaded, submission_of(notebook(SOLVE), "mine.ipynb"), Limits())
    assert isinstance(right, Submission)
