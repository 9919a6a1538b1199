"""`judge PATH` as a person or a script meets it: exit status, one clear line, one JSON document.

A process of `judge` starts a sandbox of its own, which takes seconds: where only the report matters, one grader is
used, and where only words and status matter, the command runs in this process.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

from judge.cli import main
from judge.commands.grade import SHOWS_HIDDEN
from judge.grader import Grader
from judge.model import Verdict
from judge.reports.formats import format_named

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests" / "exercises" / "optax_sgd_step"
SCHEMAS = ROOT / "judge" / "schema"
RIGHT = SMALL / "reference" / "solution.py"


def judge(*arguments: str | Path, cwd: Path = SMALL, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "judge", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=240,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **environ},
    )


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


Here = Callable[..., Done]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """Run the command in this process, in a folder."""
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*arguments: str | Path, cwd: Path = SMALL) -> Done:
        monkeypatch.chdir(cwd)
        status = main([str(argument) for argument in arguments])
        return Done(status, *capsys.readouterr())

    return run


def document(text: str) -> dict[str, object]:
    """The JSON of a report or failure, valid under its schema; a second document or a NaN would not parse."""
    parsed = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    name = "failure" if "error" in parsed else "report"
    jsonschema.validate(parsed, json.loads((SCHEMAS / f"{name}.schema.json").read_text()))
    return dict(parsed)


def test_a_right_file_is_accepted_from_any_folder_below_the_exercise() -> None:
    done = judge(RIGHT, cwd=SMALL / "reference")
    assert done.returncode == 0
    assert "Accepted" in done.stdout
    assert done.stderr == f"judge: {SHOWS_HIDDEN}\n"


def test_whoever_reads_as_a_learner_is_not_told_that_hidden_cases_are_shown(here: Here, tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("def sgd_step(")
    done = here(tmp_path / "x.py", "--audience", "learner")
    assert (done.returncode, done.stderr) == (1, "")


def test_a_wrong_file_is_not_accepted_a_small_input_is_shown_and_reports_go_to_files(tmp_path: Path) -> None:
    names = [
        "r.json",
        "r.html",
        "r.junit.xml",
        "r.sarif",
        "r.md",
        "r.csv",
        "r.gradescope.json",
        "r.jsonl",
        "r.txt",
    ]
    outputs = [word for name in names for word in ("-o", str(tmp_path / name))]
    done = judge(SMALL / "submissions" / "kim.py", *outputs)
    assert done.returncode == 1
    assert "Wrong answer" in done.stdout
    assert "An input on which it goes wrong" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert all(path.stat().st_size > 100 for path in tmp_path.iterdir())


def test_a_small_input_is_shown_for_wrong_numbers_only(here: Here, tmp_path: Path) -> None:
    wrong_form = "def sgd_step(params, grads, lr):\n    return (params - lr * grads).reshape(1, -1)\n"
    (tmp_path / "x.py").write_text(wrong_form)
    done = here(tmp_path / "x.py", "--audience", "staff")
    assert done.stderr == "", "whoever names the audience knows that hidden cases are shown"
    assert "Wrong form" in done.stdout
    assert "A small input" not in done.stdout


def test_json_is_one_valid_document() -> None:
    done = judge(RIGHT, "--format", "json")
    report = document(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert report["verdict"] == "accepted"
    assert report["schema_version"] == 1


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["nowhere.py"], 2, "nowhere.py: no such file"),
        ([], 2, "PATH"),
        (["x.py", "--time-limit", "-1"], 2, "--time-limit"),
        (["x.py", "--memory-limit", "10"], 2, "--memory-limit 10"),
        (["x.py", "--format", "jsn"], 2, "Did you mean json?"),
        (["x.py", "-o", "report.unknown"], 2, "report.unknown"),
        (["x.py", "--exercise", "/nowhere"], 2, "/nowhere"),
        (["explain", "no-such-code"], 2, "no-such-code"),
        (["x.py", "--frmat", "json"], 2, "--frmat"),
    ],
)
def test_misuse_is_told_in_a_line(here: Here, tmp_path: Path, arguments: list[str], status: int, words: str) -> None:
    (tmp_path / "x.py").write_text(RIGHT.read_text())
    arguments = [str(tmp_path / word) if word == "x.py" else word for word in arguments]
    done = here(*arguments)
    assert done.returncode == status
    assert words in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_misuse_in_json_mode_is_one_document_too() -> None:
    done = judge("nowhere.py", "--format", "json")
    failure = document(done.stdout)
    assert done.returncode == 2
    assert "nowhere.py" in json.dumps(failure)


def test_outside_of_any_exercise_the_judge_says_so(here: Here, tmp_path: Path) -> None:
    for arguments in ((RIGHT,), (RIGHT, "--exercise", tmp_path), (RIGHT, RIGHT), ("cases", "check")):
        done = here(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert "no exercise at or above" in done.stderr
        assert "Traceback" not in done.stderr


def test_what_is_no_submission_is_reported_like_any_other(here: Here, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.py")
    done = here(tmp_path / "x.py", "--format", "json")
    assert done.returncode == 1
    assert document(done.stdout)["verdict"] == "invalid-submission"


class TestWhatIsNoSubmission:
    @pytest.fixture(autouse=True)
    def _grader(self, small_grader: Grader) -> None:
        self.small = small_grader

    def grade(self, path: Path) -> dict[str, object]:
        return document(format_named("json").render(self.small.grade(path)))

    def finding(self, path: Path) -> str:
        report = self.grade(path)
        assert report["verdict"] == "invalid-submission"
        (finding,) = report["findings"]  # type: ignore[misc]
        return str(finding["code"])  # type: ignore[index]

    def test_a_folder_without_python_files(self, here: Here, tmp_path: Path) -> None:
        (tmp_path / "x.py").mkdir()
        done = here(tmp_path / "x.py")
        assert done.returncode == 2
        assert "x.py" in done.stderr

    def test_a_fifo(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "x.py")
        assert self.finding(tmp_path / "x.py") == "not-a-regular-file"

    def test_a_socket(self, tmp_path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(tmp_path / "x.py"))
            assert self.finding(tmp_path / "x.py") == "not-a-regular-file"

    def test_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "x.py").symlink_to(RIGHT)
        assert self.finding(tmp_path / "x.py") == "not-a-regular-file"

    def test_a_device(self, tmp_path: Path) -> None:
        assert self.finding(Path("/dev/zero")) == "not-a-regular-file"

    @pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
    def test_an_unreadable_file(self, tmp_path: Path) -> None:
        (tmp_path / "x.py").write_text(RIGHT.read_text())
        (tmp_path / "x.py").chmod(0)
        assert self.finding(tmp_path / "x.py") == "unreadable"

    def test_an_empty_file(self, tmp_path: Path) -> None:
        (tmp_path / "x.py").write_text("\n  \n")
        assert self.finding(tmp_path / "x.py") == "empty"

    def test_undecodable_bytes(self, tmp_path: Path) -> None:
        (tmp_path / "x.py").write_bytes(b"def sgd_step(params, grads, lr):\n    return '\xff\xfe'\n")
        assert self.finding(tmp_path / "x.py") in ("undecodable", "syntax-error")

    def test_null_bytes(self, tmp_path: Path) -> None:
        (tmp_path / "x.py").write_bytes(b"x = 1\0\n")
        assert self.grade(tmp_path / "x.py")["verdict"] == "invalid-submission"

    def test_fifty_mebibytes(self, tmp_path: Path) -> None:
        with (tmp_path / "x.py").open("wb") as file:
            file.truncate(50 * 2**20)
        assert self.finding(tmp_path / "x.py") == "too-large"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "cp1252"])
def test_source_is_decoded_as_python_decodes_it(tmp_path: Path, encoding: str, small_grader: Grader) -> None:
    text = RIGHT.read_text()
    head = "" if encoding == "utf-8-sig" else f"# -*- coding: {encoding} -*-\n"
    source = head + "# Übung für heute\n" + text.replace("from __future__ import annotations\n", "")
    (tmp_path / "x.py").write_bytes(source.encode(encoding))
    assert small_grader.grade(tmp_path / "x.py").verdict is Verdict.ACCEPTED


def test_without_a_sandbox_the_report_says_so(tmp_path: Path) -> None:
    done = judge(RIGHT, "--unsafe-no-sandbox", "--format", "json", "-o", str(tmp_path / "report.txt"))
    report = document(done.stdout)
    assert report["verdict"] == "accepted"
    assert "isolation: none" in (tmp_path / "report.txt").read_text().lower()
    assert report["isolation"]["level"] == "none"  # type: ignore[index]
