"""What NumPy's own test suite found."""

import numpy as np
import pytest

import cow


def test_conjugate_writes_its_output():
    a, out = cow.array([1 + 2j, 3 - 1j]), cow.zeros(2, complex)
    kept = out.copy()
    assert a.conjugate(out) is out
    assert out.tolist() == [1 - 2j, 3 + 1j]
    assert a.conj(out) is out
    assert kept.tolist() == [0, 0]


def test_a_list_stored_in_an_array_of_objects_is_the_list_itself():
    item = [1, 2]
    a = cow.array([None, None], dtype=object)
    a.put([0], np.array([None]))
    a.fill(item)
    assert a[0] is item
    other = {"k": item}
    np.copyto(a, np.array(other, dtype=object))
    assert a[1] is other


def test_masked_arrays_stay_masked_with_subok():
    masked = np.ma.array([1, 2], mask=[True, False])
    kept = cow.array(masked, subok=True)
    assert kept.mask.tolist() == [True, False]
    assert isinstance(cow.array(masked), cow.CowArray)


@pytest.mark.parametrize("copy", ["auto", "no", "yes"])
def test_copy_as_a_string_raises(copy):
    for value in ([1], cow.array([1])):
        with pytest.raises(ValueError):
            cow.array(value, copy=copy)


def test_arguments_are_checked_as_by_numpy():
    with pytest.raises(TypeError):
        cow.eye(3).resize((2,), refcheck="hi")
    with pytest.raises(TypeError):
        del cow.ones(3).flat[1]
    assert cow.ones(2).__array__(dtype="f4").dtype == "f4"


def test_a_class_of_dtypes_finds_the_size_of_its_elements():
    a = cow.array([1.25, None], dtype=object)
    assert cow.array(a, dtype=np.dtypes.BytesDType).dtype == "S4"


def test_a_list_that_contains_itself_is_judged_by_numpy():
    items = []
    items.append(items)
    with pytest.raises(ValueError):
        cow.array(items, dtype=float)


@pytest.mark.parametrize("n", [3, 6_000_000])
def test_an_output_goes_to_numpy_by_its_name(n):
    # np.maximum of NumPy 2.4 warns of a third argument by position
    a, b, out = cow.ones(n), cow.zeros(n), cow.empty(n)
    assert np.maximum(a, b, out=out) is out
    assert out[0] == 1
    del out
    assert np.maximum(a, b)[-1] == 1
