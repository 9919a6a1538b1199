"""The comparison of outputs forgives what differs from run to run, and nothing else."""

from __future__ import annotations

import pytest
from support.documents import Block, sections, with_block
from support.sameness import same, with_calmest_times

STOPPED = """
  --> a.py:3:5
   |
3  |   x += 1

  In 1 case it was stopped after 20.0 s.
  When it was stopped it was at line 3, in `solve`.
  After that nothing ran.
"""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("isolation: strong; run in 3.1 s", "isolation: strong; run in 61.5 s"),
        ('"wall_s": 0.12,', '"wall_s": 12.5,'),
        ('"execution_time": 6', '"execution_time": 34'),
        ('<testsuite time="0.1">', '<testsuite time="11.25">'),
        ("had used 19.4 s of processor time", "had used 8 s of processor time"),
        ("sha 0123456789abcdef", "sha fedcba9876543210"),
        ("off 27,594 times", "off 27,601 times"),
        ("got 0.411335", "got 0.411336"),
        ("a    0.1\n", "a  0.1"),
        (STOPPED, STOPPED.replace("3", "27").replace("x += 1", "f(x)\n27 |   )")),
    ],
)
def test_what_differs_from_run_to_run_is_forgiven(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 of 20 points", "13 of 20 points"),
        ("alex.py:22:23", "alex.py:22:24"),
        ("got 0.41", "got 0.43"),
        ("got 0.41", "expected 0.41"),
        ("In 3 cases", "In 3 cases it is wrong"),
        ("one line", "one\nline"),
        (STOPPED, STOPPED.replace("After that", "Before that")),
        (STOPPED.replace("stopped after", "wrong after"), STOPPED.replace("3", "4")),
        ("    code", "code"),
        ("off 27,594 times", "off 2,759 times"),
        ("", "Accepted"),
    ],
)
def test_what_does_not_is_not(one: str, other: str) -> None:
    assert not same(one, other)


def test_a_page_is_read_as_its_author_means_it(tmp_path: object) -> None:
    from pathlib import Path

    page = Path(str(tmp_path)) / "page.md"
    page.write_text(
        "# Page\n\nText\n\n    judge a.py\n    judge b.py\n\n## Two\n\n<!-- exit: 1 -->\n<!-- takes: slow -->\n"
        "```sh\njudge c.py\n```\n\n<!-- output: judge c.py -->\n```\nAccepted\n```\n\n"
        "    just = quoted\n\n<!-- not run: needs a network -->\n    pip install x\n",
        encoding="utf-8",
    )
    one, two = sections(page)[1:]
    assert [block.commands for block in one.blocks] == ["judge a.py\njudge b.py"]
    first, output, quoted, skipped = two.blocks
    assert (first.status, first.commands, two.takes) == (1, "judge c.py", "slow")
    assert (output.output_of, output.text, output.is_commands) == ("judge c.py", "Accepted", False)
    assert not quoted.is_commands
    assert skipped.is_commands
    assert "\nRejected\n```\n\n    just" in with_block(page.read_text(encoding="utf-8"), output, "Rejected")
    assert two.tried == [first, output]


def test_an_empty_block_can_be_filled(tmp_path: object) -> None:
    from pathlib import Path

    page = Path(str(tmp_path)) / "page.md"
    page.write_text("<!-- output: judge x.py -->\n```\n```\nafter\n", encoding="utf-8")
    (block,) = sections(page)[0].blocks
    filled = with_block(page.read_text(encoding="utf-8"), block, "one\ntwo")
    assert filled == "<!-- output: judge x.py -->\n```\none\ntwo\n```\nafter\n"


def test_an_output_with_a_fence_in_it_stays_one_block(tmp_path: object) -> None:
    from pathlib import Path

    page = Path(str(tmp_path)) / "page.md"
    page.write_text("<!-- output: judge x.py -->\n```\n```\nafter\n", encoding="utf-8")
    output = "one\n```python\nx = 1\n```\ntwo"
    for _ in range(2):
        (block,) = sections(page)[0].blocks
        page.write_text(with_block(page.read_text(encoding="utf-8"), block, output), encoding="utf-8")
        (block,) = sections(page)[0].blocks
        assert block.text == output
    assert page.read_text(encoding="utf-8") == f"<!-- output: judge x.py -->\n````\n{output}\n````\nafter\n"


def test_a_page_keeps_the_calmest_times_that_were_measured() -> None:
    old = '; run in 2.5 s, after 20.1 s, "wall_s": 0.5, time="3.5" 7.5 s'
    new = '; run in 12 s, after 20 s, "wall_s": 0.75, time="3.25" 8.5 s'
    assert with_calmest_times(new, old) == '; run in 2.5 s, after 20 s, "wall_s": 0.5, time="3.25" 8.5 s'
    assert with_calmest_times("; run in 12 s", "nothing") == "; run in 12 s"


def test_what_follows_a_prompt_is_its_output() -> None:
    block = Block("", "$ judge a.py\nAccepted\n\n$ judge b.py", 1)
    assert block.dialogue == [("judge a.py", "Accepted"), ("judge b.py", "")]
    assert block.commands == "judge a.py\njudge b.py"


def test_a_reader_of_pages_sees_commands_whatever_stands_before_them() -> None:
    for text in ("judge x.py", "$ judge x.py", "A=1 bash run.sh", "python3 -m venv .venv", "cd x\njudge y"):
        assert Block("", text, 1).is_commands
    for text in ("judges are many", "x = 1", "TypeError: judge", "+--- trusted ---+"):
        assert not Block("", text, 1).is_commands
