"""What stands for the public names of cow when it is switched off.

Constructors are NumPy's own functions, decorators give back what they decorate, and
what computes on a copy makes that copy at once. The names are looked up when cow is
imported, so that nothing is asked later.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import warnings
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy import array as np_array

from cow._array.at import At
from cow._array.creation import __all__ as constructors
from cow._ground import imports
from cow._ground.types import Func, Plain, type_of
from cow._guard.guard import no_mutate as guarding
from cow._guard.package import Package
from cow._guard.report import GuardReport, ParameterReport

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["OFF", "switch_off"]

OFF = os.environ.get("COW_OFF", "0") not in ("", "0")


class _RefusesWrites(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, np.ndarray) and not instance.flags.writeable


class ReadOnlyArray(metaclass=_RefusesWrites):
    """Stands for every plain array that refuses writes."""


def _same(decorated: Any) -> Any:
    return decorated


def no_mutate(func: Any = None, **options: Any) -> Any:
    """Return `func` as it is."""
    guarding(**options)  # raises for what it would raise for
    return _same if func is None else func


def readonly(x: Any) -> Plain:
    """Return a copy of `x` that refuses writes."""
    copied: Plain = np_array(x, order="K")
    copied.flags.writeable = False
    return copied


@contextlib.contextmanager
def editing(a: Any) -> Generator[Plain]:
    """Give a copy of `a` to change in a ``with`` block."""
    yield np_array(a, order="K", subok=True)


def paged(a: Any) -> Plain:
    """Return a copy of `a`."""
    return np_array(a)


def snapshot(a: Any) -> Plain:
    """Return a copy of `a`."""
    return np_array(a, order="K")


def is_shared(a: object) -> bool:
    """Tell whether the next write to `a` would copy: of a plain array, never."""
    return False


class Protection:
    """The wall that is not there; see `cow.protect`."""

    unreached: tuple[str, ...] = ()

    def __init__(self, pattern: str, options: object = None) -> None:
        self.pattern = pattern
        if not imports.exists(pattern, Package(pattern).matches):
            raise ModuleNotFoundError(f"no module matches {pattern!r}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def undo(self) -> None:
        """Take nothing back."""

    def counts(self) -> dict[str, int]:
        """Return how many calls were guarded: none."""
        return {}


def protect(pattern: str, /, **options: Any) -> Protection:
    """Guard nothing."""
    guarding(**options)
    return Protection(pattern)


def guard_report(func: Func, /, *args: object, **kwargs: object) -> GuardReport:
    """Tell that nothing is guarded of a function."""
    try:
        names = list(inspect.signature(func).parameters)
    except (TypeError, ValueError):
        names = []
    rows = [ParameterReport(name, "passes as it is", "COW_OFF") for name in names]
    name = getattr(func, "__qualname__", type_of(func).__qualname__)
    return GuardReport(name, tuple(rows), (), 0, 0, 0)


def _give_at() -> None:
    """Let plain arrays have ``a.at``, which no subclass could give to all of them."""
    import ctypes  # which an interpreter may lack

    set_attribute = ctypes.pythonapi.PyObject_GenericSetAttr
    set_attribute.argtypes = [ctypes.py_object] * 3
    set_attribute(np.ndarray, "at", property(At))
    modified = ctypes.pythonapi.PyType_Modified
    modified.argtypes, modified.restype = [ctypes.py_object], None
    modified(np.ndarray)


def switch_off(names: dict[str, Any]) -> None:
    """Put what is plain into the namespace of cow, and warn."""
    _give_at()
    names.update({name: getattr(np, name) for name in constructors})
    own = (
        editing,
        guard_report,
        is_shared,
        no_mutate,
        paged,
        protect,
        readonly,
        snapshot,
    )
    names.update({each.__name__: each for each in own})
    names.update(CowArray=np.ndarray, ReadOnlyArray=ReadOnlyArray)
    warnings.warn(
        "COW_OFF is set: nothing is guarded, all arrays are NumPy's own. Unset it to "
        "have cow again",
        RuntimeWarning,
        stacklevel=3,
    )
