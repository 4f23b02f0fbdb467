"""Benchmarks: one file for each question a user asks, against np.ndarray.

Each file answers the question in the first line of its docstring: its ``rows(repeat)``
yields a `benchmarks.timing.Row` for each figure.
"""

import os

# a second thread of the linear algebra waits for a core that may be busy
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
