"""What the README claims can be counted, and is."""

from __future__ import annotations

import re

from support.documents import ROOT, sections

README = (ROOT / "README.md").read_text(encoding="utf-8")


def said(pattern: str) -> int:
    found = re.findall(pattern, " ".join(README.split()))
    assert len(found) == 1, pattern
    return int(found[0])


def count(folder: str) -> int:
    return len([path for path in (ROOT / folder).glob("*.py") if not path.name.startswith("_")])


def test_it_counts_the_right_and_the_wrong_solutions_that_are_there() -> None:
    assert said(r"(\d+) of them, from TrainState to NumPy by hand") == count("reference/accepted")
    assert said(r"(\d+) wrong solutions run on every case") == count("reference/misconceptions")


def test_the_named_styles_are_among_them() -> None:
    names = {path.stem for path in (ROOT / "reference" / "accepted").glob("*.py")}
    assert {"train_state", "numpy_by_hand"} <= names


def test_the_first_commands_are_the_two_that_the_page_promises() -> None:
    commands = [b for s in sections(ROOT / "README.md") for b in s.blocks if b.is_commands]
    assert [len(block.commands.splitlines()) for block in commands[:2]] == [1, 1]
    assert commands[0].commands.endswith(".venv/bin/judge submissions/alice.py")
    assert README.index(commands[1].text) < 2_000


RETRY = ".venv/bin/python -m pytest -q --lf --lfnf=none"
"""What continuous integration does when the tests fail: those that failed once more, and nothing if none did."""


def lines_of_ci() -> list[str]:
    """The lines of .ci/run, but for where the environment lies and how much pip says."""
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    return text.replace(".venv-ci", ".venv").replace(" --disable-pip-version-check", "").splitlines()


def runs(line: str, step: str) -> bool:
    """Whether a line of a script that ends at the first failure is this step, or this step and the retry."""
    return line in (step, f"{step} || {RETRY}")


def test_the_test_command_is_what_continuous_integration_runs() -> None:
    """The same steps in the same order, each of which ends the run when it fails."""
    ci = lines_of_ci()
    assert "set -euo pipefail" in ci
    command = next(b for s in sections(ROOT / "README.md") for b in s.blocks if "pytest" in b.text).commands
    places = []
    for step in command.split(" && "):
        found = [place for place, line in enumerate(ci) if runs(line, step)]
        assert len(found) == 1, step
        places += found
    assert places == sorted(places)


def test_a_step_that_cannot_fail_is_not_taken_for_the_step() -> None:
    step = ".venv/bin/python -m pytest -n 2 -q"
    assert runs(step, step)
    assert runs(f"{step} || {RETRY}", step)
    for line in (
        f"# {step}",
        f"{step} || true",
        f"{step} --co",
        f"{step} || {RETRY} || true",
        f"{step} tests/docs",
    ):
        assert not runs(line, step), line


def test_the_architecture_page_names_every_room_and_no_other() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `judge/")]
    named = {name.removeprefix("judge/") for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert all((ROOT / "judge" / name).exists() for name in named), named
    folders = {f"{path.parent.name}/" for path in (ROOT / "judge").glob("*/__init__.py")}
    assert folders <= named


def test_it_stays_short() -> None:
    without_blocks = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    assert len(without_blocks.split()) < 500
