"""Which functions write into the arrays of their callers."""
