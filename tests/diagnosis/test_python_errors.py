"""Python's own errors that mean one thing where submissions run, by the very class and the beginning of the text."""

from __future__ import annotations

import pytest
from support.made import raised

from judge.diagnosis.exceptions import UNRECOGNISED, recognise, recognise_load
from judge.diagnosis.python_errors import about_module, near_name
from judge.diagnosis.spans import Source
from judge.trace import Trace

WRITTEN = "nothing-can-be-written"


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("builtins.NameError", "name 'parms' is not defined", "undefined-name"),
        ("builtins.NameError", "name 'np' is not defined. Did you forget to import 'np'?", "undefined-name"),
        (
            "builtins.UnboundLocalError",
            "cannot access local variable 'x' where it is not associated with a value",
            "undefined-name",
        ),
        ("builtins.NameError", "no such field", UNRECOGNISED),
        ("submission.NameError", "name 'parms' is not defined", UNRECOGNISED),
        ("socket.gaierror", "[Errno -3] Temporary failure in name resolution", "no-network"),
        ("urllib.error.URLError", "<urlopen error [Errno 101] Network is unreachable>", "no-network"),
        ("urllib.error.URLError", "<urlopen error unknown url type: htp>", UNRECOGNISED),
        ("builtins.OSError", "[Errno 101] Network is unreachable", "no-network"),
        ("builtins.ConnectionRefusedError", "[Errno 111] Connection refused", "no-network"),
        ("builtins.OSError", "[Errno 30] Read-only file system: 'log.txt'", "nothing-can-be-written"),
        ("builtins.OSError", "[Errno 28] No space left on device", UNRECOGNISED),
        ("builtins.FileNotFoundError", "[Errno 2] No such file or directory: 'w.npy'", "file-not-there"),
        ("builtins.FileNotFoundError", "I did not find it", UNRECOGNISED),
        ("builtins.EOFError", "EOF when reading a line", "no-keyboard"),
        ("builtins.EOFError", "Ran out of input", UNRECOGNISED),
        ("bdb.BdbQuit", "", "no-keyboard"),
        ("builtins.RecursionError", "maximum recursion depth exceeded in comparison", "endless-recursion"),
        ("builtins.RuntimeError", "Unknown backend: 'gpu' requested, but no platforms", "no-such-device"),
        ("builtins.RuntimeError", "Unknown backend cpu2", UNRECOGNISED),
    ],
)
def test_a_class_and_a_text_together_mean_one_thing(name: str, text: str, code: str) -> None:
    error = raised(name, text)
    assert recognise(error, Trace(()), "a").code == code
    assert recognise_load(error) == code


@pytest.mark.parametrize(
    ("undefined", "told"),
    [
        ("predictoins", "A name that there is: `predictions`."),
        ("optx", "A name that there is: `optax`."),
        ("retrun_loss", "A name that there is: `return_loss`."),
        ("pritn", "A name that there is: `print`."),
        ("something_else", ""),
    ],
)
def test_a_name_of_the_file_that_is_spelt_nearly_so_is_told(undefined: str, told: str) -> None:
    source = Source(b"import optax\ndef return_loss(x):\n    predictions = x\n    return predictions\n")
    assert near_name(raised("builtins.NameError", f"name '{undefined}' is not defined"), source) == told


def test_the_undefined_name_itself_is_no_near_one() -> None:
    source = Source(b"def f():\n    print(total)\n    total = 1\n")
    text = "cannot access local variable 'total' where it is not associated with a value"
    assert near_name(raised("builtins.UnboundLocalError", text), source) == ""


@pytest.mark.parametrize(
    ("line", "name", "text", "code"),
    [
        (
            'open("/tmp/log.txt", "w")',
            "FileNotFoundError",
            "[Errno 2] No such file or directory: 'a'",
            WRITTEN,
        ),
        (
            'open("log.txt", mode="ab")',
            "FileNotFoundError",
            "[Errno 2] No such file or directory: 'a'",
            WRITTEN,
        ),
        ('os.makedirs("out")', "PermissionError", "[Errno 1] Operation not permitted: 'out'", WRITTEN),
        ('np.save("x.npy", x)', "PermissionError", "[Errno 13] Permission denied: 'x.npy'", WRITTEN),
        ('Path("a").write_text("b")', "PermissionError", "[Errno 13] Permission denied: 'a'", WRITTEN),
        (
            'open("log.txt")',
            "FileNotFoundError",
            "[Errno 2] No such file or directory: 'a'",
            "file-not-there",
        ),
        ('open("w", "r")', "FileNotFoundError", "[Errno 2] No such file or directory: 'w'", "file-not-there"),
        ('open("/etc/shadow")', "PermissionError", "[Errno 13] Permission denied: 'a'", "forbidden-call"),
        ('np.save("x.npy", x)', "PermissionError", "[Errno 1] Operation not permitted", "forbidden-call"),
        (
            'socket.create_connection(("a", 80))',
            "PermissionError",
            "[Errno 1] Operation not permitted",
            "no-network",
        ),
        ("subprocess.run(it)", "PermissionError", "[Errno 1] Operation not permitted", "forbidden-call"),
    ],
)
def test_the_line_says_what_the_system_refused(line: str, name: str, text: str, code: str) -> None:
    source = Source(f"def solve(x):\n    {line}\n".encode())
    error = raised(f"builtins.{name}", text, 2)
    assert recognise(error, Trace({}), "a", source).code == code
    assert recognise_load(error, source) == code


def test_no_temporary_folder_is_nothing_that_can_be_written() -> None:
    error = raised("builtins.FileNotFoundError", "[Errno 2] No usable temporary directory found in ['/tmp']")
    assert recognise(error, Trace({}), "a").code == WRITTEN


@pytest.mark.parametrize(
    ("missing", "there", "told"),
    [
        ("torch", "jax numpy judge", "Beside Python's own modules, these are installed: jax, numpy."),
        ("my_helpers", "jax numpy", "Beside Python's own modules, these are installed: jax, numpy."),
        (
            "flx",
            "flax",
            "A module that there is: `flax`. Beside Python's own modules, these are installed: flax.",
        ),
        (
            "itertool",
            "jax",
            "A module that there is: `itertools`. Beside Python's own modules, these are installed: jax.",
        ),
        ("torch", "", ""),
    ],
)
def test_of_a_missing_module_it_is_told_what_is_installed(missing: str, there: str, told: str) -> None:
    error = raised("builtins.ModuleNotFoundError", f"No module named '{missing}'")
    assert about_module(error, dict.fromkeys(there.split(), "1")) == told


def test_other_import_errors_say_nothing_of_what_is_installed() -> None:
    error = raised("builtins.ImportError", "cannot import name 'trees' from 'jax'")
    assert about_module(error, {"jax": "1"}) == ""
