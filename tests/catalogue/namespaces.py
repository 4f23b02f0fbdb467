"""What holds for the public names of NumPy that do not dispatch on cow arrays.

Each name is in exactly one group, written out, so that a new one is in none.
Names that only some versions have may stand here.
"""

# Dtypes, numbers, texts, settings, files of metadata: no array goes in or out.
NOT_ABOUT_ARRAYS = """
    numpy: base_repr binary_repr broadcast_shapes busdaycalendar datetime_data dtype
        errstate finfo format_float_positional format_float_scientific frompyfunc
        get_include get_printoptions getbufsize geterr geterrcall iinfo info isdtype
        isscalar issubdtype mintypecode printoptions promote_types
        set_printoptions setbufsize seterr seterrcall show_config show_runtime test
        typename ufunc
    numpy.ctypeslib: as_ctypes_type c_intp load_library ndpointer
    numpy.lib: NumpyVersion add_docstring add_newdoc
    numpy.lib.array_utils: normalize_axis_index normalize_axis_tuple
    numpy.lib.format: descr_to_dtype drop_metadata dtype_to_descr isfileobj magic
        read_array_header_1_0 read_array_header_2_0 read_magic
        write_array_header_1_0 write_array_header_2_0
    numpy.lib.introspect: opt_func_info
    numpy.lib.mixins: NDArrayOperatorsMixin
    numpy.lib.npyio: DataSource NpzFile
    numpy.lib.recfunctions: flatten_descr get_fieldstructure get_names get_names_flat
    numpy.ma: make_mask_descr
    numpy.polynomial: set_default_printstyle
    numpy.polynomial.polyutils: format_float
    numpy.random: BitGenerator Generator MT19937 PCG64 PCG64DXSM Philox RandomState
        SFC64 SeedSequence bytes default_rng get_state seed set_state
    numpy.rec: find_duplicate format_parser
    numpy.testing: TestCase assert_ assert_no_gc_cycles assert_no_warnings
        assert_raises assert_raises_regex assert_string_equal assert_warns
        break_cycles check_support_sve clear_and_catch_warnings decorate_methods
        jiffies measure memusage run_threaded rundocs runstring suppress_warnings
        tempdir temppath
    numpy.testing.overrides: allows_array_function_override
        allows_array_ufunc_override get_overridable_numpy_array_functions
        get_overridable_numpy_ufuncs
"""
# Make arrays of numbers and files: plain ones, like NumPy's.
MAKES_PLAIN_ARRAYS = """
    numpy: bartlett blackman diag_indices fromregex hamming hanning indices kaiser
        load mask_indices ndarray tril_indices triu_indices memmap
    numpy.fft: fftfreq rfftfreq
    numpy.lib.format: open_memmap read_array
"""
# Read an array, and give numbers, texts or an array: never a way to write it.
READS_WITHOUT_DISPATCH = """
    numpy: asarray_chkfinite asmatrix bmat from_dlpack isfortran iterable matrix
        ndenumerate ndindex poly1d vectorize recarray broadcast flatiter
    numpy.char: array asarray capitalize center chararray compare_chararrays count
        decode encode endswith expandtabs find index join ljust lower lstrip mod
        multiply partition replace rfind rindex rjust rpartition rsplit rstrip split
        splitlines startswith strip swapcase title translate upper zfill
    numpy.ctypeslib: as_array as_ctypes
    numpy.strings: count endswith find index lstrip rfind rindex rstrip slice
        startswith strip
    numpy.lib: Arrayterator
    numpy.lib.array_utils: byte_bounds
    numpy.lib.format: header_data_from_array_1_0 write_array
    numpy.lib.stride_tricks: as_strided
    numpy.lib.user_array: container
    numpy.polynomial: Chebyshev Hermite HermiteE Laguerre Legendre Polynomial
    numpy.polynomial.polyutils: as_series getdomain mapdomain mapparms trimcoef trimseq
    numpy.rec: array fromarrays fromfile fromrecords fromstring recarray
"""
# In each of the six modules, after the name of the family.
POLYNOMIALS = """
    add companion der div fit fromroots gauss grid2d grid3d int line mul mulx pow
    roots sub trim val val2d val3d valnd valfromroots vander vander2d vander3d weight
    interpolate pts1 pts2
"""
FAMILIES = {
    "polynomial": "poly",
    "chebyshev": "cheb",
    "hermite": "herm",
    "hermite_e": "herme",
    "laguerre": "lag",
    "legendre": "leg",
}
# Masked arrays over memory of their own: what comes back can be written.
MASKED = """
    numpy.ma: MaskedArray abs absolute add all allclose allequal alltrue angle anom
        anomalies any append apply_along_axis apply_over_axes arange arccos arccosh
        arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort around array
        asanyarray asarray atleast_1d atleast_2d atleast_3d average bitwise_and
        bitwise_or bitwise_xor ceil choose clip clump_masked clump_unmasked
        column_stack common_fill_value compress compress_cols compress_nd
        compress_rowcols compress_rows compressed concatenate conjugate convolve copy
        corrcoef correlate cos cosh count count_masked cov cumprod cumsum
        default_fill_value diag diagflat diagonal diff divide dot dstack ediff1d
        empty empty_like equal exp fabs filled fix_invalid flatnotmasked_contiguous
        flatnotmasked_edges flatten_mask flatten_structured_array floor floor_divide
        fmod frombuffer fromflex fromfunction getdata getmask getmaskarray greater
        greater_equal hsplit hstack hypot identity ids in1d indices inner
        innerproduct intersect1d isMA isMaskedArray is_mask is_masked isarray isin
        left_shift less less_equal log log10 log2 logical_and logical_not logical_or
        logical_xor make_mask make_mask_none mask_cols mask_or mask_rowcols mask_rows
        masked_all masked_all_like masked_array masked_equal masked_greater
        masked_greater_equal masked_inside masked_invalid masked_less
        masked_less_equal masked_not_equal masked_object masked_outside masked_values
        masked_where max maximum maximum_fill_value mean median min minimum
        minimum_fill_value mod multiply mvoid ndenumerate ndim negative nonzero
        not_equal notmasked_contiguous notmasked_edges ones ones_like outer
        outerproduct polyfit power prod product ptp ravel remainder repeat reshape
        resize right_shift round round_ row_stack setdiff1d setxor1d shape sin sinh
        size sometrue sort sqrt squeeze stack std subtract sum swapaxes take tan tanh
        trace transpose true_divide union1d unique vander var vstack where zeros
        zeros_like
    numpy.ma.mrecords: MaskedRecords addfield fromarrays fromrecords fromtextfile
        mrecarray
"""
# Write their argument: `put` a cow array copy-on-write, `putmask` is refused; the
# others change flags of masked arrays.
MASKED_IN_PLACE = """
    numpy.ma: harden_mask put putmask set_fill_value soften_mask
"""
# Write the operand that they are given: refused for a cow array.
REFUSES_TO_WRITE = """
    numpy: nditer nested_iters
    numpy.random: shuffle
"""
# Parameters are read; methods of a hidden RandomState.
RANDOM = """
    numpy.random: beta binomial chisquare choice dirichlet exponential f gamma
        geometric gumbel hypergeometric laplace logistic lognormal logseries
        multinomial multivariate_normal negative_binomial noncentral_chisquare
        noncentral_f normal pareto permutation poisson power rand randint randn
        random random_integers random_sample ranf rayleigh sample standard_cauchy
        standard_exponential standard_gamma standard_normal standard_t triangular
        uniform vonmises wald weibull zipf
"""
# Compare and raise.
ASSERTS = """
    numpy.testing: assert_allclose assert_almost_equal assert_approx_equal
        assert_array_almost_equal assert_array_almost_equal_nulp
        assert_array_compare assert_array_equal assert_array_less
        assert_array_max_ulp assert_equal build_err_msg print_assert_equal
"""

