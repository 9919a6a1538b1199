"""`judge doctor`: shows how strongly this machine can isolate submissions, and the probe that proved each layer."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from judge.commands.options import STATUS, Parser, add_text_or_json, parser_for
from judge.inside.confinement.confine import LAYERS
from judge.inside.confinement.self_check import Proof
from judge.model import IsolationLevel, JudgeError, Limits
from judge.sandbox import Sandbox
from judge.sandbox.levels import Assessment
from judge.version import __version__

MEANING = {
    "strong": "namespaces, Landlock, a system call filter and limits: strangers' files can be graded here",
    "good": "Landlock, a system call filter and limits: strangers' files can be graded here",
    "weak": "no Landlock: only files of people that you trust, with --accept-weak",
    "none": "no isolation: only your own files, with --unsafe-no-sandbox",
}

ALSO = ("capabilities", "descriptors", "access times")
"""Examined besides the layers."""


@dataclass(frozen=True)
class Examination:
    """The result of an examination; ``complaint`` is why nothing could be examined, or empty."""

    assessment: Assessment | None
    limits: Limits
    complaint: str = ""

    @property
    def level(self) -> IsolationLevel:
        """The isolation level available here."""
        return self.assessment.level if self.assessment else IsolationLevel.NONE


def parser() -> Parser:
    """The arguments of ``judge doctor``."""
    parser = parser_for(
        "judge doctor [--format json]",
        "How strongly this machine can isolate submissions, with the probe that proved each layer.",
        STATUS.format(yes="'strong' or 'good'", no="weaker"),
    )
    add_text_or_json(parser)
    return parser


def run(options: argparse.Namespace) -> int:
    """Examine this machine and print the result. Exit status 0 when it can grade without further consent."""
    examination = examine()
    if options.format == "json":
        sys.stdout.write(json.dumps(as_json(examination), indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(as_text(examination)) + "\n")
    return 0 if examination.level.holds_strangers else 1


def examine() -> Examination:
    """Confine a real process, attack it from within, and collect its results. Takes a fraction of a second."""
    limits = Limits()
    try:
        with Sandbox(limits, accept="examine", preload=()) as sandbox:
            return Examination(sandbox.assessment, limits)
    except JudgeError as error:
        return Examination(None, limits, str(error))


def as_json(examination: Examination) -> dict[str, object]:
    """Return the examination for programs."""
    assessment = examination.assessment
    proofs = {} if assessment is None else assessment.proofs
    return {
        "schema_version": 1,
        "judge": __version__,
        "platform": platform.platform(),
        "level": examination.level,
        "meaning": MEANING[examination.level],
        "layers": {
            name: {"held": proof.held, "evidence": proof.evidence}
            for name, proof in _in_order(proofs)
            if name in LAYERS
        },
        "missing": [
            {"layer": item.layer, "reason": item.reason, "cure": item.cure}
            for item in (assessment.missing if assessment else ())
        ],
        "also": {
            name: {"held": proofs[name].held, "evidence": proofs[name].evidence}
            for name in ALSO
            if name in proofs
        },
        "memory": _memory_bound(examination),
        "processes": _process_bound(examination),
        "complaint": examination.complaint,
    }


def as_text(examination: Examination) -> Iterator[str]:
    """Yield the examination for people, line by line."""
    assessment = examination.assessment
    level = examination.level
    yield f"judge {__version__} on {platform.platform()}"
    yield ""
    yield f"isolation: {level} ({MEANING[level]})"
    if examination.complaint:
        yield f"  {examination.complaint}"
    proofs = {} if assessment is None else assessment.proofs
    missing = {item.layer: item for item in (assessment.missing if assessment else ())}
    for name in LAYERS:
        if name in proofs and proofs[name].held:
            yield f"  + {name:<9} {proofs[name].evidence}"
    for name, item in missing.items():
        yield f"  - {name:<9} {item.reason}"
        if item.cure:
            yield f"    {'':<9} {item.cure}"
    if proofs:
        yield ""
        yield f"memory:    {_memory_bound(examination)}"
        yield f"processes: {_process_bound(examination)}"
        for name in ALSO:
            if name in proofs:
                yield f"also:      {name}: {proofs[name].evidence.removeprefix(name + ': ')}"


def _in_order(proofs: object) -> list[tuple[str, Proof]]:
    known = dict(proofs) if isinstance(proofs, dict) else {}
    return sorted(known.items(), key=lambda pair: LAYERS.index(pair[0]) if pair[0] in LAYERS else len(LAYERS))


def _memory_bound(examination: Examination) -> str:
    limits = examination.limits
    if examination.assessment is None or "limits" not in examination.assessment.proofs:
        return "not bounded"
    return (
        f"RLIMIT_DATA bounds writable memory, shared mappings are denied, and the keeper kills above "
        f"{limits.memory_mib} MiB resident, looking every 20 ms"
    )


def _process_bound(examination: Examination) -> str:
    assessment = examination.assessment
    if assessment is None or "threads" not in assessment.proofs:
        return "not bounded"
    proof = assessment.proofs["threads"]
    by = "RLIMIT_NPROC" if proof.held else "the keeper, which kills above the limit, looking every 20 ms"
    return f"no new processes (system call filter); threads bounded by {by}: {proof.evidence}"
