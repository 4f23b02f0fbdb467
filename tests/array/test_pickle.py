"""Pickles and deep copies are independent arrays of the same kind."""

import copy
import pickle
import weakref

import numpy as np
import pytest

import cow

ARRAYS = {
    "bool": np.array([True, False]),
    "float": np.arange(12.0).reshape(3, 4),
    "large": np.arange(20_000.0),
    "fortran": np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    "strided": np.arange(24)[::-2],
    "scalar": np.array(3.5),
    "empty": np.zeros((0, 3)),
    "complex": np.array([1 + 2j, 3]),
    "big endian": np.arange(4, dtype=">i4"),
    "datetime": np.array(["2020-01-01", "NaT"], "M8[D]"),
    "bytes": np.array([b"a", b"bcd"]),
    "str": np.array(["a", "ünï"]),
    "record": np.array([(1, 2.5), (3, 4.5)], [("u", "i4"), ("w", "f8")]),
    "object": np.array([None, [1, 2], "x"], dtype=object),
    "string": np.array(["a", "a longer string than fits in place"], "T"),
}
ALL = pytest.mark.parametrize("a", ARRAYS.values(), ids=ARRAYS)
PROTOCOLS = pytest.mark.parametrize("protocol", range(2, 6))


def assert_same(c, a):
    cow._core.check(c)
    assert c.dtype == a.dtype and c.shape == a.shape
    assert c.tolist() == a.tolist()


@ALL
@PROTOCOLS
def test_round_trip(a, protocol):
    c = cow.array(a)
    back = pickle.loads(pickle.dumps(c, protocol))
    assert type(back) is cow.CowArray
    # NumPy makes the bytes native up to protocol 4
    assert_same(back, pickle.loads(pickle.dumps(a, protocol)))
    assert back.flags.f_contiguous == c.flags.f_contiguous
    if back.size:
        back[...] = a.flat[0]
        assert_same(c, a)


@ALL
@pytest.mark.parametrize("how", [copy.copy, copy.deepcopy])
def test_copies_are_independent(a, how):
    c = cow.array(a)
    other = how(c)
    assert type(other) is cow.CowArray
    assert_same(other, a)
    if other.size:
        other[...] = a.flat[-1]
        assert_same(c, a)


def test_deepcopy_shares_no_memory_and_no_elements():
    c = cow.array(np.array([[1], [2]], dtype=object)[:, 0])
    c[0] = [1, 2]
    other = copy.deepcopy(c)
    other[0].append(3)
    assert c[0] == [1, 2]
    c = cow.zeros(10_000)
    assert not np.shares_memory(copy.deepcopy(c), c)


def test_deepcopy_keeps_identity_within_one_object():
    c = cow.zeros(3)
    first, second = copy.deepcopy([c, c])
    assert first is second and first is not c


@PROTOCOLS
def test_pickle_keeps_identity_within_one_object(protocol):
    c = cow.zeros(3)
    first, second = pickle.loads(pickle.dumps([c, c], protocol))
    assert first is second


@PROTOCOLS
def test_view_pickles_its_own_elements_only(protocol):
    c = cow.zeros(100_000)
    dumped = pickle.dumps(c[5:8], protocol)
    assert len(dumped) < 1000
    assert pickle.loads(dumped).tolist() == [0, 0, 0]


def test_out_of_band_takes_no_copy_and_is_a_snapshot():
    c = cow.arange(20_000)
    buffers = []
    dumped = pickle.dumps(c, 5, buffer_callback=buffers.append)
    assert len(buffers) == 1 and len(dumped) < 1000
    raw = buffers[0].raw()
    assert raw.readonly
    assert np.shares_memory(np.frombuffer(raw, c.dtype), c)
    c[0] = 99  # the buffer keeps the old value
    back = pickle.loads(dumped, buffers=buffers)
    assert type(back) is cow.CowArray and back[0] == 0
    back[1] = 77
    assert np.frombuffer(raw, c.dtype)[1] == 1 and c[1] == 1
    cow._core.check(back)


def test_out_of_band_over_foreign_writable_memory_is_borrowed():
    c = cow.arange(20_000)
    buffers = []
    dumped = pickle.dumps(c, 5, buffer_callback=buffers.append)
    memory = bytearray(buffers[0].raw())
    back = pickle.loads(dumped, buffers=[memory])
    before = bytes(memory)
    back[:] = 0
    assert bytes(memory) == before and not back.any()


@PROTOCOLS
def test_readonly_array_comes_back_writable(protocol):
    r = cow.readonly(np.arange(3))
    back = pickle.loads(pickle.dumps(r, protocol))
    assert type(back) is cow.CowArray and not cow.is_readonly(back)
    back[0] = 9
    assert r[0] == 0


@PROTOCOLS
def test_another_process_reads_it(protocol, tmp_path, python):
    path = tmp_path / "c.pickle"
    path.write_bytes(pickle.dumps(cow.arange(5), protocol))
    program = (
        "import pickle, sys; c = pickle.load(open(sys.argv[1], 'rb'));"
        "c[0] = 9; print(repr(c))"
    )
    done = python("-c", program, path, check=True)
    assert done.stdout.strip() == "cow.array([9, 1, 2, 3, 4])"


@pytest.mark.parametrize(
    "state",
    [
        (),
        (1,),
        (1, (3,), np.dtype("f8"), False, b"too short"),
        (1, (-3,), np.dtype("f8"), False, bytes(24)),
        (1, (3,), "no dtype", False, bytes(24)),
        (1, "no shape", np.dtype("f8"), False, bytes(24)),
        (1, (3,), np.dtype("O"), False, bytes(24)),
        None,
    ],
)
def test_bad_state_raises_and_changes_nothing(state):
    c = cow.arange(10_000)
    v = c[1:]
    with pytest.raises((ValueError, TypeError)):
        c.__setstate__(state)
    cow._core.check(c)
    assert c.shape == (10_000,) and c[-1] == 9999 and v[0] == 1


def test_good_state_moves_the_array_alone():
    c = cow.arange(10_000.0)
    v = c[1:]
    c.__setstate__((1, (2,), np.dtype("f8"), False, bytes(16)))
    assert c.tolist() == [0.0, 0.0] and v[0] == 1 and v.shape == (9_999,)
    c[0] = 5
    assert c.tolist() == [5.0, 0.0]
    cow._core.check(c)
    cow._core.check(v)


def test_what_remembers_the_memory_by_a_weak_reference_never_sees_a_write():
    # joblib has put it into a file, which it takes again for the same object
    c = cow.arange(10_000.0)
    (_, held), again = c.__reduce_ex__(5)[1], c.__reduce_ex__(5)[1][1]
    assert held is again
    del again
    known = weakref.ref(held)
    del held
    assert known() is c.__reduce_ex__(5)[1][1]
    c[0] = 7
    assert known() is None or known()[0] == 0
    assert c.__reduce_ex__(5)[1][1] is not known()
    cow._core.check(c)
    del known  # a write that nobody looks at stays in place
    address = c.__reduce_ex__(5)[1][1].__array_interface__["data"][0]
    c[1] = 8
    assert c.__reduce_ex__(5)[1][1].__array_interface__["data"][0] == address


def test_the_map_of_a_borrowed_file_is_found_along_the_bases(tmp_path):
    np.save(tmp_path / "x.npy", np.ones(9))
    c = cow.load(tmp_path / "x.npy", mmap_mode="r+")
    base = c.__reduce_ex__(5)[1][1]
    while base is not None and not isinstance(base, np.memmap):
        base = base.base
    assert base.filename == tmp_path / "x.npy"
