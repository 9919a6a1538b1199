"""Which schedulers are used, and what is said of the others."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import dask
import pytest

from judge.cli import main
from judge.fleet import requirement
from judge.fleet.cluster import Scheduler, configured_address, connected, require_private
from judge.model import JudgeError, UsageError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "class").mkdir()
    (tmp_path / "class/a.py").write_text("x = 1\n")


@pytest.mark.parametrize(
    "address",
    [
        "tls://10.0.0.7:8786",
        "wss://grading.example.org:8786",
        "tcp://127.0.0.1:8786",
        "127.0.0.9:8786",
        "tcp://localhost:8786",
        "tcp://[::1]:8786",
    ],
)
def test_a_scheduler_that_others_cannot_reach_is_used(address: str) -> None:
    require_private(address, insecure=False)


@pytest.mark.parametrize(
    "address",
    [
        "tcp://10.0.0.7:8786",
        "10.0.0.7:8786",
        "tcp://grading.example.org:8786",
        "tcp://localhost.example.org:8786",
        "tcp://[fe80::1]:8786",
        "tcp://0.0.0.0:8786",
        "ws://grading.example.org:8786",
        "ucx://10.0.0.7:8786",
    ],
)
def test_a_scheduler_that_others_can_reach_is_refused_unless_the_user_insists(address: str) -> None:
    with pytest.raises(UsageError, match="can run code on its workers; use tls:// with"):
        require_private(address, insecure=False)
    require_private(address, insecure=True)


def test_the_refusal_is_one_line_and_exit_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["class", "-o", "out"], ["worker"]):
        assert main([*command, "--scheduler", "tcp://10.0.0.7:8786"]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert said.startswith("judge: --scheduler tcp://10.0.0.7:8786: all who reach a tcp scheduler")


def test_a_missing_certificate_is_named() -> None:
    scheduler = Scheduler("tls://10.0.0.7:8786", ca=Path("ca.pem"))
    with pytest.raises(UsageError, match=r"^--tls-ca ca\.pem: no such file$"):
        scheduler.security()


def test_certificates_of_the_options_and_of_dask_are_used(tmp_path: Path) -> None:
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (tmp_path / name).write_text("")
    given = Scheduler("tls://10.0.0.7:8786", Path("ca.pem"), Path("cert.pem"), Path("key.pem")).security()
    assert given.require_encryption
    assert given.get_tls_config_for_role("client")["cert"] == "cert.pem"
    assert given.get_tls_config_for_role("worker")["key"] == "key.pem"
    with dask.config.set({"distributed.comm.tls.ca-file": "other.pem"}):
        assert Scheduler("tls://10.0.0.7:8786").security().tls_ca_file == "other.pem"


def test_the_address_that_dask_is_configured_with_is_used_and_checked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert configured_address() == ""
    with dask.config.set({"scheduler-address": "tcp://10.0.0.7:8786"}):
        assert configured_address() == "tcp://10.0.0.7:8786"
        assert main(["class", "--executor", "dask"]) == 2
    assert "tcp://10.0.0.7:8786: all who reach" in capsys.readouterr().err


def test_a_scheduler_that_is_not_there_is_the_judges_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("judge.fleet.cluster.CONNECT_S", 0.3)
    with (
        pytest.raises(JudgeError, match=r"^tcp://127\.0\.0\.1:9: no scheduler can be reached: "),
        connected(Scheduler("tcp://127.0.0.1:9")),
    ):
        pass


@pytest.mark.parametrize("arguments", [["class", "--executor", "dask"], ["worker", "--scheduler", "tls://h:1"]])
def test_without_dask_it_is_said_what_to_install(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(requirement, "find_spec", lambda name: None if name == "distributed" else find(name))
    assert main(arguments) == 2
    what = "judge worker" if arguments[0] == "worker" else "--executor dask"
    assert capsys.readouterr().err == (
        f"judge: {what} needs Dask, which is not installed: pip install 'jax-judge[dask]'\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["class", "--workers", "2"], "--workers: is for --executor dask"),
        (["class", "--executor", "threads", "--scheduler", "tls://h:1"], "--scheduler: is for --executor dask"),
        (["class", "--executor", "dask", "--tls-ca", "ca.pem"], "--tls-ca: is for a --scheduler"),
        (["class", "--executor", "dask", "--insecure"], "--insecure: is for a --scheduler"),
        (
            ["class", "--scheduler", "tls://h:1", "-j", "2"],
            "--jobs: there are as many as the workers of tls://h:1 have",
        ),
        (["class", "--scheduler", "tls://"], "--scheduler 'tls://': expected an address like tls://host:8786"),
        (["worker"], "--scheduler ADDRESS is needed: where the batches are, like tls://host:8786"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err == f"judge: {said}\n"
