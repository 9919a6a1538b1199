"""`judge schema NAME`: prints the JSON schema of a file that the judge reads or writes."""

from __future__ import annotations

import argparse
import sys

from judge.commands.options import Parser, parser_for
from judge.schema import schema_names, schema_text

EPILOG = """\
An exercise keeps a copy of two of them beside the files that they describe, so that
editors find them wherever the exercise is kept:
  judge schema exercise > reference/exercise.schema.json
  judge schema cases > cases/cases.schema.json

exit status: 0 printed, 2 usage, 3 judge error
"""


def parser() -> Parser:
    """The arguments of ``judge schema``."""
    parser = parser_for(
        "judge schema NAME", "Print a JSON schema, of a report or of an exercise's files.", EPILOG
    )
    parser.add_argument("name", choices=schema_names(), help=f"one of {', '.join(schema_names())}")
    return parser


def run(options: argparse.Namespace) -> int:
    """Print the schema. Exit status 0."""
    sys.stdout.write(schema_text(options.name))
    return 0
