"""A small stand-in for the zygote: forks keeper and inside processes on request, confined or bare.

Reads one JSON request per line from stdin, writes one JSON result per line to stdout. It has imported numpy and jax,
and no jax backend, like the real zygote.
"""

from __future__ import annotations

import json
import mmap
import os
import resource
import select
import signal
import socket
import sys
import threading
import time
from typing import Any

import confined_programs
import jax
import jax.numpy  # noqa: F401
import numpy  # noqa: F401

from judge.inside.confinement import confine, self_check

INSIDE_LIMIT_S = 60
signals_received = 0
kept: list[mmap.mmap] = []


def main() -> None:
    signal.signal(signal.SIGUSR1, count_signal)
    real_stdout = os.fdopen(os.dup(1), "w")
    print(json.dumps({"pid": os.getpid(), "uid": os.getuid()}), file=real_stdout, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("quit"):
            return
        result = run(request)
        result["driver_signals"] = signals_received
        print(json.dumps(result), file=real_stdout, flush=True)


def count_signal(number: int, frame: object) -> None:
    global signals_received
    signals_received += 1


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Fork keeper and inside, and collect what each says."""
    before = time.perf_counter()
    keeper_read, keeper_write = os.pipe()
    keeper = os.fork()
    if not keeper:
        os.close(keeper_read)
        try:
            result = keep(request)
        except confine.ConfinementError as error:
            result = {"refused": error.layer, "reason": error.reason}
        except BaseException as error:
            result = {"broke": repr(error)}
        os.write(keeper_write, json.dumps(result).encode())
        os._exit(0)
    os.close(keeper_write)
    text = read_all(keeper_read, INSIDE_LIMIT_S)
    os.waitpid(keeper, 0)
    return {
        **json.loads(text or '{"broke": "the keeper said nothing"}'),
        "total_ms": (time.perf_counter() - before) * 1e3,
    }


def keep(request: dict[str, Any]) -> dict[str, Any]:
    confine.die_with_parent(os.getppid())
    wanted = request.get("confinement")
    confinement = confine.Confinement.from_json(wanted) if wanted else None
    leak_fd = os.open(request["leak"], os.O_RDONLY | os.O_DIRECTORY) if request.get("leak") else None
    if confinement:
        confine.prepare_keeper(confinement)
    output_read, output_write = os.pipe()
    start = time.perf_counter()
    pid = os.fork()
    if not pid:
        try:
            os.close(output_read)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(output_write, 1)
            os.dup2(output_write, 2)
            inside(request, confinement, leak_fd)
        finally:
            os._exit(0)
    os.close(output_write)
    if request.get("abandon"):
        # say which processes are there, and leave it to the witness to end one of them
        os.read(output_read, 1)
        print(json.dumps({"keeper": os.getpid(), "inside": pid}), file=sys.stderr, flush=True)
    text = read_all(output_read, INSIDE_LIMIT_S)
    os.kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    lines = [line for line in text.splitlines() if line.startswith("{")]
    result: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    return {
        **result,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "inside_s": time.perf_counter() - start,
        "text": text[-2000:],
    }


def inside(request: dict[str, Any], confinement: confine.Confinement | None, leak_fd: int | None) -> None:
    result: dict[str, Any] = {}
    try:
        spoil(request.get("spoil"))
        start = time.perf_counter()
        if confinement and request.get("canaries"):
            seen = self_check.confine_and_prove(confinement, self_check.Canaries.from_json(request["canaries"]))
            result["proofs"] = {layer: [proof.held, proof.evidence] for layer, proof in seen.items()}
            result["level"] = self_check.level_of(seen)
        elif confinement:
            result["layers"] = confine.confine(confinement)
        else:
            resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        result["confine_ms"] = (time.perf_counter() - start) * 1e3
        if request.get("program"):
            arguments = {**request.get("arguments", {}), "leak_fd": leak_fd}
            result["value"] = getattr(confined_programs, request["program"])(arguments)
    except confine.ConfinementError as error:
        result |= {"refused": error.layer, "reason": error.reason}
    except BaseException as error:
        result["raised"] = f"{type(error).__name__}: {error}"[:500]
    os.write(1, ("\n" + json.dumps(result) + "\n").encode())


def spoil(how: str | None) -> None:
    """Bring about a state in which confining must be refused."""
    if how == "thread":
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    elif how == "shared memory":
        kept.append(mmap.mmap(-1, 4096))
    elif how == "directory":
        os.dup2(os.open("/", os.O_RDONLY | os.O_DIRECTORY), 0)
    elif how == "file":
        os.dup2(os.open(__file__, os.O_RDONLY), 0)
    elif how == "network":
        os.dup2(socket.socket(socket.AF_INET, socket.SOCK_STREAM).detach(), 0)
    elif how is not None:
        raise ValueError(how)


def read_all(fd: int, limit_s: float) -> str:
    """Everything until the end of the stream; gives up after ``limit_s``."""
    data, deadline = b"", time.monotonic() + limit_s
    while True:
        ready, _, _ = select.select([fd], [], [], max(deadline - time.monotonic(), 0))
        block = os.read(fd, 1 << 16) if ready else b""
        if not block:
            os.close(fd)
            return data.decode("utf-8", "replace")
        data += block


if __name__ == "__main__":
    main()
