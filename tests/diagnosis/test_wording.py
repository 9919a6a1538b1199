"""Sentences that are true of this run: what is quoted, what is counted, what the clock's time went into."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.made import case, event, exercise, golden, observation, raised, step, submission, value

from judge.diagnosis import diagnose, messages
from judge.model import ClaimedValue, Ended, Limits, StepObservation


def quoted(text: str) -> str:
    return messages.quoted(raised("builtins.TypeError", text)).removeprefix("TypeError: ")


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    text = f"The kind of error. {'0.123 ' * 300}The part that decides: carry[1]."
    shown = quoted(text)
    assert len(shown) <= messages.MAX_QUOTED
    assert shown.startswith("The kind of error. 0.123")
    assert shown.endswith("The part that decides: carry[1].")
    assert " [...] " in shown
    assert quoted("short") == "short"
    assert "[...]" not in quoted("word " * (messages.MAX_QUOTED // 5))


def test_addresses_and_notes_on_tracebacks_are_left_out() -> None:
    flax = "No Variable named it. (https://flax.readthedocs.io/en/latest/api_reference/flax.errors.html#a)"
    assert quoted(flax) == "No Variable named it."
    assert quoted("It failed.\nSee https://docs.jax.dev/en/latest/errors.html#b") == "It failed."
    assert quoted(f"It failed.\n{'-' * 20}\nFor simplicity, JAX has removed its frames.") == "It failed."
    assert quoted("use it: https://docs.jax.dev/x.html") == "use it: https://docs.jax.dev/x.html"
    assert quoted("a - b -- c (see there)") == "a - b -- c (see there)"


def stopped(wall_s: float, cpu_s: float) -> StepObservation:
    seen = step(Ended.WALL_LIMIT)
    return replace(seen, measured=replace(seen.measured, wall_s=wall_s, cpu_s=cpu_s))


def test_a_time_limit_says_how_much_of_it_was_processor_time() -> None:
    limits = Limits(wall_s=20, total_wall_s=60)
    assert "had used 1.5 s of processor time" in messages.describe_end(stopped(20.1, 1.5), limits)
    assert "had used 1.5 s of processor time" in messages.describe_end(stopped(7.0, 1.5), limits)
    assert "processor time" not in messages.describe_end(stopped(20.1, 0.0), limits)


def test_no_text_on_a_time_limit_accuses_a_loop() -> None:
    seen = observation(a=stopped(20.1, 1.5))
    (finding,) = diagnose(exercise(), submission(), seen, [case("a")], {"a": golden("a")}, []).findings
    assert finding.code == "time-limit"
    assert "whatever else the machine" in finding.message
    assert "does not end" not in finding.message


def test_a_count_that_is_not_the_total_says_so() -> None:
    cases = [case(name) for name in "abc"]
    goldens = {name: golden(name) for name in "abc"}

    def told(**steps: StepObservation) -> list[str]:
        found = diagnose(exercise(), submission(), observation(**steps), cases, goldens, []).findings
        return [finding.message.partition("\n")[0] for finding in found]

    wrong, broken = step(value(2.0)), step(raised("builtins.ValueError", "no"), event("x"))
    first, second = told(a=wrong, b=wrong, c=broken)
    assert {first.partition(" `")[0][:15], second[:15]} == {"In 1 of 3 cases", "In 2 of 3 cases"}
    assert "1 more case failed, which this finding is not about." in first + second
    assert "2 more cases failed, which this finding is not about." in first + second
    (alone,) = told(a=wrong, b=wrong, c=step(value(1.0)))
    assert "more case" not in alone


@pytest.mark.parametrize(
    ("claimed", "said", "not_said"),
    [
        (ClaimedValue("NoneType", None, None, None, "None"), "without `return`", "a tuple of them"),
        (
            ClaimedValue("tuple", None, None, None, "a tuple whose parts have different shapes"),
            "a tuple of them",
            "without `return`",
        ),
        (ClaimedValue("dict", None, None, None, "of type dict"), "it is of type dict.", "return"),
        (ClaimedValue("list", "float64", (0,), None, "an empty array"), "an empty array", "A mean is"),
        (value(1.0, shape=()), "shape () instead of (1,)", "empty"),
    ],
    ids=lambda it: getattr(it, "type_name", None),
)
def test_a_reason_is_given_only_for_what_came_back(claimed: ClaimedValue, said: str, not_said: str) -> None:
    seen = observation(a=step(claimed))
    (finding,) = diagnose(exercise(), submission(), seen, [case("a")], {"a": golden("a")}, []).findings
    happened = finding.message.rpartition("\n\n")[0]
    assert said in happened
    assert not_said not in happened


def test_an_error_of_an_unknown_kind_is_not_called_none_of_the_known() -> None:
    seen = observation(a=step(raised("builtins.ValueError", "no")))
    (finding,) = diagnose(exercise(), submission(), seen, [case("a")], {"a": golden("a")}, []).findings
    assert finding.code == "unrecognised-exception"
    assert "none of them" not in finding.message
    assert "does not know what led to this error" in finding.message
