"""Files that are meant for the judge itself: it looks at their text, and that must stay cheap."""

from __future__ import annotations

import subprocess
import sys

import pytest

from judge.diagnosis.spans import Source
from judge.selftest.process_monitor import PeakMemory

GIANT_MIB = 24

GIANTS = {
    "calls": b"f(x);" * 200_000,
    "functions": b"def solv(a):0\n" * 70_000,
    "numbers": b"[" * 80 + b"0," * 500_000 + b"]" * 80,
    "chain": b"a" + b".b(c)" * 190_000,
    "one name": b"x" * 1_000_000,
}


@pytest.mark.parametrize("kind", GIANTS)
def test_a_giant_costs_the_judge_little(kind: str) -> None:
    with PeakMemory() as memory:
        source = Source(b"def solve(seed, x_batch, y_batch, lr):\n    return f(x)\n" + GIANTS[kind])
        assert source.tree is None
        span = source.span_of_call(2)
    assert span is not None
    assert (span.line, source.lines[span.line - 1]) == (2, "    return f(x)")
    assert memory.grown_mib < GIANT_MIB


LARGEST = """
from judge.diagnosis.spans import MAX_PARSED_CHARS, Source
from judge.selftest.process_monitor import PeakMemory

with PeakMemory() as memory:
    source = Source(b"f(x);" * (MAX_PARSED_CHARS // 5 - 1))
    assert source.tree is not None
    assert source.span_of_call(1) is not None
print(memory.grown_mib)
"""


def test_the_largest_that_is_looked_into_is_bounded_too() -> None:
    """The control, in a process that has no room left from tests before: what costs most of what is parsed."""
    done = subprocess.run([sys.executable, "-c", LARGEST], capture_output=True, text=True, check=True)
    assert GIANT_MIB < float(done.stdout) < 96
