"""One module per pitfall: its code, its page, and how it is seen. Adding a pitfall is adding a module.

A module holds

    CODE, TITLE, PAGE            its code, its title in one line, and its page in Markdown
    MATTERS                      why it matters, in a few sentences, for the short message
    happened(detection)           what was seen, in a sentence
    detect(context)              every place where it was seen (`trace.Detection`), certain or not
    explains(context, case)      True if a failed case in which it was seen failed because of it
    done_right(context)          True if the same thing was seen done right: positive evidence
    BEFORE (optional)            codes that it is shown before, because they are a part of it
    SILENT (optional)            right numbers are no evidence that it was avoided: with plain SGD it changes none
    CHANGES (optional)           the stage of a run that it changes first: a difference there is its effect
    ABSENCE (optional)           it means that something was not seen: not reported if the probes are not believed
    recognise(raised, trace, case) (optional)
                                 the mistake behind an exception that is its own or only looks like it, or None

Only behaviour counts: detectors read what probes saw and how cases ended, never the source text.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from judge.model import ClaimedException
from judge.trace import Context, Detection, Recognised, Trace
from judge.vocabulary import Stage


@dataclass(frozen=True)
class Pitfall:
    code: str
    title: str
    page: str
    matters: str
    happened: Callable[[Detection], str]
    detect: Callable[[Context], list[Detection]]
    explains: Callable[[Context, str], bool]
    done_right: Callable[[Context], bool]
    before: tuple[str, ...]
    silent: bool
    absence: bool
    changes: Stage | None
    recognise: Callable[[ClaimedException, Trace, str], Recognised | None] | None


@functools.cache
def pitfalls() -> Mapping[str, Pitfall]:
    """Every pitfall in this package, by code."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        it = importlib.import_module(f"{__name__}.{module.name}")
        found[it.CODE] = Pitfall(
            code=it.CODE,
            title=it.TITLE,
            page=it.PAGE.strip("\n"),
            matters=it.MATTERS,
            happened=it.happened,
            detect=it.detect,
            explains=it.explains,
            done_right=it.done_right,
            before=getattr(it, "BEFORE", ()),
            silent=getattr(it, "SILENT", False),
            absence=getattr(it, "ABSENCE", False),
            changes=getattr(it, "CHANGES", None),
            recognise=getattr(it, "recognise", None),
        )
    return found
