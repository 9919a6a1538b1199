"""JUnit XML, as CI systems read it: one suite per submission, one test case per case and pitfall.

A wrong answer and a pitfall are failures (the program answered, and the answer is not right); an exception and
an exceeded limit are errors (it did not answer); a check that was not reached is skipped.  A submission that was
not accepted is never shown as passed: when no check says why, a test case named after the verdict fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from judge.model import CheckKind, CheckResult, Finding, Outcome, Report, Verdict
from judge.reports.escape import clip, visible, visible_block
from judge.reports.phrases import VERDICT_WORDS, cell_in_words, not_shown, verdict_sentence
from judge.reports.queries import evidence, findings_of, finite, headline, name_of, timing

SUFFIXES: tuple[str, ...] = (".junit.xml", ".xml")
BATCH = True

MAX_TEXT_CHARS = 50_000
"""Of one element's text; CI systems reject or fail on documents of many megabytes."""

_ANSWERED = (Verdict.WRONG_ANSWER, Verdict.PITFALL, Verdict.ACCEPTED)
"""Verdicts under which every step was answered: a failed check then failed by its numbers."""


def render(report: Report) -> str:
    """Return the document with one suite."""
    return render_batch([report])


def render_batch(reports: Sequence[Report]) -> str:
    """Return the document with one suite per report, in the order given."""
    root = Xml.Element("testsuites", name="judge")
    for report in reports:
        root.append(_suite(report))
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    root.set("time", _seconds(sum(timing(report, "wall_s") or 0.0 for report in reports)))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _suite(report: Report) -> Xml.Element:
    name = _attribute(report.path)
    suite = Xml.Element("testsuite", name=name)
    properties = Xml.SubElement(suite, "properties")
    for key, value in _properties(report):
        Xml.SubElement(properties, "property", name=key, value=_attribute(value))
    cases = [_case(report, check, name) for check in report.checks]
    told = any(case.find("failure") is not None or case.find("error") is not None for case in cases)
    if report.verdict is not Verdict.ACCEPTED and not told:
        cases.append(_whole(report, name))
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", _seconds(timing(report, "wall_s") or 0.0))
    if report.stdout:
        Xml.SubElement(suite, "system-out").text = _text(report.stdout)
    return suite


def _properties(report: Report) -> list[tuple[str, str]]:
    facts = [
        ("exercise", report.exercise),
        ("exercise_digest", report.exercise_digest),
        ("sha256", report.sha256),
        ("verdict", report.verdict.value),
        ("points", repr(report.points)),
        ("out_of", repr(report.out_of)),
        ("isolation", report.isolation.level),
    ]
    if hidden := not_shown(report):
        facts.append(("note", hidden))
    if report.notebook is not None:
        facts += [("notebook", note) for note in report.notebook.notes]
    return facts


def _case(report: Report, check: CheckResult, suite_name: str) -> Xml.Element:
    case = Xml.Element("testcase", classname=suite_name, name=_attribute(name_of(check)))
    wall_s = finite(check.wall_s)
    if wall_s is not None and wall_s >= 0:
        case.set("time", _seconds(wall_s))
    if check.outcome is Outcome.NOT_REACHED:
        Xml.SubElement(case, "skipped", message=_attribute(check.reason or "not reached"))
    elif check.outcome is Outcome.FAILED:
        tag, type_name = _kind(report, check)
        shown = evidence(check)
        element = Xml.SubElement(case, tag, type=type_name)
        element.set("message", _attribute("; ".join(shown) or VERDICT_WORDS[report.verdict]))
        titles = [f"{one.code}: {_title(report, one)}\n\n{one.message}" for one in findings_of(report, check)]
        element.text = _text("\n\n".join(["\n".join(shown), *titles]))
    if check.stdout:
        Xml.SubElement(case, "system-out").text = _text(check.stdout)
    return case


def _kind(report: Report, check: CheckResult) -> tuple[str, str]:
    if check.kind is CheckKind.PITFALL:
        return "failure", Verdict.PITFALL.value
    if check.got is not None or check.difference is not None or report.verdict in _ANSWERED:
        return "failure", Verdict.WRONG_ANSWER.value
    return "error", report.verdict.value


def _whole(report: Report, suite_name: str) -> Xml.Element:
    case = Xml.Element("testcase", classname=suite_name, name=report.verdict.value)
    tag = "failure" if report.verdict in _ANSWERED else "error"
    element = Xml.SubElement(case, tag, type=report.verdict.value, message=_attribute(headline(report)))
    parts = [
        verdict_sentence(report),
        *(f"{_title(report, one)}\n\n{one.message}" for one in report.findings),
    ]
    element.text = _text("\n\n".join(parts))
    return case


def _title(report: Report, finding: Finding) -> str:
    cell = cell_in_words(report, finding)
    return f"{finding.title} ({cell})" if cell else finding.title


def _attribute(text: str) -> str:
    """Return one line in which every character is one that XML 1.0 allows."""
    return visible(clip(text, 2000))


def _text(text: str) -> str:
    return visible_block(clip(text, MAX_TEXT_CHARS))


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
