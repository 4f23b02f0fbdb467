"""Lists: calls, routes of writing, functions to guard, bugs, names of NumPy."""
