"""What kinds of objects a guarded call takes apart, and who knows how.

A kind is found by the class of an object, or the nearest of its base classes:
what `register_container` was told, our own containers, then by name what other
packages define, of which nothing is imported.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import numbers
import pathlib
import re
import threading
import types
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, cast

import numpy as np

from cow._ground.types import Path, type_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["register_container"]


class Visitor(Protocol):
    """What enters the parts of an object: a call, or who owns or gives its result."""

    memo: dict[int, tuple[Any, Any]]
    nested: dict[int, int]

    def enter(self, value: Any, path: Path, /) -> Any: ...
    def deep_copy(self, item: Any, /) -> Any: ...


Rebuild: TypeAlias = Callable[[Any, Any, Path], Any]


class Kind(NamedTuple):
    """How objects of a class are guarded."""

    how: str  # "rebuilt" or "copied"
    rebuild: Rebuild  # (visitor, value, path): what the callee gets
    # what of an object is compared, to find writes that its arrays do not show
    look: Callable[[Any], Any] | None = None
    ours: bool = False  # in results cow arrays are put into these alone


# What neither contains arrays nor can be changed.
ATOMS: frozenset[object] = frozenset(
    {int, float, complex, bool, str, bytes, type(None), type, slice, range}
    | {types.FunctionType, types.BuiltinFunctionType, types.ModuleType}
    | {types.EllipsisType, types.NotImplementedType}
)
# Likewise, but asked last: their subclasses may be registered.
_frozen: list[Any] = [
    *(numbers.Number, str, bytes, np.generic, np.dtype, np.ufunc, type, slice, range),
    *(types.FunctionType, types.BuiltinFunctionType),
    *(types.ModuleType, types.CodeType, types.EllipsisType, types.NoneType),
    *(types.NotImplementedType, types.WrapperDescriptorType),
    *(types.MethodDescriptorType, types.ClassMethodDescriptorType),
    *(datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo),
    *(decimal.Decimal, pathlib.PurePath, re.Pattern, re.Match, enum.Enum),
]
_FROZEN: tuple[type, ...] = tuple(_frozen)
# Classes of other packages that change nothing in place, by package and name.
_IMMUTABLE: dict[str, frozenset[str]] = {
    "jax": frozenset({"Array"}),
    "jaxlib": frozenset({"Array", "ArrayImpl"}),
    "pyarrow": frozenset(
        {"Array", "ChunkedArray", "DataType", "Field", "RecordBatch", "Scalar"}
        | {"Schema", "Table"}
    ),
    "pandas": frozenset(
        {"BaseOffset", "ExtensionDtype", "Interval", "NAType", "NaTType", "Period"}
    ),
    "polars": frozenset({"DataType", "DataTypeClass", "Expr", "LazyFrame"}),
    "torch": frozenset({"device", "dtype", "layout"}),
    "pint": frozenset({"PlainUnit"}),
}

_lock = threading.Lock()
_UNKNOWN = Kind("", cast(Any, None))
_kinds: dict[type, Kind] = {}
_names: dict[tuple[str, str], Kind] = {}
_fields: list[Kind] = []
_found: weakref.WeakKeyDictionary[type, Kind | None] = weakref.WeakKeyDictionary()


def install(kinds: dict[type, Kind], fields: Kind) -> None:
    """Enter our own containers; `fields`: of dataclasses and the like."""
    _kinds.update(kinds)
    _fields.append(fields)


def by_name(package: str, names: str, kind: Kind) -> None:
    """Enter classes of a package, which need not be imported."""
    _names.update({(package, name): kind for name in names.split()})


def kind_of(cls: type) -> Kind | None:
    """Return how objects of a class are guarded; None: they pass as they are."""
    found = _found  # `register_container` begins another
    kind = found.get(cls, _UNKNOWN)
    if kind is _UNKNOWN:
        kind = found[cls] = _find(cls)
    return kind


def _find(cls: type) -> Kind | None:
    for base in cls.__mro__:
        kind = _kinds.get(base) or _names.get((_package(base), base.__name__))
        if kind is not None:
            return kind
    fields = getattr(cls, "__dataclass_fields__", getattr(cls, "__attrs_attrs__", None))
    if fields is not None:
        return _fields[0]
    return None


def _package(cls: type) -> str:
    module: object = getattr(cls, "__module__", None)
    return module.partition(".")[0] if isinstance(module, str) else ""


# ------------------------------------------------------------------ the public door


def register_container(
    type: type,
    take_apart: Callable[[Any], Any],
    put_together: Callable[[Any, Any], Any],
) -> None:
    """Tell `no_mutate` what objects of a class are made of.

    Parameters
    ----------
    type : class
        Its subclasses are meant too, unless a nearer base class is registered.
    take_apart : callable
        ``take_apart(obj)`` returns the parts of an object in a list, tuple or
        dict: its arrays, and whatever holds arrays or can be changed.
    put_together : callable
        ``put_together(obj, parts)`` returns the object that the guarded function
        gets. `parts` is like what `take_apart` returned, with a copy for each
        part; `obj` is the caller's object, of which nothing may be changed and
        nothing put into the new one that can be.

    Raises
    ------
    TypeError
        If `type` is no class, or is guarded already and cannot be otherwise, or
        a function is missing.

    Notes
    -----
    In a guarded call arrays among the parts are copied, containers are rebuilt,
    tables, tensors and buffers are copied; other objects stay as they are. A
    call with such an object copies all that it is given, proven or not.

    The new object shares memory with what was passed beside it as the parts do:
    one array that is passed twice is one array inside. With the caller's object
    it shares what `put_together` takes from there, and nothing else. Results of
    guarded functions are not rebuilt. Registering a class again replaces what
    was said before.

    Examples
    --------
    >>> import numpy as np, cow
    >>> class Signal:
    ...     def __init__(self, samples, rate):
    ...         self.samples, self.rate = samples, rate
    >>> cow.register_container(
    ...     Signal,
    ...     lambda signal: [signal.samples],
    ...     lambda signal, parts: Signal(*parts, signal.rate),
    ... )
    >>> @cow.no_mutate
    ... def peak(signal):
    ...     signal.samples *= signal.samples
    ...     return signal.samples.max()
    >>> signal = Signal(np.array([1.0, -3.0]), 44100)
    >>> peak(signal), signal.samples
    (np.float64(9.0), array([ 1., -3.]))
    """
    global _found
    _check(type, take_apart, put_together)
    kind = Kind("rebuilt", _Parts(take_apart, put_together))
    with _lock:
        _kinds[type] = kind
        _found = weakref.WeakKeyDictionary()


def _check(cls: Any, take_apart: Any, put_together: Any) -> None:
    if not isinstance(cls, type):
        raise TypeError(
            f"register_container() takes a class first, not {cls!r}: "
            f"`cow.register_container({type_of(cls).__name__}, ...)`"
        )
    refused = _refused(cls)
    if refused:
        raise TypeError(
            f"{spell_class(cls)} {refused}; register a class of your own: "
            "`cow.register_container(MyClass, take_apart, put_together)`"
        )
    for what, function in (("take_apart", take_apart), ("put_together", put_together)):
        if not callable(function):
            raise TypeError(
                f"{what} must be a function, not {function!r}: "
                f"`cow.register_container({cls.__name__}, lambda obj: [obj.x], "
                f"lambda obj, parts: {cls.__name__}(*parts))`"
            )


def _refused(cls: type) -> str:
    """Say why a class is none that can be registered."""
    mine = _kinds.get(cls)
    if cls is object:
        return "is the base of all classes"
    if cls in ATOMS:
        return "has nothing that can be changed"
    if _is_a(cls, np.ndarray, np.generic):
        return "is an array, which is copied always"
    return "is a container that cow knows" if mine is not None and mine.ours else ""


def _is_a(cls: type, *bases: type) -> bool:
    return any(base in cls.__mro__ for base in bases)


_DEEPEST = 50  # times that an object may stand in itself


class _Parts:
    """How a registered class is rebuilt."""

    def __init__(
        self, take_apart: Callable[[Any], Any], put_together: Callable[[Any, Any], Any]
    ) -> None:
        self.take_apart = take_apart
        self.put_together = put_together

    def __call__(self, visitor: Visitor, value: Any, path: Path) -> Any:
        depth = visitor.nested.get(id(value), 0)
        if depth > _DEEPEST:
            raise RecursionError(
                f"{_said('take_apart', value)} holds the object itself: let it "
                "leave out what points back, and put_together set that"
            )
        visitor.nested[id(value)] = depth + 1
        try:
            new = self._enter(visitor, value, path)
        finally:
            visitor.nested[id(value)] = depth
        # a cycle through a list may have come past here meanwhile
        known = visitor.memo.get(id(value))
        if known is not None:
            return known[1]
        inner = self.put_together(value, new)
        if inner is value or inner is None:
            what = "None" if inner is None else "the object of the caller"
            raise TypeError(
                f"{_said('put_together', value)} must be a new object, not {what}: "
                f"`lambda obj, parts: {type_of(value).__name__}(*parts)`"
            )
        visitor.memo[id(value)] = (value, inner)
        return inner

    def _enter(self, visitor: Visitor, value: Any, path: Path) -> Any:
        parts = self.take_apart(value)
        if isinstance(parts, dict):
            steps = {key: (*path, _step(key)) for key in parts}
            return {key: visitor.enter(parts[key], step) for key, step in steps.items()}
        if not isinstance(parts, list | tuple):
            raise TypeError(
                f"{_said('take_apart', value)} must be a list, tuple or dict of its "
                f"parts, not {parts!r}: `lambda obj: [obj.x]`"
            )
        new = [visitor.enter(part, (*path, at)) for at, part in enumerate(parts)]
        return new if isinstance(parts, list) else tuple(new)


def _said(function: str, value: object) -> str:
    return f"what {function}() returns of {spell_class(type_of(value))}"


def _step(key: object) -> object:
    return "." + key if isinstance(key, str) and key.isidentifier() else key


# ------------------------------------------------------------------ who is guarded


def how(value: object) -> str:
    """Say how a guarded call passes `value`, as an argument or in a container."""
    cls: type = type_of(value)
    name = spell_class(cls)
    if _is_a(cls, np.ndarray, np.void):
        return "copied" if cls is np.ndarray else f"copied: {name}"
    kind = kind_of(cls)
    if kind is not None and cls not in ATOMS:
        return f"{kind.how}: {name}"
    if cannot_change(value) or cls in (types.MethodType, types.MethodWrapperType):
        return "cannot be changed"
    return (
        f"passes as it is: an object of the class {name}; "
        f"cow.register_container({cls.__name__}, take_apart, put_together) guards it"
    )


def is_guarded(value: object) -> bool:
    """Does a guarded call keep a value of this class from being changed?"""
    return not how(value).startswith("passes")


def cannot_change(value: object) -> bool:
    """Is there nothing in an object to be changed, as far as its class tells?"""
    if isinstance(value, _FROZEN):
        return True
    for base in type_of(value).__mro__:
        if base.__name__ in _IMMUTABLE.get(_package(base), ()):
            return True
    return False


def spell_class(cls: type) -> str:
    """Write a class as code."""
    module: object = getattr(cls, "__module__", None)
    name = cls.__qualname__
    return name if module in ("builtins", None) else f"{module}.{name}"
