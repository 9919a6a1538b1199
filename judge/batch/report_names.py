"""File names in a results folder that mirror the submissions' own, whatever learners called their files.

Bytes that are special to a file system, a shell or a reader are written as ``%XX``, so different keys never get the
same name.  No name begins with a dot: those are the folder's own.
"""

from __future__ import annotations

import hashlib
import os

SUFFIX = ".json"
SUMMARY_JSON, SUMMARY_CSV = RESERVED = ("summary.json", "summary.csv")

MAX_NAME_BYTES = 200
"""Of one name; file systems allow 255, including what is put around it."""
MAX_PATH_BYTES = 1500
"""Of the whole relative path; the kernel allows 4096, including the folder's own path."""

_CUT = "%~"
"""Precedes a digest that replaces the rest of a name; no escaped name contains it otherwise."""

_UNSAFE = frozenset('%<>:"|?*\\')


def report_name(key: str) -> str:
    """Return a report's path in its results folder: ``week1/alice.py`` -> ``week1/alice.py.json``."""
    *folders, name = key.split("/")
    parts = [_safe(part) for part in folders]
    # A folder named like a report would collide with that report.
    parts = [f"{part[: -len(SUFFIX)]}%2Ejson" if part.lower().endswith(SUFFIX) else part for part in parts]
    last = _safe(name)
    if not parts and f"{last}{SUFFIX}".lower() in RESERVED:
        last = f"%{ord(last[0]):02X}{last[1:]}"
    parts = [_short(part) for part in [*parts, last]]
    path = "/".join(parts)
    if len(path.encode()) > MAX_PATH_BYTES:
        path = f"long{_CUT}{hashlib.sha256(os.fsencode(key)).hexdigest()}"
    return path + SUFFIX


def _safe(part: str) -> str:
    shown = "".join(char if char.isprintable() and char not in _UNSAFE else _hex(char) for char in part)
    if shown[:1] in (".", "-", "~", " "):
        shown = _hex(shown[0]) + shown[1:]
    if shown[-1:] in (".", " "):
        shown = shown[:-1] + _hex(shown[-1])
    return shown


def _hex(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in os.fsencode(char))


def _short(part: str) -> str:
    data = part.encode()
    if len(data) <= MAX_NAME_BYTES:
        return part
    return f"{data[:120].decode(errors='ignore')}{_CUT}{hashlib.sha256(data).hexdigest()}"
