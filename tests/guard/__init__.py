"""Guarded functions: the data of their caller stay as they were."""
