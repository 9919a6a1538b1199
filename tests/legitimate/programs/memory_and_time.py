"""Uses much memory for a moment, measures time, and collects garbage."""

import gc
import time
import tracemalloc
import weakref

import numpy as np


class Thing:
    pass


def solve(seed, x_batch, y_batch, lr):
    start = time.perf_counter()
    big = np.ones(30_000_000)
    total = float(big[::1_000_000].sum())
    del big
    thing = Thing()
    thing.own = thing
    reference = weakref.ref(thing)
    del thing
    gc.collect()
    tracemalloc.start()
    values = [float(v) for v in y_batch]
    tracemalloc.stop()
    time.sleep(0.01)
    return [total, float(reference() is None), float(time.perf_counter() > start), *values]
