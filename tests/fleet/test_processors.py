"""No processor is given to two submissions at a time, in whichever processes they are."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from judge.fleet import processors
from judge.fleet.processors import Processors

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processors, "allowed", lambda: [3, 5])


def test_a_processor_is_claimed_once_and_free_again_afterwards(tmp_path: Path) -> None:
    one, other = Processors(tmp_path / "locks"), Processors(tmp_path / "locks")
    with one.claimed() as first, other.claimed() as second:
        assert {first, second} == {(3,), (5,)}
    with other.claimed() as again:
        assert again == (3,)


def test_a_preferred_processor_comes_first(tmp_path: Path) -> None:
    with Processors(tmp_path / "locks").claimed([5]) as cpu:
        assert cpu == (5,)


def test_a_claim_waits_until_there_is_one(tmp_path: Path) -> None:
    pool, order = Processors(tmp_path / "locks"), []

    def third() -> None:
        with pool.claimed() as cpu:
            order.append(cpu)

    with pool.claimed(), pool.claimed():
        thread = threading.Thread(target=third)
        thread.start()
        thread.join(0.2)
        assert order == []
    thread.join(10)
    assert order == [(3,)]


def test_the_claim_of_a_killed_process_is_gone(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from judge.fleet import processors as p\n"
        "p.allowed = lambda: [3, 5]\n"
        f"with p.Processors(Path({str(tmp_path / 'locks')!r})).claimed() as cpu:\n"
        "    print(*cpu, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "3\n"
        with Processors(tmp_path / "locks").claimed() as cpu:
            assert cpu == (5,)
        other.kill()
        other.wait()
    with Processors(tmp_path / "locks").claimed() as cpu:
        assert cpu == (3,)


def test_without_a_usable_folder_there_is_a_processor_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with Processors(tmp_path / "file").claimed() as cpu:
        assert len(cpu) <= 1


def test_where_the_system_cannot_tell_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processors, "allowed", list)
    with Processors(tmp_path / "locks").claimed() as cpu:
        assert cpu == ()
