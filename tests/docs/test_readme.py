"""What the README claims can be counted, and is."""

from __future__ import annotations

import re

from documents import ROOT, sections

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


def test_the_test_command_is_what_continuous_integration_runs() -> None:
    """The same steps, but for where the environment lies and how much pip says."""
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").replace(".venv-ci", ".venv")
    ci = ci.replace(" --disable-pip-version-check", "")
    command = next(b for s in sections(ROOT / "README.md") for b in s.blocks if "pytest" in b.text).commands
    for step in command.split(" && "):
        assert f"\n{step}\n" in ci, step


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
