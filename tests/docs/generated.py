"""The parts of the pages that are made from the code: each function returns the Markdown between two marks.

<!-- generated: NAME -->
...
<!-- end -->
"""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType

from support.documents import ROOT

from judge import vocabulary
from judge.exercise import find_exercise, load_exercise
from judge.pages import Page, all_pages
from judge.reports.formats import formats
from judge.sandbox.tried import TRIED

REGION = re.compile(r"(<!-- generated: ([a-z]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def with_generated(page_text: str) -> str:
    """The page with every generated part made anew; KeyError for a part that nobody makes."""
    return REGION.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}{found[4]}", page_text)


# -------------------------------------------------------------------------------------------------- findings


def pages() -> tuple[Page, ...]:
    """Every page that ``judge explain`` has in this repository."""
    return all_pages(load_exercise(find_exercise(ROOT)))


def findings() -> str:
    """The text of ``judge explain CODE`` for every code, its headings two levels lower."""
    found = pages()
    rows = [f"| [{page.code}](#{page.code}) | {page.title} |" for page in found]
    parts = ["\n".join(["| code | what it says |", "|---|---|", *rows])]
    for page in found:
        text = re.sub(r"^## ", "### ", textwrap.dedent(page.text).strip("\n"), flags=re.MULTILINE)
        parts += [f"## {page.code}", f"**{page.title}**", text]
    return "\n" + "\n\n".join(parts) + "\n\n"


# --------------------------------------------------------------------------------------------------- formats


def formats_table() -> str:
    """One row for each report format, from what its module declares."""
    rows = [
        f"| `{one.name}` | {', '.join(f'`{suffix}`' for suffix in one.suffixes) or 'none'} "
        f"| {'yes' if one.batch else 'one only'} | {one.summary} |"
        for one in formats()
    ]
    return (
        "\n".join(["| name | endings | many submissions | what it is |", "|---|---|---|---|", *rows]) + "\n"
    )


# ------------------------------------------------------------------------------------------------ vocabulary


def evidence_table() -> str:
    return _words_table("evidence", "what was seen", vocabulary.Evidence)


def blame_table() -> str:
    return _words_table("blame", "where to look", vocabulary.Blame)


def _words_table(kind: str, meaning: str, words: type[enum.StrEnum]) -> str:
    said = _said_below(_class(words))
    rows = [f"| `{word.value}` | {said[word.name].removeprefix(': ')} |" for word in words]
    return "\n".join([f"| {kind} | {meaning} |", "|---|---|", *rows]) + "\n"


def differences_table() -> str:
    """One row for each difference that a misconception can declare; factors have one row for all of them."""
    said = _said_below(_class(vocabulary.Shape))
    rows = []
    for stage, shapes in vocabulary.SHAPES.items():
        for shape in shapes:
            if shape in vocabulary.FACTORS:
                continue
            meaning = said[shape.name].removeprefix(": ")
            rows.append(f"| `{stage}: {shape}` | {stage.words} | {meaning} |")
        if set(vocabulary.FACTORS) <= set(shapes):
            factors = ", ".join(
                f"`{factor.value.removeprefix('scaled by ')}`" for factor in vocabulary.FACTORS
            )
            rows.append(
                f"| `{stage}: scaled by F` | {stage.words} | F is {factors}, the same in every case. |"
            )
    return "\n".join(["| divergence | what differs first | how |", "|---|---|---|", *rows]) + "\n"


def _class(thing: type[enum.StrEnum]) -> ast.ClassDef:
    node = _definition(vocabulary, thing.__name__)
    assert isinstance(node, ast.ClassDef)
    return node


# --------------------------------------------------------------------------------------------------- support


def support_table() -> str:
    """One row for each combination of versions that was tried."""
    rows = [
        f"| {one.python} | {one.jax} | {one.flax} | {one.optax} | {one.numpy} | {one.outcome or 'all as recorded'} |"
        for one in TRIED
    ]
    heads = "| Python | jax, jaxlib | flax | optax | NumPy | what came out |"
    return "\n".join([heads, "|---|---|---|---|---|---|", *rows]) + "\n"


# ------------------------------------------------------------------------------------------------------- api

API: Mapping[str, tuple[str, ...]] = {
    "judge.grader": ("Grader",),
    "judge.grader_pool": ("GraderPool",),
    "judge.reward": ("rewards", "Rewards", "code_in"),
    "judge.reward.inspect_ai": ("judge_scorer",),
    "judge.reward.verifiers": ("judge_reward",),
    "judge.sandbox": ("Warm", "Cancellation"),
    "judge.submission": ("read_submission", "Unusable"),
    "judge.model": (
        "Limits",
        "Report",
        "Verdict",
        "CheckResult",
        "CheckKind",
        "Outcome",
        "Visibility",
        "Finding",
        "Severity",
        "SourceSpan",
        "Counterexample",
        "Isolation",
        "IsolationLevel",
        "JudgeError",
        "ExerciseError",
        "StaleGoldensError",
        "SandboxError",
        "SandboxTooWeakError",
        "GradingCancelledError",
        "UsageError",
        "PackError",
    ),
    "judge.reports.formats": ("formats", "format_named", "format_for", "ReportFormat"),
    "judge.reports.redact": ("redact",),
    "judge.reports.render": ("render",),
    "judge.reports.saved": ("report_from_json",),
    "judge.pages": ("page", "all_pages", "Page"),
}


