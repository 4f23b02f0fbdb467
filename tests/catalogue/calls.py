"""A call, or several, of every NumPy function in the table of groups.

An entry is the text of the arguments; names stand for the arrays of `arrays`.
"""

import numpy as np

ONE = {
    "m": """
        all amax amin any argmax argmin argpartition:1 around argsort argwhere
        array_repr array_str array2string average atleast_1d atleast_2d atleast_3d
        array_split:2 astype:float copy corrcoef count_nonzero cov cumprod cumsum
        cumulative_prod:axis=0 cumulative_sum:axis=0 diag diagflat diagonal diff
        dsplit ediff1d empty_like
        fix flatnonzero flip fliplr flipud full_like:7 gradient imag iscomplex
        iscomplexobj isneginf isposinf isreal isrealobj matrix_transpose max mean
        median min nan_to_num nanargmax nanargmin nancumprod nancumsum nanmax
        nanmean nanmedian nanmin nanprod nanstd nansum nanvar ndim nonzero
        ones_like partition:1 prod ptp ravel real real_if_close round rot90 shape
        sinc size sort sort_complex squeeze std sum trace transpose tril triu
        unique unique_all unique_counts unique_inverse unique_values
        unstack unwrap var vsplit:3 hsplit:3 split:3 zeros_like min_scalar_type
        expand_dims:0 angle diag_indices_from tril_indices_from triu_indices_from
        fill_diagonal:0 broadcast_to:(2,3,3) median:overwrite_input=True
        nanmedian:overwrite_input=True percentile:50 nanpercentile:50 quantile:0.5
        nanquantile:0.5 moveaxis:0,1 roll:1 rollaxis:1 swapaxes:0,1 repeat:2
        tile:2 resize:(2,2) reshape:9 take:[1] delete:1 insert:1,5 pad:1
        sum:axis=0 mean:axis=0 std:axis=1 max:axis=0 cumsum:axis=1
    """,
    "x": """
        histogram histogram_bin_edges i0 ix_ trim_zeros roots poly vander
        meshgrid polyder polyint
    """,
    "x,y": """
        allclose append array_equal array_equiv broadcast_arrays convolve correlate
        cross digitize:skip dot einsum:skip histogram2d inner intersect1d isclose
        isin in1d kron may_share_memory meshgrid outer polyadd polydiv polymul
        polysub polyval result_type setdiff1d setxor1d shares_memory tensordot:skip
        trapezoid trapz union1d vdot searchsorted:skip
    """,
    "(x,y)": """
        column_stack concatenate dstack hstack vstack row_stack stack lexsort
        common_type:skip ravel_multi_index:skip
    """,
}

OF_NUMPY = {
    "apply_along_axis": "lambda r: r * 2, 0, m",
    "apply_over_axes": "np.sum, m, [0]",
    "bincount": "i",
    "block": "[x, y]",
    "busday_count": "d, d",
    "busday_offset": "d, 1, roll='forward'",
    "is_busday": "d",
    "can_cast": "x.dtype, int",
    "choose": "i % 2, (i, i + 1)",
    "clip": "x, 0, 1",
    "common_type": "x, y",
    "compress": "b, x",
    "copyto": "x, y",
    "datetime_as_string": "d",
    "digitize": "x, np.arange(3.)",
    "dsplit": "m.reshape(1, 3, 3), 3",
    "einsum": "'ij,j->i', m, x",
    "einsum_path": "'ij,j->i', m, x",
    "extract": "b, x",
    "geomspace": "x + 1, 10, 3",
    "histogramdd": "m",
    "interp": "x, x, y",
    "linspace": "x, y, 3",
    "logspace": "x, y, 3",
    "packbits": "b",
    "piecewise": "x, [x > 1, x <= 1], [lambda r: r + 1, 0]",
    "place": "x, b, [7]",
    "polyfit": "x, y, 1",
    "put": "x, [1], 5",
    "put_along_axis": "m, i[:3].reshape(3, 1) % 3, 1, 1",
    "putmask": "x, b, 1",
    "ravel_multi_index": "(i % 2, i % 3), (2, 3)",
    "save": "io.BytesIO(), x",
    "savetxt": "io.BytesIO(), x",
    "savez": "io.BytesIO(), x",
    "savez_compressed": "io.BytesIO(), x",
    "searchsorted": "np.sort(x), y",
    "select": "[b, ~b], [x, y]",
    "take_along_axis": "m, i[:3].reshape(3, 1) % 3, 1",
    "tensordot": "m, m",
    "unpackbits": "i.astype('u1')",
    "unravel_index": "i % 4, (2, 2)",
    "where": "b, x, y",
    "nan_to_num": "x, copy=False",
}
CREATING = {
    "arange": "3",
    "array": "[1, 2]",
    "asanyarray": "[1, 2]",
    "asarray": "p",
    "ascontiguousarray": "[1, 2]",
    "asfortranarray": "[1, 2]",
    "empty": "0",
    "eye": "2",
    "frombuffer": "b'12345678'",
    "fromfile": "os.devnull",
    "fromfunction": "lambda j: j, (3,)",
    "fromiter": "[1, 2], int",
    "fromstring": "'1 2', sep=' '",
    "full": "2, 7",
    "genfromtxt": "['1 2', '3 4']",
    "identity": "2",
    "loadtxt": "['1 2', '3 4']",
    "ones": "2",
    "require": "p",
    "tri": "2",
    "zeros": "2",
}


