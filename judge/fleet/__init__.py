"""A batch on the processes of a Dask cluster, here or on many machines.

Theory of operation.  The client, which is the batch, sends the exercise once, as an archive, to every worker
(`assignment`, `station`).  Then it sends submissions, at most two for each thread of the cluster (`executor`), and each
comes back as the JSON that reports are saved as.  A worker's answer is text alone: the client redacts, stamps and
stores, so that a results folder looks as if all had been graded here.  Before it grades, a worker compares what it has
with what the client has (`handshake`); one that differs is retired.

assignment   what a worker has to know          station     a worker's side: the exercise, and graders
handshake    what has to be equal everywhere    executor    the client's side: sends, collects, retires
processors   one submission for each processor  cluster     connects to a scheduler, or starts a cluster here
worker       a worker process as judge needs it requirement says what to install
"""
