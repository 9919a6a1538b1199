"""Kinds of syntax errors: what Python itself says of a text, and the words that fit it."""

from __future__ import annotations

import pytest

from judge.diagnosis.syntax_errors import kind_of


def told(text: str) -> tuple[str, int] | None:
    """The reason that is given for what this Python says of a text, and the line that is shown."""
    with pytest.raises(SyntaxError) as found:
        compile(text, "submission.py", "exec")
    error = found.value
    kind = kind_of(error.msg, text.split("\n"), error.lineno or 0)
    return None if kind is None else (kind.why, kind.line)


BEGIN = "def f():\n    x = 1\n"


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        (f"{BEGIN}<<<<<<< HEAD\n    y = 1\n=======\n    y = 2\n>>>>>>> main\n", "`git` leaves", 3),
        ("!pip install flax\n", "an order to a notebook", 1),
        ("%matplotlib inline\n", "an order to a notebook", 1),
        (f"{BEGIN}   \u00a0y = 1\n", "looks like an ordinary one", 3),
        (f"{BEGIN}    y\u00a0= 1\n", "looks like an ordinary one", 3),
        ("x = {\u201ca\u201d: 1}\n", "straight quotes", 1),
        ("x = \u2018a\u2019\n", "straight quotes", 1),
        ("x = 3 \u2013 1\n", "does not use outside of texts", 1),
        (f"{BEGIN}\ty = 1\n", "tabs", 3),
        ("def f():\nx = 1\n", "indented further", 2),
        (f"{BEGIN}      y = 1\n", "in the same column", 3),
        ('def f():\n    print "x"\n', "Python 2", 2),
        ("x = (1,\ny = 2\n", "partner", 1),
        ("x = [1)\n", "partner", 1),
        ("x = 1)\n", "partner", 1),
        ("x = 'abc\n", "ends with the quotes", 1),
        ("return 1\n", "inside of a function", 1),
        ("def f()\n    pass\n", "ends in a colon", 1),
        ("```python\nx = 1\n```\n", "frames code", 1),
        (">>> x = 1\n", "what a Python prompt shows", 1),
        ("if x = 1:\n    pass\n", "gives a name its value", 1),
    ],
)
def test_a_kind_is_told_by_its_own_words(text: str, words: str, line: int) -> None:
    found = told(text)
    assert found is not None
    assert words in found[0]
    assert found[1] == line


@pytest.mark.parametrize("text", ["x = = 1\n", "for in x:\n    pass\n", "x = 1 +\n", "1 = x\n", "a b\n"])
def test_what_is_of_no_kind_keeps_the_general_words(text: str) -> None:
    assert told(text) is None


@pytest.mark.parametrize("text", ["x = (1\n  % 2 3)\n", 'x = """\n<<<<<<< HEAD\n"""\ny = = 2\n'])
def test_near_ones_are_not_taken_for_a_kind(text: str) -> None:
    found = told(text)
    assert found is None or ("notebook" not in found[0] and "git" not in found[0])
