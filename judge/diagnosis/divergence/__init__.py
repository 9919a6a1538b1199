"""Finds the first difference between a run and the reference's, stage by stage."""
