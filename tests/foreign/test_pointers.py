"""Released packages that write through NumPy's flag, or keep the memory.

``make test-foreign`` runs this with them in an environment of their own.
"""

import io

import bottleneck
import cv2
import h5py
import numba
import numpy as np
import pyarrow
import pytest
import pywt
import torch
from numcodecs import Zlib
from PIL import Image
from scipy.linalg import solve

import cow

M = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]])


@numba.njit
def set_field(records):
    for record in records:
        record.x = 9.0


def write_file(a):
    store = io.BytesIO()
    with h5py.File(store, "w") as file:
        file["x"] = np.full(a.shape, 9.0)
        file["x"].read_direct(a)


# each ignores the flag of an array, or looks at nothing else
FLAG_BLIND = {
    "bottleneck.replace": lambda a: bottleneck.replace(a, 2.0, 9.0),
    "solve": lambda a: solve(M, a, overwrite_b=True),
    "from_numpy": lambda a: torch.from_numpy(a).fill_(9.0),
    "as_tensor": lambda a: torch.as_tensor(a).zero_(),
}
ASKING = {
    "cv2.rectangle": lambda a: cv2.rectangle(a.reshape(1, 3), (0, 0), (2, 2), 9.0, -1),
    "read_direct": write_file,
    "decode": lambda a: Zlib().decode(Zlib().encode(np.full(3, 9.0)), out=a),
    "frombuffer": lambda a: torch.frombuffer(a, dtype=torch.float64).fill_(9.0),
    "idwt": lambda a: pywt.idwt(a, a, "haar"),
}


@pytest.mark.filterwarnings("ignore:The given")
@pytest.mark.parametrize("name", {**FLAG_BLIND, **ASKING})
def test_copy_protects(name):
    write = {**FLAG_BLIND, **ASKING}[name]
    a = cow.array([1.0, 2.0, 3.0])
    snapshot, frozen, view, p = a[...], cow.readonly(a), a[1:], np.asarray(a)
    for copied in (a.copy(), np.copy(a), a.astype(float), cow.array(a)):
        try:
            write(copied)
        except (TypeError, ValueError, cv2.error, OSError):
            continue  # a clear refusal
    assert a.tolist() == snapshot.tolist() == frozen.tolist() == p.tolist() == [1, 2, 3]
    assert view.tolist() == [2, 3]


@pytest.mark.filterwarnings("ignore:The given")
@pytest.mark.parametrize("name", {**FLAG_BLIND, **ASKING})
def test_writing_opens_the_array_alone(name):
    write = {**FLAG_BLIND, **ASKING}[name]
    plain, a = np.array([1.0, 2.0, 3.0]), cow.array([1.0, 2.0, 3.0])
    write(plain)
    snapshot, p = a[...], np.asarray(a)
    with cow.writing(a) as opened:
        write(opened)
    assert a.tolist() == plain.tolist()
    assert snapshot.tolist() == p.tolist() == [1, 2, 3]


def test_field_of_a_record_in_compiled_code():
    a = cow.zeros(3, [("x", "f8"), ("n", "i4")])
    b = a.copy()
    with cow.writing(b) as opened:
        set_field(opened)
    assert b["x"].tolist() == [9] * 3 and a["x"].tolist() == [0] * 3


KEEPING = {
    "pyarrow.array": lambda a: pyarrow.array(a),
    "pyarrow.py_buffer": lambda a: np.frombuffer(pyarrow.py_buffer(a)),
    "Image.frombuffer": lambda a: Image.frombuffer("F", (3, 1), a.astype("f4")),
    "memoryview": memoryview,
    "from_dlpack": np.from_dlpack,
}


@pytest.mark.parametrize("name", KEEPING)
def test_what_keeps_the_memory_is_a_snapshot(name):
    a = cow.array([1.0, 2.0, 3.0])
    kept = KEEPING[name](a)
    a[:] = 9
    assert np.asarray(kept).ravel().tolist() == [1, 2, 3]
