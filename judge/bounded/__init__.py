"""Work over what a submission sent, in a process of its own with limits of its own.

Theory of operation.  All algorithms over claimed data are meant to be linear in it, and the data is capped; this is
what holds when one of them is not.  The judge starts one server (`server.py`): it is exec'd, imports what diagnosis
needs, is given the exercise, and runs no code but the judge's.  For each piece of work it forks a keeper, which forks
the worker, and the kernel holds the worker to `CPU_S` and `MEMORY_MIB`.  The keeper says how it ended, so that what was
too much is told from a server that somebody killed.  What comes back is pickled by our own code, and what goes there
never comes from anywhere else.

Nothing is imported here: the server (`server.py`) has no use for the judge's end.
"""
