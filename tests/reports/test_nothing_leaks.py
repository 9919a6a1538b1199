"""Learners who are out for the hidden cases: whatever a file does there, no byte that learners get tells of it.

The files print, return, raise and name things with the inputs of hidden cases in them, and only there: they are right
on the public cases, which run first, so that what is kept back is not hidden behind what may be told.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from judge.exercise import find_exercise, load_cases, load_exercise, load_goldens
from judge.model import Case, Outcome, Verdict, Visibility
from judge.reports.formats import formats
from judge.reports.saved import report_from_json

ROOT = Path(__file__).resolve().parents[2]
EXERCISE = load_exercise(find_exercise(ROOT))
CASES = load_cases(EXERCISE)
GOLDENS = load_goldens(EXERCISE, CASES)
HIDDEN = [case for case in CASES if case.visibility is Visibility.HIDDEN]
PUBLIC = [case for case in CASES if case.visibility is Visibility.PUBLIC]

SPY = f"""

honest = solve
calls = 0


def solve(seed, x_batch, y_batch, lr):
    global calls
    calls += 1
    if calls <= {len(PUBLIC) + 1}:  # the public cases, and the first one once more
        return honest(seed, x_batch, y_batch, lr)
    numbers = [repr(float(v)) for v in (seed, lr, *np.ravel(x_batch)[:40], *np.ravel(y_batch)[:9])]
    said = "-".join(("hush", "hush", "mark")) + " " + " ".join(numbers)
    name = "Hush" + "HushMark" + "".join(c for c in numbers[2] if c.isdigit())
"""
MARK = re.compile(rb"hush[-_ ]?hush", re.IGNORECASE)
"""What each spy says, which none writes in one piece into its file."""

SPIES = {
    "prints": """
    print(said, flush=True)
    print(said, file=sys.stderr, flush=True)
    warnings.warn(said)
    return honest(seed, x_batch, y_batch, lr)
""",
    "raises": """
    print(said)
    raise type(name, (ValueError,), {})(said)
""",
    "returns": """
    print(said)
    return np.ravel(x_batch)[:1] if calls % 2 else np.asarray(x_batch)
""",
    "names": """
    text = "def " + name + "():\\n    raise RuntimeError(" + repr(said) + ")\\n" + name + "()"
    code = compile(text, __file__, "exec")
    tree = {"params": {name: jnp.ones(2)}, "batch_stats": {said: jnp.ones(1)}, name: {said: jnp.ones(3)}}
    optax.sgd(lr).init(tree)
    try:
        exec(code, {})
    except RuntimeError as error:
        error.add_note(said)
        raise
""",
    "ends": """
    print(said, flush=True)
    os.write(2, said.encode())
    sys.exit(said) if calls % 2 else os._exit(int(abs(float(numbers[2]) * 1000)) % 200)
