"""The benchmark counts what it says: trees whose processes nobody waits for, fair samples, sets that repeat."""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path

import pytest

from benchmarks import compare, contenders, fleet, fleet_model, mistakes, tree
from benchmarks.floor import Floor
from benchmarks.options import parse
from benchmarks.rounds import Series, in_turn, samples
from benchmarks.sets import FLOOR, NAIVE, WARM, SetFigures
from benchmarks.submissions import HOSTILE, Submissions, make_sets
from benchmarks.tables import BEGIN, END, Figures, put_into, tables
from benchmarks.tree import Spent
from judge.grader import load_exercise_with_goldens

ROOT = Path(__file__).resolve().parents[2]
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
    deadline = time.monotonic() + 20  # on a busy machine what was killed takes a moment to end
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(is_running, pids))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


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


def test_who_grades_many_at_once_has_their_mean_time_and_the_memory_of_all() -> None:
    series = Series()
    series.add_sample([Spent(6.0, 10.0, 300.0).each(4)], of=40)
    assert series.median == Spent(1.5, 2.5, 300.0)
    assert series.per_minute == 40.0


@pytest.mark.long
def test_naive_has_as_many_processes_at_a_time_as_it_is_told(tmp_path: Path) -> None:
    loaded = load_exercise_with_goldens(ROOT / "tests/exercises/optax_sgd_step")
    source = """import os, time
folder = os.path.dirname(__file__)
mark = os.path.join(folder, f"running-{os.getpid()}")
open(mark, "w").close()
most = 0
for _ in range(300):  # until there are two at a time, and a little longer: would a third come?
    most = max(most, sum(name.startswith("running") for name in os.listdir(folder)))
    if most >= 2 and _ > 20:
        break
    time.sleep(0.02)
with open(os.path.join(folder, f"most-{os.getpid()}"), "w") as file:
    file.write(str(most))
os.unlink(mark)
"""
    handed_in = tmp_path / "handed in"
    handed_in.mkdir()
    files = [handed_in / f"learner_{number}.py" for number in range(4)]
    for file in files:
        file.write_text(source)
    spent = contenders.naive(loaded, tmp_path, files, 2)
    assert [path.read_text() for path in handed_in.glob("most-*")] == ["2"] * 4
    assert spent.cpu_s > 4 * 0.2  # all four are counted: none imports numpy and pytest in less


@pytest.mark.long
def test_naive_gives_up_when_pytest_has_trouble_of_its_own(tmp_path: Path) -> None:
    loaded = load_exercise_with_goldens(ROOT / "tests/exercises/optax_sgd_step")
    (tmp_path / "a.py").write_text("import pytest\npytest.exit('no')")
    (tmp_path / "b.py").write_text("raise ValueError")
    with pytest.raises(RuntimeError, match=r"pytest could not run(?s:.*)Exit: no"):
        contenders.naive(loaded, tmp_path, [tmp_path / "a.py", tmp_path / "b.py"], 2)
    contenders.naive(loaded, tmp_path, [tmp_path / "b.py"], 2)


def test_the_ratio_of_cpu_seconds_stands_first_among_the_ratios() -> None:
    choice, _ = parse(["--jobs", "2"])
    eager = Submissions("eager", "4 eager submissions", {}, {})
    series = {
        NAIVE: Series([8.0], [16.0], [0.0]),
        WARM: Series([1.0], [2.0], [0.0]),
        FLOOR: Series([2.0], [2.0], [0.0]),
    }
    (table,) = tables(Figures(choice, [SetFigures(eager, series)]))
    ratios = {name: place for place, name in enumerate(table.header) if "/" in name}
    assert list(ratios) == ["CPU / naive", "CPU / floor", "speed / naive", "time / naive"]
    assert table.rows[1][min(ratios.values()) :] == ("0.12×", "1.00×", "8.00×", "0.12×")


def test_nobody_is_always_first() -> None:
    names = {"a": 1, "b": 2, "c": 3}
    assert [in_turn(names, number)[0] for number in range(4)] == [("a", 1), ("b", 2), ("c", 3), ("a", 1)]


@pytest.mark.long
def test_sets_are_of_their_size_distinct_and_the_same_again() -> None:
    exercise = load_exercise_with_goldens(ROOT).exercise
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


