"""From cells to a source: which cells count, what becomes of the rest of them, and the way back from each line."""

from __future__ import annotations

import ast
import tokenize
from io import BytesIO

import pytest

from judge.model import Notebook
from judge.submissions.cells import Cell, source_of

SOLVE = "def solve(seed, x, y, lr):\n    return 0"


def taken(*sources: str | Cell, session: bool = False) -> tuple[str, Notebook]:
    cells = [one if isinstance(one, Cell) else Cell(n, one) for n, one in enumerate(sources, 1)]
    return source_of(cells, "solve", session=session)


def body(source: str) -> list[str]:
    """The source's lines without those that the judge put between the cells."""
    return [line for line in source.splitlines() if not line.startswith(("# %% cell", "# coding"))]


def test_every_line_of_a_cell_has_its_place() -> None:
    cells = ["import jax\n\nA = 1\n", "# words\nprint(A)\nB = A\n" + SOLVE, "C = '''\n# %% cell 9\n'''"]
    source, notebook = taken(*cells)
    lines = source.splitlines()
    places = {notebook.place(number): line for number, line in enumerate(lines, 1) if notebook.place(number)}
    for number, cell in enumerate(cells, 1):
        for line, text in enumerate(cell.removesuffix("\n").split("\n"), 1):
            assert places[number, line].removeprefix("# ") == text.removeprefix("# ")
    assert len(places) == sum(cell.removesuffix("\n").count("\n") + 1 for cell in cells)
    assert notebook.place(1) is None
    assert notebook.place(len(lines) + 1) is None
    assert notebook.place(0) is None
    ast.parse(source)


def test_what_is_left_out_stays_as_a_comment_and_is_told() -> None:
    source, notebook = taken(f"print(1)\n{SOLVE}\nfor i in range(3):\n    print(\n        i)\n")
    assert body(source) == [
        "# print(1)",
        *SOLVE.split("\n"),
        "# for i in range(3):",
        "#     print(",
        "#         i)",
    ]
    assert notebook.notes == (
        "Cell 1: left out, as nothing that is graded needs it (line 1, `print(1)`; lines 4 to 6, "
        "`for i in range(3):`).",
    )


def test_statements_that_share_a_line_with_a_kept_one_become_nothing() -> None:
    source, notebook = taken(
        f"A = 1; print('ä', 1); B = 2; print(\n    2); print(3); C = 3; f()\nprint(4); print(5);\n{SOLVE}"
    )
    first, second, third, *_ = body(source)
    assert first == "A = 1; 0            ; B = 2; (0"
    assert second.replace(" ", "") == ");0;C=3;0"
    assert second.index("C") == "    2); print(3); C = 3".index("C")
    assert third == "# print(4); print(5);"
    scope: dict[str, object] = {}
    exec(source, scope)
    assert (scope["A"], scope["B"], scope["C"]) == (1, 2, 3)
    assert "`print('ä', 1)`" in notebook.notes[0]


@pytest.mark.parametrize("tag", ["judge-ignore", "otter_ignore"])
def test_a_cell_with_an_ignoring_tag_is_left_out(tag: str) -> None:
    source, notebook = taken(Cell(1, "A = 1", frozenset({tag})), Cell(2, SOLVE))
    assert body(source) == SOLVE.split("\n")
    assert notebook.notes == ("Cell 1 is left out by its tag.",)


def test_marked_cells_are_the_only_ones_and_are_taken_as_they_are() -> None:
    marked = Cell(4, f"print('loading')\n{SOLVE}", frozenset({"judge"}))
    source, notebook = taken(Cell(1, "A = 1"), Cell(3, "#judge: submit\nB = f()"), marked)
    assert body(source) == ["#judge: submit", "B = f()", "print('loading')", *SOLVE.split("\n")]
    assert notebook.notes == ("Of the code cells only those marked for submission are graded: 3 and 4.",)


def test_an_ignored_cell_does_not_count_as_marked() -> None:
    source, _ = taken(Cell(1, "# judge: submit\nA = 1", frozenset({"judge-ignore"})), Cell(2, SOLVE))
    assert body(source) == SOLVE.split("\n")


def test_the_last_of_two_definitions_counts_and_is_told() -> None:
    source, notebook = taken(SOLVE, "A = 1", SOLVE.replace("0", "A"), "import jax\nsolve = jax.jit(solve)")
    assert source.index("return 0") < source.index("return A") < source.index("jax.jit")
    assert notebook.notes == (
        "`solve` is defined 2 times, in cells 1 and 3; the last one counts, in cell 3, as in a notebook that is run "
        "from top to bottom.",
    )


def test_one_definition_is_not_told() -> None:
    assert taken(SOLVE, "import jax\nsolve = jax.jit(solve)")[1].notes == ()


def test_magics_are_left_out_and_told() -> None:
    source, notebook = taken(
        f"%matplotlib inline\n!pip install jax\nimport jax\njax.jit?\n{SOLVE}", "if A:\n    %time\nA = 1"
    )
    assert body(source)[:4] == ["# %matplotlib inline", "# !pip install jax", "import jax", "# jax.jit?"]
    assert body(source)[-3:] == ["if A:", "    pass  # %time", "A = 1"]
    assert notebook.notes[0] == (
        "Cell 1: IPython's own commands are left out (line 1, `%matplotlib inline`; line 2, `!pip install jax`; "
        "line 4, `jax.jit?`)."
    )


