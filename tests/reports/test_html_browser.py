"""The HTML report in a real browser: headless Chromium, cut off from every network.

These tests are ``long``.  Without Chromium they are skipped, unless ``JUDGE_REQUIRE_BROWSER=1`` says that there has
to be one; ``JUDGE_CHROMIUM`` names another executable.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.factories import SAMPLES, SOURCE, accepted, class_of, hostile, stale_statistics
from support.html_samples import MARKUP, MATRIX, poisoned_all_over

from judge.ipython import shown
from judge.model import CellLines, Notebook, Report
from judge.reports.escape import split_lines
from judge.reports.formats import html
from judge.reports.queries import worst_first
from judge.submissions.rosters import Learner, Owner

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.long

ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
NAMES = ("chromium", "chromium-browser", "google-chrome")

OPEN_BUDGET_MS = 2_000
CHANGE_BUDGET_MS = 100
SUBMISSIONS = 500


def no_browser(reason: str) -> None:
    if os.environ.get("JUDGE_REQUIRE_BROWSER") == "1":
        pytest.fail(f"JUDGE_REQUIRE_BROWSER=1, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        no_browser("playwright is not installed (it is in the test extra)")
    executable = os.environ.get("JUDGE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        no_browser("there is no Chromium (apt-get install chromium)")
    with sync_playwright() as playwright:
        # Playwright gives every launch an empty user data directory of its own.
        launched = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        yield launched
        launched.close()


@dataclass
class Opened:
    """A page in the browser, and everything that it said or asked for."""

    page: Page
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    @property
    def pwned(self) -> bool:
        return bool(self.page.evaluate("'pwned' in window"))


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Opens a document from a file; every visit ends with the check that the page was quiet."""
    contexts = []
    visits = []

    def open_page(written: str, fragment: str = "", *, quiet: bool = True, **options: Any) -> Opened:
        path = tmp_path / f"report-{len(contexts)}.html"
        path.write_text(written, encoding="utf-8")
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.on("console", lambda message: opened.console.append(f"{message.type}: {message.text}"))
        opened.page.on("pageerror", lambda error: opened.console.append(f"uncaught: {error}"))
        opened.page.on("request", lambda request: opened.requests.append(request.url))

        def dismiss(dialog: Any) -> None:
            opened.dialogs.append(dialog.message)
            dialog.dismiss()

        opened.page.on("dialog", dismiss)
        opened.page.goto(path.as_uri() + fragment)
        if quiet:
            visits.append(opened)
        return opened

    yield open_page
    for opened in visits:
        assert opened.console == []
        assert opened.dialogs == []
        assert [url for url in opened.requests if not url.startswith("file:")] == []
        assert len({url.partition("#")[0] for url in opened.requests}) == 1
    for context in contexts:
        context.close()


def shown_names(page: Page) -> list[str]:
    names: list[str] = page.eval_on_selector_all(
        ".list tbody tr:not([hidden]) .c-path", "rows => rows.map(row => row.textContent)"
    )
    return names


def expect(locator: Any) -> Any:
    """Playwright's patient assertions; imported late, so that a missing package skips instead of failing."""
    from playwright.sync_api import expect as patiently

    return patiently(locator)


def clear(page: Page) -> None:
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".list tbody tr[hidden]")).to_have_count(0)


# ------------------------------------------------------------------------------------------- sorting, filtering


