"""The untrusted side: everything here may share a process with learner code."""