GROUPS = {
    "not about arrays": NOT_ABOUT_ARRAYS,
    "makes plain arrays": MAKES_PLAIN_ARRAYS,
    "reads": READS_WITHOUT_DISPATCH,
    "masked": MASKED,
    "masked in place": MASKED_IN_PLACE,
    "refuses to write": REFUSES_TO_WRITE,
    "random": RANDOM,
    "asserts": ASSERTS,
}

# Public submodules whose names are not looked at, with the reason.
NOT_WALKED = {
    "numpy.compat": "of NumPy 1",
    "numpy.core": "of NumPy 1",
    "numpy.distutils": "builds extensions",
    "numpy.dtypes": "classes of dtypes",
    "numpy.exceptions": "classes of exceptions",
    "numpy.f2py": "builds extensions",
    "numpy.fft.helper": "of NumPy 1",
    "numpy.linalg.lapack_lite": "internal, for numpy.linalg",
    "numpy.linalg.linalg": "of NumPy 1",
    "numpy.ma.core": "its public names are in numpy.ma",
    "numpy.ma.extras": "its public names are in numpy.ma",
    "numpy.ma.testutils": "for NumPy's own tests",
    "numpy.ma.timer_comparison": "for NumPy's own tests",
    "numpy.matlib": "the functions of numpy, with matrices as results",
    "numpy.matrixlib": "its public names are in numpy",
    "numpy.random.bit_generator": "its public names are in numpy.random",
    "numpy.random.mtrand": "its public names are in numpy.random",
    "numpy.testing.extbuild": "builds extensions",
    "numpy.testing.print_coercion_tables": "prints dtypes",
    "numpy.typing": "types for checkers",
    "numpy.version": "texts",
}

