"""The probes change nothing that learner code could notice: results, identity, errors, memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

NAMES = (
    "same_bits",
    "following_changes_no_number",
    "following_ends_with_the_step",
    "without_a_gradient_of_statistics_no_operation_is_looked_at",
    "following_compiles_nothing",
    "wrapped_functions_look_the_same",
    "functions_of_functions_look_the_same",
    "errors_are_the_same",
    "optimizers_look_the_same",
    "optimizers_pickle_and_copy",
    "optimizers_are_static_arguments",
    "hostile_objects_meet_no_probe",
    "a_record_that_raises_is_no_ones_business",
    "events_are_capped",
    "events_are_json_that_travels",
    "nothing_is_kept_alive",
    "no_tracer_leaks",
    "looking_at_numbers_compiles_nothing",
    "traced_numbers_are_not_known",
    "arrays_can_still_be_donated",
    "tree_map_looks_the_same",
    "layers_are_told_as_they_are_set",
    "loops_and_maps_look_the_same",
    "runs_inside_of_loops_are_marked",
    "threads_do_not_mix",
)


@pytest.fixture(scope="session")
def checked() -> Mapping[str, str]:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("probe_checks.py"))],
        env={**os.environ, "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: Mapping[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", NAMES)
def test_probes(name: str, checked: Mapping[str, str]) -> None:
    assert checked[name] == ""


def test_no_check_is_left_out(checked: Mapping[str, str]) -> None:
    assert tuple(checked) == NAMES
