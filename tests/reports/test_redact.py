"""What a learner gets holds nothing of a hidden case, in any format: every byte is searched for planted marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.factories import accepted, case, pitfall, report, stale_statistics, syntax_error, wrong

from judge.model import CheckResult, Finding, Outcome, Report, Severity, SourceSpan, Verdict, Visibility
from judge.reports.formats import ReportFormat, formats
from judge.reports.redact import redact

HIDDEN = Visibility.HIDDEN

TEXT_MARK = "ZQXhiddenZQX"
NUMBERS = (0.7193846251, 83651.4927, 4.917362e-05)
"""Numbers that nothing else in a report has: a hidden case's expected and got, and one of its inputs."""


def number_marks() -> Iterator[bytes]:
    """Each number as it may be written: its digits to several places."""
    for number in NUMBERS:
        for digits in (5, 6, 9, 17):
            yield f"{number:.{digits}g}".encode().partition(b"e")[0]
        if number > 1_000:
            yield f"{number:,.0f}".encode()


def marks() -> set[bytes]:
    return {TEXT_MARK.encode(), *number_marks()}


def hidden_case(name: str, outcome: Outcome = Outcome.FAILED) -> CheckResult:
    return case(
        f"{TEXT_MARK}-file/{TEXT_MARK}-{name}",
        outcome,
        visibility=HIDDEN,
        expected=(NUMBERS[0],),
        got=(NUMBERS[1],),
        difference=NUMBERS[1],
        reason=f"got {NUMBERS[1]} {TEXT_MARK}",
        stdout=f"x = {NUMBERS[2]} {TEXT_MARK}",
    )


def telling(code: str, checks: tuple[str, ...]) -> Finding:
    """A finding written by someone who has seen the hidden case."""
    return Finding(
        code=code,
        severity=Severity.ERROR,
        title=f"Off by {NUMBERS[1]} on {TEXT_MARK}",
        message=f"On `{TEXT_MARK}-file/{TEXT_MARK}-a` x was {NUMBERS[2]}: expected {NUMBERS[0]}, got {NUMBERS[1]}.",
        span=SourceSpan(34, 42, 34, 62),
        facts={"expected": NUMBERS[0], TEXT_MARK: [NUMBERS[1], {"x": NUMBERS[2]}]},
        checks=checks,
        read_next=(TEXT_MARK,),
    )


def planted(findings: tuple[Finding, ...] = (), hidden: tuple[CheckResult, ...] = ()) -> Report:
    cases = [wrong("basic/plain"), case("basic/wide"), *(hidden or (hidden_case("a"), hidden_case("b")))]
    made = report("bob", Verdict.WRONG_ANSWER, cases, findings)
    return replace(
        made,
        timing=dict(made.timing) | {"lane_reason": f"left at shape {TEXT_MARK}", "note": [NUMBERS[2]]},
        checks=tuple(
            replace(check, reason=f"seen on {TEXT_MARK} at {NUMBERS[2]}", stdout=TEXT_MARK)
            if check.id.startswith("pitfall:")
            else check
            for check in made.checks
        ),
    )


HIDDEN_ID = f"case:{TEXT_MARK}-file/{TEXT_MARK}-a"
FINDINGS = (
    telling("stale-batch-stats", (HIDDEN_ID,)),
    telling("pre-update-loss", ("case:basic/plain", HIDDEN_ID)),
    telling("missing-mutable", ("pitfall:missing-mutable",)),
    telling("nondeterministic", ()),
)
SCENES = {
    "no finding": planted(),
    "findings of all kinds": planted(FINDINGS),
    "hidden passed": planted(FINDINGS, (hidden_case("a", Outcome.PASSED),)),
    "all hidden": replace(
        planted(FINDINGS), checks=(hidden_case("a"), replace(pitfall("missing-mutable"), visibility=HIDDEN))
    ),
}


def found(text: str) -> set[bytes]:
    data = text.encode("utf-8")
    return {mark for mark in marks() if mark in data}


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("format_", formats(), ids=lambda format_: format_.name)
def test_no_byte_of_any_format_shows_a_hidden_case(scene: str, format_: ReportFormat) -> None:
    learners = redact(SCENES[scene])
    assert found(format_.render(learners)) == set()
    if format_.render_batch is not None:
        assert found(format_.render_batch([learners, accepted(), learners])) == set()


def test_the_search_can_find() -> None:
    """Positive control: staff see all of it, so the marks are really in what is rendered."""
    by_name = {format_.name: format_ for format_ in formats()}
    assert found(by_name["json"].render(SCENES["findings of all kinds"])) >= {
        TEXT_MARK.encode(),
        b"0.719384625",
    }
    assert TEXT_MARK.encode() in found(by_name["text"].render(SCENES["findings of all kinds"]))


