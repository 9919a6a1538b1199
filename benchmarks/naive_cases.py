"""What a teacher would write: one pytest run for one submission, with the same cases and nothing else of ours.

``SUBMISSION`` names the file and ``CASES`` the inputs, expected values and tolerances.
"""

from __future__ import annotations

import importlib.util
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

CASES = pickle.loads(Path(os.environ["CASES"]).read_bytes())


@pytest.fixture(scope="module")
def solve():
    spec = importlib.util.spec_from_file_location("submission", os.environ["SUBMISSION"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.solve


@pytest.mark.parametrize("name", CASES)
def test_case(solve, name):
    inputs, expected, tolerance = CASES[name]
    np.testing.assert_allclose(np.asarray(solve(*inputs)), expected, rtol=0, atol=tolerance)
