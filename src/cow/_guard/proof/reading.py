"""What NumPy's functions and methods, and Python's, do with the arrays they get.

Only what is named here is known: its result is fresh or looks at the arguments,
and it honours NumPy's read-only flag. Everything else may do anything.
"""

from __future__ import annotations

import builtins
import sys
import types
from typing import Any

import numpy as np

from cow._ground.types import type_of

__all__ = ["ARRAY", "BUILTIN", "CONTAINER", "PURE_METHODS", "function_effect"]

# Results of these share no memory with what they are given.
_FRESH = """
    all allclose amax amin any append arange argmax argmin argpartition argsort
    argwhere array2string array_equal array_equiv array_repr array_str average
    bartlett base_repr binary_repr bincount blackman block bmat can_cast choose clip
    column_stack common_type compress concat concatenate convolve copy corrcoef
    correlate count_nonzero cov cross cumprod cumsum cumulative_prod cumulative_sum
    datetime_as_string datetime_data delete diag_indices diag_indices_from diagflat
    digitize dot dstack ediff1d empty empty_like extract eye flatnonzero
    format_float_positional format_float_scientific full full_like geomspace
    gradient hamming hanning hstack hypot i0 identity in1d indices inner insert
    interp intersect1d is_busday isclose iscomplex iscomplexobj isdtype isfortran
    isin isneginf isposinf isreal isrealobj isscalar issubdtype iterable kaiser kron
    lexsort linspace logspace mask_indices max mean median meshgrid min
    min_scalar_type nan_to_num nanargmax nanargmin nancumprod nancumsum
    nanmax nanmean nanmedian nanmin nanpercentile nanprod nanquantile nanstd nansum
    nanvar ndim nonzero ones ones_like outer packbits pad partition percentile poly
    polyadd polydiv polyfit polymul polysub polyval prod promote_types ptp quantile
    ravel_multi_index repeat resize result_type roll roots searchsorted select
    setdiff1d setxor1d shape sinc size sort sort_complex stack std sum take
    take_along_axis tensordot tile trace trapezoid trapz tri tril tril_indices
    tril_indices_from triu triu_indices triu_indices_from typename union1d unique
    unique_all unique_counts unique_inverse unique_values unravel_index unwrap
    vander vander var vdot vstack where zeros zeros_like row_stack angle fix
    broadcast_shapes unpackbits isnan divmod iinfo finfo dtype errstate printoptions
    linalg.norm linalg.inv linalg.solve linalg.det linalg.eig linalg.eigh
    linalg.eigvals linalg.eigvalsh linalg.svd linalg.svdvals linalg.qr
    linalg.cholesky linalg.lstsq linalg.pinv linalg.matrix_rank linalg.slogdet
    linalg.cond linalg.multi_dot linalg.tensorsolve linalg.tensorinv
    linalg.vector_norm linalg.matrix_norm linalg.cross linalg.outer linalg.vecdot
    linalg.matmul linalg.tensordot linalg.trace fft.fft fft.ifft fft.fft2 fft.ifft2
    fft.fftn fft.ifftn fft.rfft fft.irfft fft.rfft2 fft.irfft2 fft.rfftn fft.irfftn
    fft.hfft fft.ihfft fft.fftfreq fft.rfftfreq fft.fftshift fft.ifftshift
    polynomial.polynomial.polyval polynomial.polynomial.polyfit
    polynomial.chebyshev.chebval polynomial.legendre.legval random.default_rng
    random.RandomState testing.assert_allclose testing.assert_array_equal
    testing.assert_equal testing.assert_array_almost_equal
    testing.assert_almost_equal
""".split()
# These may look at their arguments, or return one of them.
_ALIAS = """
    array asarray asanyarray ascontiguousarray asfortranarray asarray_chkfinite
    atleast_1d atleast_2d atleast_3d ravel reshape squeeze transpose permute_dims
    matrix_transpose swapaxes moveaxis rollaxis expand_dims real imag split hsplit
    vsplit dsplit array_split flip fliplr flipud rot90 unstack real_if_close
    trim_zeros ix_ astype around round einsum diff polyder polyint
    linalg.matrix_transpose linalg.matrix_power
""".split()
# These return the edges that they are given as `bins`.
_EDGES = "histogram histogram2d histogram_bin_edges histogramdd".split()
# Views that a copy would have as read-only arrays, or through another object.
_OPAQUE = """
    broadcast_to broadcast_arrays diagonal diag linalg.diagonal ndenumerate
    ndindex lib.stride_tricks.sliding_window_view
""".split()
# These write their first argument.
_WRITE = "copyto put place putmask fill_diagonal put_along_axis".split()
# Where an output stands that is given by position; others: by their signature.
_OUT_AT = {"dot": 2, "concatenate": 2, "concat": 2, "where": 9, "inner": 9, "vdot": 9}
# Where the flag stands that lets these write what they read.
OVERWRITES = {"median": 3, "nanmedian": 3} | dict.fromkeys(
    ("percentile", "quantile", "nanpercentile", "nanquantile"), 4
)
# These make arrays of objects of what they are given, None among it.
OBJECTS = frozenset(
    "full full_like repeat tile where select append insert array choose resize block"
    " hstack vstack stack concatenate column_stack dstack outer kron diagflat".split()
)
FILLS = ("default", "fill_value", "values")
# Where their dtype stands.
DTYPE_AT = {"full": 2, "full_like": 2, "arange": 3, "tri": 3, "eye": 3} | dict.fromkeys(
    "array empty zeros ones identity empty_like zeros_like ones_like".split(), 1
)
# What these return holds what they are given.
KEEPS = frozenset("printoptions errstate dtype finfo iinfo".split())
# Numbers that they are given are changed in place.
COUNTS = frozenset("rot90 rollaxis array2string array_repr array_str".split())
# Without an axis to transform they return what they are given.
FOURIER = frozenset("fft.fftn fft.ifftn fft.fft2 fft.ifft2".split())
# Indices that such functions return make copies, never views.
_ADVANCED = """
    nonzero flatnonzero isnan isclose isin in1d argwhere tril_indices
    triu_indices diag_indices isneginf isposinf iscomplex isreal
""".split()


