"""What a submission sees of files and processes at `good`, where it has no namespaces: that they exist, and no more."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from judge.inside import bubblewrap
from judge.model import Limits
from judge.sandbox import Call, Sandbox
from judge.sandbox import policy as policies
from judge.selftest.bench import LIMITS

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="confinement is for Linux")

TEXT = "the goldens of somebody"
LOOKS = """
import os

def told(name, look):
    try:
        print(name, look())
    except OSError:
        print(name, "refused")

def solve(seed, x_batch, y_batch, lr):
    told("size", lambda: os.stat({file!r}).st_size)
    told("link", lambda: os.readlink({link!r}))
    told("pid", lambda: os.path.isdir("/proc/{pid}"))
    told("text", lambda: open({file!r}).read())
    told("listed", lambda: os.listdir({folder!r}))
    return [0.0, 0.0]
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user may read, with a file and a link."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    (folder / "file").write_text(TEXT)
    (folder / "file").chmod(0o644)
    (folder / "link").symlink_to("file")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def _no_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = policies.Policy.request

    def request(self: policies.Policy, limits: Limits, affinity: Sequence[int]) -> dict[str, Any]:
        made = honest(self, limits, affinity)
        if "mount" in made["confinement"]["layers"]:
            made["confinement"]["break_layer"] = "mount"
        return made

    monkeypatch.setattr(policies.Policy, "request", request)
    monkeypatch.setattr(bubblewrap, "find_bubblewrap", lambda: None)


def seen(sandbox: Sandbox, place: Path) -> dict[str, str]:
    source = LOOKS.format(
        file=str(place / "file"), link=str(place / "link"), folder=str(place), pid=os.getpid()
    )
    inputs = {"seed": 0, "x_batch": 0, "y_batch": 0, "lr": 0.5}
    observed = sandbox.observe(source.encode(), "solve", [Call("it", inputs)])
    lines = observed.cases["it"].claimed.stdout.splitlines()
    return dict(line.split(" ", 1) for line in lines)


@pytest.mark.usefixtures("_no_namespaces")
def test_what_exists_can_be_seen_and_not_read(place: Path) -> None:
    with Sandbox(LIMITS) as sandbox:
        assert sandbox.assessment.level == "good"
        told = seen(sandbox, place)
    assert (told["text"], told["listed"]) == ("refused", "refused")
    assert (told["size"], told["link"], told["pid"]) == (str(len(TEXT)), "file", "True"), "as the page says"


def test_unconfined_it_is_read(place: Path) -> None:
    with Sandbox(LIMITS, accept="none") as sandbox:
        told = seen(sandbox, place)
    assert told["text"] == TEXT
    assert "file" in told["listed"]


def test_at_strong_nothing_is_seen(place: Path) -> None:
    with Sandbox(LIMITS) as sandbox:
        if sandbox.assessment.level != "strong":
            pytest.skip("needs namespaces")
        told = seen(sandbox, place)
    assert {told[name] for name in ("size", "link", "text", "listed")} == {"refused"}
