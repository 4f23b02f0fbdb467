"""`ReadOnly`: the promise that an array is only read, as an annotation.

Checkers and `no_mutate` read it; nothing happens where it is written.
"""

from __future__ import annotations

import ast
import inspect
import typing
from types import GenericAlias, UnionType
from typing import TYPE_CHECKING, Any, Never

import numpy as np
from typing_extensions import Format, get_annotations

from cow._ground.types import Func

if TYPE_CHECKING:
    from cow._ground.types import isinstance, issubclass

__all__ = [
    "ReadOnly",
    "ReadOnlyNDArray",
    "is_readonly_annotation",
    "readonly_parameters",
]


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
