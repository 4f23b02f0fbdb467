"""Calls of the public functions that do not dispatch on cow arrays.

Module -> arguments -> functions; the names are the arrays of `tests.oracle.draw`. Where
the text calls `f` itself it is the whole expression.
"""

from tests.catalogue import namespaces

NUMPY = {
    "x": "asarray_chkfinite isfortran iterable",
    "m": "asmatrix matrix",
    "[[m, m], [m, m]]": "bmat",
    "v": "from_dlpack",
    "list(f(x))": "ndenumerate",
    "list(f(*x.shape))": "ndindex",
    "f(v)(w), f(v).roots, f(v) * f(w)": "poly1d",
    "f(np.sqrt)(x), f(lambda t, u: t + u, otypes=['f8'])(x, y)": "vectorize",
    "f(len(r), r.dtype, r).a": "recarray",
    "list(f(x, y)), f(x, y).shape": "broadcast",
    "list(f(x)), [t.copy() for t in f([x, y], flags=['refs_ok', 'zerosize_ok'])]": (
        "nditer"
    ),
    "[[t.copy() for t in u] for u in [f(m[..., :1], [[0], [1]])[1]]]": "nested_iters",
}
STRINGS = {
    "s": """
        capitalize expandtabs lower lstrip rsplit rstrip split splitlines strip
        swapcase title upper array asarray
    """,
    "s, 'b'": "count endswith find partition rfind rpartition startswith",
    "np.append(s[:0], ['abb', 'b']), 'b'": "index rindex",
    "s, 7": "center ljust rjust zfill",
    "f(s, 1), f(s, i)": "slice",
    "s, 'b', 'xx'": "replace",
    "s, {98: 'z'}": "translate",
    "s, i[0]": "multiply",
    "'-', s": "join",
    "np.char.encode(s)": "decode",
    "f(s), f(s, 'utf-8')": "encode",
    "q, i": "mod",
    "s, s, '<=', True": "compare_chararrays",
    "f(s.shape, itemsize=3, unicode=True).shape": "chararray",
}
LIB = {
    "list(f(m, 2)), f(m, 2).flat[0]": "Arrayterator",
}
FORMAT = {
    "io.BytesIO(), x": "write_array",
    "x": "header_data_from_array_1_0",
}
MASKED = {
    "x": """
        MaskedArray abs absolute all alltrue angle anom anomalies any arccos arccosh
        arcsin arcsinh arctan arctanh argmax argmin argsort around array asanyarray
        asarray atleast_1d atleast_2d atleast_3d average ceil clump_masked
        clump_unmasked compress_nd compressed conjugate copy corrcoef cos cosh count
        count_masked cov cumprod cumsum default_fill_value diag diagflat diff ediff1d
        empty_like:shape exp fabs filled fix_invalid flatnotmasked_contiguous
        flatnotmasked_edges floor getdata getmask getmaskarray harden_mask ids:skip
        isMA isMaskedArray is_mask is_masked isarray log log10 log2 logical_not
        masked_all_like:shape masked_array masked_invalid max maximum_fill_value mean
        median min minimum_fill_value negative nonzero notmasked_contiguous
        notmasked_edges ones_like prod product ptp ravel round round_ shape sin sinh
        size soften_mask sometrue sort sqrt squeeze std sum tan tanh transpose unique
        var zeros_like ndim mvoid
    """,
    "x, y": """
        add allclose allequal append arctan2 common_fill_value divide dot equal
        floor_divide fmod greater greater_equal hypot in1d inner innerproduct
        intersect1d isin less less_equal logical_and logical_or logical_xor
        maximum minimum mod multiply not_equal outer outerproduct power remainder
        setdiff1d setxor1d subtract true_divide union1d masked_values masked_object
    """,
    "x, 2": """
        masked_equal masked_greater masked_greater_equal masked_less
        masked_less_equal masked_not_equal repeat set_fill_value
    """,
    "x, 1, 3": "masked_inside masked_outside clip put",
    "[x, y]": """
        column_stack concatenate dstack hstack row_stack stack vstack
    """,
    "v, w": "convolve correlate vander:skip",
    "v": "vander",
    "v, w, 1": "polyfit",
    "m": "compress_cols compress_rowcols compress_rows mask_cols mask_rowcols "
    "mask_rows diagonal trace",
    "i, i": "bitwise_and bitwise_or bitwise_xor left_shift right_shift",
    "i % 2, [v, w]": "choose",
    "b, x": "compress masked_where where:skip",
    "b, x, y": "where",
    "b": "make_mask flatten_mask",
    "b, b": "mask_or",
    "x, i": "take:skip",
    "v, i % len(v)": "take",
    "x, -1": "reshape",
    "x, 0, -1": "swapaxes",
    "x, (2, 3)": "resize",
    "m, 1": "hsplit",
    "np.sum, -1, x": "apply_along_axis",
    "np.sum, x, 0": "apply_over_axes",
    "list(f(x))": "ndenumerate",
    "np.ascontiguousarray(v)": "frombuffer",
    "r": "flatten_structured_array",
    "np.ma.array(r).toflex()": "fromflex",
    "(2, 3)": "empty:shape ones zeros masked_all:shape make_mask_none indices",
    "lambda t: t, (3,)": "fromfunction",
    "3": "arange identity",
}
RECORDS = {
    "[v, w]": "fromarrays",
    "[(t, u) for t, u in zip(v, w)]": "fromrecords",
    "f(r), f(r).a": "array",
    "r.tobytes(), r.dtype": "fromstring",
}
MASKED_RECORDS = {
    "[v, w]": "fromarrays",
    "f([(t, u) for t, u in zip(v, w)])": "fromrecords",
    "f(np.ma.mrecords.fromarrays([v, w]), v)": "addfield",
}
TESTING = {
    "x, x": """
        assert_allclose assert_almost_equal assert_array_almost_equal
        assert_array_almost_equal_nulp assert_array_equal assert_array_max_ulp
        assert_equal
    """,
    "v, v + 1": "assert_array_less",
    "v[0], w[0] * v[0] / w[0]": "assert_approx_equal",
    "operator.eq, x, x": "assert_array_compare",
    "[x, y], 'text'": "build_err_msg",
    "'text', x, x": "print_assert_equal",
}
CLASSES = {
    "f(v)(w), f(v).coef, f(v).deriv(), f(v) * f(w), f.fit(w, v, 1), f(v).roots()": (
        "Chebyshev Hermite HermiteE Laguerre Legendre Polynomial"
    ),
}
FAMILY = {
    "v": """
        companion der fromroots int mulx roots trim weight 2poly poly2
    """,
    "v, w": "add div mul sub line:skip val valfromroots",
    "v, 2": "pow vander",
    "v, w, 1": "fit",
    "w, v, m": "grid2d",
    "w, w, m": "val2d",
    "w, w, w, m[None]": "grid3d val3d",
    "w, w, [1, 2]": "vander2d",
    "w, w, w, [1, 0, 2]": "vander3d",
    "(w, w), m": "valnd",
    "v[0], w[0]": "line",
    "3": "gauss pts1 pts2",
    "np.sin, 3": "interpolate",
}
POLYUTILS = {
    "[v, w]": "as_series",
    "v": "getdomain trimcoef trimseq",
    "f([0, 1], v[:2])": "mapparms",
    "f(x, [0, 1], w[:2])": "mapdomain",
}
MODULES = {
    "numpy": NUMPY,
    "numpy.char": STRINGS,
    "numpy.strings": STRINGS,
    "numpy.ctypeslib": {"np.ascontiguousarray(v.copy())": "as_array"},
    "numpy.lib": LIB,
    "numpy.lib.format": FORMAT,
    "numpy.lib.stride_tricks": {
        "f(x), f(v, (2,), (0,)), f(v, (1, 1), (8, 8))": "as_strided"
    },
    "numpy.lib.user_array": {"f(x).array, (f(x) + 1).array": "container"},
    "numpy.ma": MASKED,
    "numpy.ma.mrecords": MASKED_RECORDS,
    "numpy.polynomial": CLASSES,
    "numpy.polynomial.polyutils": POLYUTILS,
    "numpy.rec": RECORDS,
    "numpy.testing": TESTING,
}
# No call here, with the reason.
NOT_CALLED = {
    "numpy.flatiter": "made by `a.flat` alone",
    "numpy.ctypeslib.as_ctypes": "refuses read-only arrays, see the escape matrix",
    "numpy.lib.array_utils.byte_bounds": "addresses",
    "numpy.ma.ids": "addresses",
    "numpy.ma.putmask": "refused, see tests/array/test_masked.py",
    "numpy.ma.mrecords.MaskedRecords": "made by the functions of the module",
    "numpy.ma.mrecords.mrecarray": "made by the functions of the module",
    "numpy.ma.mrecords.fromtextfile": "reads a file",
    "numpy.random.shuffle": "refused, see the escape matrix",
    "numpy.rec.fromfile": "reads a file",
    "numpy.rec.recarray": "numpy.recarray",
}

