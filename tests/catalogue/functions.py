"""NumPy's functions that dispatch, and those of the table."""

import importlib

from numpy.testing.overrides import get_overridable_numpy_array_functions

from cow._dispatch import table

MODULES = """
    char fft lib.format lib.array_utils lib.recfunctions lib.scimath
    lib.stride_tricks linalg ma polynomial random rec strings testing
"""


def overridable():
    """Map the full name of each dispatching function of this NumPy to it."""
    for name in MODULES.split():
        importlib.import_module(f"numpy.{name}")
    return {table.name_of(f): f for f in get_overridable_numpy_array_functions()}


FUNCTIONS = overridable()


def grouped():
    return [name for group in table.GROUPS.values() for name in table.names(group)]
