"""The number of kills by the kernel in this process's memory cgroup because no memory was left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")


def kills(membership: Path = MEMBERSHIP, mount: Path = MOUNT) -> int | None:
    """Return the counter ``oom_kill``, of version 2 or 1; None where there is none."""
    for path in _places(membership, mount):
        try:
            lines = [line.split() for line in path.read_text().splitlines()]
            return next(int(value) for name, value in lines if name == "oom_kill")
        except (OSError, ValueError, StopIteration):
            continue
    return None


def _places(membership: Path, mount: Path) -> Iterator[Path]:
    """Yield possible places of the counter; in a cgroup namespace the path of the own group is ``/`` or a dead end."""
    try:
        rows = [line.split(":", 2) for line in membership.read_text().splitlines()]
    except OSError:
        return
    for row in rows:
        if len(row) != 3:
            continue
        number, controllers, group = row
        if number == "0":
            folder, name = mount, "memory.events"
        elif "memory" in controllers.split(","):
            folder, name = mount / "memory", "memory.oom_control"
        else:
            continue
        yield folder / group.lstrip("/") / name
        yield folder / name
