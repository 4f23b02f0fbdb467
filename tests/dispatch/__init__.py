"""NumPy's functions, ufuncs and methods; writes into temporaries."""
