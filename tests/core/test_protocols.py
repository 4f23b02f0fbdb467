"""The ways in which other code gets at the memory: snapshots, never writes."""

import array
import ctypes
import io
import struct

import numpy as np
import pytest

import cow
from cow import _core


def test_memoryview_is_a_readonly_snapshot():
    x = cow.arange(4)
    view = memoryview(x)
    assert view.readonly and view.tolist() == [0, 1, 2, 3]
    x[0] = 9
    assert view.tolist() == [0, 1, 2, 3]
    _core.check(x)


def test_memoryview_has_format_shape_and_strides_of_numpy():
    p = np.arange(24, dtype=">i4").reshape(2, 3, 4)
    for index in (slice(None), (slice(None), slice(None, None, -1)), (0, slice(1))):
        one, other = memoryview(p[index]), memoryview(cow.array(p)[index])
        for name in ("format", "shape", "strides", "ndim", "itemsize"):
            assert getattr(one, name) == getattr(other, name)
        assert one.tobytes() == other.tobytes()


WRITERS = {
    "pack_into": lambda x: struct.pack_into("b", x, 0, 1),
    "readinto": lambda x: io.BytesIO(b"\1").readinto(x),
    "frombuffer": lambda x: np.frombuffer(x, "u1").__setitem__(0, 1),
    "interface": lambda x: np.asarray(
        Interface("__array_interface__", x.__array_interface__)
    ).__setitem__(0, 1),
    "struct": lambda x: np.asarray(
        Interface("__array_struct__", x.__array_struct__)
    ).__setitem__(0, 1),
    "pointer": lambda x: ctypes.memset(x.ctypes.data, 1, 1),
    "writing": lambda x: write_opened(x),
}


def write_opened(x):
    with cow.writing(x) as opened:
        opened[0] = 1
    with pytest.raises(ValueError):
        opened[1] = 1


@pytest.mark.parametrize("name", WRITERS)
def test_who_asks_for_memory_to_write_writes_the_array_alone(name):
    x = cow.zeros(16, "u1")
    before = [x[...], x[:4], x.copy(), np.asarray(x), memoryview(x), cow.readonly(x)]
    at = x[3:]
    WRITERS[name](x)
    assert x.tolist() == [1] + 15 * [0]
    after = [x[...], x[:4], x.copy(), x.T, x.reshape(4, 4), cow.readonly(x)]
    kept = [np.array(one).ravel()[0] for one in after]
    WRITERS[name](x[...])  # a snapshot of it is written
    x[0] = 7
    ctypes.memset(x.ctypes.data, 8, 1)
    assert x[0] == 8 and kept == [1] * 6
    assert not any(np.asarray(one).any() for one in (*before, at))
    assert [np.asarray(one).ravel()[0] for one in after] == kept
    address = x.ctypes.data
    x += 1
    x.sort()
    assert x.ctypes.data == address
    _core.check(x)


@pytest.mark.parametrize("name", WRITERS)
def test_readonly_array_gives_nothing_to_write(name):
    c = cow.zeros(16, "u1")
    r = cow.readonly(c)
    if name == "pointer":
        return  # NumPy has no read-only pointers
    with pytest.raises((TypeError, BufferError, ValueError)):
        WRITERS[name](r)
    assert not r.any() and not c.any()


def test_memoryview_is_not_written():
    x = cow.zeros(16, "u1")
    with pytest.raises(TypeError):
        memoryview(x)[0] = 1
    with pytest.raises(TypeError, match="not writable"):
        (ctypes.c_byte * 16).from_buffer(x)  # looks at the flag of a memoryview
    with cow.writing(x) as p:
        (ctypes.c_byte * 16).from_buffer(p)[0] = 1
    assert x[0] == 1


def test_reading_through_the_buffer_protocol():
    x = cow.arange(3.0)
    assert struct.unpack_from("d", x, 8) == (1.0,)
    assert bytes(x) == np.arange(3.0).tobytes()
    assert array.array("d", x.tobytes()).tolist() == [0, 1, 2]
    assert np.frombuffer(x).tolist() == [0, 1, 2]
    assert b"".join([x]) == x.tobytes()


def test_asarray_is_a_readonly_snapshot_without_a_copy():
    x = cow.arange(4)
    plain = np.asarray(x)
    assert type(plain) is np.ndarray and np.shares_memory(plain, x)
    x[0] = 9
    assert plain.tolist() == [0, 1, 2, 3]
    with pytest.raises(ValueError):
        plain[0] = 1
    with pytest.raises(ValueError):
        plain.flags.writeable = True


def test_array_copies_and_copy_false_does_not():
    x = cow.arange(4)
    copied = np.array(x)
    assert type(copied) is np.ndarray and copied.flags.writeable
    assert not np.shares_memory(copied, x)
    assert np.shares_memory(np.asarray(x, copy=False), x)
    assert np.asarray(x, dtype="f4").dtype == "f4"
    with pytest.raises(ValueError):
        np.asarray(x, dtype="f4", copy=False)


def test_dlpack_export_is_a_snapshot():
    x = cow.arange(4)
    taken = np.from_dlpack(x)
    x[0] = 9
    assert taken.tolist() == [0, 1, 2, 3]
    with pytest.raises(ValueError):
        taken[0] = 1
    assert x.__dlpack_device__() == np.zeros(1).__dlpack_device__()


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.1.0",
    reason="from_dlpack has no copy= before NumPy 2.1",
)
def test_dlpack_copy_is_independent_and_a_forbidden_copy_raises():
    x = cow.arange(4)
    taken = np.from_dlpack(x, copy=True)
    assert not np.shares_memory(taken, x)
    shared = np.from_dlpack(x, copy=False)
    assert np.shares_memory(shared, x) and not shared.flags.writeable
    with pytest.raises(BufferError):
        x.__dlpack__(copy=False)
    capsule = x.__dlpack__()
    assert "dltensor" in repr(capsule)


