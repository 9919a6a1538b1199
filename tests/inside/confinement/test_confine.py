"""The confinement in every setting: honest programs give the same bits, attempts to get out do not succeed.

Each attempt has its positive control: the same code reaches its aim in a bare process of the same setting. Whether
it did is read from the host where it leaves a trace there (`Host.snapshot`), and else from what it returned.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from confined_settings import (
    SETTINGS,
    Driver,
    Host,
    close_drivers,
    confinement_for,
    driver_in,
    fresh_driver,
    host_for,
    why_not,
)

from judge.inside.confinement import confine, self_check

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@dataclass(frozen=True)
class Attempt:
    name: str
    traced: bool = False
    """It leaves a trace on the host."""
    killed: bool = False
    """The filter ends the process."""
    only_root: bool = False
    """In a bare process it takes root's power, or namespaces."""
    not_here: tuple[str, ...] = ()
    """Bare processes of these places cannot do it either, so it has no control there."""
    reached_at: tuple[str, ...] = ()
    """Settings in which it is documented to succeed."""
    leak: bool = False


ALL_CONTAINERS = ("container-root", "container-user")
WEAK = "reachable-weak"
"""Without Landlock everything that others may read can be read; what writes or reaches out is still denied."""
GOOD = ("root-good", "user-good", "container-root-good", "container-user-good")

ATTEMPTS = [
    Attempt("read_file", reached_at=(WEAK,)),
    Attempt("read_file_from_a_thread", reached_at=(WEAK,)),
    Attempt("read_file_through_leaked_directory", leak=True),
    Attempt("stat_file", reached_at=(*GOOD, WEAK)),  # Landlock does not hide that a path exists
    Attempt("list_root", reached_at=(WEAK,)),
    Attempt("open_path_only"),
    Attempt("write_file", traced=True),
    Attempt("append_to_readable", traced=True),
    Attempt("create_in_readable", traced=True),
    Attempt("temporary_file_in_readable"),
    Attempt("write_shared_memory"),
    Attempt("change_mode", traced=True),
    Attempt("change_times", traced=True),
    Attempt("set_attribute", traced=True),
    Attempt("remove_file", traced=True),
    Attempt("rename_file", traced=True),
    Attempt("link_file", traced=True),
    Attempt("make_directory", traced=True),
    Attempt("lock_file"),
    Attempt("connect_tcp", traced=True),
    Attempt("send_udp", traced=True),
    Attempt("connect_abstract", traced=True),
    Attempt("connect_path", traced=True),
    Attempt("datagram_pair_to_path", traced=True),
    Attempt("netlink"),
    Attempt("pass_descriptor"),
    Attempt("out_of_band"),
    Attempt("peer_process"),
    Attempt("inherit_priority"),
    Attempt("signal_driver"),
    Attempt("signal_everybody"),
    Attempt("trace", killed=True, not_here=ALL_CONTAINERS),
    Attempt("read_memory_of_driver", not_here=ALL_CONTAINERS),
    Attempt("read_environment_of_driver", not_here=ALL_CONTAINERS),
    Attempt("read_other_memory", killed=True, not_here=ALL_CONTAINERS),
    Attempt("fork"),
    Attempt("vfork"),
    Attempt("clone_without_thread"),
    Attempt("clone_new_user", not_here=ALL_CONTAINERS),
    Attempt("execute"),
    Attempt("execute_memory"),
    Attempt("many_threads", reached_at=("user-good", "container-root-good", "container-user-good")),
    Attempt("much_memory"),
    Attempt("shared_memory"),
    Attempt("memory_file"),
    Attempt("stack_mapping"),
    Attempt("address_space"),
    Attempt("system_v_memory"),
    Attempt("many_files"),
    Attempt("io_uring", killed=True),
    Attempt("user_faults", killed=True),
    Attempt("berkeley_packet_filter", killed=True, only_root=True),
    Attempt("key_ring", killed=True),
    Attempt("performance_events", killed=True, only_root=True),
    Attempt("unshare", killed=True, not_here=ALL_CONTAINERS),
    Attempt("mount", killed=True, only_root=True),
    Attempt("enter_namespace", killed=True, only_root=True),
    Attempt("change_root", killed=True, only_root=True),
    Attempt("open_by_handle", killed=True),
    Attempt("clear_death_signal"),
    Attempt("become_dumpable"),
    Attempt("change_affinity"),
    Attempt("change_priority"),
    Attempt("change_limits"),
    Attempt("become_root", only_root=True),
    Attempt("own_filter", killed=True),
    Attempt("old_calls", killed=True),
    Attempt("x32_calls", killed=True),
]


