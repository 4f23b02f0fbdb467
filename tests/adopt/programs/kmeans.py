"""Clusters by Lloyd's algorithm, after a shuffle of the points."""

import numpy as np

rng = np.random.default_rng(7)
points = np.vstack([rng.normal(center, 0.3, (60, 2)) for center in (0, 2, 4)])
rng.shuffle(points)
centers = points[:3].copy()
for _ in range(20):
    distance = ((points[:, None] - centers[None]) ** 2).sum(axis=2)
    label = distance.argmin(axis=1)
    for k in range(3):
        if (label == k).any():
            centers[k] = points[label == k].mean(axis=0)
result = np.sort(centers, axis=0), np.bincount(label)
