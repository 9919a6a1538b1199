"""GitHub workflow commands: the runner reads ours, and none that a learner wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from support.factories import poisoned, stale_statistics
from support.report_strategies import any_report, reports

from judge.model import Report
from judge.reports.formats import github


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str]
    message: str


def runner_reads(line: str) -> Command | None:
    """A line of a log as GitHub's runner reads it: ``::name key=value,...::message``, then percent escapes."""
    found = re.match(r"\s*::([^\s:]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)\Z", line)
    if found is None:
        return None

    def unescaped(text: str, *, prop: bool) -> str:
        pairs = [("%0D", "\r"), ("%0A", "\n"), *([("%3A", ":"), ("%2C", ",")] if prop else []), ("%25", "%")]
        for escaped, sign in pairs:
            text = text.replace(escaped, sign)
        return text

    listed = (part.partition("=") for part in (found[2] or "").split(",") if part)
    properties = {key: unescaped(value, prop=True) for key, _, value in listed}
    return Command(found[1], properties, unescaped(found[3], prop=False))


def log_lines(written: str) -> list[str]:
    return [line for line in re.split(r"\r\n|\r|\n", written) if line]


def test_github_annotates_each_finding_at_its_line() -> None:
    summary, finding = map(runner_reads, log_lines(github.render(stale_statistics())))
    assert summary is not None
    assert finding is not None
    assert summary.name == "notice"
    assert summary.message.startswith("Wrong answer, 22 of 29 points")
    assert finding.name == "error"
    assert finding.properties["file"] == "submissions/bob.py"
    assert (finding.properties["line"], finding.properties["endLine"]) == ("34", "34")
    assert finding.properties["title"].endswith("(stale-batch-stats)")
    assert finding.message == stale_statistics().findings[0].message


COMMANDS = (
    "\n::add-mask::secret",
    "::stop-commands::x",
    "a::error file=b,line=1::c",
    "##[error]x",
    "%0A::error::x",
    "a,b=c",
)


@pytest.mark.parametrize("text", COMMANDS)
def test_github_lines_are_only_our_commands(text: str) -> None:
    one = poisoned(text)
    lines = log_lines(github.render(one))
    assert len(lines) == 2
    for line in lines:
        command = runner_reads(line)
        assert command is not None
        assert command.name in ("notice", "error", "warning")
        assert set(command.properties) <= {"file", "title", "line", "endLine", "col", "endColumn"}
        assert "##[" not in line
    if "\n" not in text and "##[" not in text:
        assert runner_reads(lines[1]).properties["file"] == text  # type: ignore[union-attr]


def test_the_runner_would_obey_a_raw_line() -> None:
    command = runner_reads(COMMANDS[0].strip())
    assert command is not None
    assert (command.name, command.message) == ("add-mask", "secret")


def test_github_lines_of_any_report_are_our_commands() -> None:
    @any_report
    @given(reports)
    def check(one: Report) -> None:
        lines = log_lines(github.render(one))
        notes = one.notebook.notes if one.notebook is not None else ()
        assert len(lines) == 1 + len(one.findings) + bool(notes)
        for line in lines:
            command = runner_reads(line)
            assert command is not None
            assert command.name in ("notice", "error", "warning")

    check()
