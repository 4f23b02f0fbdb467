"""Arrays that functions of SciPy and scikit-learn are called with."""

import numpy as np

RNG = np.random.default_rng(7)
X = np.sort(RNG.normal(size=40))
Y = np.sin(X) + RNG.normal(size=40) / 10
M = RNG.normal(size=(5, 5)) + 5 * np.eye(5)
S = M @ M.T
B = RNG.normal(size=5)
POINTS = RNG.normal(size=(30, 2))
IMAGE = RNG.normal(size=(12, 12))
