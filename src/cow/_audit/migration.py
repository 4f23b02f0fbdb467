"""The migration mode: the program runs on cow arrays, and each parting is put down.

NumPy's constructors are switched, where the code that calls them is the program's own
or of a package that was chosen: they give cow arrays. What is told is where a write
would be seen by another array with NumPy (see `cow.views`), and which writes are
refused since they would be lost.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from fnmatch import fnmatchcase
from types import CodeType, FrameType
from typing import Any, Self

import numpy as np

from cow import _core
from cow._array import creation
from cow._array.array import CowArray
from cow._dispatch import advice
from cow._ground.frames import frame_at
from cow._ground.types import Func
from cow._insight import views
from cow._insight.ledger import user_frame
from cow._insight.views import Parting

__all__ = ["Migration"]

# of numpy, besides those that cow has: they give arrays of memory of their own
_FRESH = (
    *("block", "column_stack", "concatenate", "copy", "diag", "diagflat"),
    *("dstack", "fromfile", "fromstring", "genfromtxt", "geomspace", "hstack"),
    *("identity", "indices", "logspace", "meshgrid", "repeat", "stack", "tile", "tri"),
    *("tril", "triu", "vander", "vstack"),
)
_RANDOM = (
    *("beta", "binomial", "choice", "exponential", "gamma", "laplace", "lognormal"),
    *("multivariate_normal", "normal", "permutation", "poisson", "rand", "randint"),
    *("randn", "random", "random_sample", "standard_normal", "uniform"),
)
_INSTALLED = ("site-packages", "dist-packages")
_STANDARD = frozenset(sys.stdlib_module_names) - {"__main__"}


class Migration:
    """Switches NumPy's constructors, and tells of partings.

    Parameters
    ----------
    patterns : tuple of str
        Installed packages, modules or patterns that are switched, too.
    tell : callable
        Called with each `Parting`.
    """

    def __init__(
        self, patterns: tuple[str, ...], tell: Callable[[Parting], object]
    ) -> None:
        self._patterns = patterns
        self._tell = tell
        self._known: dict[int, tuple[CodeType, bool]] = {}
        self._old: list[tuple[Any, str, Any]] = []

    def __enter__(self) -> Self:
        if not self._old:
            self.switch()
        views.collect(self._tell)
        advice.listeners.append(self._refused)
        return self

    def __exit__(self, *error: object) -> None:
        advice.listeners.remove(self._refused)
        views.stop_collecting(self._tell)
        self.switch_back()

    def switch(self) -> None:
        """Let the constructors give cow arrays, before the program is imported."""
        for name in creation.__all__:
            self._put(np, name, getattr(creation, name))
        for place, names in ((np, _FRESH), (np.random, _RANDOM)):
            for name in names:
                self._put(place, name, _wrapped(getattr(place, name)))
        self._put(np.random, "default_rng", _generator)

    def switch_back(self) -> None:
        """Give NumPy its own functions back."""
        for place, name, function in self._old:
            setattr(place, name, function)
        self._old.clear()

    def _put(self, place: Any, name: str, ours: Func) -> None:
        own: Func = getattr(place, name)
        switches = self._switches

        @functools.wraps(own, updated=())
        def switched(*args: Any, **kwargs: Any) -> Any:
            return (ours if switches(frame_at(1)) else own)(*args, **kwargs)

        self._old.append((place, name, own))
        setattr(place, name, switched)

    def _switches(self, frame: FrameType) -> bool:
        """Does the code of a frame get cow arrays?"""
        code = frame.f_code
        known = self._known.get(id(code))
        if known is None:
            module = frame.f_globals.get("__name__") or "?"
            # the code is kept, so that its id stays its own
            known = self._known[id(code)] = code, self._is_chosen(module, code)
        return known[1]

    def _is_chosen(self, module: str, code: CodeType) -> bool:
        package = module.partition(".")[0]
        if package in ("numpy", "cow") or package in _STANDARD:
            return False
        chosen = any(
            module == each or module.startswith(each + ".") or fnmatchcase(module, each)
            for each in self._patterns
        )
        return chosen or not any(part in code.co_filename for part in _INSTALLED)

    def _refused(self, frame: FrameType, array: _core.Array, message: str) -> None:
        frame = user_frame(frame)
        code = frame.f_code
        written = f"{type(array).__name__} {array.dtype}{list(array.shape)}"
        other = "the array that the temporary view is taken from (refused)"
        place = code.co_filename, frame.f_lineno, code.co_qualname
        self._tell(Parting(*place, written, other, message))


def _wrapped(function: Func) -> Func:
    @functools.wraps(function, updated=())
    def constructor(*args: Any, **kwargs: Any) -> Any:
        box = [function(*args, **kwargs)]
        return _core.wrap(box.pop(), CowArray)

    return constructor


class _Generator(np.random.Generator):
    """A generator of numbers that gives cow arrays."""

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        makes = name in _RANDOM or name == "integers"
        return _wrapped(found) if makes else found


_default_rng = np.random.default_rng


def _generator(*args: Any, **kwargs: Any) -> np.random.Generator:
    return _Generator(_default_rng(*args, **kwargs).bit_generator)
