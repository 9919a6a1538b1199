"""The trusted side of the sandbox: starts zygotes, feeds them, watches what comes back."""
