"""Memory is lent with the layout of a copy, and what is still held gets a copy's."""

import numpy as np
import pytest

import cow
from cow import _core

ARRAYS = [
    np.arange(10.0),
    np.arange(100_000),
    np.arange(24.0).reshape(2, 3, 4).transpose(1, 2, 0),
    np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    np.arange(24.0).reshape(2, 12)[:1],
    np.array(["a" * 100, "b" * 100] * 40),
    np.arange(5).astype(">i4"),
    np.zeros(3, dtype=[("a", "i4"), ("b", "f8")]),
]
STRIDED = [
    np.array(3.5),
    np.zeros((0, 4)),
    np.arange(1000)[::-3],
    np.arange(12.0).reshape(3, 4)[:, :2],
    np.arange(12.0).reshape(3, 4)[::-1],
    np.broadcast_to(np.arange(3), (50, 3)),
    np.frombuffer(bytes(17), "u1")[1:].view("f8"),
]


def name(a):
    return f"{a.dtype}{a.shape}"


@pytest.mark.parametrize("a", ARRAYS, ids=name)
def test_loan_has_the_layout_of_a_copy_and_is_read_only(a):
    lent, copy = _core.lend(a), a.copy("K")
    assert type(lent) is np.ndarray and lent.tobytes() == a.tobytes()
    assert (lent.shape, lent.strides, lent.dtype) == (
        *(copy.shape, copy.strides, copy.dtype),
    )
    assert np.shares_memory(lent, a)
    with pytest.raises(ValueError, match="read-only"):
        lent[...] = lent
    with pytest.raises(ValueError, match="WRITEABLE"):
        lent.flags.writeable = True


@pytest.mark.parametrize("a", STRIDED, ids=name)
def test_array_that_a_copy_would_compact_is_not_lent(a):
    assert _core.lend(a) is None


def test_objects_and_other_things_are_not_lent():
    assert _core.lend(np.array([1, None])) is None
    assert _core.lend(np.zeros(2, dtype=[("a", "O")])) is None
    with pytest.raises(TypeError):
        _core.lend([1])


@pytest.mark.parametrize("make", [np.arange, cow.arange])
def test_what_is_held_shares_memory_as_on_a_copy(make):
    a = make(5000.0)
    loans = [_core.lend(a)]
    box = [{"x": loans[0], "y": [loans[0][1:], (loans[0][::2],)]}]
    assert _core.settle(box, loans, False) is False
    x, (y, (z,)) = box[0].values()
    assert x is loans[0] and x.base is None and x.flags.owndata
    assert y.base is x and z.base is x
    for each in (x, y, z):
        assert each.flags.writeable and not np.shares_memory(each, a)
    y[0] = 99
    assert x[1] == 99 and a[1] == 1


def test_loan_that_nobody_holds_costs_nothing():
    a = np.arange(5000.0)
    loans = [_core.lend(a)]
    assert _core.settle([a.sum()], loans, False) is False
    assert np.shares_memory(loans[0], a)


def test_what_is_out_of_reach_is_told_and_stays_readable():
    a = np.arange(5000.0)
    loans = [_core.lend(a)]
    hidden = memoryview(loans[0])
    assert _core.settle([loans[0]], loans, False) is True
    del a, loans
    assert hidden[4999] == 4999


def test_list_of_results_that_holds_itself_is_walked_once():
    a = np.arange(3.0)
    loans = [_core.lend(a)]
    box = [loans[0]]
    box.append(box)
    assert _core.settle([box], loans, False) is False
    assert not np.shares_memory(box[0], a)


@pytest.mark.parametrize(
    ("value", "constant"),
    [(1, True), (1.5, True), ("a", True), (None, True), ((1, (2, "b")), True)]
    + [(np.float64(1), True), (np.zeros(3), False), ([1, np.zeros(2)], False)]
    + [({"a": [cow.zeros(3)]}, False), ({1, 2}, False)],
)
def test_data_is_known(value, constant):
    assert _core.is_data(value, True) is constant
    assert _core.is_data(value, False)


@pytest.mark.parametrize(
    "value",
    [object(), [object()], len, np.array([None]), np.ma.array([1]), np.zeros(1, "V4,O")]
    + [{1: len}, range, np.void(b"ab"), [[]] * 500],
)
def test_anything_else_is_not_data(value):
    assert not _core.is_data(value, False)
