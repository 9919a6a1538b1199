"""Mechanical mutants: small, different, each one line of diff; survivors need a reason."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from support.in_process import InProcess, InProcessSession
from support.rows_exercise import FILES, make

from judge.authoring.mutation_operators import make_mutants
from judge.authoring.mutation_test import EQUIVALENTS, MutationResult, mutate
from judge.authoring.record import record, write
from judge.exercise import load_exercise
from judge.model import ExerciseError, Limits, SandboxError

SOURCE = '''\
"""A docstring."""

import numpy as np


def f(a, other_a, flag=True):
    """Another one."""
    # a comment that stays
    b, c = np.sum(a), other_a["left"]
    if not flag and b < 3:
        return {"left": b, "right": c}
    return (b + c) ** 2
'''


def lines(operator: str) -> set[str]:
    return {mutant.now for mutant in make_mutants(SOURCE) if mutant.operator == operator}


def test_every_kind_of_change_is_made() -> None:
    assert {"return ((b - c)) ** 2", "return ((b + c) * 2)"} <= lines("operator")
    assert {"if not flag or b < 3:", "if not flag and b <= 3:"} <= lines("operator")
    assert "if flag and b < 3:" in lines("sign or not dropped")
    assert {"def f(a, other_a, flag=False):", "return (b + c) ** 3", "if not flag and b < 4:"} <= lines(
        "constant"
    )
    assert "b, c = np.sum(a), other_a['right']" in lines("constant")
    assert 'b, c = np.sum(other_a), other_a["left"]' in lines("name")
    assert 'b, c = a, other_a["left"]' in lines("call dropped")
    assert 'b, c = np.mean(a), other_a["left"]' in lines("relative")
    assert "return {'left': c, 'right': b}" in lines("entries swapped")
    assert "return {'right': c}" in lines("entry dropped")
    assert '(c, b) = np.sum(a), other_a["left"]' in lines("order swapped")
    assert "pass" in lines("statement dropped")


OTHER = """\
def g(low, high, deep, flag):
    total = 1
    total += low
    if high:
        total = abs(high)
    else:
        total = int(low)
    h = lambda u, v: u
    parts = low[1:high]
    if 0 < low < high:
        total -= 1
    text = f"{low} to {high}"
    return call(low, high, deep, a=1, b=2, keep=flag, wide=not flag)


class C:
    size: int = 3

    def f(self, x):
        return x
