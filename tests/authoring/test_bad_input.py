"""Whatever an author's file may be: one clear error with file, line and value, and exit status 2 or 3."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.rows_exercise import FILES, KEPT, make

Run = Callable[..., tuple[int, str, str]]
Change = "str | bytes | None"

CASES, SOLUTION, STRATEGIES = "cases/written.yaml", "reference/solution.py", "reference/strategies.py"
DEFINITION, GOLDENS = "reference/exercise.yaml", "cases/goldens/written.json"
EQUIVALENTS = "reference/equivalent-mutants.yaml"
RECORD, CHECK, DRAW = ("cases", "record"), ("cases", "check"), ("cases", "draw", "-n", "2")


def changed(name: str, old: str, new: str) -> dict[str, Any]:
    assert old in FILES[name]
    return {name: FILES[name].replace(old, new, 1)}


def broken(root: Path, changes: dict[str, Any]) -> None:
    for name, content in changes.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)


def refused(run: Run, status: int, words: str, *arguments: str) -> None:
    found, out, err = run(*arguments)
    assert (found, out) == (status, "")
    assert words in err
    assert err.count("judge:") == 1, "one error, not several"
    assert "Traceback" not in err
    assert "bug in judge" not in err


FIRST_CASE = "{factor: 2.5, rows: [[1, 2, 3], [4, 5, 7]], weights: [1, 2]}"
SECOND_CASE = "{factor: 1.5, rows: [[1, 2], [4, 5]], weights: [1, 2]}"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            changed(CASES, "[1, 2]}", "[1, 2}"),
            "cases/written.yaml:6: is not YAML: while parsing a flow sequence",
        ),
        (changed(CASES, "    why: The", "\twhy: The"), "cases/written.yaml:3: is not YAML: "),
        (changed(CASES, "    why: The", "\twhy: The"), "indent with spaces, not with tabs"),
        (changed(CASES, "why: Many", "whi: Many"), ":13: cases[2]: unknown field 'whi'; did you mean 'why'?"),
        (
            changed(CASES, "    why: Many numbers.", "    why: Many numbers.\n    why: More."),
            "cases/written.yaml:14: cases[2]: the field 'why' is given twice (first on line 13)",
        ),
        (
            changed(CASES, "cases:", "a: &a [x, x]\nb: &b [*a, *a]\ncases:"),
            "cases/written.yaml:1: the anchor &a is not allowed; write the value out",
        ),
        (changed(CASES, "cases:", "a: *a\ncases:"), "cases/written.yaml:1: the alias *a is not allowed"),
        (changed(CASES, "why: Large numbers.", "<<: {why: x}"), "cases[3]: unknown field '<<'"),
        (
            changed(CASES, "factor: 2.5", "factor: two"),
            "cases/written.yaml:6: cases[0].inputs.factor: expected a number, got 'two' (text)",
        ),
        (
            changed(CASES, "factor: 2.5", "factor: .nan"),
            "cases/written.yaml:6: cases[0].inputs.factor: expected a number, got '.nan' (text); infinities and NaN",
        ),
        (
            changed(CASES, "factor: 2.5", "factor: -.inf"),
            "got '-.inf' (text); infinities and NaN are not allowed",
        ),
        (changed(CASES, "factor: 2.5", "factor: 1e999"), "factor: '1e999' is too large for a float64"),
        (
            changed(CASES, "weights: [1, 2]", "weights: [1, 2, 3]"),
            "cases/written.yaml:6: cases[0].inputs.weights: has shape [3], so N = 3, but rows says N = 2",
        ),
        (
            changed(CASES, "name: square", "name: plain"),
            "cases/written.yaml:7: cases[1]: the name 'plain' is taken by the case on line 2",
        ),
        (
            changed(CASES, SECOND_CASE, FIRST_CASE),
            "cases/written.yaml:7: written/square: has the same inputs as written/plain",
        ),
        (
            changed(CASES, "shape: [4, 4], seed: 1", "shape: [100000, 100000], seed: 1"),
            "cases/written.yaml:17: cases[2].inputs.rows.uniform.shape: 10000000000 numbers are too many",
        ),
        (changed(CASES, "low: 1, high: 2", "low: 2, high: 1"), "rows.uniform: low (2) is not below high (1)"),
        (changed(CASES, "seed: 1,", "seed: -1,"), "uniform.seed: -1 is not between 0 and 4294967295"),
        (
            changed(CASES, "sees: [columns-summed]", "sees: [colums]"),
            ":10: cases[1].sees[0]: there is no misconcep",
        ),
        ({CASES: ""}, "cases/written.yaml: is empty"),
        ({CASES: "# no case yet\n"}, "cases/written.yaml: is empty"),
        ({CASES: "cases:\n"}, "cases/written.yaml:1: cases: expected a list of cases, got nothing"),
        ({CASES: "- a\n"}, "cases/written.yaml:1: expected a mapping with 'cases', got a list of 1"),
        ({CASES: None}, "cases: there is no case; 'judge cases new NAME' writes the first one"),
        (
            {CASES: FILES[CASES].encode().replace(b"Large numbers", b"Gr\xf6\xdfe")},
            "cases/written.yaml:20: is not UTF-8: byte 0xf6",
        ),
        ({CASES: FILES[CASES].encode("utf-16")}, "cases/written.yaml:1: is not UTF-8: byte 0xff"),
        (
            changed(CASES, "Large", "La\0rge"),
            r"cases/written.yaml:20: is not YAML: the character '\x00' is not",
        ),
        ({"cases/other.yaml/inside": "x"}, "cases/other.yaml: cannot be read: Is a directory"),
        (
            changed(DEFINITION, "kind: float", "kind: folat"),
            "exercise.yaml:5: parameters[0].kind: 'folat' is not",
        ),
        ({DEFINITION: "name: [\n"}, "reference/exercise.yaml:2: is not YAML"),
        ({SOLUTION: None}, "reference/solution.py: cannot be read: No such file"),
        ({SOLUTION: "\ndef weigh(:\n"}, "reference/solution.py:2: is not Python: invalid syntax"),
        ({SOLUTION: b"x = '\xff'\n"}, "reference/solution.py:1: is not Python: "),
        ({SOLUTION: "x = 1\n"}, "reference/solution.py: fails on written/plain: AttributeError"),
        (
            changed(SOLUTION, "return np", "return {}['x'] * np"),
            "reference/solution.py:8: fails on written/plain: KeyError: 'x'",
        ),
        (
            changed(SOLUTION, "* weights", "* weights * np.float32(1 + np.random.rand())"),
            "reference/solution.py: is not deterministic: on written/large it returned [",
        ),
        (changed(SOLUTION, "* weights", "* weights / 0"), "returns [inf, inf] on written/plain, not finite"),
        ({"reference/oracle.py": "def weigh(:\n"}, "reference/oracle.py:1: is not Python: "),
        ({"reference/accepted/loop.py": "\n\nx = = 1\n"}, "reference/accepted/loop.py:3: is not Python: "),
        (
            {"reference/misconceptions/bad.py": "x = 1\n"},
            "reference/misconceptions/bad.py:1: has no docstring",
        ),
        (
            {"reference/misconceptions/bad.py": '"""A."""\nx = = 1\n'},
            "misconceptions/bad.py:2: is not Python: ",
        ),
    ],
)
def test_files_that_cannot_be_recorded(tmp_path: Path, run: Run, changes: dict[str, Any], words: str) -> None:
    make(tmp_path)
    broken(tmp_path, changes)
    refused(run, 3, words, *RECORD)
    assert not (tmp_path / GOLDENS).exists()


def test_a_folder_that_is_no_exercise(tmp_path: Path, run: Run) -> None:
    refused(run, 2, "looked for reference/exercise.yaml; name its folder with --exercise DIR", *RECORD)


def test_a_misconception_that_is_none(tmp_path: Path, run: Run) -> None:
    """Right answers everywhere: the file says nothing, whatever cases are added."""
    same = FILES[SOLUTION].partition("\n")[2]
    make(tmp_path, {"reference/misconceptions/same.py": f'"""Same."""\n{same}'})
    assert run(*RECORD)[0] == 0
    status, out, _ = run(*CHECK)
    assert status == 3
    words = "error: reference/misconceptions/same.py:1: same returns the reference's value on every case: add a case"
    assert words in out
    silent = f'"""Same."""\n\nMISCONCEPTION = {{"numeric": False}}\n{same}'
    make(tmp_path, {"reference/misconceptions/same.py": silent})
    assert run(*RECORD)[0] == 0
    status, out, _ = run(*CHECK)
    assert status == 3
    assert (
        "same.py:3: same returns the reference's value on every case and declares neither a pitfall nor an"
        in out
    )
    structural = silent.replace("False}", 'False, "pitfall": "optax-not-used"}')
    make(tmp_path, {"reference/misconceptions/same.py": structural, **KEPT})
    assert run(*RECORD)[0] == 0
    assert run(*CHECK)[0] == 0


HEAD = "import sys\nimport numpy as np\nfrom hypothesis import assume, strategies as st\n\n\n"
ONE = '{"factor": 1.0, "rows": np.ones((1, 1), np.float32), "weights": np.ones(1, np.float32)}'


def strategy(body: str) -> dict[str, Any]:
    return {STRATEGIES: f"{HEAD}def inputs():\n    return {body}\n"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {STRATEGIES: None},
            "strategies.py: is missing: it says with Hypothesis strategies what valid inputs are",
        ),
        ({STRATEGIES: ""}, "reference/strategies.py: defines no function inputs() that gives a strategy"),
        ({STRATEGIES: "def inputs(:\n"}, "reference/strategies.py:1: the strategies fail: SyntaxError"),
        (strategy("{}['x']"), "reference/strategies.py:7: the strategies fail: KeyError: 'x'"),
        (strategy("sys.exit(0)"), "reference/strategies.py:7: the strategies fail: SystemExit: 0"),
        (
            strategy("st.integers().map(lambda n: 1 / 0)"),
            "strategies.py:7: the strategies fail: ZeroDivisionError",
        ),
        (strategy("st.builds(lambda: sys.exit(0))"), "strategies.py:7: the strategies fail: SystemExit: 0"),
        (
            strategy("st.integers().filter(lambda n: False)"),
            "strategies.py:6: inputs() discards or needs too much",
        ),
        (
            strategy("st.integers().filter(lambda n: False)"),
            "0 inputs were generated successfully, while 50 inputs",
        ),
        (
            strategy("st.integers().map(lambda n: assume(False))"),
            "strategies.py:6: inputs() discards or needs too",
        ),
        (strategy("st.nothing()"), "reference/strategies.py:6: inputs() draws nothing at all"),
        (
            strategy("st.just(3)"),
            "reference/strategies.py:6: inputs() must draw a dict with the keys ['factor',",
        ),
        (
            strategy(f"st.just({ONE})"),
            "reference/strategies.py draws only 1 different inputs, wanted are 2 cases",
        ),
        (
            strategy(f"st.just({ONE} | {{'factor': float('nan')}})"),
            ":6: inputs() drew factor = nan, which is not fin",
        ),
        (
            strategy(f"st.just({ONE} | {{'factor': 10**400}})"),
            ":6: inputs() drew factor = inf, which is not finite",
        ),
        (
            strategy(f"st.just({ONE} | {{'rows': [[1], [1, 2]]}})"),
            ":6: inputs() drew rows = [[1], [1, 2]], which is no",
        ),
        (
            strategy(f"st.just({ONE} | {{'weights': np.ones(3, np.float32)}})"),
            ":6: inputs() drew weights of shape (3,)",
        ),
        (
            strategy(f"st.just({ONE} | {{'rows': np.ones((1, 2_000_000), np.float32)}})"),
            ":6: inputs() drew rows with 2000000 numbers, at most 1000000 are allowed",
        ),
    ],
)
def test_strategies_that_cannot_be_drawn_from(
    tmp_path: Path, run: Run, changes: dict[str, Any], words: str
) -> None:
    make(tmp_path)
    run(*RECORD)
    broken(tmp_path, changes)
    status, out, err = run(*DRAW)
    assert (status, out) == (3, "")
    assert words in err
    assert "Traceback" not in err
    assert "bug in judge" not in err
    assert not (tmp_path / "cases" / "generated.yaml").exists()


def edited(root: Path, **fields: Any) -> None:
    path = root / GOLDENS
    document = json.loads(path.read_text(encoding="utf-8"))
    document["cases"]["plain"].update(fields)
    path.write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"expected": [15.0, 80.0, 3.0]},
            "plain is not as it was recorded: its expected value has shape [3], declared",
        ),
        (
            {"expected": [15.0, 81.0]},
            "plain is not as it was recorded: its tolerance of 0.000305 (relative 3.81e-06",
        ),
        ({"tolerance": 1e3}, "plain is not as it was recorded: its tolerance of 1e+03 (relative"),
        (
            {"relative_tolerance": 1e-9},
            "does not follow from its value and the noise of each solution, which give",
        ),
        ({"noise": 0.0}, "does not follow from its value and the noise of each solution, which give"),
        (
            {"noise_from": {"one-ulp": 0.0}},
            "plain is not as it was recorded: what accepted/loop gave is not there",
        ),
        ({"misconceptions": {}}, "plain is not as it was recorded: what columns-summed gave is not there"),
        (
            {"misconceptions": {"mean-not-sum": {}}},
            "cases/goldens/written.json: no file of goldens (no field 'raises')",
        ),
        ({"expected": [10**400, 1]}, "cases/goldens/written.json: no file of goldens (int too large"),
        ({"expected": [[1], [2, 3]]}, "cases/goldens/written.json: no file of goldens ("),
        (
            {"tolerance": "x"},
            "cases/goldens/written.json: no file of goldens (could not convert string to float: 'x')",
        ),
        ({"inputs_sha256": "0"}, "the inputs of written/plain changed"),
    ],
)
def test_goldens_that_were_edited_are_refused_and_mended(
    tmp_path: Path, run: Run, fields: dict[str, Any], words: str
) -> None:
    make(tmp_path)
    run(*RECORD)
    before = (tmp_path / GOLDENS).read_text(encoding="utf-8")
    edited(tmp_path, **fields)
    for command in (CHECK, (*RECORD, "--check"), DRAW, ("cases", "mutate"), (str(tmp_path / SOLUTION),)):
        refused(run, 3, words, *command)
    assert run(*RECORD)[0] == 0, "the command that every message names"
    assert (tmp_path / GOLDENS).read_text(encoding="utf-8") == before


@pytest.mark.parametrize("content", [b"", b"{", b'{"format": 1,', b"\xff\xfe", b"null", b'{"format": 99}'])
def test_goldens_that_are_no_goldens_are_refused_and_mended(tmp_path: Path, run: Run, content: bytes) -> None:
    make(tmp_path)
    run(*RECORD)
    before = (tmp_path / GOLDENS).read_bytes()
    (tmp_path / GOLDENS).write_bytes(content)
    refused(run, 3, "cases/goldens/written.json: no file of goldens (", *CHECK)
    assert run(*RECORD)[0] == 0
    assert (tmp_path / GOLDENS).read_bytes() == before


def test_missing_goldens_are_named(tmp_path: Path, run: Run) -> None:
    make(tmp_path)
    refused(run, 3, "cases/goldens/written.json is missing", *CHECK)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "was: a\n",
            "reference/equivalent-mutants.yaml:1: expected a list of equivalents, got a mapping of 1",
        ),
        ("- was: a\n  now: b\n", "reference/equivalent-mutants.yaml:1: [0]: the field 'reason' is missing"),
        ("- {was: a, now: b, reason: c, line: 3}\n", ":1: [0]: unknown field 'line'"),
        ("- was: a\n\tnow: b\n", "reference/equivalent-mutants.yaml:2: is not YAML: "),
    ],
)
def test_equivalents_that_cannot_be_read(tmp_path: Path, run: Run, text: str, words: str) -> None:
    make(tmp_path)
    run(*RECORD)
    (tmp_path / EQUIVALENTS).write_text(text, encoding="utf-8")
    refused(run, 3, words, "cases", "mutate")


def test_what_cannot_be_written_is_named(tmp_path: Path, run: Run) -> None:
    make(tmp_path, {"cases/goldens": "a file where a folder belongs"})
    status, _, err = run(*RECORD)
    assert status == 3
    assert "cases/goldens: cannot be written: File exists" in err
    (tmp_path / "cases" / "goldens").unlink()
    run(*RECORD)
    refused(run, 2, "nowhere/a.html: cannot be written: No such", *CHECK, "--plot", "nowhere/a.html")
    for path in (tmp_path / "reference" / "misconceptions").glob("*.py"):
        path.unlink()
    without = "\n".join(line for line in FILES[CASES].splitlines() if "sees:" not in line)
    (tmp_path / CASES).write_text(without, encoding="utf-8")
    run(*RECORD)
    refused(run, 2, "there is nothing to show", *CHECK, "--plot", str(tmp_path / "a.html"))
    assert run(*CHECK)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("cases", "new", "Bad Name"), "'Bad Name' is no name for a case's name"),
        (("cases", "new", "plain", "--file", "written"), "there is a case written/plain already"),
        (("cases", "show", "plian"), "there is no case 'plian'"),
        (("cases", "draw", "-n", "many"), "'many' is not a number from 1 up"),
        (("cases", "draw", "--seed", "1.5"), "invalid int value: '1.5'"),
        (("cases", "check", "--format", "xml"), "invalid choice: 'xml'"),
        (("cases", "mutate", "-j", "0"), "'0' is not a number from 1 up"),
        (("fuzz", "/dev/null"), "/dev/null: it is a device, not a regular file"),
        (("fuzz", "nobody.py", "--pin", "Bad Name"), "--pin Bad Name: use lower-case letters"),
        (("fuzz", "nobody.py"), "nobody.py"),
    ],
)
def test_usage(tmp_path: Path, run: Run, arguments: tuple[str, ...], words: str) -> None:
    make(tmp_path)
    refused(run, 2, words, *arguments)
