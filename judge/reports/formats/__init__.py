"""One module per report format, and the registry that finds them.

Theory of operation: the registry lists this package, so adding a format is adding one module, whose name is the
argument of ``--format``.  It defines

    SUFFIXES: tuple[str, ...]                             ends of file names that ``-o`` writes this way
    BATCH: bool                                           several submissions make sense in one document
    def render(report: Report) -> str                     one submission
    def render_batch(reports: Sequence[Report]) -> str    any number; may be missing when BATCH is False

Both functions are pure, return text that encodes to UTF-8 (no lone surrogates) and never raise on any Report.
A format that needs more than a report defines ``require()``, which raises UsageError when it is not there: it is
called before the work, and `render` may raise the same.

What several formats share (escaping, code frames, redaction) is in `judge.reports`.
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
    """Takes the reports, and where ``takes_matrix`` is true also the kill matrix of the exercise's cases, or None."""
    takes_matrix: bool = False
    takes_owners: bool = False
    """True if it also takes ``owners``, by path, to say who handed a submission in."""
    takes_ungraded: bool = False
    """True if it also takes ``ungraded``, the number of submissions that a stopped run did not come to."""
    require: Callable[[], None] = lambda: None
    """Raises UsageError where something is missing that the format needs besides a report."""


@cache
def formats() -> tuple[ReportFormat, ...]:
    """Return all formats by name.  RuntimeError when two modules claim one name or suffix: a mistake in judge."""
    return registry([importlib.import_module(f"{__name__}.{name}") for name in format_names()])


def format_names() -> list[str]:
    """Return the formats' names, ``text`` first; imports none of them."""
    return sorted(
        (info.name for info in pkgutil.iter_modules(__path__)), key=lambda name: (name != "text", name)
    )


def registry(modules: Sequence[ModuleType]) -> tuple[ReportFormat, ...]:
    """Return the formats that these modules declare, sorted by name; each name and suffix is claimed once."""
    found = sorted((_declared(module) for module in modules), key=lambda one: one.name)
    claims = [claim for one in found for claim in (one.name, *one.suffixes)]
    twice = sorted({claim for claim in claims if claims.count(claim) > 1})
    if twice:
        raise RuntimeError(f"two report formats claim {', '.join(twice)}")
    return tuple(found)


def format_named(name: str) -> ReportFormat:
    """Return the format that ``--format`` names.  Raises UsageError, with all formats and a similar name."""
    if name in format_names():
        return _declared(importlib.import_module(f"{__name__}.{name}"))  # importing all of them takes a while
    near = difflib.get_close_matches(name, format_names(), n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(
        f"there is no report format {name!r}.{hint} The formats are: {', '.join(format_names())}."
    )


def format_for(path: str) -> ReportFormat:
    """Return the format that a file name asks for: the longest suffix that fits, in any letter case.

    Raises UsageError, which lists all suffixes.
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
        name=module.__name__.rpartition(".")[2],
        suffixes=tuple(module.SUFFIXES),
        batch=batch,
        summary=(module.__doc__ or "").strip().partition("\n")[0],
        render=module.render,
        render_batch=render_batch if batch else None,
        takes_matrix=bool(getattr(module, "TAKES_MATRIX", False)),
        takes_owners=bool(getattr(module, "TAKES_OWNERS", False)),
        takes_ungraded=bool(getattr(module, "TAKES_UNGRADED", False)),
        require=getattr(module, "require", lambda: None),
    )
