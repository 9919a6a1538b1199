"""The harness that runs attacks: a sandbox, an exercise to grade, and decoys that are watched.

An attack is held when nothing on the host shows a trace of it, its verdict is one of those it names, and it ended in
time. Every trace is looked for after every attack, not only the one that the attack names.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from judge.bounded.client import server_of
from judge.bounded.grading import observe_and_report
from judge.closing import Closing
from judge.grade import LoadedExercise
from judge.model import Isolation, JudgeError, Limits, Observation, Report, UsageError, Verdict
from judge.reports.formats import ReportFormat, formats
from judge.reports.redact import redact
from judge.sandbox import Sandbox
from judge.sandbox.flags import DEFAULT_FLAGS
from judge.sandbox.readable_paths import readable_paths
from judge.selftest import process_monitor
from judge.selftest.attack import Attack
from judge.selftest.decoys import HostDecoys
from judge.selftest.process_monitor import PeakMemory
from judge.selftest.target_exercise import LIMITS, RIGHT_SUBMISSION, hidden_inputs, make_target_exercise
from judge.submission import submission_of

LATE_S = 1.0
"""The longest time after its limit that a step may end."""
TRIES = 3
"""The number of tries of an attack that was too slow."""
MEMORY_SLACK_MIB = 128
MEMORY_LASTING_S = 0.25
"""The time for which more than the limit may be resident; at no time may it be twice as much."""
OUTPUT_SLACK_BYTES = 1 << 20
JUDGE_MEMORY_MIB = 48
DANGEROUS_CHARACTERS = ("\x1b", "\x9b", "\x07", "\u202e")


@dataclass(frozen=True)
class AttackResult:
    """The result of one attack."""

    attack: Attack
    verdict: Verdict | None
    traces: Mapping[str, str]
    """Witnesses that saw a trace, with their observations."""
    wall_s: float
    ended: str
    """The end of its last step, as text for users."""
    late: bool = False
    """It took longer than allowed."""

    @property
    def problems(self) -> tuple[str, ...]:
        """The reasons that it was not held; empty when it was."""
        found = [f"{witness}: {what}" for witness, what in self.traces.items()]
        if self.verdict not in self.attack.verdicts:
            expected = " or ".join(self.attack.verdicts)
            found.append(f"the verdict was {self.verdict}, not {expected} ({self.ended})")
        if self.late:
            found.append(f"it took {self.wall_s:.1f} s, more than {self.attack.bound_s:g} s")
        return tuple(found)

    @property
    def held(self) -> bool:
        return not self.problems


class AttackHarness(Closing):
    """Runs attacks. Use as a context manager. With ``unconfined`` nothing holds an attack: the positive control."""

    def __init__(self, *, accept: str = "good", unconfined: bool = False) -> None:
        self._accept, self._unconfined = "none" if unconfined else accept, unconfined
        self.ground = HostDecoys()

    def _begin(self) -> None:
        self.ground.__enter__()
        self.loaded = make_target_exercise(self.ground.folder)
        self.sandbox = Sandbox(
            LIMITS,
            accept=self._accept,
            secrets=(self.ground.folder,),
            flags={**DEFAULT_FLAGS, "JUDGE_MARKER": self.ground.marker},
        )
        self._honest_s = math.inf

    def close(self) -> None:
        self.sandbox.close()
        server_of(self.loaded).leave(self)
        process_monitor.end(process_monitor.survivors(self.ground.marker, 0.0))
        self.ground.close()

    @property
    def isolation(self) -> Isolation:
        return self.sandbox.isolation

    def grade(self, source: bytes, limits: Limits | None = None) -> tuple[Report, Observation]:
        """Grade a submission. Raises JudgeError."""
        submission = submission_of(source, "attack.py")
        sandbox = self.sandbox if limits is None else _Limited(self.sandbox, limits)
        server_of(self.loaded).begin(self)
        return observe_and_report(self.loaded, submission, sandbox, limits or LIMITS)  # type: ignore[arg-type]

    def right_is_accepted(self) -> bool:
        """Return True if a right submission is (still) accepted."""
        patient = replace(LIMITS, wall_s=20.0, total_wall_s=60.0, cpu_s=60.0)
        return self.grade(RIGHT_SUBMISSION, patient)[0].verdict is Verdict.ACCEPTED

    def try_attack(self, attack: Attack) -> AttackResult:
        """Run the attack once, and again when it was too slow, which a busy machine may have caused.

        The load is measured by an honest submission: when that takes three times its shortest time here, the attack
        may take three times its bound, and no more.
        """
        if math.isinf(self._honest_s) and not self._unconfined:
            for _ in range(2):  # the first one waits for the zygote
                self._slowdown()
        trial = self._try_once(attack)
        for _ in range(TRIES - 1):
            slow = trial.late or "time" in trial.traces or trial.verdict is Verdict.TIME_LIMIT
            if trial.held or self._unconfined or not slow:
                break
            trial = self._try_once(attack, patience=self._slowdown())
        return trial

    def _slowdown(self) -> float:
        """Return the time of an honest submission now, as a multiple of its shortest time; at least 1."""
        start = time.monotonic()
        self.right_is_accepted()
        took_s = time.monotonic() - start
        self._honest_s = min(self._honest_s, took_s)
        return max(1.0, took_s / self._honest_s)

    def _try_once(self, attack: Attack, patience: float = 1.0) -> AttackResult:
        limits = replace(LIMITS, **attack.limits)
        given = _relaxed(limits) if self._unconfined else limits
        traces: dict[str, str] = {}
        verdict, observation, report = None, None, None
        values = {**self.ground.values(), "TOKEN": self.ground.token}
        start = time.monotonic()
        with (
            process_monitor.Monitor(readable_paths(), confined=not self._unconfined) as watching,
            PeakMemory() as judge_memory,
        ):
            try:
                for number in range(attack.runs):
                    source = attack.filled(values if number == 0 else {**values, "TOKEN": ""})
                    report, observation = self.grade(source, given)
                verdict = report.verdict if report else None
            except Exception as error:
                traces["no-verdict"] = f"{type(error).__name__}: {error}"
                if not isinstance(error, JudgeError):
                    traces["no-verdict"] += " (not even a JudgeError)"
        wall_s = time.monotonic() - start
        if verdict is Verdict.JUDGE_ERROR:
            traces["no-verdict"] = "the judge says that it failed itself"
        if left := process_monitor.survivors(self.ground.marker):
            traces["survivor"] = f"{len(left)} processes, for instance {next(iter(left.values()))!r}"
            process_monitor.end(left)
        traces |= self._of_processes(watching.seen, limits)
        if judge_memory.grown_mib > JUDGE_MEMORY_MIB:
            traces["judge-memory"] = f"{judge_memory.grown_mib:.0f} MiB"
        if report is not None and observation is not None:
            traces |= self._of_words(report, observation, again=attack.runs > 1)
            traces |= self._of_steps(report, observation, limits, LATE_S * patience)
        traces |= self.ground.traces()
        late = wall_s > attack.bound_s * patience
        return AttackResult(attack, verdict, traces, wall_s, _ended(observation), late)

    def _of_processes(self, seen: process_monitor.Seen, limits: Limits) -> dict[str, str]:
        found = {}
        # On a busy machine the keeper samples late; until then only the kernel's ceiling applies.
        lasting = seen.memory.for_at_least(MEMORY_LASTING_S)
        if lasting > limits.memory_mib + MEMORY_SLACK_MIB or seen.memory_mib > 2 * limits.memory_mib:
            found["memory"] = f"{seen.memory_mib:.0f} MiB, {lasting} MiB for {MEMORY_LASTING_S:g} s"
        if (tasks := seen.tasks.for_at_least(LATE_S)) > limits.threads:
            found["tasks"] = f"{tasks} threads and processes for {LATE_S:g} s"
        if descriptors := seen.lasting("descriptor"):
            found["descriptor"] = ", ".join(descriptors)
        strange = [f"processors {value}" for value in seen.lasting("processors")]
        strange += seen.lasting("siblings")
        for kind in ("exe", "root", "ns/mnt", "ns/user", "ns/net", "ids", "filters", "scheduling"):
            strange += [f"{kind} was {' and '.join(values)}" for values in seen.changes(kind)]
        if strange:
            found["process"] = "; ".join(strange)
        return found

    def _of_words(self, report: Report, observation: Observation, *, again: bool) -> dict[str, str]:
        """Return the traces in the bytes that the judge gives out."""
        found = {}
        to_staff = [one.render(report) for one in _usable_formats()]
        to_learners = [one.render(redact(report)) for one in _usable_formats()]
        texts = "".join((*to_staff, *to_learners)).encode("utf-8", "surrogatepass")
        emitted = b"\n".join((texts, *bytes_of(observation)))
        if leaked := self.ground.secrets_in(emitted):
            found["secret"] = ", ".join(leaked)
        if again and self.ground.token.encode() in emitted:
            found["token"] = "what the first submission knew"
        if shows_hidden(self.loaded, "".join(to_learners)):
            found["hidden"] = "an input, in a report for learners"
        if any(character in text for text in (*to_staff, *to_learners) for character in DANGEROUS_CHARACTERS):
            found["terminal"] = "a control character, in a report"
        return found

    def _of_steps(
        self, report: Report, observation: Observation, limits: Limits, late_s: float
    ) -> dict[str, str]:
        """Return the traces in the judge's own measurements."""
        found = {}
        steps = [observation.load, *observation.cases.values()]
        if report.points > 0:
            found["points"] = f"{report.points:g} of {report.out_of:g}"
        slowest = max(step.measured.own_wall_s for step in steps)
        total = sum(step.measured.own_wall_s for step in steps)
        if slowest > limits.wall_s + late_s or total > limits.total_wall_s + late_s:
            found["time"] = f"a step took {slowest:.1f} s, all of them {total:.1f} s"
        taken = sum(step.measured.output_bytes for step in steps)
        if taken > limits.output_kib * 1024 * 2 + OUTPUT_SLACK_BYTES:
            found["output"] = f"{taken >> 10} KiB"
        return found


