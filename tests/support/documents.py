"""The repository's pages as data: their code blocks, and the comments above a block that say how it is tried.

A block of commands is one that is fenced as ``sh``, or that stands indented and holds a command.  Every command is
run by `test_commands.py`, in a fresh scratch copy of the repository for each section (a heading of level 1 or 2), the
blocks of a section one after the other.  Comments directly above a block:

    <!-- output: COMMAND -->     the block is what this command prints on stdout
    <!-- exit: 1 -->             the status that the last command of the block ends with (0 without this)
    <!-- setup: COMMAND -->      run first, for what the reader has and the scratch copy lacks
    <!-- run: COMMAND -->        the block is no shell script but is given to this command
    <!-- not run: REASON -->     the block is not run
    <!-- takes: slow|long -->    the whole section is in the slow or the long suite

Text between ``<!-- generated: NAME -->`` and ``<!-- end -->`` is written by `generated.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = tuple(sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*/README.md")]))

FENCE = re.compile(r"^(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)$")
HEADING = re.compile(r"^(?P<level>#{1,6}) +(?P<text>.+?) *$")
COMMENT = re.compile(r"^<!-- *(?P<name>[a-z][a-z ]*?): *(?P<text>.*?) *-->$")
FIRST_WORD = re.compile(
    r"^(\$ )?([A-Z_]+=\S+ +)*"
    r"(judge|python3?|pip3?|git|cd|mkdir|cp|cat|zip|bash|sh|sudo|apt-get|apt|docker|\.venv/\S+)( |$)"
)
MARKERS = frozenset({"output", "exit", "setup", "not run", "takes", "run", "generated"})


@dataclass(frozen=True)
class Block:
    """A code block: its text without fence and indentation, its first line in the page, and the comments above it.

    ``fence`` is empty for an indented one.
    """

    info: str
    text: str
    line: int
    fence: str = ""
    markers: tuple[tuple[str, str], ...] = ()

    def marked(self, name: str) -> list[str]:
        return [text for key, text in self.markers if key == name]

    @property
    def output_of(self) -> str | None:
        return next(iter(self.marked("output")), None)

    @property
    def is_commands(self) -> bool:
        if self.output_of is not None:
            return False
        if self.info in ("sh", "bash", "console", "shell") or self.marked("run"):
            return True
        return not self.info and any(FIRST_WORD.match(line) for line in self.text.splitlines())

    @property
    def dialogue(self) -> list[tuple[str, str]]:
        """Where prompts stand: each command with what the page shows that it prints."""
        found: list[tuple[str, list[str]]] = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif found:
                found[-1][1].append(line)
        return [(command, "\n".join(lines).strip("\n")) for command, lines in found]

    @property
    def commands(self) -> str:
        """The commands as a script; a prompt before them is no part of them, nor is what follows one."""
        for program in self.marked("run"):
            return f"{program} <<'END OF BLOCK'\n{self.text}\nEND OF BLOCK"
        return "\n".join(command for command, _ in self.dialogue) or self.text

    @property
    def status(self) -> int:
        return int(next(iter(self.marked("exit")), "0"))


@dataclass
class Section:
    """The blocks under one heading of level 1 or 2."""

    page: Path
    title: str
    blocks: list[Block] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}: {self.title}"

    @property
    def takes(self) -> str:
        """'', 'slow' or 'long'."""
        said = {text for block in self.blocks for text in block.marked("takes")}
        return "long" if "long" in said else "slow" if "slow" in said else ""

    @property
    def tried(self) -> list[Block]:
        """The blocks of which something is run."""
        wanted = [block for block in self.blocks if block.is_commands or block.output_of is not None]
        return [block for block in wanted if not block.marked("not run")]


def sections(page: Path) -> list[Section]:
    """All sections of a page, also those without blocks."""
    found = [Section(page, "top")]
    lines = page.read_text(encoding="utf-8").split("\n")
    for item in _items(lines):
        if isinstance(item, str):
            found.append(Section(page, item))
        else:
            found[-1].blocks.append(item)
    return found


def _items(lines: list[str]) -> Iterator[str | Block]:
    """Headings of level 1 and 2, and blocks, in the order of the page."""
    markers: list[tuple[str, str]] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        comment, heading, fence = COMMENT.match(line), HEADING.match(line), FENCE.match(line)
        if comment:
            markers.append((comment["name"], comment["text"]))
            at += 1
        elif fence:
            end = _end_of(fence["fence"], lines, at + 1)
            body = [one.removeprefix(fence["indent"]) for one in lines[at + 1 : end]]
            yield Block(fence["info"].strip(), "\n".join(body), at + 2, fence["fence"], tuple(markers))
            markers, at = [], end + 1
        elif line.startswith("    ") and (
            at == 0 or not lines[at - 1].strip() or COMMENT.match(lines[at - 1])
        ):
            end = at
            while end < len(lines) and (not lines[end].strip() or lines[end].startswith("    ")):
                end += 1
            body = [one[4:] for one in lines[at:end]]
            yield Block("", "\n".join(body).rstrip(), at + 1, "", tuple(markers))
            markers, at = [], end
        else:
            if heading and len(heading["level"]) <= 2:
                yield heading["text"]
            if line.strip():
                markers = []
            at += 1


def _end_of(fence: str, lines: list[str], first: int) -> int:
    """Where a fenced block ends: at a line of nothing but the fence's sign, as often as in the fence or oftener.

    A fence with a word behind it (the output may hold one) ends nothing.
    """
    closing = re.compile(rf" {{0,3}}{re.escape(fence[0])}{{{len(fence)},}} *")
    return next((n for n in range(first, len(lines)) if closing.fullmatch(lines[n])), len(lines))


def with_block(page_text: str, block: Block, text: str) -> str:
    """The page with this fenced block's text replaced, in a fence that is longer than any in the text.

    ValueError when the page is no longer what it was when the block was read.
    """
    lines = page_text.split("\n")
    first = block.line - 1
    if not block.fence or "\n".join(lines[first : (end := _end_of(block.fence, lines, first))]) != block.text:
        raise ValueError(f"line {block.line}: the block is not where it was")
    sign = block.fence[0]
    within = [len(run) for run in re.findall(rf"^ *({re.escape(sign)}{{3,}})", text, flags=re.MULTILINE)]
    fence = sign * max(len(block.fence), *(n + 1 for n in within), 3)
    lines[first - 1 : end + 1] = [f"{fence}{block.info}", *text.split("\n"), fence]
    return "\n".join(lines)
