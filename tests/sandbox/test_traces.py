"""What one submission can change and the next one can see, tried in pairs: reads leave no trace at ``strong``."""

from __future__ import annotations

import json
import os
import pydoc_data
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from judge.inside.confinement import bubblewrap
from judge.model import Limits
from judge.sandbox import Sandbox, levels

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="needs root, who may say that reads leave no trace",
)
LIMITS = Limits(memory_mib=512, threads=32)
FILE = Path(pydoc_data.__file__)  # readable in every sandbox, and nobody else imports it while the tests run
FOLDER = FILE.parent
OLD = 86_400 * 365
"""An access time so long ago that any file system which notes reads notes the next one."""

LOOK = f"""
import json, os
times = [os.stat(path).st_atime_ns for path in ({str(FILE)!r}, {str(FOLDER)!r})]
with open({str(FILE)!r}) as file:
    times.append(os.fstat(file.fileno()).st_atime_ns)
print(json.dumps(times))
"""
READ = f"""
import os
with open({str(FILE)!r}) as file:
    file.read()
os.listdir({str(FOLDER)!r})
"""
END = "\ndef solve(*arguments):\n    return [0.0]\n"


@pytest.fixture(scope="module")
def strong() -> Iterator[Sandbox]:
    with Sandbox(LIMITS, preload=()) as sandbox:
        if sandbox.assessment.level != "strong":
            pytest.skip("no namespaces here")
        yield sandbox


@pytest.fixture
def good(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    usual = levels._uids
    monkeypatch.setattr(levels, "_uids", lambda level: () if level == "strong" else usual(level))
    monkeypatch.setattr(bubblewrap, "find_bubblewrap", lambda: None)
    with Sandbox(LIMITS, preload=()) as sandbox:
        assert sandbox.assessment.level == "good"
        yield sandbox


def said_by(sandbox: Sandbox, source: str) -> str:
    load = sandbox.observe((source + END).encode(), "solve", []).load
    assert load.claimed.raised is None or "WrongSignature" in load.claimed.raised.type_name, load.claimed
    return load.claimed.stdout


def times_before_and_after_a_read(sandbox: Sandbox) -> tuple[list[int], list[int]]:
    with ExitStack() as stack:
        for path in (FILE, FOLDER):
            status = path.stat()
            stack.callback(os.utime, path, ns=(status.st_atime_ns, status.st_mtime_ns))
            os.utime(path, ns=(OLD * 10**9, status.st_mtime_ns))
        before = json.loads(said_by(sandbox, LOOK))
        said_by(sandbox, READ)
        return before, json.loads(said_by(sandbox, LOOK))


def test_what_one_reads_the_next_does_not_see(strong: Sandbox) -> None:
    before, after = times_before_and_after_a_read(strong)
    assert before == after == [OLD * 10**9] * 3
    assert strong.assessment.proofs["access times"].held


def test_without_a_mount_namespace_it_would_be_seen_and_is_said(good: Sandbox) -> None:
    """The meta-test of the one above; where the system notes no reads at all, there is nothing to see or to say."""
    before, after = times_before_and_after_a_read(good)
    proof = good.assessment.proofs["access times"]
    assert proof.held is (before == after)
    assert proof.held or "hidden cases are no secret from somebody who hands in twice" in proof.evidence


PIDS = "import os, threading\nprint(os.getpid(), threading.get_native_id())\n"
THREADS = (
    "import threading\nfor _ in range(200):\n    t = threading.Thread(target=int); t.start(); t.join()\n"
)


def test_numbers_of_processes_and_threads_do_not_count_those_of_others(strong: Sandbox) -> None:
    before = said_by(strong, PIDS)
    said_by(strong, THREADS)
    assert said_by(strong, PIDS) == before == "1 1\n"


def test_without_a_pid_namespace_they_would(good: Sandbox) -> None:
    before = int(said_by(good, PIDS).split()[0])
    said_by(good, THREADS)
    assert int(said_by(good, PIDS).split()[0]) - before > 200


PIPE = "import os\nread, write = os.pipe()\nprint(os.fstat(read).st_ino)\n"
PIPES = "import os\nfor _ in range(100_000):\n    for fd in os.pipe(): os.close(fd)\n"


def test_inode_numbers_of_pipes_count_those_of_others_as_is_said(strong: Sandbox) -> None:
    """No promise but a known channel: should it close one day, docs/security.md may say so."""
    before = int(said_by(strong, PIPE))
    said_by(strong, PIPES)
    assert int(said_by(strong, PIPE)) - before >= 90_000
    assert "inode numbers" in (Path(__file__).resolve().parents[2] / "docs/security.md").read_text()
