"""A read-only array stays as it is; its copies and results are writable."""

import copy
import pickle

import numpy as np
import pytest

import cow


@pytest.fixture(params=["plain", "cow", "list", "read-only plain"])
def original(request):
    a = np.arange(12.0).reshape(3, 4)
    if request.param == "cow":
        return cow.array(a)
    if request.param == "list":
        return a.tolist()
    a.flags.writeable = request.param == "plain"
    return a


@pytest.fixture
def r(original):
    return cow.readonly(original)


def test_values_and_types(r):
    assert type(r) is cow.ReadOnlyArray
    assert isinstance(r, cow.CowArray) and isinstance(r, np.ndarray)
    assert r.tolist() == np.arange(12.0).reshape(3, 4).tolist()
    assert cow.is_readonly(r) and not r.flags.writeable
    cow._core.check(r)


def test_write_raises_and_the_message_tells_the_remedy(r):
    with pytest.raises(cow.ReadOnlyError, match=r"b = a\.copy\(\)"):
        r[0, 0] = 9
    assert issubclass(cow.ReadOnlyError, ValueError)
    assert r[0, 0] == 0


@pytest.mark.parametrize(
    "derive",
    [
        lambda r: r[1:],
        lambda r: r[1],
        lambda r: r.T,
        lambda r: r.reshape(-1),
        lambda r: r.ravel(),
        lambda r: r.view(),
        lambda r: r.view("i8"),
        lambda r: r.real,
        lambda r: r.swapaxes(0, 1),
        lambda r: r[...],
        lambda r: r[None],
        lambda r: next(iter(r)),
        lambda r: cow.readonly(r),
        lambda r: cow.readonly(r[1:]),
    ],
)
def test_views_are_read_only_too(r, derive):
    view = derive(r)
    assert cow.is_readonly(view)
    with pytest.raises(cow.ReadOnlyError):
        view[...] = 9
    with pytest.raises(cow.ReadOnlyError):
        view.fill(9)
    with pytest.raises(cow.ReadOnlyError):
        view += 1
    assert r.tolist() == np.arange(12.0).reshape(3, 4).tolist()


@pytest.mark.parametrize(
    "derive",
    [
        lambda r: r.copy(),
        lambda r: r[1:].copy(),
        lambda r: copy.copy(r),
        lambda r: copy.deepcopy(r),
        lambda r: np.copy(r),
        lambda r: cow.array(r),
        lambda r: r + 1,
        lambda r: -r,
        lambda r: r.astype("f4"),
        lambda r: np.sort(r),
        lambda r: r.cumsum(axis=0),
        lambda r: np.concatenate([r, r]),
        lambda r: pickle.loads(pickle.dumps(r)),
    ],
)
def test_copies_and_results_are_writable_cow_arrays(r, derive):
    result = derive(r)
    assert type(result) is cow.CowArray and not cow.is_readonly(result)
    result[...] = 9
    assert (result == 9).all()
    assert r.tolist() == np.arange(12.0).reshape(3, 4).tolist()
    cow._core.check(result)


@pytest.mark.parametrize(
    "reopen",
    [
        lambda r: setattr(r.flags, "writeable", True),
        lambda r: r.flags.__setitem__("WRITEABLE", True),
        lambda r: r.setflags(write=True),
        lambda r: np.ndarray.setflags(r, write=True),
        lambda r: np.asarray(r).setflags(write=True),
        lambda r: r.view(np.ndarray).setflags(write=True),
        lambda r: r.base.setflags(write=True),
        lambda r: np.asarray(r).base.setflags(write=True),
        lambda r: r.__setstate__((1, (2,), np.dtype("f8"), False, bytes(16))),
    ],
)
def test_nothing_opens_it_again(r, reopen):
    with pytest.raises((ValueError, AttributeError)):
        reopen(r)
    assert cow.is_readonly(r)
    with pytest.raises(cow.ReadOnlyError):
        r[0] = 9
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(r)[0] = 9
    with pytest.raises(TypeError):
        memoryview(r)[0, 0] = 9.0


def test_of_a_cow_array_it_is_a_snapshot():
    c = cow.zeros(3)
    r = cow.readonly(c)
    c[0] = 9
    assert r.tolist() == [0, 0, 0] and c.tolist() == [9, 0, 0]


def test_plain_array_is_borrowed_and_its_owner_can_still_write():
    a = np.zeros(10_000)
    r = cow.readonly(a)
    assert np.shares_memory(a, r)
    a[0] = 9
    assert r[0] == 9 and a.flags.writeable


def test_readonly_of_readonly_is_itself(r):
    assert cow.readonly(r) is r


def test_out_argument_is_refused(r):
    with pytest.raises(cow.ReadOnlyError):
        np.add(r, 1, out=r)
    with pytest.raises(cow.ReadOnlyError):
        np.add.at(r, 0, 1)
    with pytest.raises(cow.ReadOnlyError):
        np.copyto(r, 0)
    assert r[0, 1] == 1


def test_refused_write_evaluates_to_no_change_of_the_other_outputs():
    good, r = cow.zeros(3), cow.readonly(np.ones(3))
    with pytest.raises(cow.ReadOnlyError):
        np.modf(np.full(3, 1.5), out=(good, r))
    assert good.tolist() == [0, 0, 0]
    good[0] = 1  # still open for writing
    cow._core.check(good)


def test_is_readonly_answers_for_anything():
    a = np.zeros(2)
    assert not cow.is_readonly(a)
    a.flags.writeable = False
    assert cow.is_readonly(a)
    assert not cow.is_readonly(cow.zeros(2))
    assert not cow.is_readonly([1, 2]) and not cow.is_readonly(None)


def test_setflags_closes_a_cow_array_and_opens_it_again():
    c = cow.zeros(3)
    c.setflags(write=False)
    assert cow.is_readonly(c)
    with pytest.raises(cow.ReadOnlyError):
        c[0] = 1
    c.setflags(write=True)
    c[0] = 1
    assert c.tolist() == [1, 0, 0]


def test_zero_dimensional_and_empty():
    r = cow.readonly(np.array(3.0))
    with pytest.raises(cow.ReadOnlyError):
        r[()] = 1
    empty = cow.readonly(np.zeros((0, 3)))
    with pytest.raises(cow.ReadOnlyError):
        empty[...] = 1
    assert r == 3 and empty.shape == (0, 3)


@pytest.mark.parametrize("idx", [[0, 1], np.array([True, False, True])])
def test_items_by_array_are_read_only_as_slices_are(r, idx):
    items = r[idx]
    assert cow.is_readonly(items)
    with pytest.raises(cow.ReadOnlyError):
        items[0] = 9
