"""`judge selftest`: runs the attacks that come with the package on the sandbox of this machine."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from judge.commands.options import STATUS, Parser, add_isolation, add_text_or_json, parser_for
from judge.model import UsageError
from judge.progress import status
from judge.reports.escape import clip, visible
from judge.selftest.attack import GROUPS, SHIPPED, Attack, attacks_in
from judge.selftest.harness import AttackHarness, AttackResult
from judge.version import __version__

HELD, NOT_HELD = 0, 1
MAX_CHARS = 300


@dataclass(frozen=True)
class GroupResult:
    """The results of one group, and whether a right submission was accepted afterwards."""

    group: str
    trials: tuple[AttackResult, ...]
    right_accepted: bool

    @property
    def held(self) -> int:
        return sum(trial.held for trial in self.trials)

    @property
    def all_held(self) -> bool:
        return self.right_accepted and self.held == len(self.trials)


def parser() -> Parser:
    """The arguments of ``judge selftest``."""
    parser = parser_for(
        "judge selftest",
        "Attack the sandbox of this machine and count what held.",
        STATUS.format(yes="all held", no="something did not"),
    )
    add_text_or_json(parser)
    add_isolation(parser)
    return parser


def run(options: argparse.Namespace) -> int:
    """Attack the sandbox and print what was tried and what held. Exit status 0 when all of it did, else 1.

    Raises SandboxTooWeakError when the isolation is weaker than accepted.
    """
    if options.unsafe_no_sandbox:
        raise UsageError(
            "without a sandbox there is nothing to attack but this machine; selftest does not do that"
        )
    start = time.monotonic()
    with AttackHarness(accept="weak" if options.accept_weak else "good") as arena:
        level = arena.isolation.level
        results = []
        if options.format == "text":
            _say(
                f"judge {__version__} attacks its sandbox on {platform.platform()}", f"isolation: {level}", ""
            )
        for result in try_groups(arena, attacks_in(SHIPPED)):
            results.append(result)
            if options.format == "text":
                _say(*lines_of(result))
    wall_s = time.monotonic() - start
    if options.format == "json":
        _say(json.dumps(as_json(results, level, wall_s), indent=2))
    else:
        _say("", *summary(results, wall_s))
    return HELD if all(result.all_held for result in results) else NOT_HELD


def try_groups(arena: AttackHarness, attacks: Sequence[Attack]) -> Iterator[GroupResult]:
    """Run one group after another, and yield each as soon as it is finished."""
    for group in GROUPS:
        chosen = [attack for attack in attacks if attack.group == group]
        with status(f"{group}: {len(chosen)} attacks"):
            trials = tuple(arena.try_attack(attack) for attack in chosen)
            right = arena.right_is_accepted()
        yield GroupResult(group, trials, right)


def lines_of(result: GroupResult) -> Iterator[str]:
    """Yield the group's count, and each attack that was not stopped with the evidence."""
    yield f"  {result.group:<18} {result.held:>3} of {len(result.trials):>2} held"
    for trial in result.trials:
        if not trial.held:
            yield f"    ! {trial.attack.name}: {trial.attack.title}"
            for problem in trial.problems:
                yield f"        {visible(clip(problem, MAX_CHARS))}"
    if not result.right_accepted:
        yield "    ! afterwards a right submission was not accepted any more"


def summary(results: Sequence[GroupResult], wall_s: float) -> Iterator[str]:
    """Yield the totals, and what they mean."""
    tried, held = sum(len(result.trials) for result in results), sum(result.held for result in results)
    yield f"{tried} attacks tried, {held} held, in {wall_s:.0f} s"
    if all(result.all_held for result in results):
        yield "After each group a right submission was accepted."
    else:
        yield "This sandbox does not hold: do not grade strangers' files here. 'judge doctor' says what it is made of."


def as_json(results: Sequence[GroupResult], level: str, wall_s: float) -> dict[str, object]:
    """Return the results for programs."""
    return {
        "schema_version": 1,
        "judge": __version__,
        "platform": platform.platform(),
        "level": level,
        "tried": sum(len(result.trials) for result in results),
        "held": sum(result.held for result in results),
        "all_held": all(result.all_held for result in results),
        "groups": {
            result.group: {
                "tried": len(result.trials),
                "held": result.held,
                "right_submission_accepted": result.right_accepted,
            }
            for result in results
        },
        "attacks": [
            {
                "name": trial.attack.name,
                "title": trial.attack.title,
                "group": trial.attack.group,
                "held": trial.held,
                "verdict": trial.verdict,
                "problems": [clip(problem, MAX_CHARS) for problem in trial.problems],
                "wall_s": round(trial.wall_s, 3),
            }
            for result in results
            for trial in result.trials
        ],
        "wall_s": round(wall_s, 3),
    }


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
