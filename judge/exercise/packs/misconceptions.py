"""misconceptions.json of a public pack: the bank of wrong solutions without the solutions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from judge.exercise.misconception import Misconception
from judge.model import ExerciseError, Json
from judge.vocabulary import DIFFERENCES, Blame, Evidence

FILE = "misconceptions.json"


def public_names(bank: Sequence[Misconception]) -> dict[str, str]:
    """Return the name of each misconception in a public pack: its code, numbered where several share one.

    The file that is named like the code, or else the first, has the code itself as its name.
    """
    names: dict[str, str] = {}
    by_code: dict[str, list[Misconception]] = {}
    for misconception in bank:
        by_code.setdefault(misconception.code, []).append(misconception)
    for code, forms in by_code.items():
        forms.sort(key=lambda form: form.name != code)  # stable: otherwise they keep their order
        names |= {form.name: code if not place else f"{code}-{place + 1}" for place, form in enumerate(forms)}
    return names


def render_packed(bank: Sequence[Misconception], names: Mapping[str, str]) -> str:
    """Return the text of the file: the bank in its own order, under its public names."""
    entries = [
        {
            "name": names[m.name],
            "code": m.code,
            "title": m.title,
            "page": m.page,
            "numeric": m.numeric,
            "raises": m.raises,
            "pitfall": m.pitfall,
            "same_numbers_as": sorted(names[other] for other in m.same_numbers_as),
            "noisy": m.noisy,
            "evidence": m.evidence,
            "blame": m.blame,
            "divergence": [str(difference) for difference in m.differences],
        }
        for m in bank
    ]
    entry_texts = ",\n".join(
        json.dumps(entry, separators=(",", ":"), ensure_ascii=False) for entry in entries
    )
    return f'{{"misconceptions":[\n{entry_texts}\n]}}\n'


def read_packed(root: Path) -> tuple[Misconception, ...]:
    """Return the bank of an unpacked public pack. Raises ExerciseError."""
    path = root / FILE
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return tuple(_misconception(entry, path) for entry in document["misconceptions"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"the field {error} is missing or unknown" if isinstance(error, KeyError) else str(error)
        raise ExerciseError(f"{FILE}: this is no list of misconceptions: {reason}") from error


def _misconception(entry: Json, path: Path) -> Misconception:
    return Misconception(
        name=_text(entry["name"]),
        code=_text(entry["code"]),
        title=_text(entry["title"]),
        page=_text(entry["page"]),
        path=path,
        source=b"",
        numeric=bool(entry["numeric"]),
        raises=_optional(entry["raises"]),
        pitfall=_optional(entry["pitfall"]),
        same_numbers_as=frozenset(_text(name) for name in entry["same_numbers_as"]),
        noisy=bool(entry["noisy"]),
        evidence=None if entry["evidence"] is None else Evidence(entry["evidence"]),
        blame=None if entry["blame"] is None else Blame(entry["blame"]),
        differences=tuple(DIFFERENCES[_text(words)] for words in entry["divergence"]),
    )


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.60} should be text")
    return value


def _optional(value: Json) -> str | None:
    return None if value is None else _text(value)
