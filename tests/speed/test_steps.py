"""Which of an author's files a warm-up runs: those that bring something new to the process that runs them all."""

from __future__ import annotations

from judge.sandbox.warmup.program_builder import without_redundant_steps


def test_calls_and_files_that_bring_nothing_are_left_out() -> None:
    steps = ((0, (0, 1, 2)), (3, (0, 1)), (5, (0, 2)), (7, (1,)))
    brought = [[9, 4, 0], [0, 2], [0, 0], [1]]
    assert without_redundant_steps(steps, brought) == ((0, (0, 1, 2)), (3, (1,)), (7, (1,)))


def test_the_first_file_proves_the_process_and_stays_whole() -> None:
    assert without_redundant_steps(((0, (0, 1)), (2, (0,))), [[0, 0], [0]]) == ((0, (0, 1)),)