# Parameters of the methods of Generator and RandomState.
RANDOM = {
    "v, w": """
        beta:skip f gamma gumbel laplace logistic lognormal noncentral_chisquare
        normal vonmises wald
    """,
    "v, w + 1": "beta",
    "v": """
        chisquare dirichlet exponential pareto poisson power rayleigh
        standard_gamma standard_t weibull
    """,
    "i, 0.5": "binomial",
    "i + 1, 0.5": "negative_binomial",
    "v / 9": "geometric logseries",
    "i + 1, i + 2, 2": "hypergeometric",
    "i + 1": "integers randint",
    "v, v, w": "noncentral_f",
    "v, v + 1, v + 2": "triangular",
    "v, v + 1": "uniform",
    "v + 1": "zipf",
    "5, v / v.sum()": "multinomial",
    "i + 2, 3": "multivariate_hypergeometric",
    "v, np.eye(len(v))": "multivariate_normal",
    "f(v), f(v, 2, p=v / v.sum())": "choice",
    "f(x), f(i)": "permutation",
    "f(x), f(x, axis=0)": "permuted",
    "len(v)": """
        rand randn random random_integers random_sample ranf sample standard_cauchy
        standard_exponential standard_normal tomaxint
    """,
}


def _names(table):
    """Yield names, their expressions and what is not compared."""
    for arguments, text in table.items():
        expression = arguments if "f(" in arguments else f"f({arguments})"
        for word in text.split():
            name, _, mark = word.partition(":")
            if mark != "skip":
                yield name, expression, {"values"} if mark == "shape" else set()


def calls():
    """Yield the full name, the expression and what is not compared."""
    for module, table in MODULES.items():
        for name, expression, skip in _names(table):
            yield f"{module}.{name}", expression, skip
    for module, prefix in namespaces.FAMILIES.items():
        for name, expression, skip in _names(FAMILY):
            full = f"poly2{prefix}" if name == "poly2" else prefix + name
            yield f"numpy.polynomial.{module}.{full}", expression, skip


def random_calls():
    """Yield the name and the expression of the methods that draw."""
    for name, expression, _ in _names(RANDOM):
        yield name, expression
