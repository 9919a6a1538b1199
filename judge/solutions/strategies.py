"""``reference/strategies.py``: the author's Hypothesis strategies, drawn from in this process.

The file is the author's and trusted, like exercise.yaml.  It defines ``inputs()``, a strategy for one call's arguments
by parameter name, and does not import jax.  An array is drawn as an array or, when it is large, as one of the
generators of YAML files.  Drawn inputs are checked like a case in a YAML file.
"""

from __future__ import annotations

import ast
import atexit
import functools
import math
import shutil
import sys
import tempfile
import traceback
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import numpy as np
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import FailedHealthCheck, HypothesisException, Unsatisfiable
from hypothesis.internal.conjecture import providers
from hypothesis.strategies import SearchStrategy

from judge.exercise.cases import digest_of_inputs
from judge.exercise.definition import MAX_SIZE
from judge.exercise.generators import generated
from judge.exercise.problems import shown
from judge.model import Exercise, ExerciseError, Inputs, Parameter
from judge.syntax import parse

if TYPE_CHECKING:
    from judge.model import Array

FUNCTION = "inputs"


def strategies_path(exercise: Exercise) -> Path:
    return exercise.reference_dir / "strategies.py"


def load_strategy(exercise: Exercise) -> SearchStrategy[Inputs]:
    """Return the strategy of valid inputs; every draw is checked, so that an invalid one cannot pass for a finding.

    Raises ExerciseError when there is none, when it raises, or when what it draws does not fit the parameters.
    """
    module = load_strategies(exercise)
    if module is None:
        path = strategies_path(exercise)
        raise ExerciseError(f"{path}: is missing: it says with Hypothesis strategies what valid inputs are")
    with blaming(exercise):
        function = getattr(module, FUNCTION, None)
        strategy = function() if callable(function) else None
    place = _place_of_function(exercise)  # once: it parses the file
    if not isinstance(strategy, SearchStrategy):
        raise ExerciseError(f"{place}: defines no function {FUNCTION}() that gives a strategy")
    return strategy.map(lambda drawn: checked_inputs(exercise, drawn, f"{place}: {FUNCTION}()"))


@functools.cache
def _own_folder() -> Path:
    """Return a folder of this process, with an unpredictable name against planted links; removed with the process."""
    folder = Path(tempfile.mkdtemp(prefix="judge-hypothesis-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def load_strategies(exercise: Exercise) -> types.ModuleType | None:
    """Execute and return the author's module; None when there is no such file. Raises ExerciseError when it fails."""
    path = strategies_path(exercise)
    if not path.is_file():
        return None
    # Hypothesis keeps files beside its database even without one; they do not belong in a checkout.
    set_hypothesis_home_dir(_own_folder())
    had_jax = "jax" in sys.modules
    module = types.ModuleType("judge_exercise_strategies")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    with blaming(exercise):
        exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), module.__dict__)
    if "jax" in sys.modules and not had_jax:
        raise ExerciseError(f"{place_of(exercise)}: imports jax, which this process must not")
    return module


@contextmanager
def blaming(exercise: Exercise) -> Iterator[None]:
    """Turn any exception of the author's strategies into one error with their file and line."""
    path = strategies_path(exercise)
    try:
        yield
    except ExerciseError:
        raise
    except (Exception, SystemExit) as error:
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
        line = error.lineno if isinstance(error, SyntaxError) else (lines or [None])[-1]
        place = place_of(exercise) + (f":{line}" if line else "")
        text = " ".join(str(error).split())
        raise ExerciseError(f"{place}: the strategies fail: {type(error).__name__}: {text}") from error


def place_of(exercise: Exercise) -> str:
    """Return the path of the strategies for error messages."""
    return strategies_path(exercise).relative_to(exercise.root).as_posix()


def _place_of_function(exercise: Exercise) -> str:
    """Return file and line of ``inputs``; the file alone where it is not defined by a ``def``."""
    path = strategies_path(exercise)
    try:
        tree = parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return place_of(exercise)
    lines = [node.lineno for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == FUNCTION]
    return place_of(exercise) + (f":{lines[-1]}" if lines else "")


# ------------------------------------------------------------------------------------------------------ drawing


def search(
    exercise: Exercise,
    strategy: SearchStrategy[Inputs],
    visit: Callable[[Inputs], None],
    *,
    count: int,
    seed: int,
    shrink: bool,
) -> None:
    """Call ``visit`` with up to ``count`` draws, always the same ones for a seed.

    An exception of ``visit`` ends the search; with ``shrink`` Hypothesis first calls it with ever simpler inputs that
    still raise.  Raises ExerciseError when the strategies fail or when Hypothesis's health checks do.
    """
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    configured = settings(
        max_examples=count,
        phases=phases,
        database=None,
        deadline=None,  # compiling may take long
        print_blob=False,
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
        derandomize=False,
        suppress_health_check=[HealthCheck.too_slow],  # it times ``visit``, which compiles
    )

    def run(drawn: Inputs) -> None:
        visit(drawn)

    test = hypothesis.seed(seed)(configured(hypothesis.given(strategy)(run)))
    path = strategies_path(exercise)
    try:
        with _nothing_from_other_modules():
            test()
    except Unsatisfiable as error:
        raise ExerciseError(f"{_place_of_function(exercise)}: {FUNCTION}() draws nothing at all") from error
    except FailedHealthCheck as error:
        told = _first_sentences(error, 2)
        raise ExerciseError(
            f"{_place_of_function(exercise)}: {FUNCTION}() discards or needs too much for Hypothesis: {told}"
        ) from error
    except HypothesisException as error:
        told = _first_sentences(error, 2)
        raise ExerciseError(f"{_place_of_function(exercise)}: {type(error).__name__}: {told}") from error
    except (Exception, SystemExit) as error:
        if _raised_in(error, path):
            with blaming(exercise):
                raise
        raise