def test_headings_sort_both_ways(visit: Callable[..., Opened]) -> None:
    batch = [
        replace(
            one,
            path=f"class/{place}.py",
            timing=dict(one.timing, wall_s=float(place % 7)) if place % 4 else {},
        )
        for place, one in enumerate(class_of(3))
    ]
    page = visit(html.render_batch(batch)).page
    initial = shown_names(page)
    assert initial == [one.path for one in worst_first(batch)]
    by_name = sorted(initial)
    for heading, key in (
        ("Submission", "path"),
        ("Verdict", "verdict"),
        ("Score", "share"),
        ("Time", "wall"),
    ):
        values = page.evaluate(
            "key => Object.fromEntries(judge.data('class-data').rows.map(row => [row.path, row[key]]))", key
        )
        for direction in ("ascending", "descending"):
            page.get_by_role("button", name=heading, exact=True).click()
            assert page.locator(f"thead th.c-{key}").get_attribute("aria-sort") == direction
            assert page.locator("th[aria-sort]").count() == 1
            names = shown_names(page)
            assert sorted(names) == by_name  # nothing lost, nothing doubled
            known = [values[name] for name in names if values[name] is not None]
            if key == "path":  # 2.py stands before 10.py
                known = [int(name[6:-3]) for name in known]
            assert known == sorted(known, reverse=direction == "descending")
            unknown = [values[name] is None for name in names]
            assert unknown == sorted(unknown)  # what is not known stands last, both ways


def test_the_keyboard_sorts_and_opens(visit: Callable[..., Opened]) -> None:
    page = visit(html.render_batch(class_of(2))).page
    page.get_by_role("button", name="Submission", exact=True).focus()
    page.keyboard.press("Enter")
    assert page.locator("thead th.c-path").get_attribute("aria-sort") == "ascending"
    first = shown_names(page)[0]
    page.locator("#submissions").get_by_role("link", name=first).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#submission:not([hidden]) h1")
    assert page.locator("#submission h1").inner_text() == first
    assert page.evaluate("document.activeElement.tagName") == "H1"
    page.keyboard.press("Escape")
    page.wait_for_selector("#overview:not([hidden])")
    assert page.evaluate("document.activeElement.textContent") == first


def test_filters_narrow_the_table_and_say_so(visit: Callable[..., Opened]) -> None:
    page = visit(html.render_batch(class_of(4))).page
    count = page.locator("#filter-count")
    assert count.inner_text() == "40 submissions"
    page.get_by_label("Search").fill("SYNTAX 02")
    assert shown_names(page) == ["class/02-syntax_error.py"]
    assert count.inner_text() == "1 of 40 submissions"
    clear(page)
    assert len(shown_names(page)) == 40
    page.get_by_label("Verdict").select_option(label="Time limit (4)")
    assert len(shown_names(page)) == 4
    page.get_by_label("Search").fill("nothing like this")
    assert shown_names(page) == []
    assert page.locator("#nothing").is_visible()
    clear(page)
    page.get_by_label("Failed check").select_option(
        label="pitfall:missing-mutable (4)".removeprefix("pitfall:")
    )
    assert {name[9:] for name in shown_names(page)} == {"missing_mutable.py"}
    clear(page)
    page.get_by_label("Finding").select_option(index=1)
    narrowed = len(shown_names(page))
    assert 0 < narrowed < 40


def test_the_search_ignores_accents(visit: Callable[..., Opened]) -> None:
    named = replace(stale_statistics(), path="class/Zoë Müller/solve.py")
    page = visit(html.render_batch([named, accepted()])).page
    for word in ("muller", "MÜLLER", "zoe mu\u0308ller"):
        page.get_by_label("Search").fill(word)
        assert shown_names(page) == [named.path], word


def test_bars_are_filters(visit: Callable[..., Opened]) -> None:
    page = visit(html.render_batch(class_of(2))).page
    bar = page.locator(".bar", has_text="Pitfall")
    bar.click()
    assert bar.get_attribute("aria-pressed") == "true"
    assert shown_names(page) == ["class/00-optimizer_on_variables.py", "class/01-optimizer_on_variables.py"]
    bar.click()
    assert bar.get_attribute("aria-pressed") == "false"
    assert len(shown_names(page)) == 20


# ------------------------------------------------------------------------------------------- single submissions


