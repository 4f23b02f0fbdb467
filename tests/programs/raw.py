"""Ways to a pointer into an array, and ways to write through one."""

import ctypes
import io
import struct

import numpy as np

from tests.programs.spaces import as_plain
from tests.programs.world import Difference

try:
    import scipy.linalg
except ImportError:
    scipy = None
try:
    import torch
except ImportError:
    torch = None


# ------------------------------------------------- pointers, asked for by protocol


def address_of(a):
    """Return the address of the first element, without asking for a pointer."""
    interface = np.ndarray.__array_interface__.__get__(as_plain(a))
    return interface["data"][0]


class Interface(ctypes.Structure):
    """What ``__array_struct__`` points to."""

    _fields_ = [
        ("two", ctypes.c_int),
        ("nd", ctypes.c_int),
        ("typekind", ctypes.c_char),
        ("itemsize", ctypes.c_int),
        ("flags", ctypes.c_int),
        ("shape", ctypes.POINTER(ctypes.c_ssize_t)),
        ("strides", ctypes.POINTER(ctypes.c_ssize_t)),
        ("data", ctypes.c_void_p),
    ]


WRITEABLE = 0x400


class Raw:
    """Describes memory at an address, and keeps nothing alive."""

    def __init__(self, a, address, strides):
        self.__array_interface__ = {
            "version": 3,
            "shape": a.shape,
            "strides": tuple(strides),
            "typestr": a.dtype.str,
            "data": (address, False),
        }


def raw(a, address, strides):
    """Return a plain, writeable array at an address."""
    return np.asarray(Raw(a, address, strides))


def by_ctypes(a):
    pointer = a.ctypes
    return raw(a, pointer.data, pointer.strides)


def by_ctypes_pointer(a):
    address = ctypes.cast(a.ctypes.data_as(ctypes.c_void_p), ctypes.c_void_p).value
    return raw(a, address, a.strides)


def by_interface(a):
    interface = a.__array_interface__
    address, readonly = interface["data"]
    if readonly:
        raise Difference("__array_interface__ is read-only")
    return raw(a, address, interface["strides"] or a.strides)


def by_struct(a):
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    capsule = a.__array_struct__
    found = Interface.from_address(get(capsule, None))
    if not found.flags & WRITEABLE:
        raise Difference("__array_struct__ is read-only")
    return raw(a, found.data, found.strides[: found.nd])


def by_frombuffer(a):
    flat = np.frombuffer(a, a.dtype)
    if not flat.flags.writeable:
        raise Difference("frombuffer gives read-only memory")
    return flat.reshape(a.shape)


def by_buffer(a):
    """Ask for a writeable buffer, as typed memoryviews of Cython do; give it back."""
    view = ctypes.create_string_buffer(200)  # larger than a Py_buffer
    ask = ctypes.pythonapi.PyObject_GetBuffer
    ask.argtypes = [ctypes.py_object, ctypes.c_void_p, ctypes.c_int]
    writable_records = 0x1 | 0x10 | 0x8 | 0x4
    ask(a, view, writable_records)
    address = ctypes.c_void_p.from_buffer(view).value
    release = ctypes.pythonapi.PyBuffer_Release
    release.argtypes = [ctypes.c_void_p]
    release(view)
    return raw(a, address, a.strides)


POINTERS = [by_ctypes, by_ctypes_pointer, by_interface, by_struct, by_buffer]
JOINED_POINTERS = [by_frombuffer]  # for contiguous memory


# ----------------------------------------- writes of a buffer that is given back


def readinto(a, data):
    io.BytesIO(data).readinto(a)


def pack_into(a, data):
    struct.pack_into(f"{len(data)}s", a, 0, data)


def from_buffer_memmove(a, data):
    ctypes.memmove(a.ctypes.data, data, len(data))


FILLS = [readinto, pack_into, from_buffer_memmove]


# ------------------------------- C code that does not ask whether it may write


def blind_memset(a):
    """Write the memory of an array whatever its flags say."""
    plain = as_plain(a)
    if plain.flags.c_contiguous:
        ctypes.memset(address_of(plain), 1, plain.nbytes)


def blind_f2py(a):
    """Solve in place: f2py takes the memory of its argument."""
    if scipy is not None and a.ndim == 1 and a.dtype == "f8" and a.size < 200:
        scipy.linalg.solve(np.eye(a.size) * 4, a, overwrite_b=True)


def blind_torch(a):
    if torch is not None and a.flags.c_contiguous:
        torch.from_numpy(np.asarray(a)).fill_(1)


BLIND = [blind_memset, blind_f2py, blind_torch]
