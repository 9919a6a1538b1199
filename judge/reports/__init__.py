"""One module per report format, and the registry that finds them.

Theory of operation: the registry lists this package, so adding a format is adding one module.  A module is a
format when it defines

    NAME: str                                             what ``--format`` is given
    SUFFIXES: tuple[str, ...]                             ends of file names that ``-o`` writes this way
    BATCH: bool                                           several submissions make sense in one document
    def render(report: Report) -> str                     one submission
    def render_batch(reports: Sequence[Report]) -> str    any number; may be missing when BATCH is False

Both functions are pure, return text that encodes to UTF-8 (no lone surrogates) and never raise on any Report.
Modules here without ``NAME`` are what several formats share (escaping, code frames, redaction).
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from judge.model import UsageError

if TYPE_CHECKING:
    from judge.model import Report


@dataclass(frozen=True)
class ReportFormat:
    """A format, as its module declares it; ``summary`` is the first line of the module's docstring."""

    name: str
    suffixes: tuple[str, ...]
    batch: bool
    summary: str
    render: Callable[[Report], str]
    render_batch: Callable[..., str] | None
    """Takes the reports; where ``takes_matrix`` is true then what the exercise's cases can see, or None."""
    takes_matrix: bool = False


@cache
def formats() -> tuple[ReportFormat, ...]:
    """All formats by name.  RuntimeError when two modules claim one name or suffix: a mistake of ours."""
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    return registry([module for module in modules if hasattr(module, "NAME")])


def registry(modules: Sequence[ModuleType]) -> tuple[ReportFormat, ...]:
    """The formats that these modules declare, sorted by name, each name and suffix claimed once."""
    found = sorted((_declared(module) for module in modules), key=lambda one: one.name)
    claims = [claim for one in found for claim in (one.name, *one.suffixes)]
    twice = sorted({claim for claim in claims if claims.count(claim) > 1})
    if twice:
        raise RuntimeError(f"two report formats claim {', '.join(twice)}")
    return tuple(found)


def format_named(name: str) -> ReportFormat:
    """The format that ``--format`` asks for.  UsageError names the formats there are, and a near one."""
    if name in (info.name for info in pkgutil.iter_modules(__path__)):
        module = importlib.import_module(
            f"{__name__}.{name}"
        )  # as they are called; to import all takes a while
        if getattr(module, "NAME", None) == name:
            return _declared(module)
    by_name = {one.name: one for one in formats()}
    if name in by_name:
        return by_name[name]
    near = difflib.get_close_matches(name, by_name, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(f"there is no report format {name!r}.{hint} The formats are: {', '.join(by_name)}.")


def format_for(path: str) -> ReportFormat:
    """The format that a file name asks for: the longest suffix that fits, in any letter case.

    UsageError lists the suffixes there are.
    """
    fitting = [
        (len(suffix), one) for one in formats() for suffix in one.suffixes if path.lower().endswith(suffix)
    ]
    if not fitting:
        known = ", ".join(sorted(suffix for one in formats() for suffix in one.suffixes))
        raise UsageError(f"cannot tell a report format from the name {path!r}. Known endings: {known}.")
    return max(fitting, key=lambda pair: pair[0])[1]


def _declared(module: ModuleType) -> ReportFormat:
    batch = bool(module.BATCH)
    render_batch = getattr(module, "render_batch", None)
    if batch and render_batch is None:
        raise RuntimeError(f"{module.__name__} says BATCH but has no render_batch")
    return ReportFormat(
        name=module.NAME,
        suffixes=tuple(module.SUFFIXES),
        batch=batch,
        summary=(module.__doc__ or "").strip().partition("\n")[0],
        render=module.render,
        render_batch=render_batch if batch else None,
        takes_matrix=bool(getattr(module, "TAKES_MATRIX", False)),
    )
