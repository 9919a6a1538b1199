"""Reports for tests: one of each kind that people meet, built without running anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from judge.model import (
    CheckKind,
    CheckResult,
    Counterexample,
    Finding,
    Isolation,
    Limits,
    Outcome,
    Report,
    Severity,
    SourceSpan,
    Verdict,
    Visibility,
)

STRONG = Isolation("strong", ("namespaces", "landlock", "seccomp", "limits"), ())
GOOD = Isolation("good", ("landlock", "seccomp", "limits"), ("namespaces",))
WEAK = Isolation("weak", ("own uid", "seccomp", "limits"), ("landlock", "namespaces"))
NONE = Isolation("none", (), ("namespaces", "landlock", "seccomp", "limits"))

PITFALLS = ("optimizer-on-variables", "missing-mutable", "batch-stats-optimized", "missing-has-aux")

SOURCE = """\
import jax
import jax.numpy as jnp
import optax
from flax import linen as nn


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=True)
    params, stats = variables["params"], variables["batch_stats"]
    optimizer = optax.sgd(lr)
    opt_state = optimizer.init(params)

    def loss_fn(p):
        out, updated = model.apply(
            {"params": p, "batch_stats": stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return jnp.mean((out.reshape(-1) - y_batch) ** 2), updated["batch_stats"]

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = optimizer.update(grads, opt_state)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": stats}, x_batch, train=False)
    return jnp.mean((out.reshape(-1) - y_batch) ** 2).reshape(1)
"""


def span_of(source: str, text: str, occurrence: int = 1) -> SourceSpan:
    """Where a piece of one line stands in the source."""
    for number, line in enumerate(source.split("\n"), 1):
        if text in line:
            occurrence -= 1
            if occurrence == 0:
                column = line.index(text) + 1
                return SourceSpan(number, column, number, column + len(text))
    raise LookupError(text)


def case(name: str, outcome: Outcome = Outcome.PASSED, **fields: object) -> CheckResult:
    """A case worth one point, right by default."""
    defaults: dict[str, object] = {
        "expected": (0.253147,),
        "got": (0.253147,) if outcome is Outcome.PASSED else None,
        "tolerance": 9.7e-07,
        "difference": 0.0625 if outcome is Outcome.PASSED else None,
        "wall_s": 0.0512,
    }
    if outcome is Outcome.NOT_REACHED:
        defaults |= {"reason": "not reached", "wall_s": None}
    return CheckResult(
        id=f"case:{name}",
        kind=CheckKind.CASE,
        title="An ordinary batch",
        outcome=outcome,
        points=1.0 if outcome is Outcome.PASSED else 0.0,
        out_of=1.0,
        **(defaults | fields),  # type: ignore[arg-type]
    )


def wrong(name: str, got: float = 0.271302, expected: float = 0.253147, **fields: object) -> CheckResult:
    """A case whose number is off."""
    tolerance = 9.7e-07
    numbers = {"expected": (expected,), "got": (got,), "tolerance": tolerance}
    difference = abs(got - expected) / tolerance
    return case(name, Outcome.FAILED, **(numbers | {"difference": difference} | fields))


def pitfall(code: str, outcome: Outcome = Outcome.PASSED) -> CheckResult:
    return CheckResult(
        id=f"pitfall:{code}",
        kind=CheckKind.PITFALL,
        title=code.replace("-", " "),
        outcome=outcome,
        points=1.0 if outcome is Outcome.PASSED else 0.0,
        out_of=1.0,
    )


def report(
    name: str,
    verdict: Verdict,
    cases: Sequence[CheckResult],
    findings: Sequence[Finding] = (),
    pitfalls: Mapping[str, Outcome] | None = None,
    **fields: object,
) -> Report:
    """A report whose score is the sum of its checks."""
    outcomes = dict.fromkeys(PITFALLS, Outcome.PASSED) | dict(pitfalls or {})
    checks = (*cases, *(pitfall(code, outcome) for code, outcome in outcomes.items()))
    defaults: dict[str, object] = {
        "exercise": "flax-train-step",
        "exercise_title": "One training step with BatchNorm",
        "exercise_digest": "5d" * 32,
        "path": f"submissions/{name}.py",
        "sha256": "a1" * 32,
        "source": SOURCE,
        "isolation": STRONG,
        "limits": Limits(),
        "timing": {
            "wall_s": 3.1416,
            "cpu_s": 3.0,
            "peak_memory_mib": 512.5,
            "lane": "cold",
            "lane_reason": "single file",
        },
        "environment": {"python": "3.11.2", "jax": "0.10.2"},
    }
    return Report(
        verdict=verdict,
        points=sum(check.points for check in checks),
        out_of=sum(check.out_of for check in checks),
        checks=checks,
        findings=tuple(findings),
        **(defaults | fields),  # type: ignore[arg-type]
    )


def _names(*files: str) -> list[str]:
    return [f"{file.partition(':')[0]}/{n}" for file in files for n in file.partition(":")[2].split()]


NAMES = _names(
    "basic:plain wide one-row one-column fractional-seed large-seed no-step tiny-step large-step",
    "scaled:by-30 by-100 shifted constant-feature",
    "generated:g00 g01 g02 g03 g04 g05 g06 g07 g08 g09 g10 g11",
)
ALL_PASSED = tuple(case(name) for name in NAMES)


def accepted() -> Report:
    return report("alice", Verdict.ACCEPTED, ALL_PASSED)


def accepted_with_warning() -> Report:
    warning = Finding(
        code="input-mutated",
        severity=Severity.WARNING,
        title="An array that the caller passed in was changed",
        message="After the call, `x_batch` held other numbers than before: 12 of 12 entries had changed.\n\n"
        "Whoever calls `solve` still holds that array, and a second call on it would start from other data.\n\n"
        "Which line writes into the array, and who else sees that write?",
        span=span_of(SOURCE, "optimizer = optax.sgd(lr)"),
        facts={"changed": 12, "of": 12},
        checks=("case:basic/plain",),
    )
    return report("anna", Verdict.ACCEPTED, ALL_PASSED, [warning])


def stale_statistics() -> Report:
    wrongs = {"basic/plain", "basic/wide", "scaled/by-30", "scaled/by-100", "generated/g03", "generated/g07"}
    cases = [
        wrong(name, got=0.253147 * (1.02 if name.startswith("basic") else 2.9))
        if name in wrongs
        else case(name)
        for name in NAMES
    ]
    hidden = wrong("generated/g09", got=0.7715, visibility=Visibility.HIDDEN)
    cases = [hidden if one.id == hidden.id else one for one in cases]
    finding = Finding(
        code="stale-batch-stats",
        severity=Severity.ERROR,
        title="The evaluation uses the batch statistics from before the training step",
        message="On `scaled/by-100` your number is 0.734126. That is what comes out, to the last digit that counts, "
        "when the evaluation is given the running averages that `init` made. The training step computed newer "
        "ones.\n\n"
        "In evaluation mode BatchNorm normalises with these averages. With old ones the network is judged on "
        "data scaled as if training had not happened.\n\n"
        "After the training step there are two sets of statistics in your function. Which of them reaches the "
        "last `apply`?",
        span=span_of(SOURCE, '"batch_stats": stats', 2),
        facts={"case": "scaled/by-100", "got": 0.734126},
        checks=tuple(f"case:{name}" for name in sorted(wrongs)),
        read_next=("docs/findings.md#stale-batch-stats",),
    )
    return report(
        "bob",
        Verdict.WRONG_ANSWER,
        cases,
        [finding],
        counterexample=Counterexample(
            {"seed": 0.0, "x_batch": [[1.0], [3.0]], "y_batch": [0.0, 0.0], "lr": 0.5},
            expected=(0.031205,),
            got=(0.25,),
            raised=None,
            tolerance=3e-08,
        ),
    )


def missing_mutable() -> Report:
    source = SOURCE.replace(', mutable=["batch_stats"]', "").replace("out, updated = ", "out = ")
    finding = Finding(
        code="missing-mutable",
        severity=Severity.ERROR,
        title="The training pass may not write its new statistics",
        message="flax stopped the call with ModifyScopeVariableError:\n\n"
        '    Cannot update variable "mean" in "/BatchNorm_0" because collection "batch_stats" is immutable.\n\n'
        "In train mode BatchNorm wants to store new running averages, and `apply` works on values that cannot "
        "change unless a collection is named as changeable.\n\n"
        "Which collection does this call have to be allowed to write?",
        span=span_of(source, '{"params": p, "batch_stats": stats}, x_batch, train=True'),
        checks=(*(f"case:{name}" for name in NAMES), "pitfall:missing-mutable"),
    )
    failed = [case(name, Outcome.FAILED, reason="raised ModifyScopeVariableError") for name in NAMES]
    return report(
        "carol",
        Verdict.RUNTIME_ERROR,
        failed,
        [finding],
        {"missing-mutable": Outcome.FAILED, "missing-has-aux": Outcome.NOT_REACHED},
        source=source,
    )


def optimizer_on_variables() -> Report:
    source = SOURCE.replace("optimizer.init(params)", "optimizer.init(variables)")
    finding = Finding(
        code="optimizer-on-variables",
        severity=Severity.ERROR,
        title="The optimizer was started on more than the parameters",
        message="The tree given to `optimizer.init` has 6 leaves; 2 of them are under `batch_stats` (mean and "
        "variance of BatchNorm_0).\n\n"
        "With plain SGD the number is the same to the last bit, because SGD keeps no state. With momentum or "
        "Adam the optimizer would keep state for averages that no gradient describes.\n\n"
        "What does an optimizer need to know about a running average?",
        span=span_of(source, "optimizer.init(variables)"),
        facts={"leaves": 6, "batch_stats_leaves": 2},
        checks=("pitfall:optimizer-on-variables",),
    )
    return report(
        "dave",
        Verdict.PITFALL,
        ALL_PASSED,
        [finding],
        {"optimizer-on-variables": Outcome.FAILED},
        source=source,
    )


def syntax_error() -> Report:
    source = SOURCE.replace("def solve(seed, x_batch, y_batch, lr):", "def solve(seed, x_batch, y_batch, lr)")
    finding = Finding(
        code="syntax-error",
        severity=Severity.ERROR,
        title="Python cannot read this file",
        message="Python stopped at line 18: expected ':'.\n\nNothing in a file runs until all of it can be read.\n\n"
        "What does Python expect at the end of a line that opens a block?",
        span=SourceSpan(18, 38, 18, 39),
    )
    unreached = [case(name, Outcome.NOT_REACHED, expected=None) for name in NAMES]
    none = dict.fromkeys(PITFALLS, Outcome.NOT_REACHED)
    return report("erin", Verdict.INVALID_SUBMISSION, unreached, [finding], none, source=source)


def time_limit() -> Report:
    source = SOURCE.replace("    model = MLP()\n", "    model = MLP()\n    while lr > 0:\n        pass\n")
    cases = [case(name) if name == "basic/no-step" else case(name, Outcome.NOT_REACHED) for name in NAMES]
    cases[0] = case(NAMES[0], Outcome.FAILED, reason="wall limit", wall_s=20.01)
    finding = Finding(
        code="time-limit",
        severity=Severity.ERROR,
        title="A call of solve did not come back in time",
        message="On `basic/plain` the call was still running after 20.0 s and was stopped. It may take 20 s.\n\n"
        "A right solution needs well under a second once everything is compiled.\n\n"
        "Which loop in the file depends on something that never changes?",
        facts={"limit_s": 20.0, "measured_s": 20.01},
        checks=("case:basic/plain",),
    )
    return report(
        "frank",
        Verdict.TIME_LIMIT,
        cases,
        [finding],
        source=source,
        stdout="starting\nmodel ready\n",
        isolation=GOOD,
    )


def hostile() -> Report:
    """A file that tries to repaint the terminal, hide code and forge a verdict."""
    source = "def solve(seed, x_batch, y_batch, lr):\n\treturn '\x1b[2J\x1b[H\u202eAccepted'  # \u200b日本\n"
    printed = "\x1b[2J\x1b[1;1H✓ Accepted, 29 of 29 points\x07\n\x9b31m\r\nlast \ud800 line"
    finding = Finding(
        code="non-numeric-output",
        severity=Severity.ERROR,
        title="solve returned text, not numbers",
        message="The value was a str: '\x1b[2J\x1b[H\u202eAccepted'.\n\n"
        "What should a caller be able to compute with it?",
        span=SourceSpan(2, 9, 2, 32),
        checks=("case:basic/plain",),
    )
    cases = [case("basic/plain", Outcome.FAILED, reason="str is not an array\x1b[0m", stdout=printed)]
    return report(
        "gr\x1b[31mace\u202e",
        Verdict.WRONG_ANSWER,
        cases,
        [finding],
        source=source,
        isolation=WEAK,
    )


def unrecognised_without_sandbox() -> Report:
    cases = [wrong(name, got=0.2531482 if name != "basic/plain" else float("nan")) for name in NAMES]
    finding = Finding(
        code="unrecognised-wrong-answer",
        severity=Severity.ERROR,
        title="The number is not the right one, and no known mistake explains it",
        message="On `basic/plain` your number is 0.271302; the right one is 0.253147.\n\n"
        "None of the 27 mistakes that the judge knows gives this number.\n\n"
        "At which of the steps (init, loss, gradient, update, evaluation) do your numbers leave what you work out "
        "by hand for a batch of one row?",
        checks=tuple(f"case:{name}" for name in NAMES),
    )
    note = Finding(
        code="optax-not-used",
        severity=Severity.WARNING,
        title="The step was taken without optax",
        message="No call of optax was seen. The numbers count, so this costs no points.",
    )
    return report("heidi", Verdict.WRONG_ANSWER, cases, [note, finding], isolation=NONE)


def judge_error() -> Report:
    finding = Finding(
        code="judge-error",
        severity=Severity.ERROR,
        title="The sandbox broke",
        message="The process that starts submissions was gone before this one was loaded (signal 9).",
    )
    unreached = [case(name, Outcome.NOT_REACHED, expected=None) for name in NAMES]
    none = dict.fromkeys(PITFALLS, Outcome.NOT_REACHED)
    return report("ivan", Verdict.JUDGE_ERROR, unreached, [finding], none)


SAMPLES = {
    make.__name__: make
    for make in (
        accepted,
        accepted_with_warning,
        stale_statistics,
        missing_mutable,
        optimizer_on_variables,
        syntax_error,
        time_limit,
        hostile,
        unrecognised_without_sandbox,
        judge_error,
    )
}


def class_of(copies: int = 1) -> list[Report]:
    """A batch with every sample in it."""
    return [
        replace(make(), path=f"class/{number:02d}-{name}.py")
        for number in range(copies)
        for name, make in SAMPLES.items()
    ]


def poisoned(text: str) -> Report:
    """A report that carries this text in every place that a learner can write to."""
    one = stale_statistics()
    finding = replace(
        one.findings[0], title=text, message=f"{text}\n\n`{text}`\n\n    {text}", read_next=(text,)
    )
    checks = tuple(
        replace(check, id=f"case:{text}", title=text, reason=text, stdout=text) for check in one.checks[:3]
    )
    return replace(
        one,
        path=text,
        source=f"{text}\n{one.source}",
        stdout=text,
        findings=(finding,),
        checks=checks,
        sha256=text,
    )