@pytest.fixture(scope="module", autouse=True)
def _drivers() -> Iterator[None]:
    yield
    close_drivers()


IN_THE_MAIN_SUITE = ("root-strong",) if os.geteuid() == 0 else ("user-strong",)
"""The other settings belong to the long suites; they differ in what the machine allows, not in our code."""


def _marked(name: str, main: Iterable[str]) -> object:
    return pytest.param(name, marks=() if name in main else pytest.mark.long)


@pytest.fixture(scope="module", params=[_marked(name, IN_THE_MAIN_SUITE) for name in SETTINGS])
def setting(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if reason := why_not(name):
        pytest.skip(reason)
    return name


@pytest.fixture(scope="module")
def driver(setting: str) -> Driver:
    return driver_in(setting)


@pytest.fixture(scope="module")
def host(setting: str, driver: Driver) -> Iterator[Host]:
    with host_for(setting, driver) as one:
        yield one


@pytest.mark.long  # tests/legitimate has other programs in the main suite
def test_honest_jax_programs_give_the_same_bits(setting: str, driver: Driver) -> None:
    bare = driver.run(program="jax_programs")
    confined = driver.run(program="jax_programs", confinement=confinement_for(setting).to_json())
    assert "value" in bare, bare
    assert confined.get("value") == bare["value"], confined
    assert len(bare["value"]) == 15


def test_ordinary_python_works(setting: str, driver: Driver) -> None:
    if setting == WEAK:
        pytest.skip(
            "/dev/null cannot be opened for writing where only the filter could tell it from other files"
        )
    confined = driver.run(program="python_programs", confinement=confinement_for(setting).to_json())
    expected = ["asyncio", "devnull", "pipe", "urandom", "cpu_count", "lazy imports", "large arrays", "clock"]
    assert confined.get("value") == expected, confined


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda a: a.name)
def test_attempts_do_not_reach_their_aim(setting: str, driver: Driver, host: Host, attempt: Attempt) -> None:
    confinement = confinement_for(setting, (str(host.readable_directory),))
    before, signals_before = host.snapshot(), driver.signals
    result = run_attempt(driver, host, attempt, confinement.to_json())
    assert host.snapshot() == before
    assert driver.signals == signals_before
    assert result.get("layers") or result["signal"] or "value" in result, f"it did not run at all: {result}"
    assert "refused" not in result, result
    if setting in attempt.reached_at:
        assert result.get("value") is True, "the documentation says that this is possible here"
        return
    assert not result.get("value"), result
    if attempt.killed:
        assert result["signal"] == signal.SIGSYS, result
    else:
        assert result["signal"] is None, result


@pytest.mark.parametrize(
    "place",
    [
        _marked(name, [name.rpartition("-")[0] for name in IN_THE_MAIN_SUITE])
        for name in sorted({name.rpartition("-")[0] for name in SETTINGS})
    ],
)
@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda a: a.name)
def test_the_same_attempts_succeed_unconfined(place: str, attempt: Attempt) -> None:
    if reason := why_not(place + "-"):
        pytest.skip(reason)
    if place in attempt.not_here or (attempt.only_root and place not in ("root", "reachable")):
        pytest.skip("a bare process cannot do this here")
    if attempt.name in ("x32_calls", "old_calls") and platform.machine() != "x86_64":
        pytest.skip("x86 only")
    driver = driver_in(place + "-")
    with host_for(place + "-", driver) as host:
        before, signals_before = host.snapshot(), driver.signals
        result = run_attempt(driver, host, attempt, None)
        assert result.get("value") is True, result
        if attempt.traced:
            assert host.snapshot() != before
        assert driver.signals == signals_before + (attempt.name == "signal_driver")


def run_attempt(driver: Driver, host: Host, attempt: Attempt, confinement: Any) -> dict[str, Any]:
    leak = str(host.directory) if attempt.leak else None
    return driver.run(
        program=attempt.name, confinement=confinement, arguments=host.arguments(driver), leak=leak
    )


