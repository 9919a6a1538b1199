"""The keeper of one inside process: sets it up, watches it, reports how it ended, and takes it down.

It runs in a process of its own between zygote and inside, outside of the confinement, and executes no learner code.
What it reports to the judge is measured.

While the inside process lives, the judge sends its keeper three messages: `wire.STEP` when a step begins,
`wire.HOW_LONG` to ask how long the process has waited for a processor, in this step and in total, and `wire.WHERE` to
make the process write where it is (`judge.inside.whereabouts`). When the judge closes its side, the process is killed.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from judge import wire
from judge.inside import process_io, run_delay, whereabouts, worker
from judge.inside.confinement import confine, self_check
from judge.inside.process_io import Channel

SAMPLE_S = 0.02


def keep(request: Any, channel_fd: int, keeper_fd: int, output_fd: int) -> int:
    """Run one inside process from fork to end, and return the keeper's own exit status."""
    confine.die_with_parent(None)
    judge_side = socket.socket(fileno=keeper_fd)
    confinement = confine.Confinement.from_json(request["confinement"])
    try:
        os.setpgid(0, 0)
        confine.prepare_keeper(confinement)
    except Exception as error:
        _tell(judge_side, {"kind": "refused", "reason": f"{error}"})
        return 1
    report_read, report_write = os.pipe()
    keeper_pid = os.getpid()
    pid = process_io.fork()
    if not pid:
        try:
            os.close(report_read)
            judge_side.detach()
            inside(request, confinement, keeper_pid, channel_fd, output_fd, report_write)
        finally:
            os._exit(0)
    os.close(report_write)
    os.close(channel_fd)
    os.close(output_fd)
    report = os.read(report_read, 1 << 16).decode("utf-8", "replace")
    os.close(report_read)
    if not report.startswith("confined"):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        _tell(
            judge_side,
            {"kind": "refused", "reason": report or "the process died while it was being confined"},
        )
        return 1
    _tell(judge_side, {"kind": "started", "layers": report.split()[1:]})
    _tell(judge_side, watch(pid, judge_side, int(request["memory_mib"]), int(request["threads"])))
    return 0


def inside(
    request: Any,
    confinement: confine.Confinement,
    keeper_pid: int,
    channel_fd: int,
    output_fd: int,
    report_fd: int,
) -> None:
    """In the new process: confine it, report that through ``report_fd``, then serve the judge. Never returns."""
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output_fd, 1)
        os.dup2(output_fd, 2)
        os.dup2(channel_fd, 3)
        os.dup2(report_fd, 4)
        if request["affinity"] and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, request["affinity"])
        if "canaries" in request:
            _prove(confinement, self_check.Canaries.from_json(request["canaries"]))
        layers = confine.confine(confinement)
    except BaseException as error:
        os.write(4, f"{type(error).__name__}: {error}".encode()[:4000])
        os._exit(1)
    os.write(4, " ".join(["confined", *layers]).encode())
    os.close(4)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 -- lives as long as the process
    try:
        whereabouts.answer_on(3, 2)
        worker.work(Channel(3))
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode("utf-8", "replace")[:4000])
    finally:
        os._exit(0)


def _prove(confinement: confine.Confinement, canaries: self_check.Canaries) -> None:
    """Confine this process, attack the confinement and send the proofs, instead of serving. Never returns."""
    proven = self_check.confine_and_prove(confinement, canaries)
    os.write(4, b"confined")
    os.close(4)
    told = {name: {"held": proof.held, "evidence": proof.evidence} for name, proof in proven.items()}
    Channel(3).send({"kind": "proof", "proofs": told})
    os._exit(0)


def watch(pid: int, judge_side: socket.socket, memory_mib: int, threads: int) -> dict[str, Any]:
    """Wait for the end of ``pid``: on its own, for a broken limit, or because the judge closed its side.

    ``reason`` in the result is ``exited`` when this keeper did not kill it.
    """
    reason = "exited"
    peak_mib = 0.0
    poller = select.poll()
    poller.register(judge_side, select.POLLIN)
    pidfd = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
    if pidfd is not None:
        poller.register(pidfd, select.POLLIN)
    questions = _Questions(pid, judge_side)
    waited = {"in_step_s": 0.0, "in_all_s": 0.0}
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            break
        used_mib, used_threads, headless = _sample(pid)
        peak_mib = max(peak_mib, used_mib)
        if reason != "exited":
            os.kill(pid, signal.SIGKILL)
        elif headless:
            reason = "headless"
        elif used_mib > memory_mib or used_threads > threads:
            reason = "memory" if used_mib > memory_mib else "threads"
            whereabouts.ask(pid, whereabouts.THE_KEEPER_ASKS)  # it has until the next sample
        ready = dict(poller.poll(SAMPLE_S * 1000))
        if judge_side.fileno() in ready and reason == "exited" and not questions.answer():
            reason = "stopped"
        if pidfd in ready:  # it has ended; read its times before the next iteration reaps it
            waited = questions.waited()
    scale = 1024 if sys.platform != "darwin" else 1024 * 1024
    return {
        "kind": "ended",
        "reason": reason,
        "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        **waited,
        "peak_memory_mib": max(peak_mib, usage.ru_maxrss / scale),
    }


class _Questions:
    """Answers the judge's questions about the time of the inside process."""

    def __init__(self, pid: int, judge_side: socket.socket) -> None:
        self._pid, self._judge_side = pid, judge_side
        self._step = 0
        self._at_first = self._at_step = run_delay.NOTHING

    def answer(self) -> bool:
        """Read the judge's messages and answer them; return False when the judge has closed its side."""
        said = self._judge_side.recv(64)
        if not said:
            return False
        for number in said:
            if bytes([number]) == wire.STEP:
                self._step += 1
                self._at_step = run_delay.read_before(self._pid)
                if self._step == 1:
                    self._at_first = self._at_step
        if wire.WHERE in said:
            whereabouts.ask(self._pid, whereabouts.THE_JUDGE_ASKS)
        if wire.HOW_LONG in said:
            _tell(self._judge_side, {"kind": "waited", "step": self._step, **self.waited()})
        return True

    def waited(self) -> dict[str, float]:
        """Return the wait in this step, and since the first one began: what was before costs nothing."""
        if not self._step:
            return {"in_step_s": 0.0, "in_all_s": 0.0}
        now = run_delay.read_after(self._pid)
        return {
            "in_step_s": run_delay.waited_for_others_s(self._at_step, now),
            "in_all_s": run_delay.waited_for_others_s(self._at_first, now),
        }


PAGE_MIB = resource.getpagesize() / 2**20


def _sample(pid: int) -> tuple[float, int, bool]:
    """Return the resident memory in MiB, the number of threads, and True if the main thread has exited.

    Zeros when there is no procfs or the process is gone. Everything up to the last parenthesis is chosen by the
    process and need not be text. Once its main thread has exited, a process shows no memory here and answers no
    calls.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return int(fields[21]) * PAGE_MIB, int(fields[17]), fields[0] == b"Z"
    except (OSError, ValueError, IndexError):
        return 0.0, 0, False


def _tell(judge_side: socket.socket, header: dict[str, Any]) -> None:
    try:
        judge_side.sendall(wire.pack(header))
    except OSError:
        time.sleep(0)  # the judge is gone
