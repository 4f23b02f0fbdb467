"""Functions that cannot change what their caller passes."""
