"""The table of what was tried and what held, at the end of a run that tried something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from judge.selftest.attack import GROUPS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tried: Counter[tuple[str, str]] = Counter()
    held: Counter[tuple[str, str]] = Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for setting, group, right in trials_in(report):
                tried[setting, group] += 1
                held[setting, group] += right
    if tried:
        terminalreporter.section("attacks: held / tried")
        for line in table(tried, held):
            terminalreporter.write_line(line)


def trials_in(report: pytest.TestReport) -> Iterator[tuple[str, str, bool]]:
    """What a test has said with ``record_property("trial", ...)``."""
    for name, value in getattr(report, "user_properties", []):
        if name == "trial":
            setting, group, right = value
            yield setting, group, right


def table(tried: Counter[tuple[str, str]], held: Counter[tuple[str, str]]) -> Iterator[str]:
    settings = sorted({setting for setting, _ in tried})
    columns = [*GROUPS, "legitimate"]
    yield f"{'':24}" + "".join(f"{name.removeprefix('forge the '):>15}" for name in columns)
    for setting in settings:
        cells = [f"{held[setting, name]} / {tried[setting, name]}" for name in columns]
        yield f"{setting:24}" + "".join(f"{cell if cell != '0 / 0' else '-':>15}" for cell in cells)
