"""Turns an observation into findings: comparison, exceptions, structure, fingerprints. Pure; no jax."""

from judge.compare import Comparison, Mismatch, compare
from judge.diagnosis.diagnose import Diagnosis, diagnose

__all__ = ["Comparison", "Diagnosis", "Mismatch", "compare", "diagnose"]
