"""`judge --print-completion SHELL`: a script that completes commands, options and files, made by shtab."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from judge.commands import COMMANDS, grade
from judge.commands.options import Parser, parser_for
from judge.model import UsageError
from judge.reports.formats import format_names

SHELLS = ("bash", "zsh", "tcsh")

_FILE_FIRST = {"bash": "_shtab_judge_pos_0_COMPGEN=_shtab_compgen_files"}
_ZSH_COMMANDS = "_describe 'judge commands' _commands"
"""The first word is a command or a file to grade; shtab by itself would complete commands alone. In tcsh it does."""


def parser() -> Parser:
    """The arguments of ``judge --print-completion``."""
    parser = parser_for(
        "judge --print-completion SHELL",
        "Print a script that completes judge's commands, options and files.",
        "exit status: 0 printed, 2 usage, 3 judge error",
    )
    parser.add_argument("--print-completion", required=True, choices=SHELLS, metavar="SHELL", dest="shell")
    return parser


def run(options: argparse.Namespace) -> int:
    """Print the script. Exit status 0. Raises UsageError without shtab."""
    sys.stdout.write(completion(options.shell))
    return 0


def completion(shell: str) -> str:
    """Return the script for one of ``SHELLS``. Raises UsageError without shtab."""
    try:
        import shtab
    except ImportError:
        raise UsageError("completion needs shtab: pip install 'jax-judge[completion]'") from None

    whole = whole_parser()
    for action in _actions(whole):
        if action.metavar == "NAME" and action.dest == "format":
            action.choices = format_names()
        kind = _completes(action)
        if kind:
            action.complete = shtab.DIRECTORY if kind == "folder" else shtab.FILE  # type: ignore[attr-defined]
    preamble: Any = _FILE_FIRST
    script = str(shtab.complete(whole, shell=shell, preamble=preamble))
    return script.replace(_ZSH_COMMANDS, f"{_ZSH_COMMANDS}\n  _files")


def whole_parser() -> Parser:
    """Return one parser of everything: the options of grading, and each command with its own parser."""
    whole = parser_for("judge [COMMAND] ...", grade.parser().description or "", "")
    parser_class: Any = _parser_of
    verbs: Any = whole.add_subparsers(metavar="COMMAND", parser_class=parser_class)
    for name in COMMANDS:
        module = importlib.import_module(f"judge.commands.{name}")
        verbs.add_parser(name, help=module.parser().description, module=module)
    grade.add_options(whole)
    return whole


def _parser_of(*, module: Any, **_: object) -> Parser:
    """Return the parser that a command's own module makes, in place of a new one."""
    parser: Parser = module.parser()
    return parser


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of a parser and of its commands that are not commands themselves."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _actions(below)
        else:
            yield action


def _completes(action: argparse.Action) -> str:
    """Return what an argument's value is to be completed from: 'folder', 'file' or ''."""
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    if metavar.startswith("DIR"):
        return "folder"
    return "file" if action.type is Path or metavar in ("PATH", "FILE") else ""
