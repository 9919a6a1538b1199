"""Every command that the pages show is run, and what they show as its output is its output.

``JUDGE_UPDATE_DOCS=1`` writes what the commands print now into the pages.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from support.documents import MARKERS, PAGES, ROOT, Block, Section, sections, with_block
from support.sameness import same, with_calmest_times
from support.scratch import Scratch

UPDATING = bool(os.environ.get("JUDGE_UPDATE_DOCS"))
ALL = [section for page in PAGES for section in sections(page)]
NO_NETWORK = re.compile(
    r"name resolution|No matching distribution|Could not find a version|ConnectionError|NewConnectionError"
    r"|ReadTimeout|Could not fetch URL"
)


def tried(section: Section) -> object:
    marks = {"slow": [pytest.mark.slow], "long": [pytest.mark.long]}.get(section.takes, [])
    return pytest.param(section, id=section.name, marks=marks)


@pytest.mark.parametrize("section", [tried(section) for section in ALL if section.tried])
def test_the_commands_of_a_section_do_what_the_page_says(section: Section, tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    for block in section.tried:
        for setup in block.marked("setup"):
            done = scratch.run(setup)
            assert done.returncode in (0, 1), f"{setup}\n{done.stderr}"
        if block.output_of is None:
            (hold_dialogue if block.dialogue else run_commands)(scratch, section, block)
        else:
            compare_output(scratch, section, block, block.output_of)


def run_commands(scratch: Scratch, section: Section, block: Block) -> None:
    done = scratch.run(block.commands)
    if done.returncode and "pip install" in block.text and NO_NETWORK.search(done.stderr + done.stdout):
        pytest.skip("packages cannot be installed here")
    said = f"{section.page.name}, line {block.line}:\n{block.text}\n{done.stdout}\n{done.stderr}"
    assert done.returncode == block.status, said
    assert "Traceback" not in done.stderr, said


def hold_dialogue(scratch: Scratch, section: Section, block: Block) -> None:
    """Commands with prompts before them and, where the page shows something, what they print between them."""
    for command, shown in block.dialogue:
        done = scratch.run(command)
        said = f"{section.page.name}, line {block.line}: {command}\n{done.stdout}\n{done.stderr}"
        assert done.returncode in (0, block.status), said
        assert "Traceback" not in done.stderr, said
        assert not shown or same(done.stdout, shown), said


def compare_output(scratch: Scratch, section: Section, block: Block, command: str) -> None:
    done = scratch.run(command)
    assert done.returncode in (0, 1), f"{command}\n{done.stderr}"
    printed = done.stdout.strip("\n")
    assert printed, f"{command} printed nothing\n{done.stderr}"
    if same(printed, block.text):
        return
    if UPDATING:
        update(section.page, command, printed)
        return
    assert printed == block.text, (
        f"{section.page.name}, line {block.line}; JUDGE_UPDATE_DOCS=1 writes it anew"
    )


def update(page: Path, command: str, printed: str) -> None:
    """Write an output into its page, which may have changed above it in the meantime."""
    now = [block for section in sections(page) for block in section.blocks if block.output_of == command]
    text = page.read_text(encoding="utf-8")
    printed = with_calmest_times(printed, now[0].text)
    page.write_text(with_block(text, now[0], printed), encoding="utf-8")


def test_pages_have_commands_and_outputs_at_all() -> None:
    """A parser that finds nothing would let everything pass."""
    blocks = [block for section in ALL for block in section.blocks]
    assert sum(block.is_commands for block in blocks) >= 20
    assert sum(block.output_of is not None for block in blocks) >= 20
    in_readme = [block for section in ALL if section.page.name == "README.md" for block in section.blocks]
    assert any("submissions/alice.py" in block.text for block in in_readme if block.is_commands)


def test_no_command_is_left_out_without_a_reason() -> None:
    for section in ALL:
        for block in section.blocks:
            for reason in block.marked("not run"):
                assert len(reason.split()) >= 3, f"{section.name}, line {block.line}: why is it not run?"
            unknown = {name for name, _ in block.markers} - MARKERS
            assert not unknown, f"{section.name}, line {block.line}: {unknown}"


def test_every_output_stands_under_its_own_command_once_in_a_page() -> None:
    for page in PAGES:
        commands = [b.output_of for s in sections(page) for b in s.blocks if b.output_of is not None]
        assert len(commands) == len(set(commands)), page.name


def test_pages_name_no_place_of_this_machine() -> None:
    forbidden = re.compile(r"/work/|/root/|farm-|\.library|shared/|issues? #?\d")
    for page in PAGES:
        found = forbidden.search(page.read_text(encoding="utf-8"))
        assert found is None, f"{page.name}: {found}"


def test_links_between_pages_lead_somewhere() -> None:
    link = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target, anchor in link.findall(text):
            file = (page.parent / target).resolve() if target else page
            assert file.exists(), f"{page.relative_to(ROOT)}: {target}"
            if anchor and file.suffix == ".md":
                assert anchor in anchors(file), f"{page.relative_to(ROOT)}: {target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings of a page."""
    headings = re.findall(r"^#{1,6} +(.+?) *$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
