"""Reads what learners hand in."""
