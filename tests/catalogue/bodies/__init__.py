"""Functions to guard: whatever they do to copies, they have to do when guarded.

Each body is registered with what a caller does with it. A body may fail for some of
the arrays, in the same way on copies; none may look at addresses, or at the number
of references to an argument. `BODIES` has them all, in the order of `MODULES`.
"""

from importlib import import_module

from tests.catalogue.bodies.body import BODIES, RECORD, Body, Own

__all__ = ["BODIES", "RECORD", "Body", "Own"]

MODULES = """
    elements methods aliases helpers hidden dynamic results exceptions state
    containers generators reading classes builtin
"""
for _name in MODULES.split():
    import_module(f"{__name__}.{_name}")
