"""Routes through buffers and raw pointers."""

import ctypes
import io
import struct

import numpy as np

from tests.catalogue.routes.route import may_refuse, works


@may_refuse()
def memoryview_item(x):
    memoryview(x)[1, 2] = 9.0


@may_refuse()
def memoryview_bytes(x):
    memoryview(x).cast("B")[:8] = bytes(8)


@may_refuse()
def data_attribute(x):
    x.data[1, 2] = 9.0


@may_refuse()
def frombuffer(x):
    y = np.frombuffer(x, x.dtype)
    y[0] = 9
    return y.reshape(x.shape)


@may_refuse()
def ndarray_over_buffer(x):
    y = np.ndarray(x.shape, x.dtype, x)
    y[0] = 9
    return y


@may_refuse()
def readinto(x):
    io.BytesIO(bytes(16)).readinto(x)


@may_refuse()
def struct_pack_into(x):
    struct.pack_into("d", x, 0, 9.0)


@may_refuse()
def ctypes_from_buffer(x):
    (ctypes.c_double * x.size).from_buffer(x)[0] = 9.0


@works(pointer="asked")
def ctypes_pointer(x):
    x.ctypes.data_as(ctypes.POINTER(ctypes.c_double))[0] = 9.0


@works(pointer="asked")
def ctypes_memset(x):
    pointer = x.ctypes
    ctypes.memset(pointer.data, 0, x.nbytes)


def dlpack(x):
    y = np.from_dlpack(x)
    y[0] = 9
    return y


if np.from_dlpack(np.ones(1)).flags.writeable:
    # in NumPy 2.0 what comes by DLPack is always read-only: no route
    may_refuse()(dlpack)


class _Interface:
    def __init__(self, x):
        self.owner = x
        self.__array_interface__ = x.__array_interface__


@may_refuse()
def array_interface(x):
    y = np.asarray(_Interface(x))
    y[0] = 9
    return y


class _Struct:
    def __init__(self, x):
        self.owner = x
        self.__array_struct__ = x.__array_struct__


@may_refuse()
def array_struct(x):
    y = np.asarray(_Struct(x))
    y[0] = 9
    return y
