"""Dynamic programming, element by element."""

import numpy as np


def distance(a, b):
    table = np.zeros((len(a) + 1, len(b) + 1), dtype=int)
    table[0] = np.arange(len(b) + 1)
    table[:, 0] = np.arange(len(a) + 1)
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i, j] = min(
                table[i - 1, j] + 1,
                table[i, j - 1] + 1,
                table[i - 1, j - 1] + (a[i - 1] != b[j - 1]),
            )
    return table


result = distance("kitten on the mat", "sitting on a bat")
