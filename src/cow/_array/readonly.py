"""Read-only arrays: no flag, setter, base or view re-opens them.

A guard refuses each write; views inherit it, copies do not. `ReadOnly` is the
promise as an annotation, which checkers and `no_mutate` read.
"""

from __future__ import annotations

import ast
import inspect
import typing
from types import GenericAlias, UnionType
from typing import TYPE_CHECKING, Any, Never

import numpy as np
from numpy import asarray as np_asarray
from typing_extensions import Format, get_annotations

from cow import _core
from cow._array.array import CowArray
from cow._array.freezing import frozen, refuse
from cow._ground.types import Func, Plain

if TYPE_CHECKING:
    from cow._ground.types import isinstance, issubclass

__all__ = ["ReadOnly", "ReadOnlyArray", "ReadOnlyNDArray", "is_readonly", "readonly"]


class ReadOnlyArray(CowArray):
    """A read-only array, from `cow.readonly`.

    Its slices and views are read-only too; ``.copy()`` and the results of
    arithmetic are writable cow arrays. Writing raises `cow.ReadOnlyError`.
    """

    __slots__ = ()
    _result_class = CowArray

    def __array_finalize__(self, obj: Plain | None, /) -> None:
        _core.set_guard(self, refuse)


ReadOnlyArray.__module__ = "cow"


def readonly(x: Any) -> ReadOnlyArray:
    """Return a read-only array over `x`.

    Parameters
    ----------
    x : array_like

    Returns
    -------
    ReadOnlyArray
        Same shape and dtype.

    Notes
    -----
    Of a cow array it is a snapshot: later writes to `x` do not show. A plain
    array is borrowed: its owner can still change it.

    Examples
    --------
    >>> import cow
    >>> r = cow.readonly([1, 2, 3])
    >>> r[0] = 9
    Traceback (most recent call last):
    cow.ReadOnlyError: this array is read-only. Write to a copy of it ...
    >>> b = r.copy()
    >>> b[0] = 9
    >>> b
    cow.array([9, 2, 3])
    """
    if isinstance(x, ReadOnlyArray):
        return x
    if not isinstance(x, np.ndarray):
        x = np_asarray(x)
    return _core.share(x, ReadOnlyArray)


def is_readonly(x: object) -> bool:
    """Tell whether `x` is an array that refuses every write.

    Parameters
    ----------
    x : object

    Returns
    -------
    bool
        For a cow array: is it from `cow.readonly` (or a view of one)? For a
        plain array: is its flag ``writeable`` False? False for all else.

    Examples
    --------
    >>> import cow
    >>> cow.is_readonly(cow.readonly([1])), cow.is_readonly(cow.array([1]))
    (True, False)
    """
    if isinstance(x, _core.Array):
        return _core.guard(x) in (refuse, frozen)
    return isinstance(x, np.ndarray) and not x.flags.writeable


class _EveryArray(type):
    # pydantic, beartype and jaxtyping ask isinstance; a Protocol would raise
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, np.ndarray)

    def __subclasscheck__(cls, subclass: Any) -> bool:
        return subclass is cls or issubclass(subclass, np.ndarray)


class ReadOnly(metaclass=_EveryArray):
    """Annotation of an array that is only read.

    ``ReadOnly[ShapeT, DTypeT]`` has the parameters of `numpy.ndarray`; without
    them it stands for any shape and dtype. Callers pass any array; checkers
    reject every line that would write it.

    Notes
    -----
    A promise about the code, not a property of arrays: ``isinstance(x,
    ReadOnly)`` holds for every ndarray, as it does for checkers. `is_readonly`
    tells whether an array refuses writes. Under `no_mutate` a parameter with
    this annotation is handed to the body as a read-only array.

    Examples
    --------
    >>> import numpy as np, cow
    >>> def total(x: cow.ReadOnly[tuple[int], np.dtype[np.float64]]) -> float:
    ...     return float(x.sum())
    >>> total(np.ones(3))
    3.0
    """

    def __class_getitem__(cls, item: Any) -> GenericAlias:
        return GenericAlias(cls, item)

    def __new__(cls) -> Never:
        raise TypeError(
            "cow.ReadOnly is an annotation; `cow.readonly(x)` makes a read-only array"
        )


ReadOnly.__module__ = "cow"


class ReadOnlyNDArray(ReadOnly):
    """`ReadOnly` with one parameter, the type of the elements.

    ``ReadOnlyNDArray[ScalarT]`` is to `ReadOnly` what `numpy.typing.NDArray` is to
    `numpy.ndarray`: any shape.

    Notes
    -----
    As of `ReadOnly`, every ndarray is an instance.

    Examples
    --------
    >>> import numpy as np, cow
    >>> def total(x: cow.ReadOnlyNDArray[np.float64]) -> float:
    ...     return float(x.sum())
    >>> total(np.ones(3))
    3.0
    """


ReadOnlyNDArray.__module__ = "cow"
_PROMISES = (ReadOnly, ReadOnlyNDArray)
_NAMES = [each.__name__ for each in _PROMISES]


def is_readonly_annotation(annotation: Any) -> bool:
    """Does `annotation` promise that the array is only read?

    It does as `ReadOnly`, bare or subscripted, also in a union, in Annotated,
    through a type alias, or as the bound of a TypeVar. A string is read, not
    evaluated.
    """
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if any(each is promise for each in (annotation, origin) for promise in _PROMISES):
        return True
    if origin in (typing.Union, UnionType):
        return any(map(is_readonly_annotation, args))
    if origin is typing.Annotated:
        return is_readonly_annotation(args[0])
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        return _spells_readonly(annotation)
    for inner in ("__bound__", "__value__"):
        if getattr(annotation, inner, None) is not None:
            return is_readonly_annotation(getattr(annotation, inner))
    return False


def _spells_readonly(text: str) -> bool:
    try:
        return _names_readonly(ast.parse(text.strip(), mode="eval").body)
    except SyntaxError:
        return False


def _names_readonly(node: ast.expr) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in _NAMES:
            return True
        case ast.BinOp(left=left, right=right):
            return _names_readonly(left) or _names_readonly(right)
        case ast.Constant(value=str(text)):
            return _spells_readonly(text)
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name)):
            inner = node.slice
            parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            if name == "Annotated":
                parts = parts[:1]
            elif name not in ("Optional", "Union"):
                parts = [node.value]
            return any(map(_names_readonly, parts))
        case _:
            return False


def readonly_parameters(func: Func) -> frozenset[str]:
    """Return the names of the parameters of `func` annotated as `ReadOnly`.

    Strings are evaluated one by one, where they can be: one name that exists
    for checkers only does not hide the others.
    """
    func = inspect.unwrap(func)
    names: set[str] = set()
    try:
        annotations = get_annotations(func, format=Format.FORWARDREF)
    except Exception:
        return frozenset()  # it raises whoever reads them
    for name, annotation in annotations.items():
        if isinstance(annotation, str):
            try:
                annotation = eval(annotation, getattr(func, "__globals__", {}))
            except Exception:
                pass  # read as text
        if name != "return" and is_readonly_annotation(annotation):
            names.add(name)
    return frozenset(names)
