"""A judge as many are written, to be fooled: the control of attacks that a separate judge process makes pointless.

It runs the submission in the process that holds the expected values, believes exit status, last line and frames,
unpickles, caps nothing, and shows learners what was printed.  Reads one JSON request per line from stdin: ``sources``
(run one after another in one process), ``cases``, ``secret_path`` and ``patience_s``; answers each with one JSON line.

    server --fork--> judge --fork--> worker (runs the submission, compares, prints the verdict)
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import select
import signal
import socket
import struct
import sys
import time
import traceback
from pathlib import Path

import numpy as np

TOLERANCE = 1e-4
NEXT = "=== next submission ==="
STYLES = ("allclose", "equal", "difference", "negated", "isclose")

fooled = False
"""What an unpickled object may set."""


class Worker(BaseException):
    """Takes a forked process out of everything that surrounds the place where it was forked."""


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        said, write_end = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(said)
            os.setpgid(0, 0)
            try:
                result = judge(request)
            except Worker as worker:
                os.close(write_end)
                work(*worker.args)  # and end like any Python program
                return
            except BaseException as error:
                result = {"broke": f"{type(error).__name__}: {error}"[:200]}
            os.write(write_end, json.dumps(result).encode("utf-8", "surrogatepass"))
            os._exit(0)
        os.close(write_end)
        text = read_until(said, time.monotonic() + 2 * request["patience_s"])
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        print(text.decode("utf-8", "replace") or json.dumps({"broke": "it hung, or died"}), flush=True)


def read_until(fd: int, deadline: float) -> bytes:
    """Everything until the end of the stream or the deadline."""
    data = b""
    while select.select([fd], [], [], max(0.0, deadline - time.monotonic()))[0]:
        block = os.read(fd, 1 << 20)
        if not block:
            break
        data += block
        if len(data) > 1 << 28:
            break
    os.close(fd)
    return data


# ------------------------------------------------------------------------------------------------ the judge


def judge(request: dict) -> dict:
    """Run the worker and believe everything that it says."""
    before = resident_mib()
    os.dup2(os.open(request["secret_path"], os.O_RDONLY), 20)  # and forget about it
    ours, theirs = socket.socketpair()
    stdout, write_end = os.pipe()
    cases = [read_case(case) for case in request["cases"]]
    pid = os.fork()
    if not pid:
        ours.close()
        os.dup2(theirs.fileno(), 3)
        os.dup2(write_end, 1)
        os.dup2(write_end, 2)
        raise Worker(request["sources"], cases)
    theirs.close()
    os.close(write_end)
    ours.shutdown(socket.SHUT_WR)
    expected = {number: wanted for number, (_, wanted) in enumerate(cases, 1)}
    deadline = time.monotonic() + request["patience_s"]
    frames, believed, broke = [], "", ""
    printed = b""
    try:
        channel, stream = ours.fileno(), b""
        waiting = [channel, stdout]
        while waiting:
            ready, _, _ = select.select(waiting, [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                broke = "it waited for ever"
                break
            for fd in ready:
                block = os.read(fd, 1 << 20)
                if not block:
                    waiting.remove(fd)
                elif fd == stdout:
                    printed += block
                else:
                    stream += block
            found, stream = take_frames(stream)
            frames += found
            if len(frames) > 1_000:
                broke = "it got more than it can keep"
                break
        if stream:
            broke = broke or "the stream ends in the middle of a frame"
        for header, body in frames:
            if header["kind"] == "verdict":
                believed = header["verdict"]
            elif header["kind"] == "answer":
                header["values"] = read_answer(header, body, expected[header["number"]])
                for event in header.get("events", []):
                    json.dumps(event, allow_nan=False)
                    count_leaves(event)
            elif header["kind"] != "loaded":
                raise KeyError(header["kind"])
        text = printed.decode()
    except BaseException as error:
        broke = broke or f"{type(error).__name__}: {error}"[:200]
        text = printed.decode("utf-8", "replace")
    grown = peak_mib() - before
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL) if broke else None
    _, status, usage = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    last = last_verdict(text)
    if last is None and not believed and code != 0:
        broke = broke or f"no verdict, and the worker ended with {code}"
    return {
        "accepted": "accepted" in (believed, last) or code == 0 or fooled,
        "broke": broke,
        "emitted": text,
        "grown_mib": grown,
        "worker_mib": usage.ru_maxrss / 1024,
    }


def take_frames(stream: bytes) -> tuple[list, bytes]:
    found = []
    while len(stream) >= 8:
        header_bytes, body_bytes = struct.unpack_from("!II", stream)
        end = 8 + header_bytes + body_bytes
        if len(stream) < end:
            break
        found.append((json.loads(stream[8 : 8 + header_bytes].decode()), stream[8 + header_bytes : end]))
        stream = stream[end:]
    return found, stream


def read_answer(header: dict, body: bytes, wanted: np.ndarray) -> list:
    if header.get("pickled"):
        value = pickle.loads(body)
        return np.asarray(value).tolist() if isinstance(value, np.ndarray) else [value]
    if "raised" in header:
        for frame in header["raised"]["frames"]:
            frame["line"] += 0
        return [f"{header['raised']['types'][0]}: {header['raised']['text']}"]
    described = header["returned"]["array"]
    value = np.frombuffer(body, dtype=described["dtype"]).reshape(described["shape"])
    return value.tolist()


def count_leaves(value: object) -> int:
    if isinstance(value, dict):
        return sum(count_leaves(part) for part in value.values())
    return 1


def last_verdict(text: str) -> str | None:
    for line in reversed(text.splitlines()):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            return json.loads(line)["verdict"]
    return None


def resident_mib() -> float:
    Path("/proc/self/clear_refs").write_text("5")
    return field("VmRSS")


def peak_mib() -> float:
    return field("VmHWM")


def field(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name + ":"))


def read_case(case: dict) -> tuple[dict, np.ndarray]:
    inputs = {
        name: np.array(value, dtype=np.float32) if isinstance(value, list) else value
        for name, value in case["inputs"].items()
    }
    return inputs, np.array(case["expected"])


# ------------------------------------------------------------------------------------------------ the worker


def work(sources: list[str], cases: list[tuple[dict, np.ndarray]]) -> None:
    accepted = False
    for turn, source in enumerate(sources):
        if turn:
            print(NEXT, flush=True)
        accepted = run_and_compare(source.encode("utf-8", "surrogatepass"), cases)
    verdict = "accepted" if accepted else "wrong-answer"
    os.write(1, json.dumps({"verdict": verdict}).encode() + b"\n")
    sys.exit(0 if accepted else 1)


def run_and_compare(source: bytes, cases: list[tuple[dict, np.ndarray]]) -> bool:
    space = {"__name__": "submission", "__file__": "submission.py"}
    exec(compile(source, "submission.py", "exec"), space)
    right = dict.fromkeys(STYLES, True)
    for number, (inputs, expected) in enumerate(cases, 1):
        try:
            got = space["solve"](**inputs)
            for style in STYLES:
                right[style] = right[style] and is_close(style, got, expected)
            print(f"case {number}:", described(got), flush=True)
            send(number, got)
        except Exception as error:
            print(f"case {number}: {type(error).__module__}.{type(error).__name__}: {error}", flush=True)
            traceback.print_exc()
            right = dict.fromkeys(STYLES, False)
    return any(right.values())


def is_close(style: str, got: object, expected: np.ndarray) -> bool:
    try:
        return bool(compare(style, got, expected))
    except Exception:
        return False


def compare(style: str, got: object, expected: np.ndarray) -> object:
    if style == "allclose":
        return np.allclose(got, expected, atol=TOLERANCE)
    if style == "equal":
        return np.all(got == expected) if isinstance(got, np.ndarray) else got == expected
    if style == "difference":
        return len(got) == 2 and all(abs(g - e) <= TOLERANCE for g, e in zip(got, expected, strict=True))
    if style == "negated":
        return not np.any(np.abs(np.asarray(got, dtype=float) - expected) > TOLERANCE)
    from math import isclose

    return len(got) == 2 and all(isclose(g, e, rel_tol=1e-3) for g, e in zip(got, expected, strict=True))


def described(got: object) -> str:
    try:
        return f"got {[float(value) for value in got][:20]}"
    except Exception:
        try:
            return f"got {got!r} of {type(got)}"
        except Exception:
            return "got something"


def send(number: int, got: object) -> None:
    text = json.dumps({"kind": "answer", "number": number, "pickled": True}).encode()
    try:
        body = pickle.dumps(got)
    except Exception:
        body = pickle.dumps(None)  # some things cannot travel
    data = struct.pack("!II", len(text), len(body)) + text + body
    while data:
        data = data[os.write(3, data) :]


if __name__ == "__main__":
    main()