@pytest.mark.long
def test_the_floor_calls_every_case_and_is_warm_when_it_is_measured(tmp_path: Path) -> None:
    loaded = load_exercise_with_goldens(ROOT / "tests/exercises/optax_sgd_step")
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
    with Floor(loaded, tmp_path) as floor:
        good, broken = floor.spent([tmp_path / "a.py", tmp_path / "broken.py"])
    assert calls.read_text().count("x") == 2 * len(loaded.cases)
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
    assert [parse(["--jobs", jobs])[0].naive_sample for jobs in "14"] == [3, 12]
    with pytest.raises(SystemExit):
        parse(["--rounds", "0"])


@pytest.mark.long
def test_compare_grades_in_both_lanes_and_as_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    exercise = Path("tests/exercises/optax_sgd_step")
    file = ROOT / exercise / "reference/accepted/by_hand.py"
    compare.main([str(ROOT), str(file), "--exercise", str(exercise), "--rounds", "1"])
    out = capsys.readouterr().out
    cases = len(load_exercise_with_goldens(ROOT / exercise).cases)
    assert [line.split()[0] for line in out.splitlines()[2:5]] == ["cold", "warm", "judge"]
    assert out.count(f"{cases} cases, accepted") == 2


def test_compare_has_each_checkout_judged_by_its_own_judge(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    package = tmp_path / "judge"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "grader.py").write_text("raise SystemExit('the grader of the other one')")
    (package / "cli.py").write_text("def main():\n    print('the command of the other one')\n")
    with (
        compare.Gradings(tmp_path, tmp_path, tmp_path / "a.py") as gradings,
        pytest.raises(RuntimeError, match="no answer in the cold lane"),
    ):
        gradings.spent("cold")
    assert "the grader of the other one" in capfd.readouterr().err
    spent = contenders.single_of(tmp_path, tmp_path, tmp_path, tmp_path / "a.py")
    assert spent.output == "the command of the other one\n"


def test_mistakes_are_compared_with_the_right_file() -> None:
    took = {name: Spent(2.0 if name == mistakes.RIGHT else 3.0, 1.0, 0.0) for name in mistakes.KINDS}
    turns: list[str] = []

    def way(name: str) -> Spent:
        turns.append(name)
        return took[name]

    table = mistakes.table(mistakes.measure({name: partial(way, name) for name in took}, rounds=2))
    assert [row[-1] for row in table.rows] == ["1.00×", *["1.50×"] * (len(took) - 1)]
    assert turns[: len(took)] != turns[len(took) :], "each round begins with another one"
    assert all((ROOT / "submissions" / f"{name}.py").is_file() for name in mistakes.KINDS)


@pytest.mark.long
def test_compare_takes_no_figure_from_another_lane(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    exercise = ROOT / "tests/exercises/optax_sgd_step"
    file = tmp_path / "a.py"
    file.write_text("def sgd_step(params, grads, lr):\n    raise MemoryError")
    with compare.Gradings(ROOT, exercise, file) as gradings:
        assert gradings.spent("cold").cpu_s > 0
        with pytest.raises(RuntimeError, match="no answer in the warm lane"):
            gradings.spent("warm")
    assert "was answered in the cold lane: it raised MemoryError" in capfd.readouterr().err


def test_a_simulated_fleet_is_as_fast_as_its_workers_or_as_its_client() -> None:
    assert fleet_model.throughput(1, [2.0], 0.0) == pytest.approx(0.5)
    assert fleet_model.throughput(64, [2.0], 0.0) == pytest.approx(32.0)
    assert fleet_model.throughput(64, [2.0], 0.01) == pytest.approx(32.0, rel=0.01)  # 0.64 of the client is used
    assert fleet_model.throughput(64, [2.0], 0.1) == pytest.approx(10.0, rel=0.01)  # all of it
    assert fleet_model.throughput(2, [1.0, 3.0], 0.0) == pytest.approx(1.0, rel=0.1)
    with pytest.raises(ValueError, match=r"^0 workers and 1 service times: at least one of each is needed$"):
        fleet_model.throughput(0, [1.0], 0.0)


@pytest.mark.long
def test_every_way_to_grade_gives_the_same_results_and_a_time_for_one_more(tmp_path: Path) -> None:
    ways = fleet.measure(load_exercise_with_goldens(fleet.EXERCISE), tmp_path, rounds=1, sizes=(3, 12))
    assert set(ways) == set(fleet.WAYS)
    assert all(len(way.each_s) == 1 and len(way.service_s) == 15 for way in ways.values())
    shown = fleet.of_ways(ways).text() + fleet.of_model(ways, [2.0]).text()
    assert "Dask, 2 processes" in shown
    assert "\n64 " in shown
