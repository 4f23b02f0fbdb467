"""Entries of the registry for what carries arrays elsewhere: tables, tensors, buffers.

Each is copied, with all memory that C code could reach from it. The classes are
known by name: nothing is imported here, and an object is there only after its package.
"""

from __future__ import annotations

import array
import pickle
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import asarray as np_asarray

from cow._ground.types import Path, type_of
from cow._guard.registry import Kind, Rebuild, Visitor, by_name, kind_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

# ------------------------------------------------------------------ roads to a copy


def _as_deepcopy(visitor: Visitor, value: Any, path: Path) -> Any:
    return visitor.deep_copy(value)


def _as_copy(visitor: Visitor, value: Any, path: Path) -> Any:
    return value.copy()


def _by_reduce(visitor: Visitor, value: Any, path: Path) -> Any:
    """Copy as `copy.deepcopy` would without the ``__deepcopy__`` of the class.

    That of pandas leaves the memory of an index, and what columns of objects
    hold, to both.
    """
    reduced: list[Any] = [*value.__reduce_ex__(4), None, None, None]
    make, args, state, items, pairs = reduced[:5]
    inner = make(*[visitor.enter(part, path) for part in args])
    visitor.memo[id(value)] = (value, inner)
    if items is not None:
        inner.extend(visitor.enter(item, path) for item in items)
    for key, item in pairs or ():
        inner[visitor.enter(key, path)] = visitor.enter(item, path)
    more: dict[str, Any]
    if state is None:
        return inner
    state = visitor.enter(state, path)
    if hasattr(inner, "__setstate__"):
        inner.__setstate__(state)
        # what the program has set on it: pandas' own copies leave it behind
        more = getattr(value, "__dict__", {})
        for name in more.keys() - getattr(inner, "__dict__", {}).keys():
            if not name.startswith("_"):
                object.__setattr__(inner, name, visitor.enter(more[name], path))
        return inner
    slots: Any = None
    if isinstance(state, tuple):
        state, slots = state
    if state:
        inner.__dict__.update(state)
    more = slots or {}
    for name, item in more.items():
        setattr(inner, name, item)
    return inner


def _index(visitor: Visitor, value: Any, path: Path) -> Any:
    """Copy an index of pandas; objects in it stay themselves, they are keys."""
    if value.dtype == object and not hasattr(value, "levels"):
        return value.copy(deep=True)
    return _by_reduce(visitor, value, path)


# ------------------------------------------------------------------ what is compared


def _image(value: Any) -> Any:
    """Return the contents of a value: bytes and texts, in lists."""
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject or value.dtype.kind == "T":
            return [str(value.shape), *map(_image, value.ravel().tolist())]
        return [str(value.shape), value.dtype.str, np.ndarray.tobytes(value)]
    if isinstance(value, list | tuple):
        return [*map(_image, value)]
    if isinstance(value, dict):
        return [[_image(key), _image(item)] for key, item in value.items()]
    kind = kind_of(type_of(value))
    if kind is not None and kind.look is not None:
        return kind.look(value)
    plain = isinstance(value, str | bytes | int | float | complex | np.generic)
    return f"{type(value).__name__} {value!r}" if plain else id(value)


def _look_pandas(value: Any) -> Any:
    """Return the contents of what pandas has, as a program sees them.

    It joins blocks of memory when it likes.
    """
    names = [*map(str, getattr(value, "_metadata", ()))]
    more = [_image(getattr(value, name, None)) for name in names]
    more += [_image(getattr(value, name, None)) for name in ("attrs", "names")]
    if hasattr(value, "columns"):
        columns = (value.iloc[:, at] for at in range(value.shape[1]))
        tables = [value.columns, value.index, *(column.array for column in columns)]
    elif hasattr(value, "levels"):
        more.append(_image([*value.levels, *value.codes]))
        tables = []
    else:
        tables = [value.index] if hasattr(value, "iloc") else []
        more.append(_image(np_asarray(value.array if tables else value)))
    more.append(str(getattr(value, "dtype", "")))
    return more + [_look_pandas(each) for each in tables]


