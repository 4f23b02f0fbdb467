"""Random walks of a thousand particles, with the global random state."""

import numpy as np

np.random.seed(42)
steps = np.random.choice([-1, 1], size=(1000, 200))
position = np.cumsum(steps, axis=1)
farthest = np.abs(position).max(axis=1)
order = np.argsort(farthest)[::-1]
noise = np.random.randn(50)
noise[np.abs(noise) > 2] = np.nan
result = position[order[:5]], farthest.mean(), np.nanstd(noise), np.bincount(farthest)
