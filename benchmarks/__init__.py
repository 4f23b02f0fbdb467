"""Benchmarks: one file for each question a user asks, against np.ndarray.

Each file answers the question in the first line of its docstring: its ``rows(repeat)``
yields a `benchmarks.timing.Row` for each figure.
"""