def shows_hidden(loaded: LoadedExercise, text: str) -> bool:
    """Return True if inputs of hidden cases are in the text: as the bytes of an array, or as a number in full."""
    arrays = hidden_inputs(loaded)
    numbers = (repr(float(value)) for array in arrays for value in array.ravel())
    return any(array.tobytes().hex() in text for array in arrays) or any(number in text for number in numbers)


class _Limited:
    """A sandbox with other limits for one submission."""

    def __init__(self, sandbox: Sandbox, limits: Limits) -> None:
        self._sandbox, self.limits = sandbox, limits

    def observe(self, *arguments: object, **options: object) -> Observation:
        return self._sandbox.observe(*arguments, **{"limits": self.limits, **options})  # type: ignore[arg-type]


def _relaxed(limits: Limits) -> Limits:
    """Return limits that are relaxed enough for a control to show that nothing holds it, and no further."""
    return dataclasses.replace(
        limits,
        wall_s=limits.wall_s + LATE_S + 0.3,
        total_wall_s=limits.total_wall_s + LATE_S + 0.7,
        cpu_s=limits.cpu_s * 10,
        memory_mib=2 * limits.memory_mib + 3 * MEMORY_SLACK_MIB,
        threads=limits.threads * 4,
        output_kib=limits.output_kib * 100,
    )