class Effect:
    """What a call does; `kind`: 'fresh', 'alias', 'opaque', 'edges' or 'write'."""

    __slots__ = ("advanced", "kind", "name", "out_at")

    def __init__(self, kind: str, name: str, out_at: int | None = None) -> None:
        self.kind = kind
        self.name = name
        self.out_at = out_at
        self.advanced = name in _ADVANCED


def _find(path: str) -> Any:
    found: Any = np
    for name in path.split("."):
        found = getattr(found, name, None)
        if found is None:
            return None
    return found


def _out_at(function: Any, name: str) -> int | None:
    if name in _OUT_AT:
        return _OUT_AT[name]
    code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
    if code is None:
        return None
    names = code.co_varnames[: code.co_argcount]
    return names.index("out") if "out" in names else None


def _table() -> dict[int, tuple[Any, Effect]]:
    table: dict[int, tuple[Any, Effect]] = {}
    for kind, names in (
        ("fresh", _FRESH),
        ("alias", _ALIAS),
        ("opaque", _OPAQUE),
        ("edges", _EDGES),
        ("write", _WRITE),
    ):
        for name in names:
            function = _find(name)
            if function is not None:
                out_at = _out_at(function, name)
                table[id(function)] = function, Effect(kind, name, out_at)
    return table


_TABLE = _table()
_UFUNCS = {id(v): v for v in vars(np).values() if isinstance(v, np.ufunc)}
_PREDICATES = frozenset(
    "isnan isfinite isinf signbit logical_and logical_or logical_not logical_xor equal"
    " not_equal less less_equal greater greater_equal".split()
)


def function_effect(function: Any) -> Effect | None:
    """Return what is known of a function of NumPy, None where nothing is."""
    if id(function) in _UFUNCS:
        effect = Effect("fresh", function.__name__, function.nin)
        effect.advanced = effect.name in _PREDICATES
        return effect
    if isinstance(function, type) and np.generic in function.__mro__:
        return None if function in (np.void, np.object_) else _SCALAR
    found = _TABLE.get(id(function))
    return found[1] if found is not None else None


# np.float64(x) may be `x` itself, when that is an array
_SCALAR = Effect("alias", "scalar")

# ------------------------------------------------------- methods of arrays

# name: kind, and where an output stands
ARRAY: dict[str, tuple[str, int | None]] = {}
for _name in """
    all:1 any:1 argmax:1 argmin:1 argsort argpartition choose:1 clip:2 compress:2
    cumprod:2 cumsum:2 dot:1 max:1 mean:2 min:1 nonzero prod:2 repeat
    searchsorted std:2 sum:2 take:2 trace:4 var:2 ptp:1 copy flatten item tolist
    tobytes tofile dump dumps __len__ __array__
    """.split():
    _name, _, _at = _name.partition(":")
    ARRAY[_name] = ("fresh", int(_at) if _at else None)
