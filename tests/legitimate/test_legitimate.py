"""Honest programs of many kinds run confined as they do outside, with the same bits and the same output."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from legitimate import PROGRAMS, Result, problem_of, run, sandboxes
from support.isolation_settings import SETTINGS, run_in, why_not

from judge.sandbox import Sandbox

DRIVER = Path(__file__).with_name("legitimate.py")
Record = Callable[[str, object], None]

pytestmark = pytest.mark.skipif(bool(reason := why_not("user-strong")), reason=reason or "never")


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Sandbox, Sandbox]]:
    confined, bare = sandboxes()
    with confined, bare:
        yield confined, bare


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(path, id=path.stem, marks=[] if number % 8 == 3 else pytest.mark.long)
        for number, path in enumerate(PROGRAMS)
    ],
)
def test_it_runs_as_it_does_outside(
    pair: tuple[Sandbox, Sandbox], program: Path, record_property: Record
) -> None:
    confined, bare = pair
    problem = problem_of(run(confined, program), run(bare, program))
    setting = f"{'root' if os.getuid() == 0 else 'user'}-{confined.isolation.level}"
    record_property("trial", (setting, "legitimate", not problem))
    assert problem == ""


def test_a_difference_in_the_last_bit_is_seen(pair: tuple[Sandbox, Sandbox], tmp_path: Path) -> None:
    _, bare = pair
    program = tmp_path / "program.py"
    program.write_text("def solve(*a):\n    print('said')\n    return [0.1, 0.3]\n")
    first = run(bare, program)
    program.write_text("def solve(*a):\n    print('said')\n    return [0.1, 0.1 + 0.2]\n")
    other = run(bare, program)
    assert problem_of(first, first) == ""
    assert problem_of(first, other) == "the bits differ"
    silent = Result(replace(first.step, claimed=replace(first.step.claimed, stdout="")))
    assert "prints ''" in problem_of(silent, first)
    program.write_text("def solve(*a):\n    raise OSError\n")
    failed = run(bare, program)
    assert "does not run confined" in problem_of(failed, first)
    assert "even run outside" in problem_of(first, failed)


@pytest.mark.long
@pytest.mark.parametrize("setting", SETTINGS)
def test_all_run_in_every_setting(setting: str, record_property: Record) -> None:
    if reason := why_not(setting):
        pytest.skip(reason)
    problems, tried = [], 0
    for line in run_in(setting, DRIVER, setting.rpartition("-")[2]):
        if "level" in line:
            assert line["level"] == line["wanted"]
            continue
        tried += 1
        record_property("trial", (setting, "legitimate", not line["problem"]))
        problems += [f"{line['program']}: {line['problem']}"] if line["problem"] else []
    assert not problems, "\n".join(problems)
    assert tried == len(PROGRAMS)
