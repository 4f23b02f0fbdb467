"""NumPy's namespace, in which what makes arrays makes cow arrays.

``import cow.numpy as np`` in the place of ``import numpy as np``. Each name that is
not in `made`, `iterating` or `cow.numpy.random` is NumPy's own object.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import numpy

from cow._off.plain import OFF
from cow.numpy import _iterating, _made

__all__ = numpy.__all__  # pyright: ignore[reportUnsupportedDunderAll]

if not OFF:
    globals().update({n: getattr(_made, n) for n in _made.__all__})
    globals().update({n: getattr(_iterating, n) for n in _iterating.__all__})


def __getattr__(name: str) -> Any:
    if name == "random" and not OFF:
        return import_module("cow.numpy.random")
    try:
        found = getattr(numpy, name)
    except AttributeError as error:
        raise AttributeError(
            str(error).replace("module 'numpy'", "module 'cow.numpy'"),
            name=name,
            obj=sys.modules[__name__],
        ) from None
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*dir(numpy), *globals()})


class _Submodules(MetaPathFinder, Loader):
    """Finds ``cow.numpy.linalg`` and its like: NumPy's own modules."""

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        start, name, rest = fullname.partition(f"{__name__}.")
        if start or not name or (rest in _OWN and not OFF):
            return None
        try:
            import_module(f"numpy.{rest}")
        except ModuleNotFoundError:
            return None
        return ModuleSpec(fullname, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__.removeprefix("cow.")
        sys.modules[module.__name__] = sys.modules[name]


_OWN = ("_iterating", "_made", "random")
sys.meta_path.insert(0, _Submodules())
