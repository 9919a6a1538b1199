"""The exercise is what it says: proven by running its files directly, without the judge."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.long  # tests/grading runs the same files through the sandbox

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "reference"
ACCEPTED = sorted((REFERENCE / "accepted").glob("*.py"))
MISCONCEPTIONS = sorted((REFERENCE / "misconceptions").glob("*.py"))

AGREES = 1e-5
"""Relative; float32 rounding stays below 1e-6 on these inputs, the smallest mistake is above 1e-4."""
DIFFERS = 1e-4

X = [[1.0, -20.0, 3.0], [4.0, 10.0, -6.0], [-2.0, 30.0, 8.0], [0.5, -15.0, 12.0]]
Y = [1.0, -2.0, 3.0, 0.5]


def wide() -> list:
    random = np.random.default_rng(20)
    return [
        2147483646.9,
        (30 * random.standard_normal((8, 5))).tolist(),
        random.standard_normal(8).tolist(),
        0.02,
    ]


def many() -> list:
    random = np.random.RandomState(45)
    return [
        2.7,
        (3 * random.standard_normal((45, 20))).astype(np.float32).tolist(),
        random.standard_normal(45).astype(np.float32).tolist(),
        0.05,
    ]


MANY = "45 rows and 20 features"

INPUTS = {
    MANY: many(),
    "example": [2.7, X, Y, 0.05],
    "lr = 0.0": [2.7, X, Y, 0.0],
    "seed = 16777217.0": [16777217.0, X, Y, 0.05],
    "two rows": [5.0, [[3.0, -1.0], [-2.0, 4.0]], [1.0, -1.0], 0.1],
    "one number": [4294967295.0, [[2.5]], [-1.5], 0.0],  # normalised it is 0, the kink of ReLU: no slope is wrong there
    "wide": wide(),
}
EVERYWHERE = [name for name in INPUTS if name not in ("two rows", MANY)]
FOUR_ROWS = ["example", "lr = 0.0", "seed = 16777217.0"]
"""One shape: what a wrong solution does there is enough, and every shape costs compilation."""


def shown_on_many(path: Path) -> bool:
    """Its page shows a number of the larger batch, because small ones are too small for the mistake."""
    return f"On a batch of {MANY}" in path.read_text(encoding="utf-8")


def declared(path: Path) -> dict:
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "MISCONCEPTION":
            return ast.literal_eval(statement.value)
    raise AssertionError(f"{path.name} declares nothing")


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> dict[str, dict[str, dict]]:
    """What each file did on each of its inputs: {path from the root: {input: observation}}."""
    calls = {REFERENCE / "solution.py": list(INPUTS), REFERENCE / "oracle.py": list(INPUTS)}
    calls |= {REFERENCE / "starter.py": ["example"], ROOT / "submissions" / "alice.py": EVERYWHERE}
    calls |= dict.fromkeys(ACCEPTED, EVERYWHERE)
    calls |= {path: [MANY] if shown_on_many(path) else FOUR_ROWS for path in MISCONCEPTIONS}
    calls[REFERENCE / "misconceptions" / "eval_unpacked.py"] = [*FOUR_ROWS, "two rows"]
    request = tmp_path_factory.mktemp("reference") / "request.json"
    request.write_text(
        json.dumps({"inputs": INPUTS, "calls": {str(path): names for path, names in calls.items()}})
    )
    command = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("observe.py")), str(request)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return {str(Path(path).relative_to(ROOT)): what for path, what in json.loads(done.stdout).items()}


@pytest.fixture(scope="module")
def right(seen) -> dict[str, float]:
    answers = seen["reference/solution.py"]
    assert all(answer["shape"] == [1] for answer in answers.values())
    return {name: answer["value"][0] for name, answer in answers.items()}


def distance(answer: dict, right: float) -> float:
    """Largest relative difference; infinite where there is no number or no finite one."""
    if "value" not in answer or not np.all(np.isfinite(answer["value"])):
        return float("inf")
    return max(abs(value - right) / abs(right) for value in answer["value"])


def test_the_oracle_derives_the_same_numbers(seen, right):
    apart = {name: distance(answer, right[name]) for name, answer in seen["reference/oracle.py"].items()}
    assert set(apart) == set(INPUTS)
    assert max(apart.values()) < AGREES, apart
    assert min(distance({"value": [value * (1 + 1e-4)]}, value) for value in right.values()) > AGREES


@pytest.mark.parametrize("path", [*ACCEPTED, ROOT / "submissions" / "alice.py"], ids=lambda path: path.stem)
def test_a_right_solution_agrees(path, seen, right):
    answers = seen[str(path.relative_to(ROOT))]
    assert set(answers) == set(EVERYWHERE)
    for name, answer in answers.items():
        assert answer.get("shape") == [1], (name, answer)
        assert distance(answer, right[name]) < AGREES, name


@pytest.mark.parametrize("path", MISCONCEPTIONS, ids=lambda path: path.stem)
def test_a_wrong_solution_is_wrong_in_the_way_it_declares(path, seen, right):
    answers, says = seen[str(path.relative_to(ROOT))], declared(path)
    raised = {answer["raises"] for answer in answers.values() if "raises" in answer}
    assert raised == ({says["raises"]} if says["raises"] else set())
    numbers = {name: answer for name, answer in answers.items() if "raises" not in answer}
    apart = {name: distance(answer, right[name]) for name, answer in numbers.items()}
    if says["numeric"]:
        assert all(answer["shape"] == [1] for answer in numbers.values())
        assert max(apart.values()) > DIFFERS, apart
    elif not says["raises"]:
        # Right numbers: then the way to them is the mistake, or the form they have.
        misshapen = all(answer.get("shape") != [1] for answer in numbers.values())
        assert misshapen or (says["pitfall"] and max(apart.values()) == 0.0), answers


@pytest.mark.parametrize("path", MISCONCEPTIONS, ids=lambda path: path.stem)
def test_mistakes_with_the_same_numbers_are_declared(path, seen, right):
    """Two files that no input tells apart must say so of each other; those that say so must be alike."""
    mine, says = seen[str(path.relative_to(ROOT))], declared(path)
    if not says["numeric"] or says["raises"] or shown_on_many(path):
        return
    alike = []
    for other in MISCONCEPTIONS:
        theirs, others = seen[str(other.relative_to(ROOT))], declared(other)
        if other == path or not others["numeric"] or others["raises"] or shown_on_many(other):
            continue
        gaps = [distance(theirs[name], mine[name]["value"][0]) for name in FOUR_ROWS]
        if max(gaps) < AGREES:
            alike.append(other.stem)
    assert alike == sorted(says.get("same_numbers_as", []))


CLAIM = re.compile(
    r"(?:On the statement's example(?:, with (?P<change>lr = [\d.]+|seed = [\d.]+),)?|On a batch of (?P<batch>[\w ]+)) "
    r"it returns "
    r"(?P<got>[-\d.e+]+) where (?P<right>[-\d.e+]+) is right\."
)


@pytest.mark.parametrize("path", MISCONCEPTIONS, ids=lambda path: path.stem)
def test_the_numbers_on_a_page_are_measured(path, seen, right):
    says, answers = declared(path), seen[str(path.relative_to(ROOT))]
    page = " ".join(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))).split())
    claims = list(CLAIM.finditer(page))
    if says["raises"]:
        quoted = page.split("## How it shows", 1)[1].strip()
        assert quoted.startswith(says["raises"] + ": ")
        words = " ".join(answers["example"]["text"].split())
        assert quoted.removeprefix(says["raises"] + ": ")[:36] == words[:36]
        return
    assert len(claims) == (1 if says["numeric"] else 0)
    for claim in claims:
        name = claim["batch"] or claim["change"] or "example"
        assert float(claim["right"]) == pytest.approx(right[name], rel=AGREES)
        if not says.get("noisy"):
            assert float(claim["got"]) == pytest.approx(answers[name]["value"][0], rel=AGREES)


def test_the_statement_shows_the_right_numbers(right):
    text = (REFERENCE / "statement.md").read_text(encoding="utf-8")
    shown = re.findall(r"solve\(2\.7, x, y, ([\d.]+)\)\s+# about \[([\d.]+)\]", text)
    assert [float(lr) for lr, _ in shown] == [0.05, 0.0]
    for (_, number), name in zip(shown, ("example", "lr = 0.0"), strict=True):
        assert float(number) == pytest.approx(right[name], rel=AGREES)


def test_the_starter_asks_to_be_filled_in(seen):
    assert seen["reference/starter.py"]["example"]["raises"] == "NotImplementedError"
