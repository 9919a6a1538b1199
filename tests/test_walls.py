"""The walls: the inside imports nothing trusted, the trusted side imports no jax, and imports run one way."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "judge"
HEAVY = {"jax", "jaxlib", "flax", "optax"}
SHARED_WITH_INSIDE = {"judge.wire"}


def imports_of(path: Path, *, type_checking: bool = True) -> Iterator[str]:
    """Dotted names that a file imports anywhere in it, ``from a import b`` as both a and a.b."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


LAYERS = (
    ("closing", "version", "model", "vocabulary", "wire"),
    ("archives", "compare", "files", "inside", "schema", "streams", "syntax", "trace", "walk"),
    ("exercise", "pitfalls", "submission", "verdict"),
    ("submissions",),
    ("pages", "reports", "sandbox"),
    ("same_error",),
    ("diagnosis", "progress"),
    ("observed",),
    ("grade", "retry"),
    ("bounded", "solutions"),
    ("grader", "selftest", "authoring", "batch"),
    ("exports", "fleet", "grader_pool"),
    ("reward",),
    ("commands",),
    ("cli", "ipython"),
)
"""From the bottom up: a room of `judge` imports only from layers below its own; `__init__` and `__main__` are doors."""


def room_of(name: str) -> str:
    """The folder or module directly below `judge` that a dotted name lies in."""
    return name.split(".")[1]


def upward_imports(root: Path) -> list[str]:
    """Imports from a room that is not below the importing one, as ``file imports name``."""
    height = {room: index for index, layer in enumerate(LAYERS) for room in layer}
    found = []
    for path in sorted(root.rglob("*.py")):
        own = path.relative_to(root).parts[0].removesuffix(".py")
        if own in ("__init__", "__main__") or "attacks" in path.parts:
            continue
        for name in imports_of(path):
            if not name.startswith("judge.") or room_of(name) == own or room_of(name) not in height:
                continue
            if height[room_of(name)] >= height[own]:
                found.append(f"{path.relative_to(root)} imports {name}")
    return found


def test_imports_run_one_way() -> None:
    assert upward_imports(PACKAGE) == []


def test_rules_about_exceptions_know_pitfalls_by_their_registry_alone() -> None:
    named = {name for name in imports_of(PACKAGE / "diagnosis" / "exceptions.py") if "pitfalls" in name}
    assert named == {"judge.pitfalls", "judge.pitfalls.pitfalls"}


def test_every_room_has_its_layer() -> None:
    rooms = {
        path.stem
        for path in PACKAGE.iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and not path.stem.startswith("__")
    }
    assert rooms == {room for layer in LAYERS for room in layer}


def test_an_upward_import_can_be_seen(tmp_path: Path) -> None:
    (tmp_path / "grade.py").write_text("def f():\n    from judge.authoring import check\n")
    assert upward_imports(tmp_path) == [
        "grade.py imports judge.authoring",
        "grade.py imports judge.authoring.check",
    ]


def inside_files() -> list[Path]:
    return sorted((PACKAGE / "inside").rglob("*.py"))


def trusted_files() -> list[Path]:
    data = set((PACKAGE / "selftest" / "attacks").glob("*.py"))  # submissions, never imported
    data |= set((PACKAGE / "authoring" / "exercise_template" / "files").rglob("*.py"))  # an exercise, only copied
    return sorted(set(PACKAGE.rglob("*.py")) - set(inside_files()) - data)


def breaches_of_inside(path: Path) -> list[str]:
    ours = [name for name in imports_of(path) if name.split(".")[0] == "judge" and name != "judge"]
    return [name for name in ours if not name.startswith("judge.inside") and name not in SHARED_WITH_INSIDE]


def heavy_imports(path: Path) -> list[str]:
    return [name for name in imports_of(path) if name.split(".")[0] in HEAVY]


def found_by(rule: Callable[[Path], list[str]], files: list[Path]) -> dict[str, list[str]]:
    """What a rule finds, by file."""
    assert files
    return {str(path.relative_to(PACKAGE)): found for path in files if (found := rule(path))}


def test_the_inside_imports_nothing_trusted() -> None:
    assert found_by(breaches_of_inside, inside_files()) == {}


def test_the_trusted_side_imports_no_jax() -> None:
    assert found_by(heavy_imports, trusted_files()) == {}


def test_the_walls_can_be_seen_to_fall(tmp_path: Path) -> None:
    traitor = tmp_path / "traitor.py"
    traitor.write_text("def f():\n    from judge.exercise import goldens\n    import jax.numpy as jnp\n")
    assert breaches_of_inside(traitor) == ["judge.exercise", "judge.exercise.goldens"]
    assert heavy_imports(traitor) == ["jax.numpy"]


def loaded_by(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after running the code."""
    program = f"import sys, json\n{code}\nprint(json.dumps(sorted(m.split('.')[0] for m in sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT, timeout=120
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import judge",
        "import judge.cli\ntry:\n    judge.cli.main(['--help'])\nexcept SystemExit:\n    pass",
    ],
)
def test_looking_at_judge_loads_nothing_heavy(code: str) -> None:
    loaded = loaded_by(code)
    assert "judge" in loaded
    assert not loaded & (HEAVY | {"numpy", "rich", "yaml", "hypothesis"})


def test_the_whole_trusted_side_loads_without_jax() -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in trusted_files()
        if path.name != "__main__.py"
    ]
    loaded = loaded_by(
        "import importlib\n" + "\n".join(f"importlib.import_module({name!r})" for name in names)
    )
    assert "numpy" in loaded
    assert not loaded & HEAVY
