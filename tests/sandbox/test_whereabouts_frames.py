"""The stack that a stopped process wrote is cut from its output, and read as frames of the submission alone."""

from __future__ import annotations

import pytest

from judge.sandbox.whereabouts import cut_from, frames_in


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b'  File "submission.py", line 3 in solve\n',
        b'Stack (most recent call first):\n  File "other.py", line 3 in solve\n',
        b'Stack (most recent call first):\n  File "submission.py", line 3333333 in solve\n',
    ],
)
def test_what_is_no_stack_of_the_submission_has_no_lines(said: bytes) -> None:
    assert frames_in(said) == ()


def test_of_a_deep_stack_some_lines_are_kept() -> None:
    frame = b'  File "submission.py", line 3 in solve\n'
    assert len(frames_in(b"Stack (most recent call first):\n" + 1000 * frame)) == 20


def test_only_a_stack_at_the_end_is_cut_from_an_output() -> None:
    output = bytearray(b"a line\n")
    assert cut_from(output) == b""
    assert output == b"a line\n"
    output += b"Stack (most recent call first):\n  <no Python frame>\n"
    assert cut_from(output).endswith(b"<no Python frame>\n")
    assert output == b"a line\n"
