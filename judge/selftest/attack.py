"""One attack, read from a file without executing it.

The file is a submission. The first line of its docstring describes the attempt, and a literal ``ATTACK`` holds the
rest:

    ATTACK = {
        "group": "tamper",                  one of GROUPS
        "verdicts": ["wrong-answer"],       the verdicts that it may get when it is held
        "witness": "canary",                the trace that it leaves where nothing holds it: one of WITNESSES
        "bound_s": 5,                       the longest time to grade it on an idle machine
        "limits": {"wall_s": 3},            optional: other limits than usual
        "runs": 2,                          optional: it is run again, as the next submission
        "control": "naive",                 optional: what it succeeds against, when that is not a bare process:
                                            "naive", a judge that trusts, or "own-pids", a bare process that can
                                            reach only processes that exist for this one control
        "needs": ["root"],                  optional: what a bare process must have for it to succeed
    }

Where an attack needs a property of the host (a path, a port, a pid) its text has a placeholder, ``@CANARY_PATH@``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from judge.model import Json, Verdict

GROUPS = ("forge the verdict", "steal answers", "exhaust", "tamper", "escape", "protocol", "outlive")

WITNESSES = {
    "points": "a case was counted as right although nothing was computed",
    "no-verdict": "the judge failed, or gave no verdict at all",
    "secret": "a secret of the host was found in what the judge gave out",
    "hidden": "a hidden input was found in what a learner would be shown",
    "token": "what one submission left was found in what the next one gave out",
    "terminal": "an escape sequence reached the terminal",
    "canary": "a file or folder of the host was changed",
    "leftover": "something stayed behind: a file, a shared memory segment, a key, a lock",
    "listener": "a socket of the host was reached",
    "victim": "another process was signalled, stopped, traced, moved or written to",
    "survivor": "a process was still there after the verdict",
    "descriptor": "the process held a descriptor that leads out of the sandbox",
    "process": "the process had more processors, other ids, a sibling, another program or scheduling than it was given",
    "time": "a step ran on for more than a second after its limit",
    "memory": "more memory was in use than allowed",
    "judge-memory": "the judge itself needed too much memory",
    "tasks": "more threads and processes were there than allowed",
    "output": "more output was taken than allowed",
}

CONTROLS = ("bare", "naive", "own-pids")
PLACEHOLDER = re.compile(r"@([A-Z][A-Z0-9_]*)@")
SHIPPED = Path(__file__).resolve().parent / "attacks"
"""The attacks that come with the package, for operators."""


class AttackFileError(ValueError):
    """An attack file is malformed."""


@dataclass(frozen=True)
class Attack:
    """A hostile submission and its expected outcome; ``source`` still has its placeholders."""

    name: str
    title: str
    group: str
    verdicts: tuple[Verdict, ...]
    witness: str
    bound_s: float
    source: str
    limits: Mapping[str, Json] = field(default_factory=dict)
    runs: int = 1
    control: str = "bare"
    needs: tuple[str, ...] = ()

    @property
    def placeholders(self) -> frozenset[str]:
        return frozenset(PLACEHOLDER.findall(self.source))

    def filled(self, values: Mapping[str, object]) -> bytes:
        """Return the source with its placeholders replaced. Raises AttackFileError for one that has no value."""
        unknown = sorted(self.placeholders - set(values))
        if unknown:
            raise AttackFileError(f"{self.name}: there is no @{unknown[0]}@")
        return PLACEHOLDER.sub(lambda found: str(values[found.group(1)]), self.source).encode()


def attacks_in(folder: Path) -> tuple[Attack, ...]:
    """Return the attacks of a folder, by group and name: each Python file that is no test and has an ATTACK."""
    found = [read_attack(path) for path in sorted(folder.glob("*.py")) if _is_attack(path)]
    return tuple(sorted(found, key=lambda attack: (GROUPS.index(attack.group), attack.name)))


def read_attack(path: Path) -> Attack:
    """Read one file. Raises AttackFileError with the file's name and the problem."""
    source = path.read_text()
    try:
        tree = ast.parse(source)
        facts = next(iter(_literals(tree.body)))
    except (SyntaxError, ValueError, StopIteration) as error:
        raise AttackFileError(f"{path.name}: it has no literal ATTACK ({error})") from None
    title = (ast.get_docstring(tree) or "").partition("\n")[0].rstrip(".")
    try:
        attack = Attack(
            name=path.stem,
            title=title,
            group=facts["group"],
            verdicts=tuple(Verdict(verdict) for verdict in facts["verdicts"]),
            witness=facts["witness"],
            bound_s=float(facts["bound_s"]),
            source=source,
            **{name: facts[name] for name in ("limits", "runs", "control") if name in facts},
            needs=tuple(facts.get("needs", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise AttackFileError(f"{path.name}: its ATTACK is wrong: {error}") from None
    _check(attack, facts)
    return attack


def _check(attack: Attack, facts: Mapping[str, Json]) -> None:
    known = {"group", "verdicts", "witness", "bound_s", "limits", "runs", "control", "needs"}
    complaints = [
        *(f"{name!r} is not known" for name in sorted(set(facts) - known)),
        *(["it has no docstring"] if not attack.title else []),
        *([f"there is no group {attack.group!r}"] if attack.group not in GROUPS else []),
        *([f"there is no witness {attack.witness!r}"] if attack.witness not in WITNESSES else []),
        *([f"there is no control {attack.control!r}"] if attack.control not in CONTROLS else []),
        *(["it names no verdict"] if not attack.verdicts else []),
        *(
            ["accepted is no verdict for an attack"]
            if Verdict.ACCEPTED in attack.verdicts or Verdict.JUDGE_ERROR in attack.verdicts
            else []
        ),
    ]
    if complaints:
        raise AttackFileError(f"{attack.name}: {'; '.join(complaints)}")


def _is_attack(path: Path) -> bool:
    return not path.name.startswith(("test_", "conftest")) and "\nATTACK = {" in path.read_text()


def _literals(body: Iterable[ast.stmt]) -> Iterable[Mapping[str, Json]]:
    for statement in body:
        if isinstance(statement, ast.Assign) and [ast.unparse(t) for t in statement.targets] == ["ATTACK"]:
            value = ast.literal_eval(statement.value)
            if not isinstance(value, dict):
                raise ValueError("ATTACK is not a dict")
            yield value
