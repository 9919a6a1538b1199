"""Two submissions, side by side or one after the other, cannot see or reach each other."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

import pytest
from support.isolation_settings import why_not

from judge.model import Limits, Verdict
from judge.sandbox import Call
from judge.selftest.harness import AttackHarness, bytes_of
from judge.selftest.process_monitor import keepers, status_of, submission_processes
from judge.selftest.target_exercise import LIMITS, RIGHT_SUBMISSION

pytestmark = pytest.mark.skipif(bool(reason := why_not("user-strong")), reason=reason or "never")

AUTHOR_LIMITS = replace(LIMITS, wall_s=30.0, total_wall_s=60.0, cpu_s=30.0)

HOST = '''
"""Holds a secret, offers it in every way that there is, and counts who comes: see the end of its output."""
import contextlib
import ctypes
import os
import signal
import socket
import time

SECRET = b"%(secret)s"
held = ctypes.create_string_buffer(SECRET)
got = []
servers = []


def solve(seed, x_batch, y_batch, lr):
    if got:  # the meeting was in the first call
        return [0.0, 0.0]
    got.append("begun")
    for number in range(1, 32):
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, lambda n, frame: got.append(n))
    for address in ("\\0%(name)s", "/tmp/%(name)s"):
        with contextlib.suppress(OSError):
            server = socket.socket(socket.AF_UNIX)
            server.bind(address)
            server.listen(8)
            server.setblocking(False)
            servers.append(server)
    with contextlib.suppress(OSError):
        server = socket.socket()
        server.bind(("127.0.0.1", %(port)d))
        server.listen(8)
        server.setblocking(False)
        servers.append(server)
    for path in ("/tmp/%(name)s-file", "/dev/shm/%(name)s-file"):
        with contextlib.suppress(OSError), open(path, "wb") as file:
            file.write(SECRET)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p
    number = libc.shmget(%(key)d, ctypes.c_size_t(4096), 0o1666)
    address = libc.shmat(number, None, 0)
    if address not in (None, 2**64 - 1):
        ctypes.memmove(address, SECRET, len(SECRET))
    end = time.monotonic() + 3.0
    while time.monotonic() < end:
        for server in servers:
            with contextlib.suppress(OSError):
                client, _ = server.accept()
                client.send(SECRET)
                got.append("visitor")
        time.sleep(0.01)
    libc.shmctl(number, 0, None)
    for path in ("/tmp/%(name)s", "/tmp/%(name)s-file", "/dev/shm/%(name)s-file"):
        with contextlib.suppress(OSError):
            os.unlink(path)
    print("RECEIVED", got[1:])
    return [0.0, 0.0]
'''

GUEST = '''
"""Looks for its neighbour in every way that there is, for as long as the neighbour is there."""
import contextlib
import ctypes
import os
import signal
import socket
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p


def look():
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc"):
            if name.isdigit():
                with contextlib.suppress(OSError), open(f"/proc/{name}/cmdline", "rb") as file:
                    print("CMDLINE", name, file.read()[:40])
    for pid in PIDS:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGUSR1 if pid in SIGNALLED else 0)
        for name in ("mem", "environ", "fd/3"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/{name}", "rb") as file:
                print("OPENED", pid, name)
    for family, address in ((socket.AF_UNIX, "\\0%(name)s"), (socket.AF_UNIX, "/tmp/%(name)s"),
                            (socket.AF_INET, ("127.0.0.1", %(port)d))):
        with contextlib.suppress(OSError):
            client = socket.socket(family)
            client.settimeout(0.5)
            client.connect(address)
            print("RECEIVED", client.recv(100))
    for path in ("/tmp/%(name)s-file", "/dev/shm/%(name)s-file"):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            print("READ", file.read())
    number = libc.shmget(%(key)d, ctypes.c_size_t(4096), 0o666)
    address = libc.shmat(number, None, 0)
    if address not in (None, 2**64 - 1):
        print("SHARED", ctypes.string_at(address, 64))


PIDS = %(pids)s
SIGNALLED = %(signalled)s
looked = []


def solve(seed, x_batch, y_batch, lr):
    if looked:
        return [0.0, 0.0]
    looked.append(True)
    end = time.monotonic() + 1.0
    while time.monotonic() < end:
        look()
        time.sleep(0.2)
    return [0.0, 0.0]
'''


class Meeting(NamedTuple):
    """What each of two neighbours brought home."""

    secret: bytes
    host_said: str
    guest_words: bytes
    guest_verdict: Verdict
    pids: tuple[int, ...]


@contextmanager
def beside(one: AttackHarness, *, unconfined: bool) -> Iterator[AttackHarness]:
    """Another arena of the same kind."""
    with AttackHarness(unconfined=unconfined) as other:
        for arena in (one, other):
            assert arena.right_is_accepted()
        yield other


def meet(one: AttackHarness, other: AttackHarness, *, spare_keepers: bool) -> Meeting:
    """Have both run at the same time, and the guest know everything about the host that the machine knows.

    ``spare_keepers``: a signal that reached them would end the host, and with it the meeting.
    """
    facts: dict[str, object] = {
        "secret": secrets.token_hex(16),
        "name": f"judge-neighbour-{secrets.token_hex(4)}",
        "key": secrets.randbelow(2**30) + 1,
        "port": 20_000 + secrets.randbelow(20_000),
    }
    said: list[str] = []

    def host() -> None:
        calls = [Call(case.id, case.inputs) for case in one.loaded.cases]
        observation = one.sandbox.observe((HOST % facts).encode(), "solve", calls, limits=AUTHOR_LIMITS)
        said.append(next(iter(observation.cases.values())).claimed.stdout)

    thread = threading.Thread(target=host)
    thread.start()
    pids: tuple[int, ...] = ()
    while not pids and thread.is_alive():
        pids = tuple(pid for pid in submission_processes() if "Threads" in status_of(pid))
    threading.Event().wait(0.5)
    signalled = tuple(submission_processes())
    pids = (*signalled, *keepers())
    facts |= {"pids": pids, "signalled": signalled if spare_keepers else pids}
    report, observation = other.grade((GUEST % facts).encode(), AUTHOR_LIMITS)
    thread.join()
    words = b"\n".join(bytes_of(observation))
    return Meeting(str(facts["secret"]).encode(), said[0] if said else "", words, report.verdict, pids)


@pytest.mark.long
def test_neighbours_do_not_meet(arena: AttackHarness) -> None:
    one = arena
    with beside(one, unconfined=False) as other:
        meeting = meet(one, other, spare_keepers=False)
        assert len(meeting.pids) >= 2, "the host's process should have been there"
        assert meeting.guest_verdict is Verdict.WRONG_ANSWER
        assert meeting.secret not in meeting.guest_words
        assert b"OPENED" not in meeting.guest_words
        assert re.search(r"RECEIVED \[\]", meeting.host_said), meeting.host_said
        for place in (one, other):
            assert place.right_is_accepted()
            assert place.ground.traces() == {}


@pytest.mark.long
def test_neighbours_do_meet_where_nothing_keeps_them_apart(unconfined: AttackHarness) -> None:
    """The positive control."""
    with beside(unconfined, unconfined=True) as other:
        meeting = meet(unconfined, other, spare_keepers=True)
        assert meeting.secret in meeting.guest_words
        assert b"OPENED" in meeting.guest_words
        assert "visitor" in meeting.host_said
        assert re.search(r"\b10\b", meeting.host_said), "signal 10 should have been received"


LEAVE = """
import builtins, gc, json, os, sys
import jax, numpy as np
builtins.left = np.left = jax.left = sys.left = "%(token)s"
os.environ["LEFT"] = "%(token)s"
json.dumps = None
np.mean = lambda *a, **k: "%(token)s"
jax.config.update("jax_enable_x64", True)
os.umask(0)
def solve(seed, x_batch, y_batch, lr):
    return [0.0, 0.0]
"""
FIND = b"""
import builtins, gc, json, os, sys
import jax, numpy as np
def solve(seed, x_batch, y_batch, lr):
    print(getattr(builtins, "left", ""), getattr(np, "left", ""), getattr(jax, "left", ""), os.environ.get("LEFT"))
    print(json.dumps([1]), np.mean([1.0]), jax.config.jax_enable_x64, oct(os.umask(0)))
    return [0.0, 0.0]
"""


def test_a_submission_finds_nothing_of_the_one_before(arena: AttackHarness) -> None:
    token = secrets.token_hex(16)
    limits: Limits = AUTHOR_LIMITS
    _, untouched = arena.grade(FIND, limits)
    assert arena.grade((LEAVE % {"token": token}).encode(), limits)[0].points == 0
    _, after = arena.grade(FIND, limits)
    assert token.encode() not in b"\n".join(bytes_of(after))
    first, second = (next(iter(seen.cases.values())).claimed.stdout for seen in (untouched, after))
    assert first == second
    assert "[1] 1.0 False" in first
    assert arena.grade(RIGHT_SUBMISSION, limits)[0].verdict is Verdict.ACCEPTED
