"""Drivers in each setting that a judge meets: as root, as an ordinary user, and both where namespaces are denied."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.isolation_settings import as_user, everything_needed, in_container, installation

from judge.inside.confinement import rlimits
from judge.inside.confinement.bubblewrap import bubblewrap_argv, find_bubblewrap
from judge.inside.confinement.confine import Confinement, layers_of

HERE = Path(__file__).resolve().parent
ORDINARY_UID = 61234
SLOT_UID = 60123
IS_ROOT = os.getuid() == 0
OWN_UID = ("root", "reachable")
"""Places where a submission gets a uid of its own."""
MARKER = b"everything before this has arrived"
THREADS = 48
MEMORY_MIB = 1536
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    "JAX_PLATFORMS": "cpu",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "JUDGE_TEST_SECRET": "in the environment",
}
SETTINGS = (
    "root-strong",
    "root-good",
    "reachable-weak",
    "user-strong",
    "user-good",
    "container-root-good",
    "container-user-good",
)


@dataclass
class Driver:
    """One `confined_driver` process."""

    command: list[str]
    process: subprocess.Popen[str] = field(init=False)
    hello: dict[str, Any] = field(init=False)
    errors: int | None = None
    signals: int = 0
    """How many signals it has received."""

    def __post_init__(self) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.errors}
        self.process = subprocess.Popen(self.command, **pipes, env=ENVIRONMENT, text=True, cwd="/")
        assert self.process.stdout is not None
        self.hello = json.loads(self.process.stdout.readline())

    def run(self, **request: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        result: dict[str, Any] = json.loads(self.process.stdout.readline())
        self.signals = result["driver_signals"]
        return result

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=10)


@functools.cache
def driver_for(place: str) -> Driver:
    return Driver(command_for(place))


def fresh_driver(setting: str) -> Driver:
    """One that a test may kill; what it says on stderr can be read."""
    return Driver(command_for(setting.rpartition("-")[0]), errors=subprocess.PIPE)


def command_for(place: str) -> list[str]:
    """Started once in each place: ``root``, ``user``, ``container-root``, ...

    ``reachable`` is root where other users can reach Python, which the level weak needs.
    """
    command = [sys.executable, "-s", "-B", str(HERE / "confined_driver.py")]
    if place.startswith("container"):
        command = in_container(command)
    if place.startswith("bubblewrap"):
        bwrap = find_bubblewrap()
        assert bwrap is not None
        command = bubblewrap_argv(bwrap, everything_needed(), command)
    if IS_ROOT and (place.endswith("user") or place == "reachable"):
        uid = ORDINARY_UID if place.endswith("user") else 0
        command = as_user(uid, command)
    return command


def close_drivers() -> None:
    for place in started:
        driver_for(place).close()
    started.clear()
    driver_for.cache_clear()


started: set[str] = set()


def driver_in(setting: str) -> Driver:
    place = setting.rpartition("-")[0]
    started.add(place)
    return driver_for(place)


def why_not(setting: str) -> str:
    """Why a setting cannot be had on this machine; empty when it can."""
    if not sys.platform.startswith("linux"):
        return "confinement is for Linux"
    if ("root" in setting or "reachable" in setting) and not IS_ROOT:
        return "needs root"
    if ("container" in setting or "bubblewrap" in setting) and shutil.which("bwrap") is None:
        return "needs bubblewrap"
    return ""


def confinement_for(setting: str, readable: tuple[str, ...] = (), **changes: Any) -> Confinement:
    """The full confinement of a setting."""
    level = setting.rpartition("-")[2]
    own_uid = setting.startswith(OWN_UID)
    values: dict[str, Any] = {
        "readable": (*installation(), *readable),
        "layers": layers_of(level, own_uid=own_uid),
        "uid": SLOT_UID if own_uid else None,
        "cpu_s": 20,
        "memory_mib": MEMORY_MIB,
        "threads": THREADS,
        "open_files": 128,
    }
    return Confinement(**{**values, **changes})


# ------------------------------------------------------------------------------------------------- witnesses


class Host:
    """Things on the host that an attempt would touch, and what has happened to them."""

    def __init__(self, owner: int, inside_uid: int) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="judge-host-"))
        self.directory.chmod(0o755)
        self.open_directory = self.directory / "open"
        self.readable_directory = self.directory / "readable"
        for directory in (self.open_directory, self.readable_directory):
            directory.mkdir()
            directory.chmod(0o777)
        self.secret = self.directory / "secret"
        self.secret.write_text("canary")
        self.readable_file = self.readable_directory / "file"
        self.readable_file.write_text("given")
        for path, mode in ((self.secret, 0o644), (self.readable_file, 0o666)):
            path.chmod(mode)
        os.chown(self.readable_file, inside_uid, inside_uid) if IS_ROOT else None
        self.removable = self.open_directory / "removable"
        self.removable.write_text("")
        self.events: list[str] = []
        self._sockets: list[socket.socket] = []
        self._markers = threading.Semaphore(0)
        self.tcp_port = self._listen(socket.AF_INET, ("127.0.0.1", 0), "tcp")[1]
        self.udp_port = self._receive(socket.AF_INET, ("127.0.0.1", 0), "udp")[1]
        self.abstract = f"judge-test-{os.getpid()}-{id(self)}"
        self._listen(socket.AF_UNIX, "\0" + self.abstract, "abstract")
        self.socket_path, self.datagram_path = (
            str(self.open_directory / name) for name in ("stream", "datagram")
        )
        self._listen(socket.AF_UNIX, self.socket_path, "path")
        self._receive(socket.AF_UNIX, self.datagram_path, "datagram")
        for path in (self.socket_path, self.datagram_path):
            os.chmod(path, 0o777)
        identity: dict[str, Any] = {"user": owner, "group": owner, "extra_groups": []} if IS_ROOT else {}
        self.victim = subprocess.Popen(["/bin/sleep", "600"], env=ENVIRONMENT, cwd="/", **identity)

    def arguments(self, driver: Driver) -> dict[str, Any]:
        return {
            "secret": str(self.secret),
            "directory": str(self.open_directory),
            "readable_file": str(self.readable_file),
            "removable": str(self.removable),
            "tcp_port": self.tcp_port,
            "udp_port": self.udp_port,
            "abstract": self.abstract,
            "socket_path": self.socket_path,
            "datagram_path": self.datagram_path,
            "driver_pid": driver.hello["pid"],
            "victim": self.victim.pid,
            "threads": THREADS + rlimits.SPARE_TASKS,
            "memory_mib": MEMORY_MIB + rlimits.stacks_for(THREADS),
            "spin_s": 4,
        }

    def snapshot(self) -> dict[str, Any]:
        """Everything on the host that an attempt would change, when all that was sent before has arrived."""
        self._settle()
        names = sorted(str(path.relative_to(self.directory)) for path in self.directory.rglob("*"))
        status = self.readable_file.stat()
        return {
            "names": names,
            "secret": self.secret.read_text(),
            "given": (self.readable_file.read_text(), status.st_mode, status.st_mtime_ns),
            "attributes": os.listxattr(self.readable_file),
            "events": list(self.events),
            "victim": self.victim.poll(),
            "shm": sorted(name for name in os.listdir("/dev/shm") if name.startswith("judge-test-")),
        }

    def _settle(self) -> None:
        """Send a marker to every listener and wait for it: what came before has then been counted."""
        for one in self._sockets:
            with socket.socket(one.family, one.type) as sender:
                sender.connect(one.getsockname())
                sender.send(MARKER)
            assert self._markers.acquire(timeout=20)

    def close(self) -> None:
        self.victim.kill()
        self.victim.wait()
        for one in self._sockets:
            one.close()
        shutil.rmtree(self.directory)

    def _listen(self, family: int, address: Any, name: str) -> Any:
        listener = self._bind(family, socket.SOCK_STREAM, address)
        listener.listen(50)

        def first_words() -> bytes:
            with listener.accept()[0] as connection:
                connection.settimeout(10)
                return connection.recv(100)

        self._watch(first_words, name)
        return listener.getsockname()

    def _receive(self, family: int, address: Any, name: str) -> Any:
        receiver = self._bind(family, socket.SOCK_DGRAM, address)
        self._watch(lambda: receiver.recv(100), name)
        return receiver.getsockname()

    def _bind(self, family: int, kind: int, address: Any) -> socket.socket:
        one = socket.socket(family, kind)
        one.bind(address)
        self._sockets.append(one)
        return one

    def _watch(self, receive: Callable[[], bytes], name: str) -> None:
        def watch() -> None:
            with contextlib.suppress(OSError):
                while True:
                    if receive() == MARKER:
                        self._markers.release()
                    else:
                        self.events.append(name)

        threading.Thread(target=watch, daemon=True).start()


@contextlib.contextmanager
def host_for(setting: str, driver: Driver) -> Iterator[Host]:
    owner = driver.hello["uid"] if not setting.startswith("container-root") else 0
    host = Host(owner, SLOT_UID if setting.startswith(OWN_UID) else owner)
    try:
        yield host
    finally:
        host.close()
