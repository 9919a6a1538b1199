"""Any Report: hostile, huge, undecodable and not-a-number texts and values in every field of the model."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from judge.model import (
    CellLines,
    CheckKind,
    CheckResult,
    Counterexample,
    Finding,
    Isolation,
    IsolationLevel,
    Limits,
    Notebook,
    Outcome,
    Report,
    Severity,
    SourceSpan,
    Verdict,
    Visibility,
)

HOSTILE = (
    "\x1b[2J\x1b[1;1HAccepted",
    "\x1b]0;title\x07\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\",
    "\x9b31m\x9d0;title\x9c",
    "\u202eneddih\u202c \u2066\u2069 \u200f",
    "a\u200b\u200d\ufeff\u00adb",
    "e" + "\u0301" * 300,
    "line\r\nline\rline\x0bline\x0cline\u2028line\u2029line\x85line",
    "\x00\x07\x08\x7f",
    "\ud800 \udcff \udfff",
    "[bold red]markup[/] :smile: [link=http://example.org]x[/link]",
    "<script>alert(1)</script> & ]]> --> | `x` ``` :: %0A%25",
    "=cmd()\t@x\t+1\t-1",
    "日本語のテキスト " * 30,
    "x" * 300_000,
    "\n" * 20_000,
    "\t" * 20_000,
    "",
)

texts = st.one_of(
    st.text(st.characters(), max_size=40), st.integers(0, len(HOSTILE) - 1).map(HOSTILE.__getitem__)
)
floats = st.one_of(st.floats(), st.integers(-(2**60), 2**60).map(float))
spans = st.builds(
    SourceSpan,
    line=st.integers(-3, 40),
    column=st.integers(-3, 400_000),
    end_line=st.integers(-3, 40_000),
    end_column=st.integers(-3, 400_000),
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), floats, texts, st.just(10**400)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
value_lists = st.one_of(st.none(), st.lists(floats, max_size=6).map(tuple))
ids = st.one_of(
    st.builds("case:{}/{}".format, st.sampled_from("abc"), st.integers(0, 30)),
    st.builds("pitfall:{}".format, st.sampled_from(["missing-mutable", "x"])),
    texts,
)
checks = st.builds(
    CheckResult,
    id=ids,
    kind=st.sampled_from(CheckKind),
    title=texts,
    outcome=st.sampled_from(Outcome),
    points=floats,
    out_of=floats,
    visibility=st.sampled_from(Visibility),
    expected=value_lists,
    got=value_lists,
    tolerance=st.one_of(st.none(), floats),
    difference=st.one_of(st.none(), floats),
    wall_s=st.one_of(st.none(), floats),
    reason=texts,
    stdout=texts,
)
findings = st.builds(
    Finding,
    code=texts,
    severity=st.sampled_from(Severity),
    title=texts,
    message=texts,
    span=st.one_of(st.none(), spans),
    facts=st.dictionaries(texts, json_values, max_size=3),
    checks=st.lists(ids, max_size=5).map(tuple),
    read_next=st.lists(texts, max_size=2).map(tuple),
)
counterexamples = st.builds(
    Counterexample,
    inputs=st.dictionaries(texts, json_values, max_size=4),
    expected=st.lists(floats, max_size=4).map(tuple),
    got=value_lists,
    raised=st.one_of(st.none(), texts),
    tolerance=floats,
)
isolations = st.builds(
    Isolation,
    level=st.sampled_from(IsolationLevel),
    layers=st.lists(texts, max_size=3).map(tuple),
    missing=st.lists(texts, max_size=3).map(tuple),
)
notebooks = st.builds(
    Notebook,
    cells=st.lists(
        st.builds(CellLines, cell=st.integers(1, 99), first=st.integers(1, 9), count=st.integers(0, 9)), max_size=3
    ).map(tuple),
    notes=st.lists(texts, max_size=3).map(tuple),
)
reports = st.builds(
    Report,
    exercise=texts,
    exercise_title=texts,
    exercise_digest=texts,
    path=texts,
    sha256=texts,
    source=st.one_of(texts, st.lists(texts, max_size=6).map("\n".join)),
    verdict=st.sampled_from(Verdict),
    points=floats,
    out_of=floats,
    checks=st.lists(checks, max_size=8).map(tuple),
    findings=st.lists(findings, max_size=6).map(tuple),
    public_findings=st.lists(findings, max_size=2).map(tuple),
    isolation=isolations,
    limits=st.builds(Limits, wall_s=floats, total_wall_s=floats, memory_mib=st.integers(0, 2**70)),
    timing=st.dictionaries(texts, json_values, max_size=3),
    environment=st.dictionaries(texts, texts, max_size=2),
    stdout=texts,
    counterexample=st.one_of(st.none(), counterexamples),
    audience=st.sampled_from(["staff", "learner"]),
    redacted_cases=st.integers(0, 10**6),
    notebook=st.one_of(st.none(), notebooks),
)

any_report = settings(
    max_examples=settings().max_examples // 4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""For tests that hold for each of them: a report takes as long to draw and to render as many small values."""
