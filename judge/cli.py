"""The command line: finds the command, runs it, turns errors into exit statuses.

Exit status: 0 accepted, 1 not accepted, 2 usage, 3 judge error, 130 interrupted.
"""

from __future__ import annotations

import importlib
import itertools
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType

from judge.commands import ALONE, COMMANDS
from judge.commands.exit_status import INTERRUPTED, JUDGE_ERROR, USAGE


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; errors are reported without a traceback."""
    from judge.streams import abandon_output, usable

    with usable():
        try:
            return _run(list(sys.argv[1:] if argv is None else argv))
        except BrokenPipeError:
            # the reader of our output has exited (`judge ... | head`): there is nothing left to print
            abandon_output()
            return INTERRUPTED


def _end_when_told() -> None:
    """Make SIGTERM end process 1 of a container as Ctrl-C does: the kernel gives it no default handler."""
    if os.getpid() == 1 and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _interrupt)


AGAIN_S = 3.0
"""Seconds after which an interrupt that ended nothing is raised again; a container is killed 10 s after SIGTERM."""


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, and again later: in a callback of its own, as of an import lock, Python drops it."""
    signal.signal(signal.SIGALRM, _interrupt)
    signal.setitimer(signal.ITIMER_REAL, AGAIN_S)
    raise KeyboardInterrupt


def _run(arguments: list[str]) -> int:
    from judge.model import JudgeError, UsageError
    from judge.streams import CannotPrintError, abandon_output

    wants_json = _wants_json(arguments)
    try:
        _end_when_told()
        name = command_of(arguments)
        command = importlib.import_module(f"judge.commands.{name}")
        own = arguments[1:] if arguments[:1] == [name] else arguments
        status = int(command.run(command.parser().parse_args(own)))
        sys.stdout.flush()
        return status
    except UsageError as error:
        return _fail(USAGE, str(error), wants_json)
    except JudgeError as error:
        return _fail(JUDGE_ERROR, str(error), wants_json)
    except CannotPrintError as error:
        abandon_output()
        return _fail(JUDGE_ERROR, f"the output could not be printed: {error}", wants_json=False)
    except BrokenPipeError:
        raise
    except OSError as error:
        if not _is_about_named(error, arguments):
            return _fail_as_bug(error, wants_json)
        return _fail(USAGE, f"{error.filename}: {(error.strerror or str(error)).lower()}", wants_json)
    except KeyboardInterrupt:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        return _fail(INTERRUPTED, "interrupted", wants_json)
    except Exception as error:
        return _fail_as_bug(error, wants_json)


def _fail_as_bug(error: Exception, wants_json: bool) -> int:
    if os.environ.get("JUDGE_DEBUG"):
        traceback.print_exc()
    message = f"this is a bug in judge, not in the submission: {type(error).__name__}: {error}"
    return _fail(JUDGE_ERROR, f"{message} (JUDGE_DEBUG=1 shows where)", wants_json)


def _is_about_named(error: OSError, arguments: Sequence[str]) -> bool:
    """Return whether an error is about a path that an argument names, one below it, or one in a folder above it.

    Without a path in the arguments it is the current folder that is named.
    """
    if not isinstance(error.filename, str) or error.errno is None:
        return False
    place = os.path.abspath(error.filename)
    values = [word.partition("=")[2] if word.startswith("-") else word for word in arguments]
    named = [os.path.abspath(value) for value in values if value] + [os.path.abspath(".")]
    return any(
        place == one or place.startswith(f"{one}{os.sep}") or _is_above(os.path.dirname(place), one)
        for one in named
    )


def _is_above(folder: str, path: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep)


def command_of(arguments: Sequence[str]) -> str:
    """Return the module of the command that the first argument names, else ``grade``: `judge FILE` needs no verb."""
    first = arguments[0].partition("=")[0] if arguments else ""
    return first if first in COMMANDS else ALONE.get(first, "grade")


def _wants_json(arguments: Sequence[str]) -> bool:
    if "--format=json" in arguments:
        return True
    return any(pair == ("--format", "json") for pair in itertools.pairwise(arguments))


def _fail(status: int, message: str, wants_json: bool) -> int:
    from judge.reports.escape import visible

    kind = {USAGE: "usage", INTERRUPTED: "interrupted"}.get(status, "judge")
    if wants_json:
        from judge.reports.formats.json import render_failure
        from judge.streams import CannotPrintError, abandon_output, print_document

        try:
            print_document(render_failure(kind, message))
            return status
        except CannotPrintError:
            abandon_output()  # and report it as a message
    prefix = "judge: " if status != JUDGE_ERROR else "judge: error: "
    sys.stderr.write("\n".join(visible(line) for line in f"{prefix}{message}".splitlines()) + "\n")
    sys.stderr.flush()
    return status


if __name__ == "__main__":
    raise SystemExit(main())
