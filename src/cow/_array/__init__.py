"""The array, and what makes arrays."""
