"""Other packages and cow arrays: SciPy, scikit-learn, pandas, numba, Cython."""
