"""Logs, warns and redirects what it prints."""

import contextlib
import io
import logging
import os
import sys
import warnings

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stdout)
logger = logging.getLogger(__name__)


def solve(seed, x_batch, y_batch, lr):
    logger.info("called with %d rows", len(x_batch))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.warn("careful", stacklevel=1)
    buffer = io.StringIO()
    with contextlib.redirect_stdout(buffer):
        print("not shown")
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        print("gone", file=sys.stderr)
    sys.stdout.write("written\n")
    return [float(len(caught)), float(len(buffer.getvalue())), float(y_batch[0])]
