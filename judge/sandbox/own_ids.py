"""User ids that belong to one sandbox at a time, among all judges of this machine.

An id is drawn at random and claimed by a socket with an abstract name, which the kernel gives to one process only and
takes back when that ends, however it ends. Judges in containers do not see each other's names: there chance alone
keeps them apart, 1 in 10**8 for two that run side by side with ids of the host.
"""

from __future__ import annotations

import errno
import os
import secrets
import socket
import weakref
from dataclasses import dataclass

HIGH = range(1_900_000_000, 2_100_000_000)
"""Ids that no user has."""
LOW = range(40_000, 60_000)
"""For a container that has only the first 65,536."""
TRIES = 200


@dataclass(frozen=True, eq=False)
class OwnId:
    """An id that no other sandbox has as long as this object lives."""

    uid: int
    fd: int

    def __post_init__(self) -> None:
        weakref.finalize(self, os.close, self.fd)


def claim(ids: range) -> OwnId | None:
    """Claim a free id; return None when none is found, or where there are no such sockets."""
    for _ in range(TRIES):
        uid = ids[secrets.randbelow(len(ids))]
        holder = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            holder.bind(f"\0judge-uid-{uid}")
        except OSError as error:
            holder.close()
            if error.errno != errno.EADDRINUSE:
                return None
            continue
        return OwnId(uid, holder.detach())
    return None
