"""The data model of the judge: frozen values that every part passes on and none changes.

Two words are kept apart on purpose.  *Measured* is what the judge process observed itself (time, exit status, peak
memory).  *Claimed* is what the process that ran learner code reported about itself (returned arrays, exceptions,
events).  A verdict rests on measured facts and on comparing claimed numbers with goldens that the learner's process
never had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.generic]
    Float64Array: TypeAlias = npt.NDArray[np.float64]

SCHEMA_VERSION = 1

Json: TypeAlias = Any
"""The result of ``json.loads``: unchecked in this type, checked where it enters."""

Inputs: TypeAlias = "Mapping[str, float | int | Array]"
"""One call's arguments by parameter name, in the exercise's order; arrays are C-contiguous and read-only."""


class Verdict(StrEnum):
    """The result of a submission as a whole; when several apply, the first one here is given."""

    JUDGE_ERROR = "judge-error"
    INVALID_SUBMISSION = "invalid-submission"
    VIOLATION = "violation"
    MEMORY_LIMIT = "memory-limit"
    TIME_LIMIT = "time-limit"
    OUTPUT_LIMIT = "output-limit"
    RUNTIME_ERROR = "runtime-error"
    WRONG_ANSWER = "wrong-answer"
    PITFALL = "pitfall"
    ACCEPTED = "accepted"

    @property
    def rank(self) -> int:
        """Place in the order of strength; 0 is the strongest."""
        return list(Verdict).index(self)


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """Place in the order of severity; 0 is the most severe."""
        return list(Severity).index(self)


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not-reached"


class CheckKind(StrEnum):
    CASE = "case"
    PITFALL = "pitfall"


class CaseId(str):
    """``FILE/NAME``: the stem of the case's YAML file, and its name in that file; unique in the exercise."""

    @classmethod
    def of(cls, file: str, name: str) -> CaseId:
        return cls(f"{file}/{name}")

    @property
    def file(self) -> str:
        """The stem of the YAML file that contains it."""
        return self.partition("/")[0]

    @property
    def name(self) -> str:
        """Its name in that file."""
        return self.partition("/")[2]


class CheckId(str):
    """``case:FILE/NAME`` or ``pitfall:CODE``, as reports name a check."""

    @classmethod
    def of(cls, kind: CheckKind, name: str) -> CheckId:
        """Return the id of the case, or of the pitfall, of this name."""
        return cls(f"{kind.value}:{name}")

    @property
    def kind(self) -> str:
        """``case`` or ``pitfall``."""
        return self.partition(":")[0]

    @property
    def name(self) -> str:
        """The case's id, or the pitfall's code."""
        return self.partition(":")[2] or str(self)


class Lane(StrEnum):
    """The way in which a submission was run: with compiled programs in memory, or without; none if it was not run."""

    WARM = "warm"
    COLD = "cold"
    NONE = "none"


class IsolationLevel(StrEnum):
    """The strength of isolation, the weakest first; unknown when the judge failed before it was determined."""

    UNKNOWN = "unknown"
    NONE = "none"
    WEAK = "weak"
    GOOD = "good"
    STRONG = "strong"

    @property
    def holds_strangers(self) -> bool:
        """True if files of untrusted people may run under it."""
        return self in (IsolationLevel.GOOD, IsolationLevel.STRONG)


class Visibility(StrEnum):
    PUBLIC = "public"
    HIDDEN = "hidden"


class Origin(StrEnum):
    WRITTEN = "written"
    GENERATED = "generated"
    PINNED = "pinned"


# ---------------------------------------------------------------------------------------------- the exercise


@dataclass(frozen=True)
class Parameter:
    """One parameter of the entry point.

    ``kind`` is ``float``, ``int`` or ``array``.  ``shape`` mixes symbols and sizes, for instance ``("N", "D")``;
    a symbol has one value throughout a case and is at least 1.
    """

    name: str
    kind: str
    dtype: str | None = None
    shape: tuple[str | int, ...] | None = None


@dataclass(frozen=True)
class OutputSpec:
    """The entry point's return value: real numbers of this shape (symbols as in the parameters)."""

    shape: tuple[str | int, ...]


@dataclass(frozen=True)
class Limits:
    """The limits of one submission.

    ``wall_s`` bounds each single step (loading the file, each call of the entry point); ``total_wall_s`` and
    ``cpu_s`` bound them together. Of a step's output ``shown_output_kib`` are kept; above ``output_kib`` in total the
    process is killed.
    """

    wall_s: float = 20.0
    total_wall_s: float = 60.0
    cpu_s: float = 60.0
    memory_mib: int = 2048
    threads: int = 128
    open_files: int = 64
    output_kib: int = 16 * 1024
    shown_output_kib: int = 64
    source_kib: int = 1024