def api() -> str:
    """Signatures and docstrings of what is public, module by module."""
    parts: list[str] = []
    for name, members in API.items():
        module = importlib.import_module(name)
        parts.append(f"## {name}")
        for member in members:
            parts += _described(module, member)
    return "\n" + "\n\n".join(parts) + "\n\n"


def _described(module: ModuleType, name: str) -> Iterator[str]:
    node = _definition(module, name)
    yield f"### {name}"
    if isinstance(node, ast.FunctionDef):
        yield _fenced(_signature(node))
        yield from _docstring(node)
        return
    thing = getattr(module, name)
    if issubclass(thing, enum.Enum):
        yield from _docstring(node)
        said = _said_below(node)
        if said:
            yield "\n".join(f"- `{one.name}`{said.get(one.name, '')}" for one in thing)
        else:
            yield ", ".join(f"`{one.value}`" for one in thing)
        return
    if issubclass(thing, Exception):
        yield f"A {thing.__bases__[0].__name__}."
    yield from _docstring(node)
    fields = list(_fields(node))
    if fields:
        yield "\n".join(fields)
    for method in node.body:
        if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) or not ast.get_docstring(method):
            continue
        if method.name == "__init__":
            method.name, method.returns = name, None
        elif method.name.startswith("_"):
            continue
        decorators = [ast.unparse(one) for one in method.decorator_list]
        if decorators in (["property"], ["functools.cached_property"]):
            yield f"#### {name}.{method.name}: {_type(method.returns)}"
        else:
            yield f"#### {name if method.name == name else f'{name}.{method.name}'}"
            yield _fenced(_signature(method, own=True))
        yield from _docstring(method)


def _definition(module: ModuleType, name: str) -> ast.ClassDef | ast.FunctionDef:
    thing = getattr(module, name)
    module = importlib.import_module(thing.__module__)  # a package offers what one of its modules defines
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return node
    raise LookupError(f"{module.__name__} defines no {name}")


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef, *, own: bool = False) -> str:
    """``grade(submission: str, *, counterexample_s: float = 0.0) -> Report``, one argument a line when it is long."""
    if own:
        node.args.args = node.args.args[1:]
    arguments = ast.unparse(node.args)
    result = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    name = f"async {node.name}" if isinstance(node, ast.AsyncFunctionDef) else node.name
    line = f"{name}({arguments}){result}"
    if len(line) <= 100:
        return line
    pieces = re.split(r", (?![^\[]*\])", arguments)
    return "\n".join([f"{name}(", *(f"    {piece}," for piece in pieces), f"){result}"])


def _docstring(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Paragraphs of a docstring as Markdown."""
    for paragraph in (ast.get_docstring(node) or "").split("\n\n"):
        if paragraph.startswith(">>>"):
            lines = [line.partition("# doctest:")[0].rstrip() for line in paragraph.split("\n")]
            yield _fenced("\n".join(re.sub(r"^(>>>|\.\.\.) ?", "", line) for line in lines))
        elif paragraph:
            yield paragraph.replace("``", "`")


def _said_below(node: ast.ClassDef) -> dict[str, str]:
    """By the name of a member of an enumeration, the string below it."""
    return {
        one.targets[0].id: ": " + " ".join(str(after.value.value).split()).replace("``", "`")
        for one, after in itertools.pairwise(node.body)
        if isinstance(one, ast.Assign)
        and isinstance(one.targets[0], ast.Name)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
    }


def _fields(node: ast.ClassDef) -> Iterator[str]:
    """The fields of a frozen dataclass; a string below one is its description."""
    for place, field in enumerate(node.body):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        default = f" = {ast.unparse(field.value)}" if field.value is not None else ""
        default = "" if "field(" in default else default
        after = node.body[place + 1] if place + 1 < len(node.body) else None
        text = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            text = ": " + " ".join(str(after.value.value).split()).replace("``", "`")
        yield f"- `{field.target.id}: {_type(field.annotation)}{default}`{text}"


def _type(annotation: ast.expr | None) -> str:
    return ast.unparse(annotation) if annotation is not None else "None"


def _fenced(code: str) -> str:
    return f"```python\n{code}\n```"


PARTS: Mapping[str, Callable[[], str]] = {
    "findings": findings,
    "formats": formats_table,
    "support": support_table,
    "api": api,
    "evidence": evidence_table,
    "blame": blame_table,
    "differences": differences_table,
}