def _ended(observation: Observation | None) -> str:
    if observation is None:
        return "nothing was observed"
    name, step = ("load", observation.load)
    if observation.cases:
        name, step = list(observation.cases.items())[-1]
    raised = step.claimed.raised
    told = f", raised {raised.type_name}: {raised.text[:200]}" if raised else ""
    signal = f", signal {step.measured.signal}" if step.measured.signal else ""
    return f"{name}: {step.measured.ended}{signal}{told}" + (
        f", {step.measured.detail}" * bool(step.measured.detail)
    )


def bytes_of(value: object) -> Iterator[bytes]:
    """Yield each text, byte string and array in a value of dataclasses, mappings and sequences, however deep."""
    waiting: list[object] = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part.encode("utf-8", "surrogatepass")
        elif isinstance(part, bytes):
            yield part
        elif isinstance(part, np.ndarray):
            yield part.tobytes()
        elif dataclasses.is_dataclass(part) and not isinstance(part, type):
            waiting += [getattr(part, field.name) for field in dataclasses.fields(part)]
        elif isinstance(part, Mapping):
            waiting += [*part.keys(), *part.values()]
        elif isinstance(part, (list, tuple, set, frozenset)):
            waiting += part


def _usable_formats() -> list[ReportFormat]:
    """Return the formats that can be printed here: some need variables that only their platform sets."""
    found = []
    for one in formats():
        with contextlib.suppress(UsageError):
            one.require()
            found.append(one)
    return found
