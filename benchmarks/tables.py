"""The figures for people and for programs: text, Markdown and JSON."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os
import platform
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.confinement import Pairs
from benchmarks.options import Choice
from benchmarks.rounds import Series
from benchmarks.scaling import Scale
from benchmarks.sets import FLOOR, NAIVE, SetFigures

VERSIONS_OF = ("jax", "flax", "optax", "numpy", "pytest")
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"


@dataclass
class Figures:
    """Everything that a run measured; what was not chosen is missing."""

    choice: Choice
    sets: list[SetFigures] = field(default_factory=list)
    watch: Mapping[str, Series] | None = None
    confinement: Pairs | None = None
    scales: Sequence[Scale] = ()
    wall_s: float = 0.0


@dataclass(frozen=True)
class Table:
    """Text in rows, under a title; ``notes`` stand below it."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Aligned columns."""
        lines = [self.header, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.header))]
        shown = [
            "  ".join(
                cell.ljust(width) if not column else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
            for line in lines
        ]
        return "\n".join((self.title, *shown, *self.notes, ""))

    def markdown(self) -> str:
        """A table as GitHub shows it."""
        rule = ("---", *("---:" for _ in self.header[1:]))
        lines = ["| " + " | ".join(line) + " |" for line in (self.header, rule, *self.rows)]
        return "\n".join((f"**{self.title}**", "", *lines, "", " ".join(self.notes), "")).replace(
            "\n\n\n", "\n\n"
        )


def tables(figures: Figures) -> list[Table]:
    """All that was measured, in the order in which it is read."""
    found = [_of_set(one, figures.choice) for one in figures.sets]
    if figures.watch is not None:
        found.append(_of_watch(figures.watch))
    if figures.confinement is not None:
        found.append(_of_confinement(figures.confinement))
    if figures.scales:
        found.append(_of_scales(figures.scales))
    return found


def heading(figures: Figures) -> str:
    """When, where and how it was measured."""
    machine = ", ".join(f"{name} {version}" for name, version in environment().items())
    choice = figures.choice
    return (
        f"{time.strftime('%Y-%m-%d')}, {_processors()} processors, {machine}; medians over {choice.rounds} rounds, "
        f"{choice.jobs} submissions at a time in batches and of naive, seed {choice.seed}; "
        f"{round(figures.wall_s / 60)} minutes in all."
    )


def environment() -> dict[str, str]:
    return {"Python": platform.python_version()} | {
        name: importlib.metadata.version(name) for name in VERSIONS_OF
    }


def _processors() -> int:
    return len(os.sched_getaffinity(0))


def _of_set(figures: SetFigures, choice: Choice) -> Table:
    series = figures.series
    naive, floor = series[NAIVE], series[FLOOR]
    rows = tuple(
        (
            name,
            f"{one.per_minute:.1f}",
            f"{one.median.wall_s:.2f}",
            f"{one.median.cpu_s:.2f}",
            f"{one.median.memory_mib:.0f}",
            times(one.median.cpu_s / naive.median.cpu_s),
            times(one.median.cpu_s / floor.median.cpu_s),
            times(one.per_minute / naive.per_minute),
            times(one.median.wall_s / naive.median.wall_s),
        )
        for name, one in series.items()
    )
    header = (
        "way",
        "per minute",
        "s each",
        "CPU s each",
        "peak MiB",
        "CPU / naive",
        "CPU / floor",
        "speed / naive",
        "time / naive",
    )
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in figures.verdicts.most_common())
    answered = round(statistics.median(figures.warm_answers)) if figures.warm_answers else 0
    everything = len(figures.submissions.all)
    notes = [
        f"Verdicts: {verdicts}.",
        f"{answered} of {everything} were answered in the warm lane.",
        f"Naive has {choice.jobs} processes at a time, as the batches have; judge FILE and the floor take one file "
        "after another.",
        f"Samples in each round: {choice.sample} files for those, "
        f"{min(choice.naive_sample, len(figures.submissions.harmless))} for naive, {choice.cold_sample} for the cold "
        "batch.",
    ]
    if figures.submissions.hostile:
        notes.append(
            "The floor has no hostile ones; hanging ones cost naive its limit of 30 s, the judge 3 of 5 s."
        )
    if figures.differing:
        notes.append(f"GRADINGS OF THIS RUN DIFFER on {', '.join(sorted(figures.differing))}.")
    return Table(figures.submissions.title, header, rows, tuple(notes))