def test_a_spinning_process_ends_at_its_cpu_limit(setting: str, driver: Driver, host: Host) -> None:
    confinement = confinement_for(setting, cpu_s=1).to_json()
    result = driver.run(program="spin", confinement=confinement, arguments=host.arguments(driver))
    assert result["signal"] in (signal.SIGKILL, signal.SIGXCPU)
    assert "value" not in result
    assert result["cpu_s"] <= 2.2, "SIGXCPU is ignored, and the hard limit follows within a second"
    bare = driver.run(program="spin", arguments={**host.arguments(driver), "spin_s": 1.5})
    assert bare.get("value") is True


# ----------------------------------------------------------------------------------------------- the layers


def expected_proofs(setting: str) -> set[str]:
    """Which proofs must hold: the wanted layers, and what else is always there."""
    return set(confinement_for(setting).layers) | {"capabilities", "descriptors"}


def test_every_layer_is_proven(setting: str, driver: Driver) -> None:
    with self_check.planted(os.getpid()) as canaries:
        result = driver.run(confinement=confinement_for(setting).to_json(), canaries=canaries.to_json())
    assert "proofs" in result, result
    held = {name for name, (holds, _) in result["proofs"].items() if holds}
    assert expected_proofs(setting) <= held, result["proofs"]
    assert result["level"] == setting.rpartition("-")[2]


@pytest.mark.parametrize("layer", confine.LAYERS)
def test_a_layer_that_is_missing_is_not_proven(setting: str, driver: Driver, layer: str) -> None:
    whole = confinement_for(setting)
    if layer not in whole.layers:
        pytest.skip("not a layer of this level")
    with self_check.planted(os.getpid()) as canaries:
        partial = confinement_for(setting, layers=whole.layers - {layer})
        result = driver.run(confinement=partial.to_json(), canaries=canaries.to_json())
    if "proofs" in result:
        held = {name for name, (holds, _) in result["proofs"].items() if holds}
        assert layer not in held, result["proofs"]
        assert expected_proofs(setting) - {layer} <= held, result["proofs"]
    else:
        # Without it another layer cannot come up either: an ordinary user has no namespaces without a user namespace,
        # and a uid of its own reads a Python below a private home by a mount or, where Landlock holds, by a capability.
        reasons = {"user": "pid", "mount": "uid", "landlock": "uid"}
        assert result.get("refused") == reasons.get(layer), result


@pytest.mark.parametrize("layer", confine.LAYERS)
def test_a_layer_that_fails_refuses_the_run(setting: str, driver: Driver, layer: str) -> None:
    whole = confinement_for(setting)
    broken = confinement_for(setting, break_layer=layer)
    result = driver.run(program="stat_file", confinement=broken.to_json(), arguments={"secret": "/"})
    if layer in whole.layers:
        assert result.get("refused") == layer, result
        assert "value" not in result
        assert result["reason"]
    else:
        assert "value" in result, result


def test_mounts_alone_leave_nothing_to_write(setting: str, driver: Driver, host: Host) -> None:
    """Without Landlock and filter: only /dev/null and its like take anything."""
    whole = confinement_for(setting, (str(host.readable_directory),))
    if "mount" not in whole.layers:
        pytest.skip("not a layer of this level")
    alone = confinement_for(setting, whole.readable, layers=whole.layers - {"landlock", "seccomp"})
    before = host.snapshot()
    result = driver.run(program="writable_places", confinement=alone.to_json())
    assert set(result["value"]) <= {"/dev/null", "/dev/zero", "/dev/urandom"}, result
    assert host.snapshot() == before


def test_namespaces_that_are_denied_refuse_the_run(setting: str, driver: Driver) -> None:
    """A container without namespaces: the strong level must not come up."""
    if not setting.startswith("container"):
        pytest.skip("namespaces are allowed here")
    result = driver.run(
        program="python_programs", confinement=confinement_for(setting.replace("good", "strong")).to_json()
    )
    assert result.get("refused") in confine.NAMESPACES, result
    assert "value" not in result


@pytest.mark.parametrize("how", ["thread", "shared memory", "directory", "file", "network"])
def test_a_process_that_cannot_be_confined_is_refused(setting: str, driver: Driver, how: str) -> None:
    confinement = confinement_for(setting).to_json()
    result = driver.run(program="python_programs", confinement=confinement, spoil=how)
    assert result.get("refused") == "process", result
    assert "value" not in result
    bare = driver.run(program="stat_file", arguments={"secret": "/"}, spoil=how)
    assert bare.get("value") is True, bare


# ------------------------------------------------------------------------------------------------ bubblewrap


