"""`judge selftest`: attack the sandbox of this machine with the files that ship with the judge."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from judge.authoring.progress import progress
from judge.exit_status import ACCEPTED, JUDGE_ERROR
from judge.options import accept_from
from judge.selftest.arena import Arena, Trial
from judge.selftest.attack import SHIPPED, attacks_in


def selftest(options: argparse.Namespace) -> int:
    """Try every shipped attack and say, group by group, how many were held.

    Exit status 0 when all were held and a right submission is still accepted afterwards, else 3.
    """
    attacks = attacks_in(SHIPPED)
    with Arena(accept=accept_from(options)) as arena, progress("attacking", len(attacks)) as step:
        trials = []
        for attack in attacks:
            trials.append(arena.try_attack(attack))
            step(attack.name)
        level, right = arena.isolation.level, arena.right_is_accepted()
    if options.format == "json":
        sys.stdout.write(json.dumps(_as_json(level, trials, right), indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(_as_text(level, trials, right)) + "\n")
    return ACCEPTED if right and all(trial.held for trial in trials) else JUDGE_ERROR


def _by_group(trials: Sequence[Trial]) -> dict[str, list[Trial]]:
    groups: dict[str, list[Trial]] = {}
    for trial in trials:
        groups.setdefault(trial.attack.group, []).append(trial)
    return dict(sorted(groups.items()))


def _as_text(level: str, trials: Sequence[Trial], right: bool) -> list[str]:
    lines = [f"isolation: {level}", ""]
    for group, of_group in _by_group(trials).items():
        lines.append(f"{group:<22} held {sum(trial.held for trial in of_group):>3} of {len(of_group):>3}")
    lines.append(f"{'in all':<22} held {sum(trial.held for trial in trials):>3} of {len(trials):>3}")
    for trial in trials:
        lines += [f"  {trial.attack.name}: {problem}" for problem in trial.problems]
    lines.append(
        "a right submission is still accepted" if right else "a right submission is NOT accepted any more"
    )
    return lines


def _as_json(level: str, trials: Sequence[Trial], right: bool) -> dict[str, object]:
    return {
        "schema_version": 1,
        "level": level,
        "tried": len(trials),
        "held": sum(trial.held for trial in trials),
        "right_submission_accepted": right,
        "attacks": [
            {
                "name": trial.attack.name,
                "group": trial.attack.group,
                "held": trial.held,
                "verdict": str(trial.verdict),
                "wall_s": round(trial.wall_s, 3),
                "problems": list(trial.problems),
            }
            for trial in trials
        ],
    }
