"""Uses the numbers, texts, archives and digests of the standard library."""

import array
import bisect
import copy
import datetime
import decimal
import fractions
import hashlib
import heapq
import io
import math
import pickle
import random
import statistics
import string
import struct
import textwrap
import uuid
import zlib


def solve(seed, x_batch, y_batch, lr):
    values = [float(v) for v in y_batch]
    buffer = io.StringIO()
    print(*values, file=buffer)
    text = textwrap.fill(buffer.getvalue() + string.ascii_letters, 40)
    packed = zlib.decompress(zlib.compress(struct.pack(f"{len(values)}d", *values)))
    numbers = array.array("d", packed)
    heap = copy.deepcopy(values)
    heapq.heapify(heap)
    again = pickle.loads(pickle.dumps(values))
    digest = int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)
    day = (datetime.date(2024, 3, 1) - datetime.date(2024, 2, 1)).days
    rounded = float(decimal.Decimal(str(values[0])).quantize(decimal.Decimal("0.001")))
    half = float(fractions.Fraction(1, 3) + fractions.Fraction(1, 6))
    name = uuid.uuid5(uuid.NAMESPACE_DNS, "example").int % 1000
    place = bisect.bisect(sorted(values), 0.0)
    drawn = random.Random(seed).random()
    return [
        *numbers,
        heap[0],
        *again,
        digest,
        day,
        rounded,
        half,
        name,
        place,
        drawn,
        math.fsum(values),
        statistics.pstdev(values),
    ]