marked_texts = st.lists(st.sampled_from([TEXT_MARK, *map(str, NUMBERS), "\n\n", "x"]), max_size=5).map(
    " ".join
)
marked_findings = st.builds(
    Finding,
    code=st.sampled_from(["stale-batch-stats", "missing-mutable", "time-limit"]),
    severity=st.sampled_from(Severity),
    title=marked_texts,
    message=marked_texts,
    facts=st.dictionaries(marked_texts, st.sampled_from(NUMBERS)),
    checks=st.one_of(
        st.just((HIDDEN_ID,)),
        st.just(("case:basic/plain", HIDDEN_ID)),
        st.just(("pitfall:missing-mutable",)),
        st.just(()),
    ),
    read_next=st.lists(marked_texts, max_size=1).map(tuple),
)
safe_findings = st.builds(
    Finding,
    code=st.sampled_from(["stale-batch-stats", "other"]),
    severity=st.just(Severity.ERROR),
    title=st.just("A public title"),
    message=st.just("On `basic/plain` the number is 0.271302."),
    checks=st.just(("case:basic/plain",)),
)


@settings(max_examples=12)
@given(
    st.lists(marked_findings, max_size=4).map(tuple),
    st.lists(safe_findings, max_size=2),
    st.sampled_from([Outcome.PASSED, Outcome.FAILED]),
)
def test_whatever_the_findings_say_nothing_hidden_is_shown(
    findings: tuple[Finding, ...], public: list[Finding], outcome: Outcome
) -> None:
    learners = redact(
        planted(findings, (hidden_case("a", outcome), hidden_case("b"))), public_findings=public
    )
    for format_ in formats():
        assert found(format_.render(learners)) == set(), format_.name


def test_a_finding_on_public_cases_keeps_every_word() -> None:
    finding = stale_statistics().findings[0]
    assert redact(planted((finding,))).findings == (finding,)


def test_a_finding_that_names_a_hidden_case_without_listing_it_is_told_in_general_words() -> None:
    hidden = case("secret/ninth", Outcome.FAILED, visibility=HIDDEN)
    public = Finding("x-y", Severity.ERROR, "T", "Fails on `ninth`, too.", checks=("case:basic/plain",))
    (told,) = redact(report("bob", Verdict.WRONG_ANSWER, [wrong("basic/plain"), hidden], [public])).findings
    assert (told.code, told.title) == ("x-y", "X y")
    assert "ninth" not in told.message


def test_general_words_keep_the_code_and_name_no_line_no_count_and_no_case() -> None:
    """The line and the cases on which a program fails can be chosen by the inputs it was given, and tell of them."""
    (told,) = redact(
        planted((FINDINGS[1],)), titles={"pre-update-loss": "The loss is from before the step"}
    ).findings
    assert (told.code, told.severity, told.span) == ("pre-update-loss", Severity.ERROR, None)
    assert told.title == "The loss is from before the step"
    assert told.checks == ()
    assert not re.search(r"\d|one|two", told.message)
    assert (told.facts, told.read_next) == ({}, ("judge explain pre-update-loss",))


def test_hidden_cases_that_fail_on_many_lines_are_one_finding_without_a_line() -> None:
    many = tuple(
        replace(telling("unrecognised-exception", (case_id,)), span=SourceSpan(line, 1, line, 9))
        for line, case_id in ((7, HIDDEN_ID), (8, HIDDEN_ID.removesuffix("a") + "b"))
    )
    (told,) = redact(planted(many)).findings
    assert told.span is None
    assert redact(planted(many[:1])).findings == redact(planted(many)).findings == (told,)


def test_where_a_public_case_shows_it_as_well_only_that_is_told() -> None:
    public = (telling("unrecognised-exception", ("case:basic/plain",)),)
    public = (replace(public[0], message="On `basic/plain`.", facts={}, read_next=(), title="Stopped"),)
    hidden = replace(telling("unrecognised-exception", (HIDDEN_ID,)), span=SourceSpan(9, 1, 9, 9))
    assert redact(planted((*public, hidden)), public_findings=public).findings == public


def test_two_public_findings_of_one_code_keep_their_own_words() -> None:
    public = tuple(
        Finding("unrecognised-exception", Severity.ERROR, "Stopped", f"Line {n}.", SourceSpan(n, 1, n, 2))
        for n in (3, 4)
    )
    assert redact(planted(public), public_findings=public).findings == public


