"""Gradient descent with mini-batches of a permutation."""

import numpy as np

rng = np.random.RandomState(1)
X = rng.normal(size=(200, 4))
w_true = np.array([1.0, -2.0, 0.5, 3.0])
y = X @ w_true + 0.01 * rng.randn(200)
w, velocity = np.zeros(4), np.zeros(4)
for _ in range(30):
    order = rng.permutation(len(X))
    for start in range(0, len(X), 20):
        batch = order[start : start + 20]
        gradient = X[batch].T @ (X[batch] @ w - y[batch]) / len(batch)
        velocity *= 0.9
        velocity -= 0.05 * gradient
        w += velocity
result = w, np.linalg.lstsq(X, y, rcond=None)[0]
