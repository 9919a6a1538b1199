"""Typed access to a YAML tree: every wrong value becomes a Problem with its line, and reading continues.

A method that returns None has already added the reason.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from judge.exercise.problems import Problems, did_you_mean, shown
from judge.exercise.yaml_tree import Node
from judge.model import Json


@dataclass(frozen=True)
class Value:
    """A node together with the field path that leads to it."""

    node: Node
    field: str
    path: Path
    problems: Problems

    def complain(self, message: str) -> None:
        self.problems.add(self.path, self.node.line, self.field, message)

    def wrong(self, wanted: str) -> None:
        """Add a problem that says what was expected and what was found."""
        surprise = self.node.surprise
        hint = f"; {_ADVICE[surprise]}" if surprise else ""
        self.complain(f"expected {wanted}, got {self.node.described}{hint}")

    def child(self, node: Node, name: str | int) -> Value:
        step = f"[{name}]" if isinstance(name, int) else (f".{name}" if self.field else name)
        return Value(node, self.field + step, self.path, self.problems)

    # ------------------------------------------------------------------------------------------------ scalars

    def text(self, *, wanted: str = "text") -> str | None:
        """Non-empty text; plain words that other YAML readers take for a number or for True must be quoted.

        Words such as ``y`` and ``on``, which only old readers take for a truth value, are text where text is expected.
        """
        value = self.node.value if self.node.kind == "scalar" else None
        surprises = self.node.surprise and not _is_old_truth_value(self.node.text)
        if not isinstance(value, str) or surprises or not value.strip():
            self.wrong(wanted)
            return None
        return value

    def choice(self, known: Collection[str]) -> str | None:
        value = self.text(wanted=f"one of {', '.join(known)}")
        if value is not None and value not in known:
            self.complain(f"{shown(value)} is not one of {', '.join(known)}{did_you_mean(value, known)}")
            return None
        return value

    def number(self, low: float = -math.inf, high: float = math.inf) -> float | None:
        """A finite number in [low, high]."""
        value = self.node.value if self.node.kind == "scalar" else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong("a number")
            return None
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.complain(f"{shown(self.node.text)} is too large for a float64")
            return None
        if not low <= number <= high:
            self.complain(f"{self.node.text} is not {_interval(low, high)}")
            return None
        return number

    def integer(self, low: int, high: int) -> int | None:
        value = self.node.value if self.node.kind == "scalar" else None
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong("an integer")
            return None
        if not low <= value <= high:
            self.complain(f"{self.node.text} is not {_interval(low, high)}")
            return None
        return value

    # --------------------------------------------------------------------------------------------- containers

    def items(self, *, wanted: str = "a list") -> list[Value] | None:
        if self.node.kind != "list":
            self.wrong(wanted)
            return None
        return [self.child(node, index) for index, node in enumerate(self.node.children)]

    def entries(self, *, wanted: str = "a mapping") -> dict[str, Value] | None:
        """A mapping's values by key; a repeated key is a problem, and its first value is kept."""
        if self.node.kind != "map":
            self.wrong(wanted)
            return None
        found: dict[str, Value] = {}
        children = self.node.children
        for key, node in zip(children[::2], children[1::2], strict=True):
            if key.kind != "scalar" or not key.text:
                self.problems.add(self.path, key.line, self.field, f"expected a name, got {key.described}")
            elif key.text in found:
                first = found[key.text].node.line
                message = f"the field '{key.text}' is given twice (first on line {first})"
                self.problems.add(self.path, key.line, self.field, message)
            else:
                found[key.text] = self.child(node, key.text)
        return found

    def fields(
        self, required: Collection[str], optional: Collection[str] = (), *, wanted: str = "a mapping"
    ) -> dict[str, Value]:
        """The known fields of a mapping; unknown and missing ones are problems."""
        found = self.entries(wanted=wanted)
        if found is None:
            return {}
        known = {*required, *optional}
        for name in [name for name in found if name not in known]:
            value = found.pop(name)
            hint = did_you_mean(name, known - found.keys() or known)
            self.problems.add(self.path, value.node.line, self.field, f"unknown field {shown(name)}{hint}")
        for name in required:
            if name not in found:
                self.complain(f"the field '{name}' is missing")
        return found

    def plain(self) -> Json:
        """The value as JSON, unchecked (for provenance, which is not used in any computation)."""
        if self.node.kind == "list":
            return [self.child(node, i).plain() for i, node in enumerate(self.node.children)]
        if self.node.kind == "map":
            entries: Mapping[str, Value] = self.entries() or {}
            return {name: value.plain() for name, value in entries.items()}
        return self.node.value


def _interval(low: float, high: float) -> str:
    if high == math.inf:
        return f"at least {low:g}" if low > -math.inf else "a number"
    return f"between {low:.10g} and {high:.10g}"


_ADVICE = {
    "boolean": "a truth value is written true or false; as text it needs quotes",
    "octal": "a number is written in decimal digits without a leading zero; text needs quotes",
    "sexagesimal": "a number is written without colons; text needs quotes",
    "hexadecimal or binary": "a number is written in decimal digits; text needs quotes",
    "underscored": "a number is written without underscores; text needs quotes",
    "non-finite number": "infinities and NaN are not allowed",
}


def _is_old_truth_value(text: str) -> bool:
    return text.lower() in ("y", "n", "yes", "no", "on", "off")
