"""Uses polynomials, masks, structured arrays, einsum and file-like objects of numpy."""

import io

import numpy as np


def solve(seed, x_batch, y_batch, lr):
    buffer = io.BytesIO()
    np.save(buffer, x_batch)
    buffer.seek(0)
    back = np.load(buffer)
    records = np.array([(1, 2.5), (3, 4.5)], dtype=[("a", "i4"), ("b", "f8")])
    text = np.loadtxt(io.StringIO("1 2\n3 4"))
    parts = [
        back.ravel(),
        records["b"],
        text.ravel(),
        np.einsum("ij,kj->ik", x_batch, x_batch).ravel(),
        np.polyfit(np.arange(len(y_batch)), y_batch, 2),
        np.ma.masked_less(y_batch, 0).filled(0.0),
        np.interp([0.5, 1.5], np.arange(len(y_batch)), y_batch),
        np.histogram(x_batch, bins=5)[0],
        np.convolve(y_batch, [0.25, 0.5, 0.25]),
        np.vectorize(lambda v: v * 2)(y_batch),
    ]
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in parts])