def times(ratio: float) -> str:
    """A ratio with as many digits as mean something."""
    return f"{ratio:.2f}×" if ratio < 10 else f"{ratio:.1f}×"


def _of_watch(series: Mapping[str, Series]) -> Table:
    floor = series[FLOOR].median.wall_s
    rows = tuple(
        (name, f"{one.median.wall_s:.2f}", times(one.median.wall_s / floor)) for name, one in series.items()
    )
    return Table("From a save to its verdict, eager files", ("way", "s", "floor"), rows)


def _of_confinement(pairs: Pairs) -> Table:
    rows = (
        ("unconfined", f"{statistics.median(pairs.unconfined_s):.3f}", ""),
        (pairs.level, f"{statistics.median(pairs.confined_s):.3f}", f"{pairs.overhead:+.1%}"),
    )
    title = f"Confinement of alice.py, {len(pairs.confined_s)} pairs in the cold lane"
    return Table(title, ("isolation", "s", "adds, median of pairs"), rows)


def _of_scales(scales: Sequence[Scale]) -> Table:
    first = _each_s(scales[0])
    rows = tuple(
        (
            str(scale.submissions),
            str(len(scale.runs)),
            f"{_each_s(scale) * 1000:.0f}",
            times(_each_s(scale) / first),
            f"{statistics.median(run.cpu_s for run in scale.runs) / scale.submissions * 1000:.0f}",
            *(f"{_peak(scale, depth):.0f}" for depth in (0, 1)),
        )
        for scale in scales
    )
    header = (
        "submissions",
        "runs",
        "ms each",
        f"of {scales[0].submissions}",
        "CPU ms each",
        "judge MiB",
        "zygotes MiB",
    )
    return Table("Batches of several sizes, the smallest exercise", header, rows)


def _each_s(scale: Scale) -> float:
    return statistics.median(run.wall_s for run in scale.runs) / scale.submissions


def _peak(scale: Scale, depth: int) -> float:
    return statistics.median(run.memory_by_depth_mib[depth] for run in scale.runs)


def document(figures: Figures) -> dict[str, Any]:
    """Everything as JSON, single rounds included."""
    return {
        "heading": heading(figures),
        "choice": dataclasses.asdict(figures.choice),
        "environment": environment(),
        "processors": _processors(),
        "wall_s": figures.wall_s,
        "sets": {
            one.submissions.name: {
                "series": {name: dataclasses.asdict(series) for name, series in one.series.items()},
                "warm_answers": one.warm_answers,
                "verdicts": dict(one.verdicts),
                "differing": sorted(one.differing),
            }
            for one in figures.sets
        },
        "watch": figures.watch and {name: one.wall_s for name, one in figures.watch.items()},
        "confinement": figures.confinement and dataclasses.asdict(figures.confinement),
        "scaling": {
            scale.submissions: [
                {"wall_s": run.wall_s, "cpu_s": run.cpu_s, "memory_by_depth_mib": run.memory_by_depth_mib}
                for run in scale.runs
            ]
            for scale in figures.scales
        },
        "tables": [dataclasses.asdict(table) for table in tables(figures)],
    }


def put_into(path: Path, figures: Figures) -> None:
    """Replace what stands between the markers in a Markdown file, or write a new file with markers."""
    content = "\n".join((heading(figures), "", *(table.markdown() for table in tables(figures))))
    block = f"{BEGIN}\n{content}{END}"
    text = path.read_text() if path.exists() else f"{BEGIN}{END}\n"
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{path} has no lines {BEGIN} and {END} to put the tables between")
    path.write_text(before + block + after)
