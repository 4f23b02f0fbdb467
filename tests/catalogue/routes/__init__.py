"""Every route that we know of by which Python code writes into an array.

Each route is a function that gets the array to write to. It returns the
object that it wrote where that is not the array itself (a masked array, say).
`ROUTES` has them all, in the order of `MODULES`.
"""

from importlib import import_module

from tests.catalogue.routes.route import ROUTES, Route, source

__all__ = ["ROUTES", "Route", "source"]

MODULES = """
    array_itself numpy_functions pointers other_arrays temporaries
    statements_and_files
"""
for _name in MODULES.split():
    import_module(f"{__name__}.{_name}")
