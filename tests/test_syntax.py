"""Trees are made in several threads at once, as a batch does."""

from __future__ import annotations

import ast
import gc
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from judge.syntax import parse

SOURCES = [path.read_bytes() for path in sorted(Path(__file__).parents[1].glob("reference/misconceptions/*.py"))]


def errors_in_threads(make: Callable[[bytes], object]) -> list[BaseException]:
    found: list[BaseException] = []

    def work() -> None:
        for source in SOURCES:
            try:
                make(source)
            except BaseException as error:
                found.append(error)

    before, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(50)
    gc.callbacks.append(lets_others_run := lambda phase, info: sum(range(200)))
    try:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        gc.callbacks.remove(lets_others_run)
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(before)
    return found


def test_threads_do_not_disturb_each_other() -> None:
    assert errors_in_threads(parse) == []


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the fault is that of CPython 3.11")
def test_without_the_lock_they_would() -> None:
    assert {type(error) for error in errors_in_threads(ast.parse)} == {SystemError}
