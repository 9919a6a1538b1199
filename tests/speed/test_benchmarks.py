"""The benchmark counts what it says: trees whose processes nobody waits for, fair samples, sets that repeat."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks import tree  # noqa: E402
from benchmarks.floor import Floor  # noqa: E402
from benchmarks.options import parse  # noqa: E402
from benchmarks.rounds import Series, in_turn, samples  # noqa: E402
from benchmarks.submissions import HOSTILE, make_sets  # noqa: E402
from benchmarks.tables import BEGIN, END, Figures, put_into  # noqa: E402
from benchmarks.tree import Spent  # noqa: E402
from judge.grader import load_bench  # noqa: E402

FORKS = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(2):
    if not os.fork():
        keep, start = bytearray(b"x") * (40 << 20), time.process_time()
        while time.process_time() - start < 0.4:
            pass
        os._exit(0)
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
print("done")
"""
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")


@linux
def test_processes_that_nobody_waits_for_are_counted(tmp_path: Path) -> None:
    spent = tree.run([sys.executable, "-c", FORKS], cwd=tmp_path)
    assert (spent.exit_status, spent.output) == (0, "done\n")
    assert 0.7 < spent.cpu_s < 1.2  # of 0.8 in the children; the last look may miss a little
    assert spent.memory_by_depth_mib[1] > 40
    assert spent.memory_by_depth_mib[0] < 40


@linux
def test_what_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    program = "import os, time\nos.fork()\nopen(str(os.getpid()), 'w')\ntime.sleep(600)"
    spent = tree.run([sys.executable, "-c", program], cwd=tmp_path, limit_s=1.0)
    assert spent.exit_status is None
    assert spent.wall_s < 100
    pids = [int(path.name) for path in tmp_path.iterdir()]
    assert len(pids) == 2
    for pid in pids:
        status = Path(f"/proc/{pid}/stat")
        assert not status.exists() or status.read_text().rpartition(")")[2].split()[0] in "ZX"


def test_every_sample_has_cheap_and_dear_files_and_together_they_see_many() -> None:
    drawn = samples(list(range(40)), 4, rounds=5, seed=1)
    assert drawn == samples(list(range(40)), 4, rounds=5, seed=1)
    for sample in drawn:
        assert [place // 10 for place in sample] == [0, 1, 2, 3]
    assert len({place for sample in drawn for place in sample}) == 20
    assert samples([1, 2], 4, rounds=2, seed=1) == [[1, 2], [1, 2]]


def test_a_sample_stands_for_all_of_its_kind() -> None:
    series = Series()
    series.add_sample([Spent(1.0, 2.0, 5.0), Spent(3.0, 4.0, 6.0)], of=8, besides=[Spent(12.0, 0.0, 9.0)] * 2)
    assert series.median == Spent((8 * 2.0 + 24.0) / 10, 8 * 3.0 / 10, 9.0)
    assert series.per_minute == 60 / 4.0


def test_nobody_is_always_first() -> None:
    names = {"a": 1, "b": 2, "c": 3}
    assert [in_turn(names, number)[0] for number in range(4)] == [("a", 1), ("b", 2), ("c", 3), ("a", 1)]


def test_sets_are_of_their_size_distinct_and_the_same_again() -> None:
    exercise = load_bench(ROOT).exercise
    eager, jitted, mixed = made = make_sets(exercise, seed=5, size=40)
    assert made == make_sets(exercise, seed=5, size=40)
    assert eager != make_sets(exercise, seed=6, size=40)[0]
    for one in made:
        assert len(one.all) == len(set(one.all.values())) == 40
    assert all("jit" not in source for source in eager.harmless.values())
    assert all("jit" in source for source in jitted.harmless.values())
    assert len(mixed.hostile) == len(HOSTILE) == 4
    for body in HOSTILE.values():
        assert sum(body in source for source in mixed.hostile.values()) == 1
        assert not any(body in source for source in mixed.harmless.values())


def test_the_floor_calls_every_case_and_is_warm_when_it_is_measured(tmp_path: Path) -> None:
    bench = load_bench(ROOT / "tests/exercises/optax_sgd_step")
    calls = tmp_path / "calls"
    source = f"""import time
opened = open({str(calls)!r}, "a", buffering=1)
first = True
def sgd_step(params, grads, lr):
    global first
    if first:
        time.sleep(1.0)
    first = False
    print("called")
    opened.write("x\\n")
    raise ValueError
"""
    (tmp_path / "a.py").write_text(source)
    (tmp_path / "broken.py").write_text("def sgd_step(:")
    with Floor(bench, tmp_path) as floor:
        good, broken = floor.spent([tmp_path / "a.py", tmp_path / "broken.py"])
    assert calls.read_text().count("x") == 2 * len(bench.cases)
    assert 0 < good.wall_s < 0.9
    assert broken.wall_s < 0.9


def test_tables_go_between_the_markers_and_nowhere_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    choice, _ = parse(["--quick", "--only", "watch"])
    figures = Figures(choice, watch={"floor": _series(1.0), "judge watch": _series(1.5)})
    put_into(page, figures)
    text = page.read_text()
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    assert "| judge watch | 1.50 | 1.50× |" in text
    page.write_text("no markers")
    with pytest.raises(SystemExit, match="has no lines"):
        put_into(page, figures)


def _series(wall_s: float) -> Series:
    return Series([wall_s], [wall_s], [0.0])


def test_options_choose_parts_and_rounds() -> None:
    choice, options = parse(["--only", "scaling", "--only", "eager", "--rounds", "7", "--json", "x"])
    assert (choice.parts, choice.rounds, options.json) == (("eager", "scaling"), 7, Path("x"))
    assert parse([])[0].rounds == 5
    with pytest.raises(SystemExit):
        parse(["--rounds", "0"])
