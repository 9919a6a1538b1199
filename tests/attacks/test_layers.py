"""Each layer made to fail on purpose, end to end: the level drops or the run is refused; nothing runs without it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.isolation_settings import why_not

from judge.inside.confinement import bubblewrap
from judge.inside.confinement.confine import LAYERS, LEVELS
from judge.model import Ended, Limits, SandboxError, SandboxTooWeakError
from judge.sandbox import Call, Sandbox
from judge.sandbox import policy as policies
from judge.selftest.decoys import HostDecoys
from judge.selftest.process_monitor import submission_processes
from judge.selftest.target_exercise import LIMITS, RIGHT_SUBMISSION, make_target_exercise

pytestmark = pytest.mark.skipif(bool(reason := why_not("user-strong")), reason=reason or "never")

NAMESPACES = LEVELS["strong"][:6]
IS_ROOT = os.getuid() == 0
Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def change_request(monkeypatch: pytest.MonkeyPatch) -> Callable[[Change], None]:
    """Changes every request for a confined process on its way to the zygote; without bubblewrap as a way out."""
    honest = policies.Policy.request
    monkeypatch.setattr(bubblewrap, "find_bubblewrap", lambda: None)

    def change(how: Change) -> None:
        def request(self: policies.Policy, limits: Limits, affinity: Sequence[int]) -> dict[str, Any]:
            made = honest(self, limits, affinity)
            how(made["confinement"])
            return made

        monkeypatch.setattr(policies.Policy, "request", request)

    return change


def breaking(layer: str) -> Change:
    def change(confinement: dict[str, Any]) -> None:
        confinement["break_layer"] = layer

    return change


def leaving_out(layer: str) -> Change:
    def change(confinement: dict[str, Any]) -> None:
        confinement["layers"] = [name for name in confinement["layers"] if name != layer]

    return change


def expected_level(layer: str) -> str:
    """The best level that is left; ``weak`` needs an own uid, and so root."""
    if layer == "uid":
        return "strong"
    if layer in NAMESPACES:
        return "good"
    return "weak" if layer == "landlock" and IS_ROOT else "none"


@pytest.mark.parametrize("how", [breaking, leaving_out], ids=["it fails", "it is silently missing"])
@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_that_does_not_come_up_lowers_the_level(
    change_request: Callable[[Change], None], layer: str, how: Callable[[str], Change]
) -> None:
    change_request(how(layer))
    with Sandbox(LIMITS, accept="examine", preload=()) as sandbox:
        assessment = sandbox.assessment
    level = expected_level(layer)
    if level == "weak" and assessment.level == "none":
        # Where Python lives below a closed folder, an own uid can read it through Landlock's exception only.
        level = "none"
    assert assessment.level == level, assessment
    if level != "none":
        assert layer not in assessment.isolation.layers
    if layer != "uid":
        assert layer in {missing.layer for missing in assessment.missing}, assessment.missing


@pytest.mark.parametrize("layer", ["landlock", "seccomp", "limits"])
def test_without_what_every_good_level_has_nothing_is_run(
    change_request: Callable[[Change], None], layer: str
) -> None:
    change_request(breaking(layer))
    with Sandbox(LIMITS, preload=()) as sandbox, pytest.raises(SandboxTooWeakError, match=layer):
        sandbox.observe(RIGHT_SUBMISSION, "solve", [])


@pytest.mark.parametrize("how", [breaking, leaving_out], ids=["it fails", "it is silently missing"])
@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_that_fails_after_the_probes_refuses_the_run(
    change_request: Callable[[Change], None], layer: str, how: Callable[[str], Change]
) -> None:
    """The probes were right, and then something changed: the submission must not start."""
    with HostDecoys() as ground, Sandbox(LIMITS, preload=()) as sandbox:
        tell = f"import pathlib\npathlib.Path({str(ground.canary_path)!r}).write_text('ran')\nprint('ran')\n"
        if layer not in sandbox.assessment.layers:
            pytest.skip("not a layer that is applied here")
        change_request(how(layer))
        # Without mounts of its own it may be another layer that complains first.
        with pytest.raises(
            SandboxError, match=layer if how is breaking else "came up without|could not be set up"
        ):
            sandbox.observe(tell.encode(), "solve", [])
        assert list(submission_processes()) == []
        assert ground.traces() == {}


def test_the_same_submission_tells_where_it_may(change_request: Callable[[Change], None]) -> None:
    """The control of the test above: unconfined, the canary shows that it ran."""
    with HostDecoys() as ground, Sandbox(LIMITS, accept="none", preload=()) as sandbox:
        tell = f"import pathlib\npathlib.Path({str(ground.canary_path)!r}).write_text('ran')\n"
        sandbox.observe(tell.encode(), "solve", [])
        assert set(ground.traces()) == {"canary"}


def test_an_exercise_that_submissions_could_read_is_refused(tmp_path: Path) -> None:
    inside_of_python = os.path.dirname(os.__file__)
    with (
        Sandbox(LIMITS, secrets=(Path(inside_of_python),), preload=()) as sandbox,
        pytest.raises(SandboxError, match="no secret"),
    ):
        sandbox.observe(RIGHT_SUBMISSION, "solve", [])
    loaded = make_target_exercise(tmp_path)
    with Sandbox(LIMITS, secrets=(tmp_path,), preload=("numpy",)) as sandbox:
        calls = [Call(case.id, case.inputs) for case in loaded.cases]
        observed = sandbox.observe(RIGHT_SUBMISSION, "solve", calls)
    ends: Mapping[str, Ended] = {name: step.measured.ended for name, step in observed.cases.items()}
    assert set(ends.values()) == {Ended.ANSWERED}


@pytest.mark.skipif(not IS_ROOT, reason="weak needs a uid of its own, and so root")
def test_a_weak_level_is_run_under_only_where_it_is_accepted(change_request: Callable[[Change], None]) -> None:
    change_request(breaking("landlock"))
    with Sandbox(LIMITS, accept="examine", preload=()) as sandbox:
        if sandbox.assessment.level != "weak":
            pytest.skip("where Python lives below a closed folder there is no such level")
    with Sandbox(LIMITS, preload=()) as sandbox, pytest.raises(SandboxTooWeakError, match="--accept-weak"):
        sandbox.observe(RIGHT_SUBMISSION, "solve", [])
    with Sandbox(LIMITS, accept="weak") as sandbox:
        observed = sandbox.observe(RIGHT_SUBMISSION, "solve", [])
    assert observed.isolation.level == "weak"
    assert observed.load.measured.ended is Ended.ANSWERED