def test_dlpack_import_borrows():
    p = np.arange(4)
    x = cow.asarray(np.from_dlpack(p))
    x[0] = 9
    assert p.tolist() == [0, 1, 2, 3]


class Interface:
    def __init__(self, name, value):
        setattr(self, name, value)


def test_raw_pointer_gives_memory_of_its_own_that_is_never_shared_again():
    x = cow.arange(4)
    kept = x.copy()
    pointer = x.ctypes.data_as(ctypes.POINTER(ctypes.c_int64))
    pointer[0] = 9
    assert x.tolist() == [9, 1, 2, 3]
    assert kept.tolist() == [0, 1, 2, 3]
    later = x.copy()
    view = x[1:]
    pointer[1] = 8
    assert x.tolist() == [9, 8, 2, 3]
    assert later.tolist() == [9, 1, 2, 3]
    assert not np.shares_memory(later, x)
    assert isinstance(view, cow.CowArray)


def test_array_api_attributes():
    x = cow.arange(6).reshape(2, 3)
    assert x.__array_namespace__() is np
    assert x.device == "cpu"
    moved = x.to_device("cpu")
    assert moved.tolist() == x.tolist()
    assert x.mT.shape == (3, 2) and isinstance(x.mT, cow.CowArray)
    with pytest.raises(ValueError):
        x.to_device("elsewhere")


def test_save_and_load_of_every_kind(tmp_path):
    x = cow.arange(6.0).reshape(2, 3)
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "x.npz", a=x, b=x[1])
    x.tofile(tmp_path / "x.bin")
    assert (np.load(tmp_path / "x.npy") == np.asarray(x)).all()
    with np.load(tmp_path / "x.npz") as archive:
        assert archive["b"].tolist() == [3, 4, 5]
    assert np.fromfile(tmp_path / "x.bin").tolist() == [0, 1, 2, 3, 4, 5]
    mapped = cow.load(tmp_path / "x.npy", mmap_mode="r")
    mapped[0, 0] = 9
    assert np.load(tmp_path / "x.npy")[0, 0] == 0


def test_nditer_reads_a_snapshot_and_refuses_to_write():
    x = cow.arange(4)
    reader = np.nditer(x)
    kept = x[...]
    x[0] = 9  # moves the array; the iterator stays with what it was given
    assert kept.tolist() == [int(value) for value in reader] == [0, 1, 2, 3]
    for flag in ("readwrite", "writeonly"):
        with pytest.raises(ValueError):
            np.nditer(x, op_flags=[flag])
    with pytest.raises(ValueError):
        np.nested_iters(x.reshape(2, 2), [[0], [1]], op_flags=["readwrite"])


def test_masked_arrays_matrices_and_records_do_not_write_through():
    x = cow.arange(4.0)
    masked = np.ma.array(x)
    try:
        masked[0] = 9
    except ValueError:
        pass
    assert x.tolist() == [0, 1, 2, 3]
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.asmatrix(np.asarray(x))
    with pytest.raises(ValueError):
        matrix[0, 0] = 9
    r = cow.array(np.zeros(2, [("u", "f8"), ("w", "i4")]))
    with pytest.raises(cow.ChainedAssignmentError):
        r["u"][0] = 1
    r["u"] = 1
    assert r["u"].tolist() == [1, 1]


def test_vectorize_and_sliding_windows():
    x = cow.arange(4.0)
    assert np.vectorize(lambda v: v + 1)(x).tolist() == [1, 2, 3, 4]
    windows = np.lib.stride_tricks.sliding_window_view(x, 2)
    x[0] = 9
    assert windows[0].tolist() == [0, 1]
    strided = np.lib.stride_tricks.as_strided(x, (2,), (8,))
    kept = x.copy()
    try:
        strided[0] = 5
    except ValueError:
        pass
    assert kept.tolist() == x.tolist() == [9, 1, 2, 3]


def test_sequence_protocol_of_c_writes_copy_on_write():
    import ctypes

    call = ctypes.pythonapi.PySequence_SetItem
    call.argtypes = [ctypes.py_object, ctypes.c_ssize_t, ctypes.py_object]
    a = cow.arange(4)
    v = a[:]
    assert call(a, 1, 9) == 0
    assert list(a) == [0, 9, 2, 3] and list(v) == [0, 1, 2, 3]
    with pytest.raises(IndexError):
        call(a, 9, 1)


def test_index_of_the_sequence_protocol_that_is_out_of_range_is_refused():
    get, put = ctypes.pythonapi.PySequence_GetItem, ctypes.pythonapi.PySequence_SetItem
    get.restype = ctypes.py_object
    get.argtypes = [ctypes.py_object, ctypes.c_ssize_t]
    put.argtypes = [*get.argtypes, ctypes.py_object]
    a = cow.array([0, 1, 2])
    assert get(a, -1) == 2 and put(a, -3, 7) == 0
    for i in (-4, 3):
        with pytest.raises(IndexError, match=f"index {i} is out of bounds"):
            get(a, i)
        with pytest.raises(IndexError, match=f"index {i} is out of bounds"):
            put(a, i, 9)
    assert a.tolist() == [7, 1, 2]
