"""``python -m benchmarks``: measure what is chosen, show the tables, write them where asked."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import confinement, scaling, sets, watched
from benchmarks.contenders import REPOSITORY
from benchmarks.options import Choice, parse
from benchmarks.submissions import make_sets
from benchmarks.tables import Figures, document, heading, put_into, tables
from judge.grader import Grader, load_exercise_with_goldens


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks; what was measured before an interruption is still shown."""
    choice, options = parse(arguments)
    start_s = time.monotonic()

    def told(text: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - start_s), 60)
        sys.stderr.write(f"[{minutes:2}:{seconds:02}] {text}\n")
        sys.stderr.flush()

    figures = Figures(choice)
    interrupted = False
    with tempfile.TemporaryDirectory(prefix="judge-benchmarks-") as place:
        try:
            _measure(figures, choice, Path(place), told)
        except KeyboardInterrupt:
            interrupted = True
    figures.wall_s = time.monotonic() - start_s
    print(heading(figures), *(table.text() for table in tables(figures)), sep="\n\n")
    if options.json is not None:
        options.json.write_text(json.dumps(document(figures), indent=2) + "\n")
    if options.markdown is not None and not interrupted:
        put_into(options.markdown, figures)
    return 130 if interrupted else 0


def _measure(figures: Figures, choice: Choice, place: Path, told: sets.Told) -> None:
    loaded = load_exercise_with_goldens(REPOSITORY)
    told("compiled programs")
    with Grader.of(loaded) as grader:
        grader.prepare()
    made = make_sets(loaded.exercise, choice.seed, choice.size)
    for submissions in made:
        if submissions.name in choice.parts:
            figures.sets.append(sets.measure(loaded, submissions, choice, place / submissions.name, told))
    if "watch" in choice.parts:
        figures.watch = watched.measure(loaded, made[0], choice, place / "watch", told)
    if "confinement" in choice.parts:
        alice = REPOSITORY / "submissions" / "alice.py"
        figures.confinement = confinement.measure(loaded, alice, choice, told)
    if "scaling" in choice.parts:
        figures.scales = scaling.measure(choice, place / "scaling", told)


if __name__ == "__main__":
    sys.exit(main())
