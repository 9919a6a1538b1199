"""The judge's side: starts the server, and sends it pieces of work."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judge.bounded.limits import CPU_S, DONE, MEMORY_MIB, MEMORY_MIB_OF, RAISED, TOO_MUCH
from judge.model import JudgeError

if TYPE_CHECKING:
    from judge.grade import LoadedExercise

PROGRAM = Path(__file__).with_name("server.py")
ANSWER_WITHIN_S = 300.0
"""Wall-clock time, on a machine that may be busy: the kernel ends the work itself long before."""
TRIES = 3


class TooMuchError(Exception):
    """The work exceeded its limits."""

    def __init__(self, name: str = "") -> None:
        memory_mib = MEMORY_MIB_OF.get(name, MEMORY_MIB)
        super().__init__(f"more than {CPU_S} s of processor time or {memory_mib} MiB of memory")


class _LostError(Exception):
    """The server, or a process that it had forked, is gone: killed from outside."""


class Server:
    """One server for all graders of an exercise, from any number of threads; it runs while it has members."""

    def __init__(self, state: tuple[Any, ...]) -> None:
        """``state``: the arguments of `judge.observed.AnswerKey`."""
        self._state = state
        self._lock = threading.Lock()
        self._members: set[int] = set()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def begin(self, member: object) -> None:
        """Add a member, and start the server unless it runs; do not wait."""
        with self._lock:
            self._members.add(id(member))
            if self._process is None or self._process.poll() is not None:
                self._end()
                self._start()

    def leave(self, member: object) -> None:
        """Remove a member; the server ends with the last one, and may be used again."""
        with self._lock:
            self._members.discard(id(member))
            if not self._members:
                self._end()

    def ask(self, name: str, *arguments: object) -> Any:
        """Return or raise the result of this piece of work. Raises TooMuchError when it exceeds its limits.

        Raises JudgeError when the server cannot be started, or is lost each time.
        """
        request = name.encode() + b"\n" + pickle.dumps(arguments)
        for _ in range(TRIES):
            with contextlib.suppress(_LostError, OSError):
                return self._ask(name, request)
            with self._lock:
                self._end()
        raise JudgeError("the process that works on what submissions send is gone, each time it was started")

    def _ask(self, name: str, request: bytes) -> Any:
        ours, theirs = socket.socketpair()
        with ours:
            with theirs, self._lock:
                if self._control is None:
                    if not self._members:
                        raise JudgeError("the grader was closed meanwhile")
                    self._start()
                assert self._control is not None
                socket.send_fds(self._control, [b"."], [theirs.fileno()])
            ours.settimeout(ANSWER_WITHIN_S)
            with contextlib.suppress(BrokenPipeError):  # it may have ended without reading all of it
                ours.sendall(request)
            with contextlib.suppress(OSError):
                ours.shutdown(socket.SHUT_WR)
            answer = bytearray()
            while data := ours.recv(1 << 20):
                answer += data
        outcome = answer.pop() if answer else None
        if outcome == TOO_MUCH:
            raise TooMuchError(name)
        if outcome == DONE:
            return pickle.loads(answer)
        if outcome == RAISED:
            raise pickle.loads(answer)
        raise _LostError

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs, tempfile.TemporaryFile() as state:
            pickle.dump(self._state, state)
            state.seek(0)
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-P", "-B", str(PROGRAM), str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=state,
                stdout=subprocess.DEVNULL,
                stderr=None if os.environ.get("JUDGE_DEBUG") else subprocess.DEVNULL,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                start_new_session=True,
            )
        self._control = ours

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(timeout=2)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(OSError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            self._process = None


_servers: weakref.WeakKeyDictionary[LoadedExercise, Server] = weakref.WeakKeyDictionary()
_servers_lock = threading.Lock()


def server_of(loaded: LoadedExercise) -> Server:
    """Return the one server of this exercise. Nothing is started before a member begins."""
    with _servers_lock:
        if loaded not in _servers:
            state = (loaded.exercise, loaded.cases, dict(loaded.goldens), loaded.misconceptions)
            _servers[loaded] = Server(state)
        return _servers[loaded]