@pytest.mark.parametrize("place", ["bubblewrap-root", "bubblewrap-user"])
def test_a_driver_under_bubblewrap_reaches_the_strong_level(place: str) -> None:
    """Its children unshare nothing, and still prove every namespace."""
    if reason := why_not(place):
        pytest.skip(reason)
    with self_check.planted(os.getpid()) as canaries:
        confinement = confinement_for(place + "-good").to_json()
        result = driver_in(place + "-").run(confinement=confinement, canaries=canaries.to_json())
    assert result.get("level") == "strong", result


@pytest.mark.long
@pytest.mark.parametrize("place", ["bubblewrap-root", "bubblewrap-user"])
def test_honest_jax_programs_give_the_same_bits_under_bubblewrap(place: str) -> None:
    if reason := why_not(place):
        pytest.skip(reason)
    driver = driver_in(place + "-")
    bare = driver.run(program="jax_programs")
    confined = driver.run(program="jax_programs", confinement=confinement_for(place + "-good").to_json())
    assert confined.get("value") == bare["value"], confined


# ---------------------------------------------------------------------------------------------------- deaths


@pytest.mark.parametrize("victim", ["keeper", "driver"])
def test_nothing_outlives_its_parent(setting: str, victim: str) -> None:
    driver = fresh_driver(setting)
    assert driver.process.stdin is not None
    assert driver.process.stderr is not None
    request = {"program": "say_and_sleep", "confinement": confinement_for(setting).to_json(), "abandon": True}
    driver.process.stdin.write(json.dumps(request) + "\n")
    driver.process.stdin.flush()
    pids = json.loads(driver.process.stderr.readline())
    processes = {name: Path(f"/proc/{pid}") for name, pid in pids.items()}
    assert all(path.exists() for path in processes.values())
    if victim == "keeper":
        os.kill(pids["keeper"], signal.SIGKILL)
    else:
        driver.process.kill()
        driver.process.wait()
    deadline = time.monotonic() + 10
    while any(is_alive(path) for path in processes.values()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not [name for name, path in processes.items() if is_alive(path)]
    driver.process.kill()
    driver.process.wait()


def is_alive(path: Path) -> bool:
    """True for a process that is there and no zombie."""
    try:
        return (path / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


# -------------------------------------------------------------------------------------------- the description


def test_a_confinement_survives_the_way_through_json() -> None:
    one = confinement_for("root-strong", ("/usr/share",), break_layer="net", keep_fds=(3, 4))
    assert confine.Confinement.from_json(json.loads(json.dumps(one.to_json()))) == one


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"layers": frozenset({"mount", "firewall"})}, "firewall"),
        ({"layers": frozenset({"uid"}), "uid": None}, "uid"),
        ({"layers": frozenset({"uid"}), "uid": 0}, "uid"),
        ({"readable": ("/",)}, "'/'"),
        ({"readable": ("relative",)}, "relative"),
        ({"readable": ("/usr/../etc",)}, "/usr/../etc"),
        ({"readable": ("/proc",)}, "/proc"),
        ({"memory_mib": 100}, "100"),
        ({"cpu_s": 0}, "cpu_s"),
        ({"open_files": 3, "keep_fds": (0, 1, 2, 3, 4)}, "open_files"),
        ({"break_layer": "everything"}, "everything"),
    ],
)
def test_what_cannot_be_meant_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        confinement_for("root-strong", **changes)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError, match="network"):
        confine.Confinement.from_json({**confinement_for("root-good").to_json(), "network": True})


def test_the_modules_can_be_imported_elsewhere_and_refuse_to_confine() -> None:
    """On another system: importing works, no layer means no confinement, and any layer is refused."""
    code = """
import platform, sys
sys.platform, platform.machine = "darwin", lambda: "arm64"
from judge.inside.confinement import bubblewrap, confine, self_check
nothing = confine.Confinement(readable=(), layers=frozenset())
confine.prepare_keeper(nothing)
for layer in confine.LAYERS:
    wanted = confine.Confinement(readable=(), layers=frozenset({layer}), uid=60000)
    try:
        confine.prepare_keeper(wanted)
        confine.confine(wanted)
    except confine.ConfinementError as error:
        print(layer, "refused")
print(confine.confine(nothing))
"""
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.splitlines() == [*(f"{layer} refused" for layer in confine.LAYERS), "[]"], done.stderr
