"""Calls C functions and passes memory back and forth."""

import ctypes
import ctypes.util
import mmap

import jax.numpy as jnp
import numpy as np


def solve(seed, x_batch, y_batch, lr):
    libm = ctypes.CDLL("libm.so.6")
    libm.cbrt.restype, libm.cbrt.argtypes = ctypes.c_double, [ctypes.c_double]
    memory = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory[:4] = b"abcd"
    view = np.frombuffer(memory, dtype=np.uint8, count=4)
    shared = np.from_dlpack(jnp.asarray(y_batch))
    callback = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(lambda v: v * 2)
    return [libm.cbrt(27.5), *map(float, view), *map(float, shared), callback(1.5)]
