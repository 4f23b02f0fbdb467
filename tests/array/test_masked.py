"""Masked arrays made of cow arrays are snapshots that can be written."""

import numpy as np
import pytest

import cow

MAKERS = {
    "array": np.ma.array,
    "asarray": np.ma.asarray,
    "view": lambda a: a.view(np.ma.MaskedArray),
    "unbound view": lambda a: np.ndarray.view(a, np.ma.MaskedArray),
    "mask": lambda a: np.ma.array(a, mask=[False, True, False]),
    "mask of a cow array": lambda a: np.ma.array(a, mask=a > 2, copy=True),
    "masked_where": lambda a: np.ma.masked_where(a > 2, a),
    "masked_where, copy=False": lambda a: np.ma.masked_where(a > 2, a, copy=False),
    "masked_invalid": np.ma.masked_invalid,
    "masked_equal": lambda a: np.ma.masked_equal(a, 2, copy=False),
    "fix_invalid": lambda a: np.ma.fix_invalid(a, copy=False),
    "concatenate": lambda a: np.ma.concatenate([a, a]),
    "masked_all_like": np.ma.masked_all_like,
}


@pytest.mark.parametrize("name", MAKERS)
def test_masked_array_is_written_alone(name):
    a = cow.array([3.0, 1.0, 2.0])
    kept = a.copy()
    masked = MAKERS[name](a)
    plain = MAKERS[name](np.array([3.0, 1.0, 2.0]))
    for m in (masked, plain):
        m[0] = 9
        m[2] = np.ma.masked
        m[:2] += 1
        m.sort()
    if name != "masked_all_like":  # elements of no meaning
        np.testing.assert_array_equal(masked.filled(-1), plain.filled(-1))
    assert masked.mask.tolist() == plain.mask.tolist()
    a[1] = 7
    assert a.tolist() == [3, 7, 2] and kept.tolist() == [3, 1, 2]
    del kept
    assert not cow.is_shared(a)


@pytest.mark.parametrize(
    "values",
    [
        np.arange(24.0).reshape(2, 3, 4)[::-1, ::2].T,
        np.array([[1, None], ["x", 2]], dtype=object),
        np.zeros(3, [("u", "f8"), ("w", "i4")]),
        np.array(["ab", "c" * 50], dtype=np.dtypes.StringDType()),
        np.arange(40000.0).reshape(200, 200),
        np.array(5.0),
        np.zeros((0, 3)),
    ],
    ids=["strided", "object", "record", "string", "large", "scalar", "empty"],
)
def test_masked_array_of_any_layout_has_the_same_elements(values):
    a = cow.array(values)
    masked = np.ma.array(a)
    assert masked.dtype == values.dtype
    assert np.array(masked.data).tolist() == values.tolist()
    masked[...] = masked.copy()
    assert not cow.is_shared(a)


def test_masked_array_of_a_readonly_array_shares_and_refuses():
    r = cow.readonly(np.zeros(1000))
    masked = np.ma.array(r)
    assert np.shares_memory(masked.data, np.asarray(r))
    with pytest.raises(ValueError, match="read-only"):
        masked[0] = 1


def test_masked_array_of_swapped_bytes_keeps_its_dtype_and_refuses():
    a = cow.array([1.0, 2.0], dtype=">f8")
    masked = np.ma.array(a)
    assert masked.dtype == ">f8" and masked.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        masked[0] = 1
    masked = a.view(np.ma.MaskedArray)
    masked[0] = 9
    assert a.tolist() == [1, 2]


def test_mask_that_is_a_cow_array_refuses_until_it_is_copied():
    a = cow.array([1.0, 2.0])
    mask = a > 1
    masked = np.ma.array(a, mask=mask)
    with pytest.raises(ValueError, match="read-only"):
        masked[0] = np.ma.masked
    masked.unshare_mask()
    masked[0] = np.ma.masked
    assert masked.mask.tolist() == [True, True]
    assert mask.tolist() == [False, True]


def test_putmask_of_numpy_ma_is_refused_not_lost():
    a = cow.array([1.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        np.ma.putmask(a, a > 1, 9)
    np.ma.put(a, [0], 9)
    assert a.tolist() == [9, 2]


def test_data_of_a_masked_array_of_a_guarded_argument_is_its_own():
    @cow.no_mutate
    def masked_negatives(x):
        m = np.ma.array(x)
        m[m < 0] = 0
        return m.filled()

    large = np.linspace(-1, 1, 10_000)
    before = large.copy()
    assert masked_negatives(large).min() == 0
    assert (large == before).all()
