"""The bank of wrong solutions is read without being run, and its declarations are checked."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from support.small_exercise import case, exercise

from judge.exercise import load_cases, load_exercise, load_misconceptions
from judge.exercise.misconceptions import recorded_digest
from judge.model import ExerciseError

PAGE = '"""The title.\n\nThe page.\n"""\n'


def bank(tmp_path: Path, **sources: str) -> Path:
    exercise(tmp_path)
    for stem, source in sources.items():
        path = tmp_path / "reference" / "misconceptions" / f"{stem}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return tmp_path


def refused(tmp_path: Path, source: str) -> str:
    with pytest.raises(ExerciseError) as error:
        load_misconceptions(load_exercise(bank(tmp_path, a_mistake=source)))
    return str(error.value)


def test_a_file_is_read_and_never_run(tmp_path: Path) -> None:
    source = (
        PAGE
        + 'MISCONCEPTION = {"code": "other", "numeric": False, "raises": "TypeError"}\nraise SystemExit(9)\n'
    )
    (read,) = load_misconceptions(load_exercise(bank(tmp_path, a_mistake=source)))
    assert (read.name, read.code, read.title, read.page) == (
        "a-mistake",
        "other",
        "The title.",
        "The title.\n\nThe page.",
    )
    assert (read.numeric, read.raises, read.pitfall, read.noisy, read.line) == (
        False,
        "TypeError",
        None,
        False,
        5,
    )
    assert read.source == source.encode()


def test_without_a_declaration_the_name_is_the_code(tmp_path: Path) -> None:
    (read,) = load_misconceptions(load_exercise(bank(tmp_path, a_mistake=PAGE)))
    assert (read.code, read.numeric, read.raises, read.same_numbers_as) == (
        "a-mistake",
        True,
        None,
        frozenset(),
    )


def test_twins_name_each_other_by_stem_or_name(tmp_path: Path) -> None:
    root = bank(
        tmp_path,
        one_way=PAGE + 'MISCONCEPTION = {"same_numbers_as": ["other_way"]}\n',
        other_way=PAGE + 'MISCONCEPTION = {"same_numbers_as": ["one-way"]}\n',
    )
    one, other = load_misconceptions(load_exercise(root))
    assert (one.same_numbers_as, other.same_numbers_as) == ({"other-way"}, {"one-way"})


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x = 1\n", "a_mistake.py:1: has no docstring: it is the page that explains the misconception"),
        (PAGE + "def f(:\n", "a_mistake.py:5: is not Python:"),
        (
            PAGE + "MISCONCEPTION = dict(code='a')\n",
            ":5: MISCONCEPTION: must be a literal dict with text keys, got",
        ),
        (PAGE + "MISCONCEPTION = {1: 2}\n", "must be a literal dict with text keys"),
        (PAGE + "MISCONCEPTION = {'numerc': True}\n", "unknown field 'numerc'; did you mean 'numeric'?"),
        (PAGE + "MISCONCEPTION = {'numeric': 1}\n", "MISCONCEPTION.numeric: expected True or False, got 1"),
        (PAGE + "MISCONCEPTION = {'code': 'Bad Code'}\n", "MISCONCEPTION.code: 'Bad Code' is not a code"),
        (PAGE + "MISCONCEPTION = {'raises': 3}\n", "MISCONCEPTION.raises: expected text or None, got 3"),
        (PAGE + "MISCONCEPTION = {'same_numbers_as': 'x'}\n", "expected a list of names, got 'x'"),
        (
            PAGE + "MISCONCEPTION = {'evidence': 'unusual-momentm'}\n",
            ":5: MISCONCEPTION.evidence: there is no word 'unusual-momentm'; did you mean 'unusual-momentum'?",
        ),
        (
            PAGE + "MISCONCEPTION = {'blame': 'last-evalation'}\n",
            ":5: MISCONCEPTION.blame: there is no word 'last-evalation'; did you mean 'last-evaluation'?",
        ),
        (PAGE + "MISCONCEPTION = {'blame': 3}\n", "MISCONCEPTION.blame: expected text or None, got 3"),
        (
            PAGE + "MISCONCEPTION = {'divergence': ['step: scaled by -2']}\n",
            ":5: MISCONCEPTION.divergence: there is no difference 'step: scaled by -2'; "
            "did you mean 'step: scaled by 2'?",
        ),
        (
            PAGE + "MISCONCEPTION = {'divergence': 'statistics: changed'}\n",
            "there is no difference 'statistics: changed'; did you mean 'statistics: stale'?",
        ),
        (
            PAGE + "MISCONCEPTION = {'divergence': 'steps: repeated'}\n",
            "there is no difference 'steps: repeated'; did you mean 'step: repeated'?",
        ),
        (
            PAGE + "MISCONCEPTION = {'divergence': [1]}\n",
            "MISCONCEPTION.divergence: expected 'stage: shape', or a list of such, got [1]",
        ),
        (PAGE + "MISCONCEPTION = {'same_numbers_as': ['x']}\n", "there is no other misconception 'x'"),
        (
            PAGE + "MISCONCEPTION = {'same_numbers_as': ['a_mistake']}\n",
            "there is no other misconception 'a_mistake'",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, source: str, words: str) -> None:
    message = refused(tmp_path, source)
    assert words in message
    assert "reference/misconceptions/a_mistake.py:" in message


DECLARED = """MISCONCEPTION = {
    "code": "other",
    "evidence": "unusual-momentum",
    "blame": "last-evaluation",
    "divergence": ["step: scaled by -1", "step: repeated"],
}
"""


def test_what_a_diagnosis_reads_is_declared_in_the_engine_s_words(tmp_path: Path) -> None:
    (read,) = load_misconceptions(load_exercise(bank(tmp_path, a_mistake=PAGE + DECLARED)))
    assert (read.evidence, read.blame) == ("unusual-momentum", "last-evaluation")
    assert list(map(str, read.differences)) == ["step: scaled by -1", "step: repeated"]


def test_a_difference_leads_to_one_code(tmp_path: Path) -> None:
    one = PAGE + 'MISCONCEPTION = {"divergence": "step: repeated"}\n'
    with pytest.raises(
        ExerciseError, match=r"two\.py:5: .*'step: repeated' is one already, whose code is one"
    ):
        load_misconceptions(load_exercise(bank(tmp_path, one=one, two=one)))
    same = PAGE + 'MISCONCEPTION = {"code": "one", "divergence": "step: repeated"}\n'
    assert len(load_misconceptions(load_exercise(bank(tmp_path, one=one, two=same)))) == 2


@pytest.mark.parametrize(
    "plain",
    [
        'MISCONCEPTION = {"code": "other"}\n',
        'MISCONCEPTION = {\n    "code": "other",\n    "pitfall": None,\n}\n\n\ndef f():\n    pass\n',
    ],
)
def test_what_a_diagnosis_reads_makes_no_golden_stale(plain: str) -> None:
    def digest(source: str) -> str:
        return recorded_digest((PAGE + source).encode())

    inline = plain.startswith('MISCONCEPTION = {"')
    last = '"other"' if inline else "None"
    for added in ('"blame": "model"', '"evidence": "initialised-once", "divergence": ["step: repeated"]'):
        own_lines = added.replace(', "', ',\n    "')
        behind = f"{last}, {added}" if inline else f"{last},\n    {own_lines}"
        assert digest(plain.replace(last, behind, 1)) == digest(plain)
        before = added if inline else own_lines
        gap = ", " if inline else ",\n    "
        assert digest(plain.replace('"code"', f'{before}{gap}"code"', 1)) == digest(plain)
    assert digest(plain.replace("other", "another")) != digest(plain)
    assert digest(plain + "x = 1\n") != digest(plain)
    assert digest(plain.replace("}", ', "noisy": True}', 1)) != digest(plain)


def test_a_source_that_cannot_be_read_has_a_digest_all_the_same() -> None:
    assert recorded_digest(b"def evidence(:\n") == hashlib.sha256(b"def evidence(:\n").hexdigest()


def test_a_bad_file_name_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExerciseError, match=r"Bad-Name\.py: name the file in lower-case letters"):
        load_misconceptions(load_exercise(bank(tmp_path, **{"Bad-Name": PAGE})))


def test_a_case_may_claim_to_see_what_the_bank_knows(tmp_path: Path) -> None:
    root = bank(tmp_path, a_mistake=PAGE)
    (root / "cases" / "plain.yaml").write_text(case(sees="[a-mistake]"), encoding="utf-8")
    load_cases(load_exercise(root))
    (root / "cases" / "plain.yaml").write_text(case(sees="[a-mistke]"), encoding="utf-8")
    with pytest.raises(ExerciseError, match="there is no misconception 'a-mistke'; did you mean 'a-mistake'"):
        load_cases(load_exercise(root))
