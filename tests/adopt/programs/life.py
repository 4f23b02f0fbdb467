"""The game of life, with neighbours counted on slices."""

import numpy as np

rng = np.random.default_rng(0)
Z = (rng.random((40, 60)) < 0.3).astype(np.int8)
Z[0] = Z[-1] = 0
Z[:, 0] = Z[:, -1] = 0
for _ in range(30):
    N = np.zeros(Z.shape, dtype=int)
    N[1:-1, 1:-1] += (
        Z[:-2, :-2] + Z[:-2, 1:-1] + Z[:-2, 2:] + Z[1:-1, :-2]
        + Z[1:-1, 2:] + Z[2:, :-2] + Z[2:, 1:-1] + Z[2:, 2:]
    )  # fmt: skip
    birth = (N == 3) & (Z == 0)
    survive = ((N == 2) | (N == 3)) & (Z == 1)
    Z[...] = 0
    Z[birth | survive] = 1

result = Z
