"""Bodies under gravity: leapfrog, with a diagonal that is filled."""

import numpy as np

rng = np.random.default_rng(3)
n = 20
x = rng.uniform(-1, 1, (n, 3))
v = np.zeros((n, 3))
m = rng.random(n) + 0.5
energies = []
for _ in range(50):
    d = x[None] - x[:, None]
    r2 = (d**2).sum(axis=-1) + 0.01
    np.fill_diagonal(r2, np.inf)
    a = (m[None, :, None] * d / r2[..., None] ** 1.5).sum(axis=1)
    v += 0.001 * a
    x += 0.001 * v
    energies.append(0.5 * (m * (v**2).sum(axis=1)).sum())
result = x, np.asarray(energies)
