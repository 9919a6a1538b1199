"""Sandboxes that run side by side never share a uid, in one judge, in several, and where ids are few."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from judge.model import Limits
from judge.sandbox import Sandbox, own_ids

REPOSITORY = Path(__file__).resolve().parents[2]
FEW_IDS = (sys.executable, str(Path(__file__).with_name("few_ids.py")))

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="abstract names are Linux's")
as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")


def test_as_many_as_there_are_ids_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_ids, "TRIES", 2000)
    ids = range(own_ids.LOW.stop + 100, own_ids.LOW.stop + 150)
    claimed = [own_ids.claim(ids) for _ in ids]
    assert sorted(own.uid for own in claimed if own) == list(ids)
    assert own_ids.claim(ids) is None
    gone = claimed.pop()
    assert gone is not None
    uid = gone.uid
    del gone
    gc.collect()
    again = own_ids.claim(ids)
    assert again is not None
    assert again.uid == uid


def test_another_process_has_others() -> None:
    ids = range(own_ids.LOW.stop + 200, own_ids.LOW.stop + 202)
    program = (
        f"import sys; from judge.sandbox import own_ids; own = own_ids.claim({ids!r}); "
        "print(own.uid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    ) as other:
        assert other.stdout is not None
        theirs = int(other.stdout.readline())
        ours = own_ids.claim(ids)
        assert ours is not None
        assert {ours.uid, theirs} == set(ids)
        assert own_ids.claim(ids) is None
        other.communicate("")
    ours = None
    assert {own.uid for own in (own_ids.claim(ids), own_ids.claim(ids)) if own} <= set(ids)


SIDE_BY_SIDE = """
import gc, os
from judge.model import Limits
from judge.sandbox import Sandbox
sandboxes = [Sandbox(Limits(), preload=()) for _ in range(9)]
uids = [sandbox.assessment.uid for sandbox in sandboxes]
for sandbox in sandboxes:
    sandbox.close()
print(sorted({sandbox.assessment.level for sandbox in sandboxes}), *uids)
"""


@as_root
@pytest.mark.parametrize(
    "place", [(), pytest.param(FEW_IDS, marks=pytest.mark.long)], ids=["the host", "65,536 ids"]
)
def test_nine_sandboxes_have_nine_uids(place: tuple[str, ...]) -> None:
    if place and subprocess.run([*place, "true"], check=False).returncode:
        pytest.skip("no user namespaces with many ids here")
    done = subprocess.run(
        [*place, sys.executable, "-c", SIDE_BY_SIDE],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    levels, *uids = done.stdout.split()
    assert levels in ("['strong']", "['good']")
    assert len(set(uids)) == 9
    ids = own_ids.LOW if place else own_ids.HIGH
    assert all(int(uid) in ids for uid in uids)


@as_root
def test_a_sandbox_that_is_gone_gives_its_id_back() -> None:
    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    def once() -> int | None:
        with Sandbox(Limits(), preload=()) as sandbox:
            return sandbox.assessment.uid

    once()
    gc.collect()
    before = descriptors()
    assert once() in own_ids.HIGH
    gc.collect()
    assert descriptors() == before