@contextmanager
def _nothing_from_other_modules() -> Iterator[None]:
    """Keep Hypothesis from drawing constants that it found in the source of imported modules.

    They differ between a checkout, an installed judge and a run below pytest, so a seed would draw other inputs in
    each. There is no public switch; a version without such a pool needs no change.
    """
    name = "_get_local_constants"
    read_sources = getattr(providers, name, None)
    if read_sources is None:
        yield
        return
    from hypothesis.internal.constants_ast import Constants

    setattr(providers, name, Constants)  # called without arguments it has none
    providers.CONSTANTS_CACHE.cache.clear()  # the permitted constants of each kind are computed once
    try:
        yield
    finally:
        setattr(providers, name, read_sources)
        providers.CONSTANTS_CACHE.cache.clear()


def _first_sentences(error: Exception, count: int) -> str:
    """Return the first sentences of Hypothesis's error, without advice on settings that the author cannot change."""
    return ". ".join(" ".join(str(error).split()).split(". ")[:count]).removesuffix(".") + "."


def _raised_in(error: BaseException, path: Path) -> bool:
    return any(frame.filename == str(path) for frame in traceback.extract_tb(error.__traceback__))


def draw(exercise: Exercise, strategy: SearchStrategy[Inputs], count: int, seed: int) -> list[Inputs]:
    """Return up to ``count`` different inputs, always the same ones for a seed."""
    found: dict[str, Inputs] = {}
    search(
        exercise,
        strategy,
        lambda inputs: found.update({digest_of_inputs(inputs): inputs}) if len(found) < count else None,
        count=count + count // 4,
        seed=seed,
        shrink=False,
    )
    return list(found.values())


# ----------------------------------------------------------------------------------------------------- checking


class DrawnInputs(dict[str, "float | int | Array"]):
    """The inputs of a draw; ``written`` has generators, where the strategy drew one, in place of their arrays."""

    written: Mapping[str, object]


def as_written(inputs: Inputs) -> Mapping[str, object]:
    """Return inputs as a YAML file is to hold them: with the generators that they were drawn as."""
    return inputs.written if isinstance(inputs, DrawnInputs) else inputs


def checked_inputs(exercise: Exercise, drawn: object, place: str) -> DrawnInputs:
    """Check a draw: every parameter, of its kind, dtype and shape, finite. Raises ExerciseError, with the place."""
    names = [parameter.name for parameter in exercise.parameters]
    if not isinstance(drawn, dict) or set(drawn) != set(names):
        got = f"the keys {sorted(map(str, drawn))}" if isinstance(drawn, dict) else shown(drawn)
        raise ExerciseError(f"{place} must draw a dict with the keys {names}, drew {got}")
    sizes: dict[str, int] = {}
    inputs = DrawnInputs({p.name: _checked(p, drawn[p.name], sizes, place) for p in exercise.parameters})
    inputs.written = {n: drawn[n] if isinstance(drawn[n], Mapping) else inputs[n] for n in names}
    return inputs


def _checked(parameter: Parameter, value: object, sizes: dict[str, int], place: str) -> float | int | Array:
    name = parameter.name
    if parameter.kind == "int":
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise ExerciseError(f"{place} drew {name} = {shown(value)}, which is no int")
        return int(value)
    if parameter.kind == "float":
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise ExerciseError(f"{place} drew {name} = {shown(value)}, which is no float")
        try:
            number = float(value)
        except (OverflowError, TypeError):
            number = math.inf
        if not np.isfinite(number):
            raise ExerciseError(f"{place} drew {name} = {number}, which is not finite")
        return number
    try:
        if isinstance(value, Mapping):
            array = generated(value).astype(parameter.dtype or "float64")
        else:
            array = np.array(value, order="C")
    except ValueError as error:
        if isinstance(value, Mapping):
            raise ExerciseError(f"{place} drew {name} = {shown(value)}: {error}") from error
        raise ExerciseError(f"{place} drew {name} = {shown(value)}, which is no array") from error
    if array.size > MAX_SIZE:
        raise ExerciseError(f"{place} drew {name} with {array.size} numbers, at most {MAX_SIZE} are allowed")
    if array.dtype != np.dtype(parameter.dtype or "float64"):
        raise ExerciseError(f"{place} drew {name} of dtype {array.dtype}, declared is {parameter.dtype}")
    declared = parameter.shape or ()
    fits = array.ndim == len(declared) and array.size > 0
    for step, size in zip(declared, array.shape, strict=False):
        fits &= (step if isinstance(step, int) else sizes.setdefault(step, size)) == size
    if not fits:
        known = ", ".join(f"{symbol} = {size}" for symbol, size in sizes.items())
        wanted = f"[{', '.join(map(str, declared))}]" + (f" with {known}" if known else "")
        raise ExerciseError(f"{place} drew {name} of shape {array.shape}, declared is {wanted}")
    if not np.isfinite(array).all():
        raise ExerciseError(f"{place} drew {name} with entries that are not finite")
    array.setflags(write=False)
    return array
