"""How fast the judge is, measured on this machine: ``python -m benchmarks``.

options      arguments, and how much is measured          sets         who grades them, in which order
submissions  the three sets that are graded               watched      `judge watch` between a save and its verdict
contenders   ways to have a submission graded             confinement  what confining a submission costs
naive_cases  what a teacher would write, for pytest       scaling      50, 200 and 800 submissions
naive_loop   and the loop around it, several at a time    tables       text, Markdown and JSON
floor        the calls alone, in a warm process           compare      one submission, here and in another checkout
tree         seconds and memory of a process tree         gradings     a checkout's judge, in a process of its own
rounds       alternation, medians and their ratios         mistakes     how long a mistake takes to be named
fleet        threads beside Dask's processes               fleet_model  more workers than this machine has, simulated

Everything is relative to what was measured beside it in the same run; nothing is asserted, and no figure is stored.
"""
