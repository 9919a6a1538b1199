"""An independent derivation in NumPy float64 that proves the reference, written in another way on purpose.

Optional, and worth it: 'judge cases record' measures how far it is from the reference, and tolerances follow from that.
"""

import numpy as np


def average_step(average, params, decay):
    old, new = np.asarray(average, dtype=np.float64), np.asarray(params, dtype=np.float64)
    return old + (1.0 - decay) * (new - old)
