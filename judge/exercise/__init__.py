"""Reads exercises, cases, goldens and the bank of wrong solutions from files, or reports their errors."""

from judge.exercise.cases import CaseEntry, digest_of_inputs, load_cases, read_cases
from judge.exercise.definition import digest_of_exercise, find_exercise, load_exercise
from judge.exercise.goldens import load_goldens
from judge.exercise.misconception import Misconception
from judge.exercise.misconceptions import load_misconceptions

__all__ = [
    "CaseEntry",
    "Misconception",
    "digest_of_exercise",
    "digest_of_inputs",
    "find_exercise",
    "load_cases",
    "load_exercise",
    "load_goldens",
    "load_misconceptions",
    "read_cases",
]
