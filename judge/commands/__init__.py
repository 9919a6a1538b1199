"""One module per command: its arguments, and its run(options) that returns an exit status."""
