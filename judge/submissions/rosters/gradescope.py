"""Gradescope: a folder ``submission_{id}/`` for each submission; ``submission_metadata.yml`` says whose they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from judge.submissions.rosters.owner import Learner, Owner, Source

METADATA = "submission_metadata.yml"


def owners(source: Source) -> dict[str, Owner]:
    """Return the owners of the files and folders of the submissions that a list beside them names."""
    found = {}
    for listed in (path for path in source.files if path.rpartition("/")[2] == METADATA):
        folder = listed.removesuffix(METADATA)
        by_submission = _by_submission(source.text_of(listed))
        for path in (*source.files, *source.folders):
            submission, _, rest = path.removeprefix(folder).partition("/")
            if path.startswith(folder) and submission in by_submission:
                learners, attempt, late = by_submission[submission]
                found[path] = Owner(
                    learners=learners,
                    file=rest,
                    attempt=attempt,
                    late=late,
                    group=submission if len(learners) > 1 else "",
                    place=submission,
                )
    return found


def _by_submission(text: str) -> dict[str, tuple[tuple[Learner, ...], str, bool]]:
    """Return learners, time and lateness by the submission's folder; nothing from a text that is no such list."""
    import yaml

    try:
        # The loader in C is the quicker one, and as safe.
        document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    if not isinstance(document, dict):
        return {}
    found = {}
    for folder, said in document.items():
        if isinstance(folder, str) and isinstance(said, dict):
            learners = _learners(said.get(":submitters"))
            if learners:
                found[folder] = (learners, _text(said.get(":created_at")), bool(said.get(":late")))
    return found


def _learners(submitters: Any) -> tuple[Learner, ...]:
    people = submitters if isinstance(submitters, list) else []
    found = []
    for one in people:
        if isinstance(one, dict):
            name, email = _text(one.get(":name")), _text(one.get(":email"))
            known = _text(one.get(":sid")) or email or name
            found += [Learner(known, name)] if known else []
    return tuple(found)


def _text(value: Any) -> str:
    """Return a plain value as text; '' for none and for lists, which could hold each other without end."""
    return str(value) if isinstance(value, str | int | float | datetime) else ""
