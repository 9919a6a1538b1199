"""One module per command: its arguments, and its run(options) that returns an exit status."""

from __future__ import annotations

COMMANDS = (
    "cases",
    "diff",
    "doctor",
    "explain",
    "export",
    "fuzz",
    "merge",
    "new",
    "pack",
    "prepare",
    "schema",
    "selftest",
    "start",
    "watch",
    "worker",
)
"""Words that name a module of this package; anything else is a path to grade.

Such a module has ``parser()``, and ``run(options)`` that returns the exit status.
"""

ALONE = {"--version": "version", "--verbose": "version", "--print-completion": "completion"}
"""Options that grade nothing, when they come first, and their modules."""
