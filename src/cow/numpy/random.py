"""NumPy's random module: what is drawn are cow arrays, what is shuffled may be one.

The functions draw from NumPy's own global state, and `Generator` and `RandomState` are
NumPy's classes below: the same numbers come for the same seed.
"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

import numpy.random
from numpy.random import Generator as NumPyGenerator
from numpy.random import RandomState as NumPyRandomState

from cow import _core
from cow._array.array import CowArray
from cow._dispatch.operands import Operands
from cow._dispatch.temporaries import Route
from cow._ground.types import Args, Func, Kwargs
from cow._insight.views import views

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = numpy.random.__all__  # pyright: ignore[reportUnsupportedDunderAll]

# no arrays come of these
_OTHERS = {
    *("bytes", "get_state", "seed", "set_state", "shuffle", "spawn", "tomaxint"),
    *("bit_generator",),
}
# positions of `out`, behind `self`; -1: by its name only
_OUT = {
    "permuted": -1,
    "random": 3,
    "standard_exponential": 4,
    "standard_gamma": 4,
    "standard_normal": 3,
}


def _drawing(function: Func, name: str, has_self: bool) -> Func:
    """Return `function` with cow arrays as results, and for an output."""
    out_at = _OUT.get(name, -1) if has_self else -1
    may_write = has_self and name in _OUT
    into = f"{name}() into"

    @functools.wraps(function, assigned=("__name__", "__doc__"))
    def draw(*args: Any, **kwargs: Any) -> Any:
        if may_write:
            by_position = 0 < out_at < len(args)
            out = args[out_at] if by_position else kwargs.get("out")
            if isinstance(out, _core.Array):
                given = args[0], name
                _OUTPUT.check(out, sys.getrefcount(out), into, given)
                where = out_at if by_position else "out"
                return _core.write(function, args, kwargs, where)
            if out is not None:
                return _core.call(function, args, kwargs)
        return _core.call(function, args, kwargs, CowArray)

    return draw


def _shuffled(function: Func, args: Args, kwargs: Kwargs, at: int) -> None:
    """Call `function`, which shuffles the argument at this position, or named `x`."""
    where: int | str = "x" if "x" in kwargs else at
    _core.write(function, args, kwargs, where)


def _is_array(args: Args, kwargs: Kwargs, at: int) -> Any:
    """Return the argument that is shuffled where it is a cow array, or None."""
    x = args[at] if len(args) > at else kwargs.get("x")
    return x if isinstance(x, _core.Array) else None


def _shuffling(function: Func) -> Func:
    """Return a method that shuffles cow arrays, too."""

    @functools.wraps(function, assigned=("__name__", "__doc__"))
    def shuffle(*args: Any, **kwargs: Any) -> None:
        x = _is_array(args, kwargs, 1)
        if x is None:
            function(*args, **kwargs)
        else:
            given = args[0], "shuffle"
            _METHOD.check(x, sys.getrefcount(x), "shuffle() of", given)
            _shuffled(function, args, kwargs, 1)

    return shuffle


def shuffle(*args: Any, **kwargs: Any) -> None:
    """As `numpy.random.shuffle`; a cow array is shuffled in place."""
    x = _is_array(args, kwargs, 0)
    if x is None:
        numpy.random.shuffle(*args, **kwargs)
    else:
        _FUNCTION.check(x, sys.getrefcount(x), "shuffle() of", (shuffle,))
        _shuffled(numpy.random.shuffle, args, kwargs, 0)


class _AlsoNumPys(type):
    """Takes NumPy's own generators for instances of the classes here."""

    def __instancecheck__(cls, instance: object) -> bool:
        base = _BASES.get(cls, cls)
        return super().__instancecheck__(instance) or type.__instancecheck__(
            base, instance
        )

    def __subclasscheck__(cls, subclass: type) -> bool:
        base = _BASES.get(cls, cls)
        return super().__subclasscheck__(subclass) or type.__subclasscheck__(
            base, subclass
        )


class Generator(NumPyGenerator, metaclass=_AlsoNumPys):
    """As `numpy.random.Generator`: draws cow arrays, shuffles them, and fills them.

    Notes
    -----
    What is drawn shares memory with nothing.

    Examples
    --------
    >>> import cow.numpy as np
    >>> rng = np.random.default_rng(1)
    >>> a = np.arange(4)
    >>> rng.shuffle(a)
    >>> sorted(a.tolist())
    [0, 1, 2, 3]
    """

    def __reduce__(self) -> Any:
        parts: Any = super().__reduce__()
        return type(self), (self.bit_generator,), *parts[2:]


class RandomState(NumPyRandomState, metaclass=_AlsoNumPys):
    """As `numpy.random.RandomState`: draws cow arrays, and shuffles them."""

    def __reduce__(self) -> Any:
        parts: Any = super().__reduce__()
        return type(self), *parts[1:]


_BASES: dict[object, type] = {
    Generator: NumPyGenerator,
    RandomState: NumPyRandomState,
}


def default_rng(seed: Any = None) -> NumPyGenerator:
    """As `numpy.random.default_rng`; a generator that is given is returned."""
    rng = numpy.random.default_rng(seed)
    return rng if rng is seed else Generator(rng.bit_generator)


def _methods(cls: type, base: type) -> None:
    for name, method in vars(base).items():
        if name == "shuffle":
            setattr(cls, name, _shuffling(method))
        elif not name.startswith("_") and name not in _OTHERS:
            setattr(cls, name, _drawing(method, name, True))


_methods(Generator, NumPyGenerator)
_methods(RandomState, NumPyRandomState)
_new: dict[str, Any] = {
    name: _drawing(getattr(numpy.random, name), name, False)
    for name in numpy.random.__all__
    if name in {*vars(NumPyRandomState), "ranf", "sample"} - _OTHERS
}
globals().update(_new)


def __getattr__(name: str) -> Any:
    return getattr(numpy.random, name)


def __dir__() -> list[str]:
    return sorted({*dir(numpy.random), *globals()})


_METHOD = Route(3, Operands.passes_to_method)  # rng.shuffle(x)
_FUNCTION = Route(3, Operands.passes)  # shuffle(x)
_OUTPUT = Route(3, Operands.passes_to_method)  # rng.random(out=x)


def _calibrate() -> None:
    x: Any = _core.wrap(numpy.zeros(2), CowArray)
    rng: Any = Generator(numpy.random.PCG64(0))
    state = numpy.random.get_state()
    with _FUNCTION.measuring():
        shuffle(x[:])
    numpy.random.set_state(state)
    with _METHOD.measuring():
        rng.shuffle(x[:])
    with _OUTPUT.measuring():
        rng.random(out=x[:])


with views("copy"):  # COW_VIEWS may be set
    _calibrate()