def test_a_submission_opens_and_the_browser_goes_back(visit: Callable[..., Opened]) -> None:
    page = visit(html.render_batch(class_of(2))).page
    title = page.title()
    page.locator("#submissions").get_by_role("link", name="00-stale_statistics").click()
    page.wait_for_selector("#submission:not([hidden])")
    assert page.locator("#overview").is_hidden()
    assert page.title() == "class/00-stale_statistics.py: Wrong answer"
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#submission h1")).not_to_have_text("class/00-stale_statistics.py")
    page.go_back()
    expect(page.locator("#submission h1")).to_have_text("class/00-stale_statistics.py")
    page.go_back()
    page.wait_for_selector("#overview:not([hidden])")
    assert page.title() == title
    assert page.locator("#submission").inner_text() == ""


def test_an_address_names_a_submission(visit: Callable[..., Opened]) -> None:
    batch = class_of(1)
    opened = visit(html.render_batch(batch), "#submission-3")
    assert opened.page.locator("#submission h1").inner_text() == worst_first(batch)[3].path
    beyond = visit(html.render_batch(batch), "#submission-999")
    assert beyond.page.locator("#overview").is_visible()


def test_an_address_names_a_learner(visit: Callable[..., Opened]) -> None:
    batch = [replace(accepted(), path="a.py"), replace(stale_statistics(), path="b.py")]
    owners = {
        "a.py": Owner((Learner("7 %", "Ann"),)),
        "b.py": Owner((Learner("8", "Bo"), Learner("9", "Cy"))),
    }
    written = html.render_batch(batch, None, owners)
    assert visit(written, "#learner-7%20%25").page.locator("h1").last.inner_text() == "a.py"
    page = visit(written, "#learner-9").page
    assert page.locator("h1").last.inner_text() == "b.py"
    page = visit(written, "#learner-%zz").page
    expect(page.locator("#overview")).to_be_visible()
    page.locator("#by-finding a", has_text="Bo").first.click()
    expect(page.locator("#submission")).to_be_visible()
    assert page.locator("#submission h1").inner_text() == "b.py"


def test_findings_stand_under_their_lines(visit: Callable[..., Opened]) -> None:
    page = visit(html.render(stale_statistics())).page
    assert "".join(page.locator(".row.hit mark").all_inner_texts()) == '"batch_stats": stats'
    line, following = page.evaluate(
        "(() => { const hit = document.querySelector('.row.hit'); return "
        "[hit.querySelector('[data-line]').dataset.line, hit.nextElementSibling.className]; })()"
    )
    assert (line, following) == ("34", "finding s-error")
    page.get_by_role("link", name="line 34").click()
    assert page.evaluate("document.activeElement.className") == "finding s-error"
    text = page.locator(".finding").inner_text()
    assert "Which of them reaches the last apply?" in text
    assert "495,855 tolerances off" in page.locator("#submission").inner_text()


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_source_is_shown_whole(visit: Callable[..., Opened], sample: str) -> None:
    one = SAMPLES[sample]()
    opened = visit(html.render(one))
    shown = opened.page.eval_on_selector_all(".lines .row code", "rows => rows.map(row => row.textContent)")
    assert [line.replace("\u200b", "") for line in shown] == opened.page.evaluate(
        "judge.data('submission-data-0').source"
    )
    assert len(shown) == len(split_lines(one.source.removesuffix("\n")))
    assert opened.page.locator("h1").inner_text()


def as_notebook(report: Report) -> Report:
    """The report as of a notebook, with the source from line 11 on in its cells 2 and 5."""
    cells = (CellLines(2, 11, 10), CellLines(5, 21, 100))
    return replace(report, notebook=Notebook(cells, ("Cell 4 is left out: it begins with `%%bash`.",)))


def test_a_notebook_is_shown_as_its_cells(visit: Callable[..., Opened]) -> None:
    page = visit(html.render(as_notebook(stale_statistics()))).page
    expect(page.locator(".lines > h3.cell")).to_have_text(["Cell 2", "Cell 5"])
    numbers = page.eval_on_selector_all(".row > span", "spans => spans.map(one => one.dataset.line)")
    assert numbers[:12] == [*map(str, range(1, 11)), "1", "2"]
    expect(page.locator(".finding .severity").first).to_have_text("error · cell 5, line 14")
    expect(page.locator(".row.hit > span")).to_have_attribute("data-line", "14")
    expect(page.get_by_text("Cell 4 is left out: it begins with %%bash.")).to_be_visible()


