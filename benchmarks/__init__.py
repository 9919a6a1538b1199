"""How fast the judge is, measured on this machine: ``python -m benchmarks``.

options      arguments, and how much is measured          plan         what is done, in which order
submissions  the three sets that are graded               naive_cases  what a teacher would write, for pytest
contenders   ways to have a submission graded             watched      `judge watch` between a save and its verdict
floor        the calls alone, in a warm process           confinement  what confining a submission costs
tree         seconds and memory of a process tree         scaling      50, 200 and 800 submissions
rounds       alternation, medians and their ratios        tables       text, Markdown and JSON

Everything is relative to what was measured beside it in the same run; nothing is asserted, and no figure is stored.
"""
