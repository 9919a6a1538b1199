"""Runs trusted solutions: the reference, its accepted variants and the bank. Below grading and authoring."""
