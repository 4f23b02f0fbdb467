"""How NumPy's functions meet a cow array."""
