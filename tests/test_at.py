"""``a.at[idx]`` returns changed copies and leaves the array alone."""

import numpy as np
import pytest

import cow

UPDATES = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "power": np.power,
    "min": np.minimum,
    "max": np.maximum,
}
INDICES = [0, -1, slice(1, 3), (slice(None), 0), [2, 0], np.array([True, False, True]),
           (1, 2), ..., ([0, 1], [1, 0])]  # fmt: skip


@pytest.mark.parametrize("index", INDICES, ids=repr)
@pytest.mark.parametrize("name", [*UPDATES, "set", "apply"])
def test_changed_copy_agrees_with_numpy(name, index):
    plain = np.arange(1.0, 10.0).reshape(3, 3)
    a = cow.array(plain)
    wanted = plain.copy()
    if name == "set":
        wanted[index] = 2.0
        result = a.at[index].set(2.0)
    elif name == "apply":
        wanted[index] = -wanted[index]
        result = a.at[index].apply(np.negative)
    else:
        wanted[index] = UPDATES[name](wanted[index], 2.0)
        result = getattr(a.at[index], name)(2.0)
    np.testing.assert_array_equal(result, wanted)
    np.testing.assert_array_equal(a, plain)
    assert type(result) is cow.CowArray and not np.shares_memory(result, a)


def test_repeated_index_counts_each_occurrence():
    a = cow.zeros(3)
    assert a.at[[1, 1, 2]].add([1, 2, 3]).tolist() == [0, 3, 3]
    assert a.tolist() == [0, 0, 0]


def test_temporary_that_nobody_shares_is_written_in_place():
    copies = []
    old = cow._core.set_ledger(lambda array, size, why: copies.append(size))
    try:
        a = cow.ones(1000)
        result = (a + 1).at[0].set(5.0)
        assert result[:2].tolist() == [5, 2] and copies == []
        result = a.at[0].set(5.0).at[1].add(1.0).at[2].set(3.0)
        assert result[:3].tolist() == [5, 2, 3] and len(copies) == 1
        held = [a]
        assert held[0].at[0].set(7.0)[0] == 7 and a[0] == 1
        view = a[1:].at[0].set(7.0)
        assert view[0] == 7 and a[1] == 1
    finally:
        cow._core.set_ledger(old)


def test_readonly_array_gives_a_writable_copy():
    r = cow.readonly([1, 2])
    result = r.at[0].set(5)
    assert result.tolist() == [5, 2] and not cow.is_readonly(result)
    assert cow.readonly([1, 2])[:].at[0].set(5).tolist() == [5, 2]


def test_method_without_an_index_is_refused():
    with pytest.raises(TypeError, match="choose the elements"):
        cow.zeros(3).at.set(1)
