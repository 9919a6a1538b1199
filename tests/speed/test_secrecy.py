"""A warm zygote has run the reference; nothing of it may be left for learner code to find."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.canaries import REGISTERED, SOURCE, needles, to_json

from judge import exercise as exercises
from judge import wire
from judge.inside.warmup.prepare import keeps_names
from judge.sandbox.flags import DEFAULT_FLAGS
from judge.sandbox.warmup.plan import WarmPlan, WarmStart, other_values, plan_for
from judge.sandbox.zygote_process import clean_environment

ROOT = Path(__file__).resolve().parents[2]
DRIVER = Path(__file__).with_name("scan_driver.py")


def plan_of(*sources: str) -> WarmPlan:
    random = np.random.RandomState(5)
    shapes = [(8, 5), (3, 2)]
    calls = [
        wire.pack_call(
            number,
            [3.0, random.randn(*shape).astype("float32"), random.randn(shape[0]).astype("float32"), 0.25],
        )
        for number, shape in enumerate(shapes)
    ]
    return WarmPlan("solve", tuple(s.encode() for s in sources), tuple(calls), len(calls), asked=len(sources))


def scan(tmp_path: Path, *sources: str, keep: bool = False) -> dict[str, Any]:
    plan = plan_of(*sources)
    steps = tuple((number, (0, 1)) for number in range(len(plan.programs)))
    start = WarmStart.of(plan, steps, ())
    header = {"kind": "start", "preload": [], "entries": [], "warm": start.header()}
    (tmp_path / "frame").write_bytes(wire.pack(header, b"".join(start.calls)))
    (tmp_path / "programs").write_bytes(b"".join(start.programs))
    (tmp_path / "needles").write_text(to_json(needles(start.programs[0])))
    done = subprocess.run(
        [
            sys.executable,
            str(DRIVER),
            *(str(tmp_path / name) for name in ("frame", "programs", "needles")),
            "keep" if keep else "drop",
        ],
        env={**clean_environment(DEFAULT_FLAGS), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


FORGETFUL = pytest.mark.skipif(
    keeps_names(), reason="this Python never forgets names: no zygote is warmed up"
)


@pytest.mark.long
@pytest.mark.skipif(not keeps_names(), reason="this Python forgets the names of programs that are gone")
def test_where_names_are_immortal_no_program_is_run(tmp_path: Path) -> None:
    found = scan(tmp_path, SOURCE)
    assert "never forgets the names" in found["told"]["warm"]["refused"]
    assert found["hits"] == {}


def test_whether_names_are_kept_is_what_the_versions_of_python_do() -> None:
    assert keeps_names() is (sys.version_info >= (3, 12))


@pytest.mark.long
@FORGETFUL
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read through /proc")
def test_nothing_of_a_program_is_left_in_the_memory_of_a_warm_zygote(tmp_path: Path) -> None:
    found = scan(tmp_path, SOURCE)
    assert found["told"]["warm"]["refused"] == ""
    assert found["looked_at"] > 50 << 20
    assert found["functions"] == 0
    assert found["hits"] == {}


@pytest.mark.long
@FORGETFUL
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read through /proc")
def test_a_program_that_is_kept_is_found_and_refused(tmp_path: Path) -> None:
    found = scan(tmp_path, SOURCE, keep=True)
    assert "leaves" in found["told"]["warm"]["refused"]
    kinds = {name.split()[0] for name in found["hits"]}
    assert kinds == {"word", "name", "marshalled", "bytecode"}


@pytest.mark.long
@FORGETFUL
def test_a_program_that_jax_keeps_is_refused(tmp_path: Path) -> None:
    found = scan(tmp_path, REGISTERED)
    assert found["told"]["warm"]["refused"].startswith("Leftover: program 0 leaves")


def test_no_value_of_a_case_is_in_a_call_of_the_warm_up() -> None:
    exercise = exercises.load_exercise(ROOT)
    cases = exercises.load_cases(exercise)
    calls = b"".join(plan_for(exercise, cases).calls)
    frames = list(wire.FrameReader(wire.Caps()).feed(calls))
    arguments = [argument for frame in frames for argument in wire.unpack_arguments(frame)]
    scalars = {argument for argument in arguments if isinstance(argument, int | float)}
    given = [value for case in cases for value in case.inputs.values()]
    assert scalars & {value for value in given if isinstance(value, int | float)} <= {0}
    arrays = [value for value in given if not isinstance(value, int | float)]
    assert len(arrays) == 2 * len(cases)
    for array in arrays:
        assert array.size < 2 or array.tobytes() not in calls
    shapes = {tuple(a.shape) for a in arguments if not isinstance(a, int | float)}
    assert shapes == {tuple(a.shape) for a in arrays}


@pytest.mark.parametrize("number", [0.0, 3.0, 2.5, -7.25, 0.1, 4123456789.0, 5_000_000_000, 12, -3, 1e-9])
def test_other_numbers_are_of_the_same_kind(number: float) -> None:
    other = other_values({"n": number}, 0, frozenset({3.0, 2.25}))["n"]
    assert type(other) is type(number)
    assert (other == 0) == (number == 0)
    assert (other < 0) == (number < 0)
    assert (other == int(other)) == (number == int(number))
    assert [abs(other) < 2**bits for bits in (31, 32)] == [abs(number) < 2**bits for bits in (31, 32)]
    assert number == 0 or other not in {3.0, 2.25, number}
