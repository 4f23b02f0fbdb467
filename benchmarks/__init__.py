"""Benchmarks: each question a user asks, against np.ndarray in the same run."""