def test_below_a_cell_magic_there_may_be_no_python() -> None:
    source, notebook = taken("%%bash\nrm -rf ~", f"%%time\n{SOLVE}", "%%judge\nA = 1")
    assert body(source) == ["# %%time", *SOLVE.split("\n"), "# %%judge", "A = 1"]
    assert notebook.notes[0] == "Cell 1 is left out: it begins with `%%bash`."
    assert not any("judge" in note for note in notebook.notes)


def test_signs_within_texts_and_brackets_are_no_magics() -> None:
    cell = "!ls\nA = (7\n     % 4)\nB = '''\n%time\n!ls\nwhat?\n'''\nC = 7 \\\n  % 4\n# it's\n%pwd\n"
    cell += "D = {'a': [1,\n2]}\n"
    cell += SOLVE
    source, notebook = taken(cell)
    scope: dict[str, object] = {}
    exec(source, scope)
    assert (scope["A"], scope["B"], scope["C"]) == (3, "\n%time\n!ls\nwhat?\n", 3)
    assert notebook.notes == (
        "Cell 1: IPython's own commands are left out (line 1, `!ls`; line 12, `%pwd`).",
    )


def test_nothing_after_a_cell_that_is_not_python_is_taken() -> None:
    source, notebook = taken("A = 1", "B = (1,\n", SOLVE.replace("0", "B"))
    assert body(source) == ["A = 1", "B = (1,"]
    assert notebook.notes == ("Python cannot read cell 2, so the cells after it are left out: 3.",)
    with pytest.raises(SyntaxError) as error:
        ast.parse(source)
    assert notebook.place(error.value.lineno or 0) == (2, 1)


def test_a_cell_that_is_not_python_is_left_out_where_nothing_of_it_is_needed() -> None:
    right = f"def helper():\n    return jax.nn\n{SOLVE}"
    source, notebook = taken("import jax", "to do: plot this", right, "what now?!")
    ast.parse(source)
    assert notebook.notes == ("Cells 2 and 4 are left out: Python cannot read them.",)


@pytest.mark.parametrize("uses", ["Model()", "[Model for _ in x]", "helper()"])
def test_a_cell_that_is_not_python_is_an_error_where_the_program_needs_it(uses: str) -> None:
    cells = ["class Model(:\n    pass", "def helper():\n    return Model", SOLVE.replace("0", uses)]
    source, notebook = taken(*cells)
    assert body(source) == cells[0].split("\n")
    assert notebook.notes == ("Python cannot read cell 1, so the cells after it are left out: 2 and 3.",)


@pytest.mark.parametrize("session", [True, False])
def test_a_cell_that_is_not_python_is_an_error_where_it_is_meant(session: bool) -> None:
    meant = Cell(2, f"# judge: submit\n{SOLVE}\n)")
    source, _ = taken(Cell(1, SOLVE, frozenset({"judge"})), meant, session=session)
    assert body(source)[-1] == ")"


def test_imports_from_the_future_hold_for_all_cells() -> None:
    source, _ = taken("A = 1", f"from __future__ import annotations\ndef f(x: Later): pass\n{SOLVE}")
    exec(compile(source, "x", "exec", dont_inherit=True), {})
    wrong = taken(f"from __future__ import barry\n{SOLVE}")[0]
    with pytest.raises(SyntaxError):
        compile(wrong, "x", "exec")


def test_an_encoding_that_a_cell_declares_has_no_effect() -> None:
    source, _ = taken(f"# -*- coding: latin-1 -*-\nA = 'ä'\n{SOLVE}")
    assert tokenize.detect_encoding(BytesIO(source.encode()).readline)[0] == "utf-8"
    scope: dict[str, object] = {}
    exec(compile(source.encode(), "x", "exec"), scope)
    assert scope["A"] == "ä"


def test_line_ends_of_all_kinds_are_the_same_lines() -> None:
    source, notebook = taken(f"A = 1\r\nB = 2\rC = 3\n{SOLVE}")
    assert body(source)[:3] == ["A = 1", "B = 2", "C = 3"]
    assert notebook.place(source.splitlines().index("C = 3") + 1) == (1, 3)


def test_in_a_session_no_mark_chooses_and_no_redefinition_is_told() -> None:
    source, notebook = taken("import jax", f"# judge: submit\n{SOLVE}", SOLVE, session=True)
    assert "import jax" in source
    assert notebook.notes == ()


def test_many_notes_are_cut() -> None:
    _, notebook = taken(*(f"print({n})" for n in range(100)), SOLVE)
    assert len(notebook.notes) == 41
    assert notebook.notes[-1] == "And 60 more notes like these."
    _, notebook = taken("\n".join(f"print('{'x' * 100}{n}')" for n in range(100)), SOLVE)
    assert notebook.notes[0].endswith("...`; and 92 more).")


def test_backticks_of_a_learner_end_no_quotation() -> None:
    assert taken("print('`')", SOLVE)[1].notes[0].count("`") == 2