def test_figures_of_the_whole_run_are_coarse_where_a_hidden_case_was_part_of_it() -> None:
    figures = {"wall_s": 2.7193, "cpu_s": 1.0, "peak_memory_mib": 204.6, "lane": "cold"}
    told = redact(replace(planted(), timing=figures)).timing
    assert told == {"wall_s": 5.0, "peak_memory_mib": 256.0}
    assert redact(replace(accepted(), timing=figures)).timing == figures


def test_the_diagnosis_of_public_cases_is_told_in_full() -> None:
    public = Finding(
        "pre-update-loss", Severity.WARNING, "Title", "On `basic/plain`: 0.25.", checks=("case:basic/plain",)
    )
    (told,) = redact(planted((FINDINGS[1],)), public_findings=[public]).findings
    assert told == public


SEVERITIES = st.sampled_from(Severity)
CODES = st.sampled_from(["a-a", "b-b", "c-c", "d-d"])
ABOUT_HIDDEN = st.builds(
    lambda code, severity: replace(telling(code, (HIDDEN_ID,)), severity=severity), CODES, SEVERITIES
)
ABOUT_PUBLIC = st.builds(
    lambda code, severity: Finding(
        code, severity, "Title", "On `basic/plain`.", checks=("case:basic/plain",)
    ),
    CODES,
    SEVERITIES,
)


@given(st.lists(ABOUT_HIDDEN, max_size=6), st.lists(ABOUT_PUBLIC, max_size=4))
def test_hidden_cases_change_little_of_what_is_told(whole: list[Finding], public: list[Finding]) -> None:
    """How many of the public findings are told, and at most one code more; never their words or their order."""
    told = redact(planted(tuple(whole)), public_findings=public).findings
    kept = sum(finding in public for finding in told)
    assert list(told[:kept]) == public[:kept]
    assert len(told) - kept <= 1
    for more in told[kept:]:
        assert (more.checks, more.span, more.facts) == ((), None, {})
        assert not told[:kept] or list(Severity).index(more.severity) < min(
            list(Severity).index(finding.severity) for finding in told[:kept]
        )
    assert told or not whole, "whoever is told that something is wrong is told one thing at least"


def test_the_diagnosis_of_public_cases_adds_no_finding() -> None:
    public = Finding("wrong-seed", Severity.ERROR, "Title", "A guess from fewer cases.")
    assert [
        finding.code for finding in redact(planted((FINDINGS[0],)), public_findings=[public]).findings
    ] == ["stale-batch-stats"]


@pytest.mark.parametrize("unknown", ["unrecognised-wrong-answer", "unrecognised-exception"])
def test_where_only_the_public_cases_name_a_mistake_that_is_what_is_told(unknown: str) -> None:
    public = Finding("lr-misused", Severity.ERROR, "Title", "On `basic/plain`.", checks=("case:basic/plain",))
    assert redact(planted((telling(unknown, (HIDDEN_ID,)),)), public_findings=[public]).findings == (public,)


def test_a_mistake_that_all_cases_name_refutes_another_of_the_public_ones() -> None:
    public = Finding("lr-misused", Severity.ERROR, "Title", "On `basic/plain`.", checks=("case:basic/plain",))
    whole = (
        telling("unrecognised-wrong-answer", (HIDDEN_ID,)),
        telling("wrong-optimizer", ("case:basic/plain", HIDDEN_ID)),
    )
    told = redact(planted(whole), public_findings=[public]).findings
    assert public not in told


def test_where_nothing_ran_the_finding_is_told_in_full() -> None:
    original = syntax_error()
    checks = tuple(
        replace(check, visibility=HIDDEN) if check.id == "case:basic/wide" else check
        for check in original.checks
    )
    learners = redact(replace(original, checks=checks))
    assert learners.findings == original.findings
    assert learners.redacted_cases == 1


def test_verdict_score_and_counts_stay() -> None:
    original = planted(FINDINGS)
    learners = redact(original)
    assert (learners.verdict, learners.points, learners.out_of) == (
        original.verdict,
        original.points,
        original.out_of,
    )
    assert learners.redacted_cases == 2
    assert learners.audience == "learner"
    assert [check.id for check in learners.checks if check.id.startswith("case:")] == [
        "case:basic/plain",
        "case:basic/wide",
    ]


def test_redacting_twice_changes_nothing() -> None:
    for scene in SCENES.values():
        learners = redact(scene)
        assert redact(learners) == learners


def test_staff_see_the_report_itself() -> None:
    original = planted(FINDINGS)
    assert redact(original, "staff") is original


def test_without_hidden_cases_only_the_audience_changes() -> None:
    original = accepted()
    learners = redact(original)
    assert learners == replace(original, audience="learner", timing=learners.timing)
