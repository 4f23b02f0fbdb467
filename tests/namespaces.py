"""What holds for the public names of NumPy that do not dispatch on cow arrays.

Each name is in exactly one group; ``module.*`` puts the rest of a module in a
group, where all of it is alike.
"""

# Dtypes, numbers, texts, settings, files of metadata: no array goes in or out.
NOT_ABOUT_ARRAYS = """
    numpy: base_repr binary_repr broadcast_shapes busdaycalendar datetime_data dtype
        errstate finfo format_float_positional format_float_scientific frompyfunc
        get_include get_printoptions getbufsize geterr geterrcall iinfo info isdtype
        isscalar issubdtype mintypecode printoptions promote_types
        set_printoptions setbufsize seterr seterrcall show_config show_runtime test
        typename ufunc
    numpy.lib: NumpyVersion add_docstring add_newdoc
    numpy.lib.array_utils: normalize_axis_index normalize_axis_tuple
    numpy.lib.format: descr_to_dtype drop_metadata dtype_to_descr isfileobj magic
        read_array_header_1_0 read_array_header_2_0 read_magic
        write_array_header_1_0 write_array_header_2_0
    numpy.lib.introspect: *
    numpy.lib.mixins: NDArrayOperatorsMixin
    numpy.lib.npyio: *
    numpy.polynomial: set_default_printstyle
    numpy.rec: format_parser
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
    numpy.char: asarray array chararray compare_chararrays *
    numpy.strings: *
    numpy.lib: Arrayterator
    numpy.lib.array_utils: byte_bounds
    numpy.lib.format: header_data_from_array_1_0 write_array
    numpy.lib.recfunctions: *
    numpy.lib.stride_tricks: as_strided
    numpy.polynomial: *
    numpy.rec: *
"""
# Masked arrays: over a read-only snapshot, or over a copy.
MASKED = "numpy.ma: *"
# Write the operand that they are given: refused for a cow array.
REFUSES_TO_WRITE = """
    numpy: nditer nested_iters
    numpy.random: shuffle
"""
# Parameters are read; the methods of the generators are listed below.
RANDOM = "numpy.random: *"
# Compare and raise.
ASSERTS = "numpy.testing: *"

GROUPS = {
    "not about arrays": NOT_ABOUT_ARRAYS,
    "makes plain arrays": MAKES_PLAIN_ARRAYS,
    "reads": READS_WITHOUT_DISPATCH,
    "masked": MASKED,
    "refuses to write": REFUSES_TO_WRITE,
    "random": RANDOM,
    "asserts": ASSERTS,
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


def groups_of():
    """Map each full name, or ``module.*``, to the names of its groups."""
    found = {}
    for group, text in GROUPS.items():
        module = ""
        for word in text.split():
            if word.endswith(":"):
                module = word[:-1]
            else:
                found.setdefault(f"{module}.{word}", []).append(group)
    return found