def test_a_report_works_in_the_frame_that_jupyter_shows(visit: Callable[..., Opened]) -> None:
    framed = shown(as_notebook(stale_statistics()))["text/html"]
    opened = visit(f"<!DOCTYPE html><title>Jupyter</title><body>{framed}", quiet=False)
    frame = opened.page.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text(stale_statistics().path)
    frame.get_by_role("link", name="cell 5, line 14").first.click()
    expect(frame.locator(".finding").first).to_be_focused()
    assert opened.console == []
    assert [url for url in opened.requests if not url.startswith(("file:", "about:"))] == []


def test_colours_follow_the_language(visit: Callable[..., Opened]) -> None:
    page = visit(html.render(accepted())).page
    coloured = page.evaluate("source => judge.python.pieces(source).filter(([, kind]) => kind)", TRICKY)
    assert [tuple(piece) for piece in coloured] == [
        ("def", "t-k"),
        ("f", "t-d"),
        ("'''doc\n# no comment'''", "t-s"),
        ("# a comment 'no string'", "t-c"),
        ("return", "t-k"),
        ('rb"\\"x"', "t-s"),
        ("0x_ff", "t-n"),
        ("1.5e-7j", "t-n"),
        ("'open", "t-s"),
        ("len", "t-b"),
    ]


TRICKY = """def f(x): '''doc
# no comment'''
# a comment 'no string'
return rb"\\"x" + 0x_ff - 1.5e-7j + x.print
'open
len
"""


def test_colouring_loses_no_character(visit: Callable[..., Opened]) -> None:
    page = visit(html.render(accepted())).page

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.text(st.sampled_from(list("'\"\\#\n \tabrf_0.9ex@é🜁(")), max_size=60))
    def check(source: str) -> None:
        pieces = page.evaluate("source => judge.python.pieces(source).map(([text]) => text)", source)
        assert "".join(pieces) == source

    check()


def test_colouring_takes_time_in_proportion(visit: Callable[..., Opened]) -> None:
    """Ten times the source may not cost a hundred times the work; measured against itself.

    The shorter source takes a millisecond or more, so that a pause of the browser does not decide.
    """
    page = visit(html.render(accepted())).page
    took = page.evaluate(
        """pieces => pieces.map((piece) => [20000, 200000].map((many) => {
            const source = piece.repeat(many);
            return Math.min(...[0, 1, 2, 3, 4].map(() => {
                const start = performance.now(); judge.python.pieces(source); return performance.now() - start; }));
        }))""",
        ["'", '"""', "\\", "a", "0", ".", "f'", "#", "é", "(", "'\\", '""" '],
    )
    for short, long in took:
        assert long < 40 * max(short, 0.5), took


# ------------------------------------------------------------------------------------------------ hostile text

PAYLOADS = [text.replace("alert(1)", "window.pwned=1") for text in MARKUP]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_learner_text_runs_nothing_anywhere(visit: Callable[..., Opened], payload: str) -> None:
    opened = visit(
        html.render_batch(
            [poisoned_all_over(payload), poisoned_all_over(payload), accepted(), hostile()], matrix=MATRIX
        )
    )
    page = opened.page
    scripts = page.locator("script").count()
    for name in ("path", "verdict", "finding"):
        page.locator(f"[data-sort={name}]").click()
    page.get_by_label("Search").fill(payload[:20])
    page.locator("#heat-map").hover(position={"x": 205, "y": 195})
    for number in range(4):
        page.goto(page.url.partition("#")[0] + f"#submission-{number}")
        page.wait_for_selector("#submission:not([hidden]) h1")
    assert not opened.pwned
    assert page.locator("script").count() == scripts
    assert page.locator("img, iframe, object, embed, link, base, [onerror], [onload], [onfocus]").count() == 0