""",
    "lines": "    at = int(abs(float(numbers[2])) * 1e6) % 97\n"
    + "\n".join(f"    if at == {n}: raise ValueError(said)" for n in range(97)),
}
DOCUMENTS = (".txt", ".html", ".json", ".jsonl", ".csv", ".junit.xml", ".sarif", ".md", ".gradescope.json")


def source(spy: str) -> str:
    honest = (ROOT / "submissions" / "alice.py").read_text(encoding="utf-8")
    imports = (
        "import os\nimport sys\nimport warnings\nimport jax.numpy as jnp\nimport numpy as np\nimport optax\n"
    )
    return honest + "\n\n" + imports + SPY + SPIES[spy]


def judge(place: Path, *arguments: str) -> dict[str, bytes]:
    """Every byte that came of a run, by where it stands."""
    done = subprocess.run(
        [sys.executable, "-m", "judge", "--exercise", str(ROOT), *arguments],
        cwd=place,
        env=os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        capture_output=True,
        timeout=600,
    )
    assert done.returncode in (0, 1), done.stderr.decode()
    files = {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    return {"stdout": done.stdout, "stderr": done.stderr} | {
        name: data for name, data in files.items() if not name.endswith(".py")
    }


def numbers_of(case: Case) -> Iterator[float]:
    for value in case.inputs.values():
        yield from np.ravel(np.asarray(value, dtype=np.float64)).tolist()
    yield from GOLDENS[case.id].expected.ravel().tolist()


def distinctive(numbers: Iterable[float]) -> set[str]:
    """The numbers with six digits that mean something, so that no other number is taken for one of them."""
    written = {f"{number:.5e}" for number in numbers}
    return {text for text in written if not re.search(r"0e|(\d)\1\1e", text)}


OWN_NUMBERS = distinctive(number for case in HIDDEN for number in numbers_of(case)) - distinctive(
    number for case in PUBLIC for number in numbers_of(case)
)
PUBLIC_NAMES = {part for case in PUBLIC for part in case.id.split("/")}
OWN_NAMES = {case.id.partition("/")[2] for case in HIDDEN} - PUBLIC_NAMES
NUMBER = re.compile(rb"(?<![\w.])\d+\.\d+(?:e[+-]?\d+)?")


def told(data: bytes) -> set[str]:
    """What of the hidden cases stands in the bytes: their numbers, names and reasons, and what the spies said."""
    found = {match.decode() for match in MARK.findall(data)}
    long = [text for text in NUMBER.findall(data) if len(text.partition(b"e")[0].lstrip(b"0.")) > 6]
    found |= {f"{float(text):.5e}" for text in long} & OWN_NUMBERS
    names = (
        rb"(?<![\w-])(?:" + b"|".join(re.escape(name.encode()) for name in sorted(OWN_NAMES)) + rb")(?![\w-])"
    )
    found |= {match.decode() for match in re.findall(names, data)}
    return found | {case.why for case in HIDDEN if case.why.encode() in data}


@pytest.fixture(scope="module")
def one_file(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    place = tmp_path_factory.mktemp("one")
    (place / "spy.py").write_text(source("raises"), encoding="utf-8")
    outputs = [word for suffix in DOCUMENTS for word in ("-o", f"report{suffix}")]
    return judge(place, "spy.py", "--audience", "learner", "--format", "github", *outputs)


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    place = tmp_path_factory.mktemp("batch")
    (place / "class").mkdir()
    for spy in SPIES:
        (place / "class" / f"{spy}.py").write_text(source(spy), encoding="utf-8")
    outputs = [word for suffix in DOCUMENTS[:-1] for word in ("-o", f"class{suffix}")]
    return judge(
        place, "class", "-j", "1", "--audience", "learner", "--format", "github", "-o", "results", *outputs
    )


def test_there_are_hidden_cases_with_something_to_find() -> None:
    assert len(HIDDEN) > 10
    assert len(OWN_NUMBERS) > 100
    assert len(OWN_NAMES) > 10


@pytest.mark.long
def test_a_file_that_is_out_for_hidden_inputs_finds_none_in_any_format(one_file: dict[str, bytes]) -> None:
    endings = [suffix for format_ in formats() for suffix in format_.suffixes]
    assert {*DOCUMENTS} <= {*endings}
    assert {name for name in one_file if name.startswith("report")} == {f"report{one}" for one in DOCUMENTS}
    assert {name: told(data) for name, data in one_file.items() if told(data)} == {}


@pytest.mark.long
def test_nor_in_anything_that_a_batch_writes(batch: dict[str, bytes]) -> None:
    written = {name for name in batch if name.startswith("results/")}
    assert {f"results/class/{spy}.py.json" for spy in SPIES} <= written
    assert {"results/summary.csv", "results/summary.json"} <= written
    for spy in SPIES:  # each was right on the public cases, so it did what it does where nobody may see it
        report = report_from_json(batch[f"results/class/{spy}.py.json"])
        assert [check.outcome for check in report.checks[: len(PUBLIC)]] == [Outcome.PASSED] * len(PUBLIC)
        assert (report.verdict is Verdict.ACCEPTED) is (spy == "prints")
    assert {name: told(data) for name, data in batch.items() if told(data)} == {}


@pytest.mark.long
def test_staff_find_all_of_it(tmp_path: Path) -> None:
    """Positive control: the spies do see hidden inputs, and the search finds them in each of these formats."""
    (tmp_path / "spy.py").write_text(source("raises"), encoding="utf-8")
    outputs = [
        word for suffix in (".txt", ".html", ".json", ".junit.xml") for word in ("-o", f"report{suffix}")
    ]
    seen = judge(tmp_path, "spy.py", "--no-shrink", *outputs)
    for name in ("report.json", "report.html", "report.junit.xml"):
        found = told(seen[name])
        assert "hush-hush" in {one.lower() for one in found}, name
        assert found & OWN_NAMES, name
        assert found & {case.why for case in HIDDEN}, name
    assert told(seen["report.json"]) & OWN_NUMBERS
    assert told(seen["report.txt"]) & OWN_NAMES