"""


def others(operator: str) -> set[str]:
    return {mutant.now for mutant in make_mutants(OTHER) if mutant.operator == operator}


def test_less_usual_changes_are_made_as_well() -> None:
    assert {"total -= low", "total += 1", "if 0 <= low < high:", "if 0 < low <= high:"} <= others("operator")
    assert {"if (not high):", "if (not 0 < low < high):"} == others("condition negated")
    assert {"parts = low[:high]", "parts = low[1:]"} == others("bound dropped")
    assert {"total = round(low)", "total = float(low)"} <= others("relative")
    head, tail = "return call(", ", a=1, b=2, keep=flag, wide=not flag)"
    assert {
        head + args + tail for args in ("high, low, deep", "deep, high, low", "low, deep, high")
    } == others("arguments swapped")
    assert f"{head}low, high, deep, a=2, b=1, keep=flag, wide=not flag)" in others("keywords swapped")
    assert f"{head}low, high, deep, a=1, b=2, keep=not flag, wide=not flag)" in others("flag negated")
    assert {
        f"{head}low, high, deep, a=1, b=2, keep=flag, wide={value})" for value in (True, False)
    } == others("flag fixed")
    assert {"total += deep", "h = lambda u, v: v", "if deep:"} <= others("other parameter")
    dropped = {(m.was, m.now) for m in make_mutants(OTHER) if m.operator == "statement dropped"}
    assert {("total = int(low)", "pass"), ("size: int = 3", "pass"), ("total -= 1", "pass")} <= dropped
    assert not any("self" in m.now.replace("def f(self", "") for m in make_mutants(OTHER))
    assert all('f"{low} to {high}"' in m.source for m in make_mutants(OTHER) if "text =" in m.source)


def test_mutants_differ_in_meaning_and_compile() -> None:
    mutants = make_mutants(SOURCE)
    meanings = {ast.dump(ast.parse(mutant.source)) for mutant in mutants}
    assert len(meanings) == len(mutants)
    assert ast.dump(ast.parse(SOURCE)) not in meanings
    assert all(
        "# a comment that stays" in mutant.source
        for mutant in mutants
        if mutant.operator != "statement dropped"
    )
    assert all('"""A docstring."""' in mutant.source for mutant in mutants)


def test_a_diff_shows_one_change() -> None:
    mutant = next(m for m in make_mutants(SOURCE) if m.now == "return (b + c) ** 3")
    diff = mutant.diff(SOURCE, "solution.py").splitlines()
    assert [line for line in diff if line.startswith(("-", "+"))] == [
        "--- solution.py",
        "+++ solution.py (mutant)",
        "-    return (b + c) ** 2",
        "+    return (b + c) ** 3",
    ]


def run(root: Path, changes: dict[str, str | None] | None = None) -> MutationResult:
    loaded = make(root, changes)
    write(record(loaded, [InProcess()], lambda count: lambda word: None))
    return mutate(load_exercise(root), [InProcess()], lambda source: None, lambda count: lambda word: None)


def test_mutants_of_a_proven_exercise_die(tmp_path: Path) -> None:
    result = run(tmp_path)
    # NumPy would round the factor itself, so taking away the explicit cast changes nothing.
    assert [fate.mutant.now for fate in result.unexplained] == ["return factor * total * weights"]
    assert result.killed == len(result.fates) - 1 >= 12
    how = {fate.mutant.now: fate.how for fate in result.fates}
    assert how["return (np.float32(factor) * total / weights)"].endswith("tolerances away")
    assert how["total = rows.sum()"].endswith("tolerances away")
    ends = {(fate.mutant.now, fate.how) for fate in result.fates}
    assert {("pass", "raises NameError"), ("pass", "raises no numbers")} <= ends


BLIND = (
    FILES["cases/written.yaml"].replace("weights: [1, 2]", "weights: [1, 1]").partition("  - name: random")[0]
)
"""With weights of 1 and nothing else, a division for a multiplication goes unseen."""


def blind(tmp_path: Path, extra: str = "") -> MutationResult:
    changes: dict[str, str | None] = {"cases/written.yaml": BLIND}
    if extra:
        changes[f"reference/{EQUIVALENTS}"] = extra
    return run(tmp_path, changes)


def test_a_hole_in_the_cases_shows_as_a_survivor(tmp_path: Path) -> None:
    result = blind(tmp_path)
    assert result.failed
    assert "return (np.float32(factor) * total / weights)" in [fate.mutant.now for fate in result.unexplained]


def test_a_survivor_with_a_reason_is_no_hole(tmp_path: Path) -> None:
    entries = "".join(
        f"- was: {fate.mutant.was!r}\n  now: {fate.mutant.now!r}\n  reason: Because weights are 1.\n"
        for fate in blind(tmp_path / "first").unexplained
    )
    result = blind(tmp_path / "second", entries)
    assert not result.failed
    assert result.equivalent > 0
    assert result.killed + result.equivalent == len(result.fates)


def test_a_reason_for_nothing_is_stale(tmp_path: Path) -> None:
    result = run(tmp_path, {f"reference/{EQUIVALENTS}": "- was: a\n  now: b\n  reason: none.\n"})
    assert result.failed
    assert result.stale == ("reference/equivalent-mutants.yaml:1: no mutant makes 'b' out of 'a'",)


def test_a_reason_for_what_a_case_rejects_by_now_is_stale(tmp_path: Path) -> None:
    """The hole that an entry excused is closed by a case: the entry has to go, and is told by whom."""
    (fate,) = [f for f in blind(tmp_path / "first").unexplained if f.mutant.now.endswith("total / weights)")]
    entry = f"- was: {fate.mutant.was!r}\n  now: {fate.mutant.now!r}\n  reason: Because weights are 1.\n"
    result = run(tmp_path / "second", {f"reference/{EQUIVALENTS}": entry})
    assert result.failed
    (line,) = result.stale
    assert line.startswith(
        "reference/equivalent-mutants.yaml:1: the mutant that makes 'return (np.float32(factor) * total / weights)'"
    )
    assert "is no equivalent: written/" in line
    assert line.endswith("tolerances away)")


def test_one_reason_excuses_one_mutant(tmp_path: Path) -> None:
    (fate,) = run(tmp_path / "first").unexplained
    entry = (
        f"- was: {fate.mutant.was!r}\n  now: {fate.mutant.now!r}\n  reason: NumPy rounds the factor itself.\n"
    )
    assert not run(tmp_path / "second", {f"reference/{EQUIVALENTS}": entry}).failed
    twice = run(tmp_path / "third", {f"reference/{EQUIVALENTS}": 2 * entry})
    assert twice.stale == (
        f"reference/equivalent-mutants.yaml:4: the mutant that makes '{fate.mutant.now}' out of '{fate.mutant.was}' "
        "is excused already by another entry",
    )


def test_several_runners_give_the_same_fates(tmp_path: Path) -> None:
    loaded = make(tmp_path)
    write(record(loaded, [InProcess()], lambda count: lambda word: None))
    loaded = load_exercise(tmp_path)
    fates = [
        mutate(
            loaded, [InProcess() for _ in range(count)], lambda source: None, lambda n: lambda word: None
        ).fates
        for count in (1, 3)
    ]
    assert fates[0] == fates[1]


def test_what_goes_wrong_in_a_runner_is_not_swallowed(tmp_path: Path) -> None:
    class Failing(InProcess):
        def open(self, limits: Limits | None = None) -> InProcessSession:
            if self.opened >= 5:
                raise SandboxError("the machine went away")
            return super().open(limits)

    loaded = make(tmp_path)
    write(record(loaded, [InProcess()], lambda count: lambda word: None))
    with pytest.raises(SandboxError, match="the machine went away"):
        mutate(
            load_exercise(tmp_path), [Failing(), Failing()], lambda source: None, lambda n: lambda word: None
        )


def test_what_the_judge_rejects_by_structure_is_killed(tmp_path: Path) -> None:
    loaded = make(tmp_path, {"cases/written.yaml": BLIND})
    write(record(loaded, [InProcess()], lambda count: lambda word: None))
    result = mutate(
        load_exercise(tmp_path), [InProcess()], lambda source: "some-pitfall", lambda count: lambda word: None
    )
    assert not result.failed
    assert ("some-pitfall", "found by its structure") in {(fate.killed_by, fate.how) for fate in result.fates}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "was: a\n",
            "reference/equivalent-mutants.yaml:1: expected a list of equivalents, got a mapping of 1",
        ),
        ("- was: a\n  now: b\n", "reference/equivalent-mutants.yaml:1: [0]: the field 'reason' is missing"),
        (
            "- was: a\n  now: b\n  reason: ''\n",
            "reference/equivalent-mutants.yaml:3: [0].reason: expected text, got ''",
        ),
    ],
)
def test_a_bad_file_of_equivalents_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ExerciseError) as error:
        run(tmp_path, {f"reference/{EQUIVALENTS}": text})
    assert words in str(error.value)
