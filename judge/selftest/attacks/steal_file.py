"""Opens a file of the host in every way that Python offers"""

import io
import linecache
import mmap
import os
import pathlib

import numpy as np

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "secret",
    "bound_s": 5,
}


PATH = "@SECRET_PATH@"


def by_descriptor():
    return os.read(os.open(PATH, os.O_RDONLY), 100)


def by_mapping():
    with open(PATH, "rb") as file:
        return bytes(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def by_folder():
    folder = os.open(os.path.dirname(PATH), os.O_RDONLY | os.O_DIRECTORY)
    return os.read(os.open(os.path.basename(PATH), os.O_RDONLY, dir_fd=folder), 100)


def by_path_only():
    fd = os.open(PATH, os.O_PATH)
    return pathlib.Path(f"/proc/self/fd/{fd}").read_text()


WAYS = [
    lambda: pathlib.Path(PATH).read_text(),
    by_descriptor,
    by_mapping,
    by_folder,
    by_path_only,
    lambda: io.FileIO(PATH).readall(),
    lambda: linecache.getlines(PATH),
    lambda: np.fromfile(PATH, dtype=np.uint8).tobytes(),
    lambda: np.memmap(PATH, mode="r").tobytes(),
    lambda: np.genfromtxt(PATH, dtype=str),
    lambda: compile(pathlib.Path(PATH).read_bytes(), PATH, "exec"),
]


def solve(seed, x_batch, y_batch, lr):
    for way in WAYS:
        try:
            print(way())
        except Exception:
            continue
    return [0.0, 0.0]
