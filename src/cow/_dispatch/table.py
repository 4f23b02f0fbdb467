"""The table of NumPy's functions: each dispatching one is in exactly one group.

A test compares it with NumPy, so that a new function of a new NumPy shows up
as a failure there. Until then it is treated as one that reads, which is safe:
NumPy's code gets read-only arrays.
"""

from __future__ import annotations

from typing import Any

# Read their arguments; arrays that come out are wrapped. An `out` is found in
# the signature.
READS = {
    "numpy": """
        all allclose amax amin angle any append argmax argmin argpartition argsort
        argwhere around array2string array_equal array_equiv array_split
        array_str astype atleast_1d atleast_2d atleast_3d average bincount block
        broadcast_arrays broadcast_to busday_count busday_offset can_cast choose
        clip column_stack common_type compress concatenate convolve corrcoef
        correlate count_nonzero cov cross cumprod cumsum cumulative_prod
        cumulative_sum datetime_as_string delete diag diag_indices_from diagflat
        diagonal diff digitize dot dsplit dstack ediff1d einsum einsum_path
        empty_like expand_dims extract fix flatnonzero flip fliplr flipud full_like
        geomspace gradient histogram histogram2d histogram_bin_edges histogramdd
        hsplit hstack i0 imag in1d inner insert interp intersect1d is_busday
        isclose iscomplex iscomplexobj isin isneginf isposinf isreal isrealobj ix_
        kron lexsort linspace logspace matrix_transpose max may_share_memory mean
        meshgrid min min_scalar_type moveaxis nanargmax nanargmin nancumprod
        nancumsum nanmax nanmean nanmin nanprod nanstd nansum nanvar ndim nonzero
        ones_like outer packbits pad partition poly polyadd polyder polydiv
        polyfit polyint polymul polysub polyval prod ptp ravel ravel_multi_index
        real real_if_close repeat reshape resize result_type roll rollaxis roots
        rot90 round row_stack save savetxt savez savez_compressed searchsorted
        select setdiff1d setxor1d shape shares_memory sinc size sort sort_complex
        split squeeze stack std sum swapaxes take take_along_axis tensordot tile
        trace transpose trapezoid trapz tril tril_indices_from trim_zeros triu
        triu_indices_from union1d unique unique_all unique_counts unique_inverse
        unique_values unpackbits unravel_index unstack unwrap vander var vdot
        vsplit vstack where zeros_like
    """,
    "numpy.char": "equal greater greater_equal less less_equal not_equal",
    "numpy.fft": """
        fft fft2 fftn fftshift hfft ifft ifft2 ifftn ifftshift ihfft irfft irfft2
        irfftn rfft rfft2 rfftn
    """,
    "numpy.lib.recfunctions": """
        append_fields drop_fields find_duplicates join_by merge_arrays
        rec_append_fields rec_drop_fields rec_join rename_fields repack_fields
        require_fields stack_arrays structured_to_unstructured
        unstructured_to_structured
    """,
    "numpy.lib.scimath": "arccos arcsin arctanh log log10 log2 logn power sqrt",
    "numpy.lib.stride_tricks": "sliding_window_view",
    "numpy.linalg": """
        cholesky cond cross det diagonal eig eigh eigvals eigvalsh inv lstsq matmul
        matrix_norm matrix_power matrix_rank matrix_transpose multi_dot norm outer
        pinv qr slogdet solve svd svdvals tensordot tensorinv tensorsolve trace
        vecdot vector_norm
    """,
    "numpy.polynomial.polynomial": "polygrid2d polyval2d polyvalnd",
    "numpy.strings": """
        _join _rsplit _split _splitlines capitalize center decode encode expandtabs
        ljust lower mod multiply partition replace rjust rpartition swapcase title
        translate upper zfill
    """,
}

# Make an array; they dispatch on `like`.
CREATES = {
    "numpy": """
        arange array asanyarray asarray ascontiguousarray asfortranarray empty eye
        frombuffer fromfile fromfunction fromiter fromstring full genfromtxt
        identity loadtxt ones require tri zeros
    """,
}

# Write one argument: its name and position.
WRITES = {
    "numpy.copyto": ("dst", 0),
    "numpy.put": ("a", 0),
    "numpy.place": ("arr", 0),
    "numpy.putmask": ("a", 0),
    "numpy.put_along_axis": ("arr", 0),
    "numpy.fill_diagonal": ("a", 0),
    "numpy.lib.recfunctions.assign_fields_by_name": ("dst", 0),
    "numpy.lib.recfunctions.recursive_fill_fields": ("output", 1),
}

# Write their first argument when called with ``copy=False``.
WRITES_UNLESS_COPY = {"numpy": "nan_to_num"}

# Only copy: done lazily.
COPIES = {"numpy": "copy"}

# May use their input as scratch space (`overwrite_input`), here never.
SCRATCH = {
    "numpy": "median nanmedian nanpercentile nanquantile percentile quantile",
}

# Call the user's functions, which see cow arrays: position of the function.
CALLS_BACK = {
    "numpy.apply_along_axis": 0,
    "numpy.apply_over_axes": 0,
    "numpy.piecewise": 2,
    "numpy.lib.recfunctions.apply_along_fields": 0,
}

# Print the name of the class.
PRINTS = {"numpy": "array_repr"}

# Position of `out` in C functions, which older NumPys give no signature.
OUT_IN_C = {
    "numpy.concatenate": 2,
    "numpy.dot": 2,
    "numpy.busday_count": 5,
    "numpy.busday_offset": 6,
    "numpy.is_busday": 4,
}

# Of those that read, how the core calls them, where not on plain arrays. NumPy copies
# a read-only operand of theirs, though it writes none: a function of C gets one that is
# not (1), the others call a method of the array itself, which sees to it (2).
CALLED = {"numpy.bincount": 1} | dict.fromkeys(
    [
        f"numpy.{name}"
        for name in ["argmax", "argmin", "choose", "repeat", "take", "tile"]
    ],
    2,
)

GROUPS: dict[str, dict[str, Any]] = {
    "reads": READS,
    "creates": CREATES,
    "writes": WRITES,
    "writes unless copy": WRITES_UNLESS_COPY,
    "copies": COPIES,
    "scratch": SCRATCH,
    "calls back": CALLS_BACK,
    "prints": PRINTS,
}


def names(group: dict[str, Any]) -> list[str]:
    """Return the full names of the functions of a group, as a list."""
    if all(isinstance(value, str) for value in group.values()):
        return [f"{m}.{name}" for m, text in group.items() for name in text.split()]
    return list(group)


def name_of(func: object) -> str:
    """Return the full name under which `func` stands in the table."""
    module = getattr(func, "__module__", None)
    if module == "numpy.lib._scimath_impl":
        module = "numpy.lib.scimath"  # NumPy 2.0
    return f"{module}.{getattr(func, '__name__', '')}"
