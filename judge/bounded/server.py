"""The server's own process: it forks a keeper and a worker for each piece of work."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import resource
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from judge.bounded.limits import (
    CPU_S,
    DONE,
    LOST,
    MEMORY_MIB,
    MEMORY_MIB_OF,
    OUT_OF_MEMORY,
    RAISED,
    TOO_MUCH,
    TRAILER,
)


def main() -> None:
    """Serve until the judge closes its side or is gone."""
    control = socket.socket(fileno=int(sys.argv[1]))
    gc.disable()  # imported objects stay
    key = _answer_key(pickle.load(sys.stdin.buffer))
    gc.freeze()  # keeps this memory shared with every worker
    gc.enable()
    while True:
        message, fds, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            return
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                continue
        for fd in fds:
            with socket.socket(fileno=fd) as job:
                if os.fork() == 0:
                    control.close()
                    _leave(lambda: _keep(job, key))


def _answer_key(state: Any) -> Any:
    """Return the answer key, with everything imported that a worker would import otherwise."""
    import judge.bounded.work  # noqa: F401
    from judge.observed import AnswerKey
    from judge.pages import all_pages, pages_of_misconceptions

    key = AnswerKey(*state)
    all_pages(None)
    pages_of_misconceptions(key.misconceptions)
    return key


def _keep(job: socket.socket, key: Any) -> int:
    """Fork the worker, wait for it, and send the outcome as the last byte."""
    worker = os.fork()
    if worker == 0:
        _leave(lambda: _work(job, key))
    _, status = os.waitpid(worker, 0)
    outcome = LOST
    if os.WIFEXITED(status):
        code = os.WEXITSTATUS(status)
        outcome = code if code in (DONE, RAISED) else TOO_MUCH if code == OUT_OF_MEMORY else LOST
    elif os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGSEGV, signal.SIGABRT):
        outcome = TOO_MUCH  # too long, or too deep for the stack
    with contextlib.suppress(OSError):
        job.sendall(TRAILER.pack(outcome))
    return 0


def _leave(action: Callable[[], int]) -> NoReturn:
    """Exit with the status that the action returns; this process never goes on as a second server."""
    status = LOST
    try:
        status = action()
    finally:
        os._exit(status)


def _work(job: socket.socket, key: Any) -> int:
    """Do the requested work within the limits; returns the exit status."""
    try:
        with job.makefile("rb") as stream:
            name = stream.readline().decode().strip()
            data = stream.read()
        _limit(MEMORY_MIB_OF.get(name, MEMORY_MIB))
        try:
            arguments = pickle.loads(data)
            del data
            from judge.bounded.work import WORK

            answer, status = pickle.dumps(WORK[name](key, *arguments)), DONE
        except (MemoryError, RecursionError):
            return OUT_OF_MEMORY
        except Exception as error:
            answer, status = pickle.dumps(error), RAISED
        job.sendall(answer)
        return status
    except MemoryError:
        return OUT_OF_MEMORY


def _limit(memory_mib: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, ValueError):
        lines = Path("/proc/self/status").read_text().splitlines()
        held_kib = next(int(line.split()[1]) for line in lines if line.startswith("VmData:"))
        most = (held_kib << 10) + (memory_mib << 20)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


if __name__ == "__main__":
    main()
    os._exit(0)  # an orderly shutdown takes time, for which the judge would wait