@dataclass(frozen=True)
class PitfallSpec:
    """A pitfall that an exercise checks for: its code, its severity in this exercise, and the points of its check."""

    code: str
    severity: Severity
    points: float = 0.0


@dataclass(frozen=True)
class ToleranceRule:
    """Derives tolerances from measured noise; a case that would need more than ``bound`` is refused.

    relative tolerance = max(``ulps`` x 2**-24, ``perturbation_factor`` x k, ``spread_factor`` x S); see
    docs/authoring.md for k and S.
    """

    bound: float = 1e-4
    ulps: float = 64.0
    perturbation_factor: float = 8.0
    spread_factor: float = 4.0


@dataclass(frozen=True)
class PackInfo:
    """The facts in a pack about the exercise that it was made from."""

    public: bool
    """True for learners: it has no solution and no hidden case."""
    exercise_digest: str
    """`Exercise.digest` of the whole exercise."""
    hidden_cases: int = 0
    """The number of cases that the whole exercise has and the pack has not."""
    hidden_points: float = 0.0
    packaged: bool = False
    """True if it is the exercise that comes with judge, which is used where there is no other."""


@dataclass(frozen=True)
class Exercise:
    """A folder with ``reference/`` and ``cases/`` in it, or an unpacked pack; loaded and checked."""

    name: str
    title: str
    root: Path
    entry_point: str
    parameters: tuple[Parameter, ...]
    output: OutputSpec
    limits: Limits
    pitfalls: tuple[PitfallSpec, ...]
    tolerance: ToleranceRule
    digest: str
    """sha256 over everything that can change a verdict: exercise.yaml, cases, goldens, reference code."""
    pack: PackInfo | None = None

    @property
    def public(self) -> bool:
        """True if it is a public pack, which nothing can be recorded or looked up in with a solution."""
        return self.pack is not None and self.pack.public

    @property
    def reference_dir(self) -> Path:
        """The folder of exercise.yaml, the starter and the statement; but for public packs of the solutions too."""
        return self.root if self.public else self.root / "reference"

    @property
    def cases_dir(self) -> Path:
        return self.root / "cases"

    @property
    def goldens_dir(self) -> Path:
        return self.root / "cases" / "goldens"