def test_only_pages_in_the_web_become_links(visit: Callable[..., Opened]) -> None:
    one = stale_statistics()
    pages = (
        "jax, Pytrees: https://docs.jax.dev/en/latest/pytrees.html",
        "a script: javascript:window.pwned=1",
        "a file: file:///etc/passwd",
        "two: https://docs.jax.dev/ onclick=window.pwned=1",
    )
    finding = replace(one.findings[0], read_next=pages)
    page = visit(html.render(replace(one, findings=(finding,)))).page
    footer = page.locator("article footer").first
    assert footer.locator("a").evaluate_all("links => links.map(link => [link.textContent, link.href])") == [
        ["jax, Pytrees", "https://docs.jax.dev/en/latest/pytrees.html"]
    ]
    assert footer.locator("code").count() == 4


def test_the_payloads_work_where_nothing_is_escaped(visit: Callable[..., Opened]) -> None:
    """The control: in a naive page the same texts do run."""
    for payload in (PAYLOADS[0], PAYLOADS[1], PAYLOADS[3]):
        opened = visit(f"<!DOCTYPE html><title>x</title><p>{payload}</p>", quiet=False)
        opened.page.wait_for_function("'pwned' in window", timeout=5_000)
        assert opened.pwned


def test_the_policy_holds_even_if_markup_got_in(visit: Callable[..., Opened]) -> None:
    injected = "<script>window.pwned=1</script><img src=x onerror='window.pwned=1'><svg onload='window.pwned=1'></svg>"
    reaching_out = '<img src="http://127.0.0.1:9/x.png"><link rel=stylesheet href="http://127.0.0.1:9/x.css">'
    written = html.render(accepted())
    opened = visit(
        written.replace('<div id="content"', f'{injected}{reaching_out}<div id="content"'), quiet=False
    )
    opened.page.wait_for_timeout(300)
    assert not opened.pwned
    refused = " ".join(opened.console)
    assert "Content Security Policy" in refused
    assert opened.page.locator("#submission h1").inner_text() == accepted().path  # ours still runs
    with pytest.raises(Exception, match="TrustedHTML"):
        opened.page.evaluate("document.body.innerHTML = '<b>x</b>'")


# --------------------------------------------------------------------------------------------- looks and medium


@pytest.mark.parametrize("fragment", ["", "#submission-2"])
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_is_wider_than_its_window(visit: Callable[..., Opened], width: int, fragment: str) -> None:
    batch = [*class_of(1), replace(stale_statistics(), path="x" * 300, source="y" * 900 + "\n" + SOURCE)]
    page = visit(
        html.render_batch(batch, matrix=MATRIX), fragment, viewport={"width": width, "height": 800}
    ).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_dark_and_light_follow_the_system(visit: Callable[..., Opened]) -> None:
    grounds = [
        visit(html.render(accepted()), color_scheme=scheme).page.evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for scheme in ("light", "dark")
    ]
    assert grounds == ["rgb(246, 245, 241)", "rgb(19, 21, 26)"]


def test_print_shows_all_rows_and_no_controls(visit: Callable[..., Opened]) -> None:
    opened = visit(html.render_batch(class_of(12)), color_scheme="dark")
    opened.page.emulate_media(media="print")
    assert opened.page.locator(".filters").is_hidden()
    assert opened.page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    styles = opened.page.eval_on_selector_all(
        ".list tbody tr", "rows => rows.map(row => getComputedStyle(row).contentVisibility)"
    )
    assert styles == ["visible"] * 120
    assert opened.page.pdf().startswith(b"%PDF")