ARRAY["tofile"] = ARRAY["dump"] = ("unknown", None)
ARRAY["__array__"] = ("alias", None)
for _name in """
    reshape ravel transpose swapaxes squeeze view conj conjugate getfield astype
    to_device round
    """.split():
    ARRAY[_name] = ("alias", None)
ARRAY["round"] = ("alias", 1)
ARRAY["conj"] = ARRAY["conjugate"] = ("alias", 0)
ARRAY["diagonal"] = ("opaque", None)
for _name in """
    sort fill put partition resize setfield setflags itemset byteswap __setitem__
    __iadd__ __isub__ __imul__ __itruediv__ __setstate__ __delitem__
    """.split():
    ARRAY[_name] = ("write", None)

# Attributes: of numbers, or that look at the array.
FRESH_ATTRIBUTES = frozenset(
    "shape dtype ndim size nbytes itemsize strides start stop step kind char str name"
    " names fields byteorder eps tiny resolution numerator denominator bits"
    " itemsize alignment isnative num subdtype type".split()
) | {"max", "min"}
ALIAS_ATTRIBUTES = frozenset("T mT real imag".split())

# --------------------------------------------------- methods of containers

# 'get': returns what is in it; 'put': keeps its arguments; 'pure': neither
CONTAINER: dict[str, str] = {}
for _kind, _names in {
    "get": "get pop popitem items values keys copy popleft __getitem__ most_common"
    " union intersection difference symmetric_difference",
    "put": "append add insert extend update setdefault appendleft extendleft",
    "pure": "remove clear index count reverse discard issubset issuperset isdisjoint",
}.items():
    CONTAINER.update(dict.fromkeys(_names.split(), _kind))

PURE_METHODS = frozenset(
    name
    for kind in (str, bytes, int, float, complex, range, np.float64, np.dtype)
    for name in dir(kind)
    if not name.startswith("_") and name not in dir(np.ndarray)
) | {"is_integer", "as_integer_ratio", "hex", "bit_length"}

# -------------------------------------------------------- builtins and others

# 'fresh': a number, string or the like; 'box': a new container of the elements;
# 'lazy': one that looks when it is asked; 'element': one of the elements
BUILTIN: dict[int, str] = {}
for _kind, _names in {
    "fresh": "abs all any ascii bin bool bytes chr complex divmod float format hash"
    " hex id int isinstance issubclass len oct ord pow print range repr round slice"
    " str sum callable hasattr type",
    "box": "list tuple set frozenset dict sorted",
    "lazy": "iter reversed enumerate zip",
    "element": "max min next",
    "apply": "map filter",
    "getattr": "getattr",
}.items():
    for _name in _names.split():
        BUILTIN[id(getattr(builtins, _name))] = _kind

# Modules of the standard library that can reach arrays which nobody gives them.
_REACHING = frozenset(
    "ctypes gc sys inspect threading _thread concurrent multiprocessing asyncio pickle"
    " copyreg weakref atexit signal faulthandler code codeop pdb bdb runpy importlib"
    " builtins operator functools itertools copy types abc shelve dbm sqlite3 socket"
    " subprocess unittest doctest timeit trace tracemalloc profile cProfile".split()
)
_SAFE_ITERTOOLS = frozenset(
    "chain combinations combinations_with_replacement count cycle groupby islice"
    " pairwise permutations product repeat zip_longest".split()
)
_SAFE_OPERATOR = frozenset(
    "add sub mul truediv floordiv mod neg pos abs eq ne lt le gt ge matmul pow and_ or_"
    " xor invert not_ truth".split()
)


def stdlib_effect(function: Any) -> str | None:
    """Return what a function of the standard library does, as in `BUILTIN`.

    'outside': it may keep what it is given, but reaches no other arrays.
    """
    module: Any = None
    if isinstance(function, types.FunctionType):
        # __module__ is what functools.wraps has made of it
        module = function.__globals__.get("__name__")
    elif isinstance(function, type | types.BuiltinFunctionType):
        module = function.__module__
        if module is None and isinstance(function, types.BuiltinFunctionType):
            owner: Any = function.__self__
            module = type_of(owner).__module__
    name = getattr(function, "__name__", "")
    if not isinstance(module, str):
        return None
    if module == "math" and name == "prod":
        return "alias"  # of its start
    if module in ("math", "cmath"):
        return "fresh"
    if module == "itertools":
        return "lazy" if name in _SAFE_ITERTOOLS else None
    if module in ("_operator", "operator"):
        return "fresh" if name in _SAFE_OPERATOR else None
    if module == "copy":
        return "fresh" if name == "deepcopy" else "alias" if name == "copy" else None
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names and top.lstrip("_") not in _REACHING:
        return "outside"
    return None
