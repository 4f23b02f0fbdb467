"""Results that are those of plain arrays: exactly, or up to the last bits."""

import numpy as np

from cow import _core


def same(plain, cow_result):
    """Assert equality of results, through containers."""
    if isinstance(plain, tuple | list):
        assert isinstance(cow_result, tuple | list)
        assert len(plain) == len(cow_result)
        for one, other in zip(plain, cow_result, strict=True):
            same(one, other)
    elif plain is np.ma.masked:
        assert cow_result is plain
    elif isinstance(plain, np.ma.MaskedArray):
        assert type(plain) is type(cow_result)
        same(np.ma.getmaskarray(plain), np.ma.getmaskarray(cow_result))
        same(plain.filled(), cow_result.filled())
    elif isinstance(plain, np.polynomial.polynomial.ABCPolyBase | np.poly1d):
        assert type(plain) is type(cow_result)
        same(plain.coef, cow_result.coef)
    elif isinstance(plain, np.ndarray):
        assert isinstance(cow_result, np.ndarray)
        assert plain.shape == cow_result.shape
        assert plain.dtype == cow_result.dtype
        if plain.dtype.hasobject or plain.dtype.names:
            # elements that differ from themselves
            assert repr(np.asarray(plain)) == repr(np.asarray(cow_result))
        else:
            np.testing.assert_array_equal(np.asarray(plain), np.asarray(cow_result))
        if isinstance(cow_result, _core.Array):
            _core.check(cow_result)
    elif isinstance(plain, str):
        assert plain.split() == cow_result.replace("cow.", "").split()
    else:
        assert type(plain) is type(cow_result)
        np.testing.assert_equal(cow_result, plain)


def close(one, other):
    """Assert that results agree up to the last bits, whatever their class."""
    if isinstance(one, tuple | list):
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            close(left, right)
    else:
        assert np.shape(one) == np.shape(other)
        assert np.asarray(one).dtype == np.asarray(other).dtype
        np.testing.assert_allclose(np.asarray(other), np.asarray(one), atol=1e-9)