# Methods of `numpy.random.Generator`.
GENERATOR_WITH_OUT = """
    permuted random standard_exponential standard_gamma standard_normal
"""
GENERATOR_IN_PLACE = "shuffle"
GENERATOR_OF_PARAMETERS = """
    beta binomial chisquare choice dirichlet exponential f gamma geometric gumbel
    hypergeometric integers laplace logistic lognormal logseries multinomial
    multivariate_hypergeometric multivariate_normal negative_binomial
    noncentral_chisquare noncentral_f normal pareto permutation poisson power
    rayleigh standard_cauchy standard_t triangular uniform vonmises wald weibull
    zipf
"""
GENERATOR_WITHOUT_ARRAYS = "bit_generator bytes spawn"

# Methods of `numpy.random.RandomState`.
LEGACY_IN_PLACE = "shuffle"
LEGACY_OF_PARAMETERS = """
    beta binomial chisquare choice dirichlet exponential f gamma geometric gumbel
    hypergeometric laplace logistic lognormal logseries multinomial
    multivariate_normal negative_binomial noncentral_chisquare noncentral_f normal
    pareto permutation poisson power randint random_integers rayleigh
    standard_gamma standard_t triangular uniform vonmises wald weibull zipf
"""
LEGACY_WITHOUT_ARRAYS = """
    bytes get_state rand randn random random_sample seed set_state standard_cauchy
    standard_exponential standard_normal tomaxint
"""


def _polynomials():
    """Yield the full names of the functions of numpy.polynomial's modules."""
    for module, prefix in FAMILIES.items():
        for suffix in POLYNOMIALS.split():
            yield f"numpy.polynomial.{module}.{prefix}{suffix}"
        for conversion in (f"{prefix}2poly", f"poly2{prefix}"):
            yield f"numpy.polynomial.{module}.{conversion}"


def groups_of():
    """Map each full name to the names of its groups."""
    found = {name: ["reads"] for name in _polynomials()}
    for group, text in GROUPS.items():
        module = ""
        for word in text.split():
            if word.endswith(":"):
                module = word[:-1]
            else:
                found.setdefault(f"{module}.{word}", []).append(group)
    return found