def _each(names, arguments):
    return dict.fromkeys(names.split(), arguments)


FFT = _each("fft fftshift hfft ifft ifftshift ihfft irfft rfft", "x") | _each(
    "fft2 fftn ifft2 ifftn irfft2 irfftn rfft2 rfftn", "m"
)
LINALG = _each(
    """cond det diagonal eig eigh eigvals eigvalsh inv matrix_norm matrix_rank
    matrix_transpose norm pinv qr slogdet svd svdvals trace vector_norm""",
    "m",
) | {
    "cholesky": "m @ m.T + np.eye(3)",
    "cross": "x, y",
    "lstsq": "m, x, None",
    "matmul": "m, m",
    "matrix_power": "m, 2",
    "multi_dot": "[m, m, x]",
    "outer": "x, y",
    "solve": "m, x",
    "tensordot": "m, m",
    "tensorinv": "m, ind=1",
    "tensorsolve": "m, x",
    "vecdot": "x, y",
}
STRINGS = _each("capitalize lower swapcase title upper expandtabs", "s") | {
    "_join": "'-', s",
    "_rsplit": "s",
    "_split": "s",
    "_splitlines": "s",
    "center": "s, 9",
    "ljust": "s, 9",
    "rjust": "s, 9",
    "zfill": "s, 9",
    "decode": "np.strings.encode(s)",
    "encode": "s",
    "mod": "q, i",
    "multiply": "s, 2",
    "partition": "s, 'b'",
    "rpartition": "s, 'b'",
    "replace": "s, 'b', 'xx'",
    "translate": "s, {98: 'z'}",
}
RECORDS = {
    "append_fields": "r, 'c', x, usemask=False",
    "apply_along_fields": "np.mean, r",
    "assign_fields_by_name": "r, r",
    "drop_fields": "r, 'b'",
    "find_duplicates": "np.ma.array(r)",
    "join_by": "'a', r, r, usemask=False",
    "merge_arrays": "(r, r)",
    "rec_append_fields": "r, 'c', x",
    "rec_drop_fields": "r, 'b'",
    "rec_join": "'a', r, r",
    "recursive_fill_fields": "r, r.copy()",
    "rename_fields": "r, {'a': 'c'}",
    "repack_fields": "r",
    "require_fields": "r, [('a', 'f8')]",
    "stack_arrays": "(r, r), usemask=False",
    "structured_to_unstructured": "r",
    "unstructured_to_structured": "m",
}
OTHERS = {
    "numpy.fft": FFT,
    "numpy.linalg": LINALG,
    "numpy.strings": STRINGS,
    "numpy.lib.recfunctions": RECORDS,
    "numpy.char": _each(
        "equal greater greater_equal less less_equal not_equal", "s, s"
    ),
    "numpy.lib.scimath": _each("arccos arcsin arctanh log log10 log2 sqrt", "-x")
    | {"logn": "2, -x", "power": "-x, 0.5"},
    "numpy.lib.stride_tricks": {"sliding_window_view": "x, 2"},
    "numpy.polynomial.polynomial": {
        "polygrid2d": "x, y, m",
        "polyval2d": "x, y, m",
        "polyvalnd": "(x, y), m",
    },
}


def arrays(make):
    """Return the arrays that the calls name, each made by `make`."""
    rec = np.zeros(3, [("a", "f8"), ("b", "i8")])
    rec["a"] = [1, 2, 3]
    return {
        "x": make(np.array([0.5, 1.5, -2.0])),
        "y": make(np.array([3.0, 1.0, 2.0])),
        "m": make(np.array([[2.0, 1, 0], [1, 3, -1], [0, 1, 4]])),
        "i": make(np.array([3, 1, 2])),
        "b": make(np.array([True, False, True])),
        "q": make(np.array(["%d", "-%d", "%d"])),
        "s": make(np.array(["ab", "cbd"])),
        "d": make(np.array(["2024-01-01", "2024-01-06"], "M8[D]")),
        "r": make(rec),
        "z": make(np.array([5.0, -1.0, 0.5])),
        "v": make(np.array([1.0, 2.0, 4.0])),
        "w": make(np.array([2.0, 0.5, 1.0])),
        "o": make(np.array([1, 2, 3], object)),
    }


def _calls():
    for first, text in ONE.items():
        for word in text.split():
            name, _, rest = word.partition(":")
            if rest != "skip":
                yield f"numpy.{name}", f"{first}, {rest}" if rest else first
    for name, arguments in OF_NUMPY.items():
        yield f"numpy.{name}", arguments
    for name, arguments in CREATING.items():
        yield f"numpy.{name}", f"{arguments}, like=x"
    for module, entries in OTHERS.items():
        for name, arguments in entries.items():
            yield f"{module}.{name}", arguments


CALLS = [(n, a) for n, a in _calls() if (n, a) != ("numpy.dsplit", "m")]