def _look_sparse(value: Any) -> Any:
    matrix = value.tocoo(copy=True)  # whatever the format has done to itself
    matrix.sum_duplicates()
    coords = getattr(matrix, "coords", None) or (matrix.row, matrix.col)
    return [str(value.shape), _image(matrix.data), *map(_image, coords)]


def _look_xarray(value: Any) -> Any:
    if hasattr(value, "subtree"):
        return [[node.path, _look_xarray(node.dataset)] for node in value.subtree]
    attrs = _image(getattr(value, "attrs", None))
    if hasattr(value, "variables"):
        items = value.variables.items()
        return [attrs, *([str(key), _look_xarray(each)] for key, each in items)]
    if hasattr(value, "coords"):
        named = [str(value.name), _look_xarray(value.variable)]
        return [attrs, *named, _look_xarray(value.coords)]
    data = value._data  # what is on disk or comes later stays there
    return [attrs, str(value.dims), _image(getattr(data, "array", data))]


# ------------------------------------------------------------------ single packages


def _xarray(visitor: Visitor, value: Any, path: Path) -> Any:
    """Copy the memory of indexes, too, which xarray's deep copy leaves to both."""
    inner = visitor.deep_copy(value)
    for node in getattr(inner, "subtree", (inner,)):
        for variable in _variables(node):
            data = variable._data
            if hasattr(getattr(data, "array", None), "get_indexer"):
                data.array = visitor.enter(data.array, path)
        for index in getattr(node, "xindexes", {}).values():
            if hasattr(getattr(index, "index", None), "get_indexer"):
                index.index = visitor.enter(index.index, path)
    return inner


def _variables(node: Any) -> Iterable[Any]:
    if hasattr(node, "variables"):
        return [*node.variables.values()]
    if hasattr(node, "coords"):
        return [node.variable, *node.coords.variables.values()]
    return [node]


def _tensor(visitor: Visitor, value: Any, path: Path) -> Any:
    """Copy a tensor of torch; gradients flow from the copy to the original.

    They do not to the copies of a module's parameters and of what has none.
    """
    parameter = type_of(value).__module__.startswith("torch.nn.")
    if value.is_leaf and (parameter or not value.requires_grad):
        try:
            return visitor.deep_copy(value)
        except (NotImplementedError, RuntimeError):
            pass  # of sparse rows and subclasses torch has none: they are cloned
    inner = value.clone()
    if inner.requires_grad is not value.requires_grad:  # in torch.no_grad()
        inner = inner.detach().requires_grad_()
    return inner


def _look_tensor(value: Any) -> Any:
    tensor = value.detach().clone()  # `numpy()` says that memory may not grow
    if str(tensor.layout) != "torch.strided":
        tensor = tensor.to_dense()
    flat: Any = tensor.cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
    numbers = flat.view(sys.modules["torch"].uint8).numpy()
    return [str(value.shape), str(value.dtype), numbers.tobytes()]


def _polars_series(visitor: Visitor, value: Any, path: Path) -> Any:
    """Copy the memory, too: a clone shares it, and NumPy sees it."""
    if str(value.dtype) != "Object":
        return pickle.loads(pickle.dumps(value, 5))
    return type(value)(value.name, visitor.enter(value.to_list(), path), value.dtype)


def _polars_frame(visitor: Visitor, value: Any, path: Path) -> Any:
    inner = value.clone()
    for at, column in enumerate(value.get_columns()):
        inner.replace_column(at, _polars_series(visitor, column, path))
    return inner


def _look_polars(value: Any) -> Any:
    columns = value.get_columns() if hasattr(value, "get_columns") else [value]
    return [[each.name, str(each.dtype), repr(each.to_list())] for each in columns]


def _look_awkward(value: Any) -> Any:
    layout = getattr(value, "layout", value)
    layout = getattr(layout, "array", layout)  # of a record
    form, length, buffers = sys.modules["awkward"].to_buffers(layout)
    arrays = [[name, _image(np_asarray(each))] for name, each in buffers.items()]
    attrs = _image(getattr(value, "attrs", None))
    return [attrs, form.to_json(), str(length), *arrays]


