"""YAML text as a tree that remembers lines, without YAML's surprises.

Values are resolved by the rules of YAML 1.2's core schema and not by PyYAML's YAML 1.1: ``1e-3`` is a number,
``yes`` and ``1:30`` are text and nothing else.  Aliases, tags, merge keys and several documents in a file are
refused, so that a file means what it shows and its tree is never larger than its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml

from judge.exercise.problems import Problems, shown

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 24
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NON_FINITE = re.compile(r"[-+]?\.?(inf|Inf|INF|nan|NaN|NAN|infinity|Infinity)")
_PRINTABLE = re.compile("[\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURPRISE = {
    "boolean": re.compile(r"(?i:yes|no|on|off|y|n)|True|False|TRUE|FALSE"),
    "octal": re.compile(r"[-+]?0o?[0-9_]+"),
    "sexagesimal": re.compile(r"[-+]?[0-9]+(:[0-9]{1,2})+(\.[0-9]*)?"),
    "hexadecimal or binary": re.compile(r"[-+]?0[xXbB][0-9a-fA-F_]+"),
    "underscored": re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?"),
}


@dataclass
class Node:
    """A scalar, a list or a map, and the 1-based line on which it starts."""

    kind: Literal["scalar", "list", "map"]
    line: int
    text: str = ""
    quoted: bool = False
    children: list[Node] = field(default_factory=list)
    """The items of a list; the keys and values of a map, alternating."""

    @property
    def value(self) -> bool | int | float | str | None:
        """A scalar's value; infinities and NaN stay text, which readers of numbers refuse."""
        if self.quoted:
            return self.text
        if self.text in ("", "~", "null"):
            return None
        if self.text in ("true", "false"):
            return self.text == "true"
        if _INTEGER.fullmatch(self.text) and len(self.text) < 400:
            return int(self.text)
        if _NUMBER.fullmatch(self.text) and len(self.text) < 400:
            return float(self.text)
        return self.text

    @property
    def surprise(self) -> str:
        """The type that another YAML reader would give this plain text ('' if it is only text)."""
        if self.kind != "scalar" or self.quoted:
            return ""
        if _NON_FINITE.fullmatch(self.text):
            return "non-finite number"
        return next((name for name, rule in _SURPRISE.items() if rule.fullmatch(self.text)), "")

    @property
    def described(self) -> str:
        """The node in an error: ``"yes" (text)``, ``a list of 3``."""
        if self.kind == "list":
            return f"a list of {len(self.children)}"
        if self.kind == "map":
            return f"a mapping of {len(self.children) // 2}"
        value = self.value
        if value is None:
            return "nothing"
        if isinstance(value, str):
            return f"{shown(value)} (text)"
        return shown(self.text)


def read_yaml(path: Path, problems: Problems) -> Node | None:
    """The only document in a file as a tree, or None with the reasons added to ``problems``."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        problems.add(path, 0, "", f"cannot be read: {error.strerror or error}")
        return None
    if len(data) > MAX_BYTES:
        problems.add(path, 0, "", f"is larger than {MAX_BYTES // 1024} KiB; split it, or use generators")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.add(path, line, "", f"is not UTF-8: byte 0x{data[error.start]:02x}")
        return None
    try:
        return parse_yaml(text, path, problems)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = ", ".join(part for part in (error.context, error.problem) if part)
        if mark and _indents_with_tab(text, mark.line):
            words += "; indent with spaces, not with tabs"
        elif "mapping values are not allowed" in words:
            words += "; a text with a colon and a blank in it needs quotes"
        problems.add(path, mark.line + 1 if mark else 0, "", f"is not YAML: {words}")
    except yaml.reader.ReaderError as error:
        place = next((i for i, char in enumerate(text) if not _PRINTABLE.fullmatch(char)), error.position)
        line = text.count("\n", 0, place) + 1
        problems.add(
            path, line, "", f"is not YAML: the character {shown(text[place : place + 1])} is not allowed"
        )
    except yaml.YAMLError as error:
        problems.add(path, 0, "", f"is not YAML: {' '.join(str(error).split())}")
    return None


def _indents_with_tab(text: str, line: int) -> bool:
    """Return True if a line (counted from 0) starts with white space that contains a tab."""
    lines = text.splitlines()
    if line >= len(lines):
        return False
    return "\t" in lines[line][: len(lines[line]) - len(lines[line].lstrip())]


def parse_yaml(text: str, path: Path, problems: Problems) -> Node | None:
    """Return the tree of YAML text, or None with the reasons added to ``problems``.

    Raises yaml.YAMLError when the text is not YAML.
    """
    root: Node | None = None
    open_nodes: list[Node] = []
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent):
            problems.add(path, line, "", f"the alias *{event.anchor} is not allowed; write the value out")
            return None
        if getattr(event, "anchor", None) and isinstance(event, yaml.NodeEvent):
            problems.add(path, line, "", f"the anchor &{event.anchor} is not allowed; write the value out")
            return None
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            problems.add(path, line, "", f"the tag {shown(tag)} is not allowed; write a plain value")
            return None
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            problems.add(path, line, "", "holds a second document; one file is one document")
            return None
        node: Node | None = None
        if isinstance(event, yaml.ScalarEvent):
            node = Node("scalar", line, event.value, quoted=event.style in ("'", '"', "|", ">"))
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Node("list", line)
        elif isinstance(event, yaml.MappingStartEvent):
            node = Node("map", line)
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            open_nodes.pop()
        if node is None:
            continue
        if open_nodes:
            open_nodes[-1].children.append(node)
        elif root is None:
            root = node
        if node.kind != "scalar":
            open_nodes.append(node)
            if len(open_nodes) > MAX_DEPTH:
                problems.add(path, line, "", f"is nested deeper than {MAX_DEPTH} levels")
                return None
    if root is None:
        problems.add(path, 0, "", "is empty")
    return root
