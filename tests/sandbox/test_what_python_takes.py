"""What a submission is, is decided as ``python FILE`` decides it; what a file says of itself decides nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge.model import Verdict
from judge.sandbox import Sandbox
from judge.selftest.target_exercise import LIMITS
from judge.verdict import verdict_of_submission

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="confinement is for Linux")

DEFINES = b"def solve(*arguments):\n    return [0.0, 0.0]\n"
BOM = b"\xef\xbb\xbf"
FILES = {
    "plain": DEFINES,
    "windows lines": DEFINES.replace(b"\n", b"\r\n"),
    "no last line break": DEFINES.rstrip(),
    "a comment in UTF-8": "# größer\n".encode() + DEFINES,
    "a comment that is no UTF-8": b"x = 1\n# gr\xf6\xdfer\n" + DEFINES,
    "a comment at the end that is no UTF-8": DEFINES + b"# \xff",
    "a text that is no UTF-8": b"x = 'gr\xf6\xdfer'\n" + DEFINES,
    "declared Latin-1": b"# coding: latin-1\nx = 'gr\xf6\xdfer'\n" + DEFINES,
    "declared in line 2": b"#!/usr/bin/python\n# -*- coding: cp1252 -*-\n# \x80\n" + DEFINES,
    "declared in line 3": b"#\n#\n# coding: latin-1\n# \xf6\n" + DEFINES,
    "declared Shift JIS": b"# coding: shift_jis\nx = '\x83\x65'\n" + DEFINES,
    "declared ASCII, and is not": b"# coding: ascii\n# \xc3\xb6\n" + DEFINES,
    "declared UTF-8, and is not": b"# coding: utf-8\n# \xf6\n" + DEFINES,
    "declared UTF-8, with a text that is not": b"# coding: utf-8\nx = '\xf6'\n" + DEFINES,
    "a mark of byte order, and no UTF-8": BOM + b"# \xf6\n" + DEFINES,
    "an unknown encoding": b"# coding: nosuch\n" + DEFINES,
    "an encoding of bytes": b"# coding: hex\n" + DEFINES,
    "a mark of byte order": BOM + DEFINES,
    "a mark of byte order and UTF-8": BOM + b"# coding: utf-8\n" + DEFINES,
    "a mark of byte order and another encoding": BOM + b"# coding: latin-1\n" + DEFINES,
    "UTF-16": DEFINES.decode().encode("utf-16"),
    "return outside a function": b"return 1\n" + DEFINES,
    "half a line": b"def solve(:\n",
}
NEWER = {"a null byte": b"x = 1\n# \0\n" + DEFINES, "a null byte at the end": DEFINES + b"\0"}
"""Python takes such a file before 3.11.4 and 3.12, up to the byte; here it is never taken."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(LIMITS, preload=()) as sandbox:
        yield sandbox


def verdict_of(sandbox: Sandbox, source: bytes) -> Verdict:
    """Of loading it alone; a file that is loaded is the judge's own error then, as there are no cases."""
    return verdict_of_submission(sandbox.observe(source, "solve", []), [], [], [])


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_a_submission_where_python_runs_it(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    path = tmp_path / "submission.py"
    path.write_bytes(FILES[name])
    done = subprocess.run([sys.executable, "-I", str(path)], capture_output=True, check=False)
    taken = done.returncode == 0
    assert taken or b"SyntaxError" in done.stderr, done.stderr
    observation = sandbox.observe(FILES[name], "solve", [])
    assert observation.compiled is taken
    assert (verdict_of_submission(observation, [], [], []) is Verdict.INVALID_SUBMISSION) is not taken


@pytest.mark.parametrize("name", NEWER)
def test_a_file_with_a_null_byte_is_none(sandbox: Sandbox, name: str) -> None:
    assert verdict_of(sandbox, NEWER[name]) is Verdict.INVALID_SUBMISSION


@pytest.mark.parametrize(
    "claim",
    [
        b"raise SyntaxError('invalid syntax', ('submission.py', 1, 1, ''))\n",
        b"compile('(', 'submission.py', 'exec')\n",
        b"raise ValueError('source code string cannot contain null bytes')\n",
        b"b'\\xff'.decode()\n",
        b"class SyntaxError(Exception): pass\nraise SyntaxError('x')\n",
    ],
)
def test_what_a_file_says_of_itself_when_it_runs_does_not_make_it_invalid(
    sandbox: Sandbox, claim: bytes
) -> None:
    assert verdict_of(sandbox, claim + DEFINES) is Verdict.RUNTIME_ERROR


def test_what_is_printed_while_a_file_is_compiled_is_kept(sandbox: Sandbox) -> None:
    load = sandbox.observe(b"x = 1\nx is 1\nprint('then')\n" + DEFINES, "solve", []).load
    assert "SyntaxWarning" in load.claimed.stdout
    assert load.claimed.stdout.endswith("then\n")
    assert load.measured.output_bytes == len(load.claimed.stdout)