def _quantity(visitor: Visitor, value: Any, path: Path) -> Any:
    return type_of(value)(visitor.enter(value.magnitude, path), value.units)


def _look_quantity(value: Any) -> Any:
    return [_image(value.magnitude), str(value.units)]


# ------------------------------------------------------------------ buffers


def _memoryview(visitor: Visitor, value: memoryview, path: Path) -> Any:
    """Return a view of a copy of the memory, which is an array."""
    try:
        if not value.nbytes:
            return memoryview(value)
    except ValueError:
        return value  # it was released
    inner: Any
    try:
        inner = memoryview(visitor.enter(np_asarray(value), path))
    except ValueError:  # a format that NumPy does not know
        inner = memoryview(bytearray(value))
    if inner.format != value.format:
        form: Any = value.format
        flat: Any = inner.cast("B")
        inner = flat.cast(form, value.shape)
    return inner.toreadonly() if value.readonly else inner


def _flat(visitor: Visitor, value: Any, path: Path) -> Any:
    """Return the iterator over a copy of the array, as far as it has come."""
    inner = visitor.enter(value.base, path).flat
    for _ in range(value.index):
        next(inner)
    return inner


def _array(visitor: Visitor, value: Any, path: Path) -> Any:
    # making an array of type code "u" warns since Python 3.13, copying one does not
    if type_of(value) is array.array:
        return value.__copy__()
    return _by_reduce(visitor, value, path)


def _ctypes(visitor: Visitor, value: Any, path: Path) -> Any:
    try:
        return _by_reduce(visitor, value, path)
    except ValueError:
        return value  # it holds pointers


def _look_buffer(value: Any) -> Any:
    return [str(len(value)), bytes(value)]


# ------------------------------------------------------------------ the entries

_ENTRIES: tuple[tuple[str, str, Rebuild, Callable[[Any], Any] | None], ...] = (
    ("builtins", "bytearray", _by_reduce, _look_buffer),
    ("builtins", "memoryview", _memoryview, None),
    ("array", "array", _array, _look_buffer),
    ("_ctypes", "Array Structure Union _SimpleCData", _ctypes, bytes),
    ("numpy", "ABCPolyBase poly1d", _by_reduce, None),
    ("numpy", "flatiter", _flat, None),
    ("cow", "Flat", _flat, None),
    ("pandas", "NDFrame ExtensionArray", _by_reduce, _look_pandas),
    ("pandas", "Index", _index, _look_pandas),
    # what those consist of
    ("pandas", "BaseBlockManager Block", _by_reduce, None),
    ("pandas", "CategoricalDtype SparseIndex", _by_reduce, None),
    ("scipy", "_spbase spmatrix sparray", _as_deepcopy, _look_sparse),
    ("sparse", "SparseArray", _as_deepcopy, None),
    (
        *("xarray", "Dataset DataArray NamedArray DataTree Coordinates"),
        *(_xarray, _look_xarray),
    ),
    ("awkward", "Array Record Content", _as_deepcopy, _look_awkward),
    ("torch", "Tensor", _tensor, _look_tensor),
    ("polars", "Series", _polars_series, _look_polars),
    ("polars", "DataFrame", _polars_frame, _look_polars),
    ("pint", "PlainQuantity", _quantity, _look_quantity),
    ("astropy", "Table Row NDDataBase TimeBase SkyCoord", _as_deepcopy, None),
    (
        *("astropy", "BaseCoordinateFrame BaseRepresentationOrDifferential"),
        *(_as_deepcopy, None),
    ),
    ("PIL", "Image", _as_deepcopy, None),
    ("dask", "Array", _as_deepcopy, None),
    ("cupy", "ndarray", _as_copy, None),
)
for _package, _names, _rebuild, _look in _ENTRIES:
    by_name(_package, _names, Kind("copied", _rebuild, _look))