def test_screen_readers_are_given_a_table_and_names(visit: Callable[..., Opened]) -> None:
    page = visit(html.render_batch(class_of(1), matrix=MATRIX)).page
    table = page.get_by_role("table", name="Submissions; the headings sort")
    assert table.get_by_role("columnheader").count() == 7
    assert table.get_by_role("row").count() == 11
    assert table.get_by_role("rowheader").count() == 10
    unnamed = page.evaluate(
        """[...document.querySelectorAll("a, button, input, select, svg[role=img], [role=group]")].filter((one) => {
            const text = one.tagName === "SELECT" ? "" : one.textContent.trim();
            return !text && !one.getAttribute("aria-label") && !(one.labels && one.labels.length);
        }).length"""
    )
    assert unnamed == 0
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.evaluate("document.documentElement.lang") == "en"


def test_the_heat_map_names_its_cells_and_opens_them(visit: Callable[..., Opened]) -> None:
    batch = class_of(1)
    page = visit(html.render_batch(batch)).page
    place = next(n for n, one in enumerate(worst_first(batch)) if "stale" in one.path)
    data = {key: float(page.locator("#heat-map").get_attribute(f"data-{key}") or "") for key in GEOMETRY}
    spot = {"x": data["left"] + 0.5 * data["column"], "y": data["top"] + (place + 0.5) * data["row"]}
    page.locator("#heat-map").hover(position=spot)
    assert page.locator("#tooltip").inner_text() == "class/00-stale_statistics.py\nbasic/plain: failed"
    page.locator("#heat-map").click(position=spot)
    page.wait_for_selector("#submission:not([hidden])")
    assert page.locator("#submission h1").inner_text() == "class/00-stale_statistics.py"
    assert page.locator("#tooltip").is_hidden()


GEOMETRY = ("left", "top", "row", "column")

# ----------------------------------------------------------------------------------------------------- many rows

TIMED = """async (act) => {
    const start = performance.now();
    new Function("return " + act)()();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));  // until it is painted
    return performance.now() - start;
}"""


def many(number: int) -> list[Report]:
    return [
        replace(one, path=f"class/{place:04d}-{one.path[9:]}")
        for place, one in enumerate(class_of(number // 10))
    ]


def best(measured: Callable[[], float], budget_ms: float) -> float:
    """The smallest of at least five measurements, and of up to thirty while none is within the budget."""
    least = min(measured() for _ in range(5))
    for _ in range(25):
        if least < budget_ms:
            break
        least = min(least, measured())
    return least


def test_five_hundred_submissions_open_sort_and_filter_fluidly(
    visit: Callable[..., Opened], record_property: Callable[[str, object], None]
) -> None:
    """The best of several tries each, because the machine has other work to do too."""
    written = html.render_batch(many(SUBMISSIONS), matrix=MATRIX)
    page = visit(written).page

    def opened() -> float:
        page.reload()
        return float(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))

    took = {"open": best(opened, OPEN_BUDGET_MS)}
    acts = {
        f"sort {key}": f"() => document.querySelector('[data-sort={key}]').click()"
        for key in ("path", "share", "wall")
    }
    for word in ("stale", "0", ""):
        acts[f"filter {word!r}"] = (
            "() => { const field = document.getElementById('filter-text'); "
            f"field.value = {word!r}; field.dispatchEvent(new Event('input')); }}"
        )
    for name, act in acts.items():
        took[name] = best(lambda act=act: page.evaluate(TIMED, act), CHANGE_BUDGET_MS)
    for name, milliseconds in took.items():
        record_property(name, round(milliseconds, 1))
    print({name: round(milliseconds, 1) for name, milliseconds in took.items()})
    assert took.pop("open") < OPEN_BUDGET_MS
    assert max(took.values()) < CHANGE_BUDGET_MS, took
    assert page.locator(".list tbody tr").count() == SUBMISSIONS


def test_the_fixture_fails_where_a_browser_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_REQUIRE_BROWSER", "1")
    with pytest.raises(pytest.fail.Exception, match="there is none"):
        no_browser("there is none")
    monkeypatch.delenv("JUDGE_REQUIRE_BROWSER")
    with pytest.raises(pytest.skip.Exception):
        no_browser("there is none")
