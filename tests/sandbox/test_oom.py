"""The kernel's count of processes that it killed for want of memory, wherever a system keeps it."""

from __future__ import annotations

from pathlib import Path

import pytest

from judge.sandbox import oom


@pytest.mark.parametrize(
    ("membership", "file", "text", "expected"),
    [
        ("0::/judge.slice/run\n", "judge.slice/run/memory.events", "low 0\noom 4\noom_kill 3\n", 3),
        ("0::/\n", "memory.events", "oom_kill 1\noom_group_kill 0\n", 1),
        ("0::/../elsewhere\n", "memory.events", "oom_kill 7\n", 7),
        (
            "4:memory:/docker/abc\n0::/\n",
            "memory/docker/abc/memory.oom_control",
            "under_oom 0\noom_kill 2\n",
            2,
        ),
        ("4:memory:/docker/abc\n", "memory/memory.oom_control", "oom_kill_disable 0\noom_kill 5\n", 5),
        ("4:memory:/docker/abc\n", "memory/memory.oom_control", "oom_kill_disable 0\n", None),
        ("8:pids:/\n", "memory.events", "oom_kill 1\n", None),
        ("nonsense\n", "memory.events", "oom_kill 1\n", None),
    ],
)
def test_the_counter_of_the_own_group(
    tmp_path: Path, membership: str, file: str, text: str, expected: int | None
) -> None:
    (tmp_path / "cgroup").write_text(membership)
    place = tmp_path / "mount" / file
    place.parent.mkdir(parents=True)
    place.write_text(text)
    assert oom.kills(tmp_path / "cgroup", tmp_path / "mount") == expected


def test_where_there_is_no_counter_there_is_none(tmp_path: Path) -> None:
    assert oom.kills(tmp_path / "missing", tmp_path) is None