@dataclass(frozen=True)
class Case:
    """One call of the entry point: its inputs, and why it is worth its running time."""

    id: str
    """A `CaseId`."""
    why: str
    inputs: Inputs
    points: float
    visibility: Visibility
    origin: Origin
    digest: str
    """sha256 over the inputs' names, dtypes, shapes and bytes."""

    @property
    def file(self) -> str:
        """The stem of the YAML file that contains it."""
        return CaseId(self.id).file

    @property
    def name(self) -> str:
        """Its name in that file."""
        return CaseId(self.id).name

    @property
    def shape_key(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of the array inputs: cases with equal keys share compiled programs."""
        return tuple(tuple(v.shape) for v in self.inputs.values() if hasattr(v, "shape"))


@dataclass(frozen=True)
class WrongReturn:
    """The result of one misconception on one case: the value that it returns, or the exception that it raises."""

    value: Float64Array | None
    raises: str | None


@dataclass(frozen=True)
class Golden:
    """The reference's value on a case, and how far from it a right solution may be.

    ``tolerance`` is absolute, derived from ``noise`` (relative) at record time.
    """

    case_id: str
    case_digest: str
    expected: Float64Array
    tolerance: float
    noise: float
    misconceptions: Mapping[str, WrongReturn]
    events: tuple[Event, ...] | None = None
    """The reference's probe events, as far as diagnosis compares them; None in files recorded without them."""
    scaled: Mapping[str, WrongReturn] = field(default_factory=dict)
    """Results under `judge.inside.scaled_updates`, by name: those of the reference (``reference``) and of the solutions
    that have a pitfall.  Recorded for public cases.
    """


@dataclass(frozen=True)
class CellLines:
    """The lines of a source that are those of a notebook's cell: ``count`` lines from line ``first`` on.

    ``cell``: its place among all cells of the notebook, from 1.
    """

    cell: int
    first: int
    count: int


@dataclass(frozen=True)
class Notebook:
    """The way from a source back to the notebook that it was taken from, and what was left out, in sentences."""

    cells: tuple[CellLines, ...]
    notes: tuple[str, ...] = ()

    def place(self, line: int) -> tuple[int, int] | None:
        """Return the cell, and the line in it, of a line of the source; None for one that is the judge's own."""
        for one in self.cells:
            if one.first <= line < one.first + one.count:
                return one.cell, line - one.first + 1
        return None


@dataclass(frozen=True)
class Submission:
    """A learner's file, read once without following links.

    ``source`` is the file's bytes; once a notebook has been read it is the Python taken from it, with ``notebook``.
    """

    path: str
    source: bytes
    sha256: str
    """Of the file's bytes."""
    notebook: Notebook | None = None


# ------------------------------------------------------------------------------------------- what was observed


class Ended(StrEnum):
    """The end of a step (loading, or one call), as the judge observed it."""

    ANSWERED = "answered"
    """The child sent a well-formed answer for the step (a value or an exception)."""
    EXITED = "exited"
    """The process exited before it answered."""
    WALL_LIMIT = "wall-limit"
    CPU_LIMIT = "cpu-limit"
    MEMORY_LIMIT = "memory-limit"
    OUTPUT_LIMIT = "output-limit"
    THREAD_LIMIT = "thread-limit"
    PROTOCOL = "protocol"
    """The child sent bytes that are not a well-formed answer."""
    FORBIDDEN_CALL = "forbidden-call"
    """The kernel killed the process for a system call that no honest program makes."""
    NOT_STARTED = "not-started"


@dataclass(frozen=True)
class Measured:
    """The judge process's own observations of one step.

    ``cpu_s``, ``peak_memory_mib``, ``exit_code`` and ``signal`` are those of the whole process and known only for
    the step that ended it; zero or None elsewhere.
    """

    ended: Ended
    wall_s: float
    cpu_s: float
    peak_memory_mib: float
    output_bytes: int
    exit_code: int | None = None
    signal: int | None = None
    detail: str = ""
    """For ``PROTOCOL`` what was wrong with the bytes; empty elsewhere."""
    waited_s: float = 0.0
    """The part of ``wall_s`` in which other processes had the processor; used where a limit is near."""

    @property
    def own_wall_s(self) -> float:
        """The time that counts against the limits."""
        return max(self.wall_s - self.waited_s, 0.0)


@dataclass(frozen=True)
class SourceSpan:
    """A place in the submission: 1-based lines, 1-based columns, end exclusive in columns (as in SARIF)."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class ClaimedValue:
    """The value that ``solve`` returned, as the child described it.

    ``array`` is float64 of the returned shape, or None when the value is not an array of real numbers; ``type_name``
    and ``dtype`` describe the original value.
    """

    type_name: str
    dtype: str | None
    shape: tuple[int, ...] | None
    array: Float64Array | None
    problem: str = ""
    """Why there is no array, as a continuation of "it is" ('an array of complex numbers', 'of type dict', ...)."""


@dataclass(frozen=True)
class ClaimedFrame:
    """One line of the learner's own file on the way to an exception, outermost first."""

    line: int
    function: str
    end_line: int | None = None
    column: int | None = None
    end_column: int | None = None


@dataclass(frozen=True)
class ClaimedException:
    """An exception that left the learner's code.

    ``type_names`` is the qualified names of its classes, most derived first
    (``("flax.errors.ModifyScopeVariableError", ..., "builtins.Exception")``).
    """

    type_names: tuple[str, ...]
    text: str
    frames: tuple[ClaimedFrame, ...]

    @property
    def type_name(self) -> str:
        return self.type_names[0].rpartition(".")[2] if self.type_names else "exception"

    @property
    def refused_thread(self) -> bool:
        """True if Python reports that the system refused a thread: the limit on threads, seen from inside."""
        return self.type_names[:1] == ("builtins.RuntimeError",) and self.text == "can't start new thread"


@dataclass(frozen=True)
class Event:
    """An event that a probe recorded while learner code ran: used for diagnosis, never for security.

    ``kind`` names the probe point (``optimizer-init``, ``module-apply``, ...), ``line`` is the innermost line of
    the learner's file on the stack, ``facts`` are what the probe recorded there (JSON values).
    """

    kind: str
    line: int | None
    facts: Mapping[str, Json]


@dataclass(frozen=True)
class Claimed:
    """The child's report on one step."""

    returned: ClaimedValue | None = None
    raised: ClaimedException | None = None
    events: tuple[Event, ...] = ()
    stdout: str = ""
    """The step's stdout and stderr, capped, undecodable bytes replaced; not yet escaped."""
    stopped_at: tuple[ClaimedFrame, ...] = ()
    """The submission's lines where it was when it was stopped at a limit, outermost first; empty when not known."""


@dataclass(frozen=True)
class StepObservation:
    measured: Measured
    claimed: Claimed


@dataclass(frozen=True)
class Observation:
    """Everything that one run of a submission showed; all later stages are pure functions of it.

    ``load`` is executing the file (``returned`` is None; an unusable file has ``raised``); ``cases`` holds one
    entry per case that was started, by case id.
    """

    load: StepObservation
    cases: Mapping[str, StepObservation]
    isolation: Isolation
    repeats: Mapping[str, StepObservation] = field(default_factory=dict)
    """Second runs of cases, in another position, by case id."""
    alone: Mapping[str, StepObservation] = field(default_factory=dict)
    """Runs of cases as the first call of a fresh process, by case id."""
    moved: Mapping[str, StepObservation] = field(default_factory=dict)
    """Runs of cases with inputs that differ in the last digit, by case id."""
    scaled: Mapping[str, StepObservation] = field(default_factory=dict)
    """Runs of cases with optimizers that scale their updates, by case id."""
    lane: Lane = Lane.COLD
    lane_reason: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_mib: float = 0.0
    environment: Mapping[str, str] = field(default_factory=dict)
    """Versions and flags of the environment of the run, as the zygote reported them before any learner code."""
    own_wall_s: float = 0.0
    """The time of all steps that counts against the limits."""
    compiled: bool = True
    """True if Python compiled the file, by a process in which nothing of it had run: so not a claim."""


# -------------------------------------------------------------------------------------------------- the report


@dataclass(frozen=True)
class Isolation:
    """The strength of the sandbox, proven by probes at start-up."""

    level: IsolationLevel
    layers: tuple[str, ...]
    missing: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "level", IsolationLevel(self.level))


