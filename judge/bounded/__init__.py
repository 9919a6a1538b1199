"""Work on data from a submission, in a process of its own with limits of its own.

Theory of operation. All algorithms over claimed data are meant to be linear in it, and the data is capped; these
limits hold when an algorithm is not linear. The judge starts one server (`server.py`): it is exec'd, imports what
diagnosis needs, is given the exercise, and runs no code but the judge's. For each piece of work it forks a keeper,
which forks the worker, and the kernel holds the worker to `CPU_S` and `MEMORY_MIB`. The keeper reports how the worker
ended, which distinguishes excessive work from a server that was killed from outside. Answers are pickled by judge's
own code, and requests come from nowhere else.

Nothing is imported here: the server (`server.py`) has no use for the client.
"""
