"""Uses dataclasses, enums, typing, json, re and the tools of iteration."""

import abc
import collections
import contextlib
import dataclasses
import enum
import functools
import itertools
import json
import operator
import re
import typing


class Kind(enum.Enum):
    MEAN = enum.auto()
    SUM = enum.auto()


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    kind: Kind
    factor: float = 1.0


class Step(abc.ABC):
    @abc.abstractmethod
    def run(self, values: typing.Sequence[float]) -> float: ...


class Reduce(Step):
    def __init__(self, setting: Setting):
        self.setting = setting

    def run(self, values):
        total = functools.reduce(operator.add, values) * self.setting.factor
        return total / len(values) if self.setting.kind is Kind.MEAN else total


@contextlib.contextmanager
def counted(name, counts):
    counts[name] += 1
    yield counts


@functools.lru_cache
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def solve(seed, x_batch, y_batch, lr):
    values = [float(v) for v in y_batch]
    counts = collections.Counter()
    with counted("run", counts), contextlib.suppress(KeyError):
        raise KeyError
    back = json.loads(
        json.dumps({"values": values, "setting": dataclasses.asdict(Setting(Kind.SUM))["factor"]})
    )
    found = re.findall(r"-?\d+\.\d+", " ".join(map(str, back["values"])))
    pairs = [a * b for a, b in itertools.pairwise(values)]
    match seed:
        case int(n) if n > 0:
            extra = float(fibonacci(30))
        case _:
            extra = 0.0
    results = [Reduce(Setting(kind, 0.5)).run(values) for kind in Kind]
    return [*results, *pairs, *map(float, found), extra, float(counts["run"])]
