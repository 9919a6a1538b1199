"""Tries what is not possible here, gets an ordinary error, and does without."""

import multiprocessing
import socket
import subprocess
import tempfile


def attempt(action):
    try:
        action()
    except OSError:
        return 1.0
    return 1.0


def solve(seed, x_batch, y_batch, lr):
    return [
        attempt(lambda: multiprocessing.get_context("fork").Process(target=int).start()),
        attempt(lambda: subprocess.run(["true"], check=False)),
        attempt(lambda: socket.socket().close()),
        attempt(lambda: tempfile.TemporaryFile().close()),
        float(y_batch.sum()),
    ]
