"""Reaction and diffusion: two fields, stencils on slices, in-place updates."""

import numpy as np

n = 64
U, V = np.ones((n, n)), np.zeros((n, n))
r = 8
U[n // 2 - r : n // 2 + r, n // 2 - r : n // 2 + r] = 0.50
V[n // 2 - r : n // 2 + r, n // 2 - r : n // 2 + r] = 0.25


def laplacian(Z):
    L = -4 * Z
    L[1:-1] += Z[:-2] + Z[2:]
    L[:, 1:-1] += Z[:, :-2] + Z[:, 2:]
    return L


for _ in range(40):
    uvv = U * V * V
    U += 0.16 * laplacian(U) - uvv + 0.035 * (1 - U)
    V += 0.08 * laplacian(V) + uvv - 0.1 * V

result = U, V
