"""Handles signals that it sends itself, and a timer."""

import os
import signal
import time


def solve(seed, x_batch, y_batch, lr):
    got = []
    for number in (signal.SIGUSR1, signal.SIGALRM):
        signal.signal(number, lambda n, frame: got.append(n))
    signal.raise_signal(signal.SIGUSR1)
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    end = time.monotonic() + 5
    while signal.SIGALRM not in got and time.monotonic() < end:
        time.sleep(0.005)
    return [float(len(got)), float(signal.SIGALRM in got), float(y_batch[0])]