@dataclass(frozen=True)
class Finding:
    """One thing to learn from: a code that names the mistake, what was measured, and where to look."""

    code: str
    severity: Severity
    title: str
    message: str
    """Several short paragraphs: what happened (measured), why it matters, one question to think about."""
    span: SourceSpan | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
    checks: tuple[str, ...] = ()
    """The ids of the checks that show it."""
    read_next: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckResult:
    """One case or one pitfall: its outcome and the points it earned."""

    id: str
    kind: CheckKind
    title: str
    outcome: Outcome
    points: float
    out_of: float
    visibility: Visibility = Visibility.PUBLIC
    expected: tuple[float, ...] | None = None
    got: tuple[float, ...] | None = None
    tolerance: float | None = None
    difference: float | None = None
    """max |got - expected| as a multiple of the tolerance; None when there is nothing to compare."""
    wall_s: float | None = None
    reason: str = ""
    """One line on why it did not pass."""
    stdout: str = ""


@dataclass(frozen=True)
class Counterexample:
    """A small input on which the submission is wrong, found and shrunk at grading time."""

    inputs: Mapping[str, Json]
    expected: tuple[float, ...]
    got: tuple[float, ...] | None
    raised: str | None
    tolerance: float


@dataclass(frozen=True)
class Report:
    """The report on one submission; each renderer needs this and nothing else."""

    exercise: str
    exercise_title: str
    exercise_digest: str
    path: str
    sha256: str
    source: str
    """The submission as text ('' when it cannot be decoded), for code frames."""
    verdict: Verdict
    points: float
    out_of: float
    checks: tuple[CheckResult, ...]
    findings: tuple[Finding, ...]
    isolation: Isolation
    limits: Limits
    timing: Mapping[str, Json]
    """wall_s (whole grading), cpu_s, peak_memory_mib, lane and lane_reason."""
    environment: Mapping[str, str]
    stdout: str = ""
    """The output of loading the file."""
    counterexample: Counterexample | None = None
    audience: str = "staff"
    redacted_cases: int = 0
    """The number of hidden cases removed for this audience."""
    public_findings: tuple[Finding, ...] = ()
    """The diagnosis of the public cases alone: what learners may read in full."""
    pack: PackInfo | None = None
    """The public pack that it was graded with; None for a whole exercise."""
    notebook: Notebook | None = None
    """The cells that the source was taken from, if the submission is a notebook."""

    @property
    def accepted(self) -> bool:
        """True if every answer is right and no pitfall was found."""
        return self.verdict is Verdict.ACCEPTED


# ------------------------------------------------------------------------------------------------------ errors


class JudgeError(Exception):
    """The judge cannot do its work: not the learner's fault. Exit status 3."""


class ExerciseError(JudgeError):
    """An exercise, case or golden is not usable; the message names file, line, field and value."""


class StaleGoldensError(ExerciseError):
    """Goldens are missing or stale; the message names the command that fixes them."""


class SandboxError(JudgeError):
    """The sandbox could not be set up, or broke."""


class KilledFromOutsideError(SandboxError):
    """Something outside ended the process, no limit and not the submission: the kernel short of memory, for one."""


class SandboxTooWeakError(SandboxError):
    """This machine cannot confine learner code as strongly as required; the message says what would help."""


class GradingCancelledError(JudgeError):
    """The caller cancelled the grading, or left the block of its pool."""


class UsageError(Exception):
    """The command line or an argument is wrong. Exit status 2."""


class PackError(UsageError):
    """A pack is not usable; the message names it, the member and the reason."""
