"""A grader that runs nothing: what a submission's text asks for is what its report says."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from judge.batch.batch import Row, Settings
from judge.batch.resume import Conditions, current_versions
from judge.model import (
    CheckKind,
    CheckResult,
    Finding,
    Isolation,
    Limits,
    Outcome,
    Report,
    SandboxError,
    SandboxTooWeakError,
    Severity,
    SourceSpan,
    Submission,
    Verdict,
    Visibility,
)
from judge.retry import ignore, persist
from judge.submission import Unusable

EXERCISE = {"name": "fake", "title": "A fake exercise", "digest": "e" * 64}
LIMITS = Limits()
CASES = ("basic/one", "basic/two", "hard/three")


def report_on(read: Submission | Unusable, verdict: Verdict) -> Report:
    """A report whose parts are all filled in, with timing that no two runs share."""
    passed = verdict in (Verdict.ACCEPTED, Verdict.PITFALL)
    wall_s = round(random.uniform(0.01, 2.0), 4)
    checks = tuple(
        CheckResult(
            id=f"case:{name}",
            kind=CheckKind.CASE,
            title=f"why {name}",
            outcome=Outcome.PASSED if passed or number == 0 else Outcome.FAILED,
            points=1.0 if passed or number == 0 else 0.0,
            out_of=1.0,
            visibility=Visibility.HIDDEN if name.startswith("hard") else Visibility.PUBLIC,
            expected=(0.25,),
            got=(0.25,) if passed else (float("nan"),),
            tolerance=1e-6,
            difference=0.5 if passed else float("inf"),
            wall_s=wall_s,
            stdout="x" * 100,
        )
        for number, name in enumerate(CASES)
    )
    findings = () if verdict is Verdict.ACCEPTED else (
        Finding(
            code=f"because-{verdict}",
            severity=Severity.ERROR,
            title=f"It is a {verdict}",
            message="What happened.\n\nWhy it matters.\n\nA question?",
            span=SourceSpan(1, 1, 1, 4),
            facts={"measured": [1.5, "text"]},
            checks=("case:basic/two",),
        ),
    )  # fmt: skip
    known = isinstance(read, Submission)
    return Report(
        exercise=EXERCISE["name"],
        exercise_title=EXERCISE["title"],
        exercise_digest=EXERCISE["digest"],
        path=read.path,
        sha256=read.sha256 if known else "",
        source=read.source.decode("utf-8", "replace") if known else "",
        verdict=verdict,
        points=sum(check.points for check in checks),
        out_of=sum(check.out_of for check in checks),
        checks=checks,
        findings=findings,
        isolation=Isolation("good", ("landlock", "seccomp", "limits"), ("namespaces",)),
        limits=LIMITS,
        timing={"wall_s": wall_s, "cpu_s": wall_s / 2, "peak_memory_mib": 300.5, "lane": "cold"},
        environment={**current_versions(), "xla_flags": "--flag"},
        stdout="loaded\n",
        public_findings=findings,
    )


@dataclass
class Tracks:
    """What the graders of one test were asked to do."""

    graded: list[str] = field(default_factory=list)
    made: int = 0
    closed: int = 0
    renewed: int = 0
    attempts: Counter[str] = field(default_factory=Counter)
    threads: set[int] = field(default_factory=set)


class FakeGrader:
    """Obeys words in the source: a verdict's name, ``break-once``, ``break``, ``fail``, ``hang``, ``sleep SECONDS``."""

    def __init__(self, tracks: Tracks, delay_s: float = 0.0) -> None:
        self.tracks, self.delay_s = tracks, delay_s
        self._thread = threading.get_ident()
        self._closed = threading.Event()
        tracks.made += 1

    def grade(self, read: Submission | Unusable, /, *, on_retry: Callable[[str], None] = ignore) -> Report:
        return persist(
            lambda: self._grade(read), renew=self._renew, on_retry=on_retry, stopped=self._closed.is_set
        )

    def _renew(self) -> None:
        self.tracks.renewed += 1

    def _grade(self, read: Submission | Unusable) -> Report:
        assert threading.get_ident() == self._thread, "a grader is used from the thread that made it"
        assert not self._closed.is_set(), "a grader was used after it was closed"
        self.tracks.graded.append(Path(read.path).name)
        self.tracks.threads.add(self._thread)
        if isinstance(read, Unusable):
            return report_on(read, Verdict.INVALID_SUBMISSION)
        words = read.source.decode("utf-8", "replace").split()
        self.tracks.attempts[read.sha256] += 1
        time.sleep(self.delay_s * random.random())
        if "sleep" in words:
            self._closed.wait(float(words[words.index("sleep") + 1]))
        if "hang" in words:
            self._closed.wait(60)
            return report_on(read, Verdict.RUNTIME_ERROR)  # what a killed process looks like
        if "break" in words or ("break-once" in words and self.tracks.attempts[read.sha256] == 1):
            raise SandboxError("the zygote is gone")
        if "bug" in words:
            raise ZeroDivisionError("division by zero")
        if "weak" in words:
            raise SandboxTooWeakError("no sandbox here")
        if "fail" in words:
            return report_on(read, Verdict.JUDGE_ERROR)
        verdict = next((verdict for verdict in Verdict if verdict in words), Verdict.ACCEPTED)
        return report_on(read, verdict)

    def close(self) -> None:
        if not self._closed.is_set():
            self._closed.set()
            self.tracks.closed += 1


def failed(read: Submission | Unusable, reason: str) -> Report:
    report = report_on(read, Verdict.JUDGE_ERROR)
    return Report(**{**vars(report), "findings": (Finding("judge-error", Severity.ERROR, "Failed", reason),)})


def settings(tracks: Tracks, jobs: int = 2, delay_s: float = 0.0) -> Settings:
    return Settings(LIMITS, jobs, lambda: FakeGrader(tracks, delay_s), failed, lambda report: report)


def conditions(**changes: object) -> Conditions:
    fields: dict[str, object] = {
        "exercise_digest": EXERCISE["digest"],
        "limits": LIMITS,
        "audience": "staff",
        "accept": "good",
        "versions": current_versions(),
    }
    return Conditions(**{**fields, **changes})  # type: ignore[arg-type]


class Notes:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.known: list[str] = []
        self.notes: list[str] = []
        self.plan: tuple[int, int] | None = None

    def planned(self, total: int, known: int) -> None:
        self.plan = (total, known)

    def finished(self, row: Row, *, was_known: bool) -> None:
        self.rows.append(row)
        if was_known:
            self.known.append(row.entry.key)

    def note(self, text: str) -> None:
        self.notes.append(text)


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def distinct(names: Iterable[str], text: str = "accepted") -> dict[str, str]:
    """Files that say the same to the grader and differ in their bytes."""
    return {name: f"{text} # {hashlib.sha256(name.encode()).hexdigest()}" for name in names}
