"""Routes through Python's statements, files, sockets, records, and masked arrays."""

import contextlib
import ctypes
import operator
import os
import pickle
import random
import socket
import tempfile

import numpy as np
from numpy.lib import recfunctions
from numpy.lib.stride_tricks import as_strided

from tests.catalogue.routes.route import RECORD, may_refuse, works

# -------------------------------------------------------------- statements


@works()
def unpacking_target(x):
    x[0], x[1] = 5, 6


@works()
def starred_target(x):
    *x[0, :2], x[1, 0] = 7, 8, 9


@works()
def loop_target(x):
    for x[1, 1] in (7, 8):
        pass


@works()
def with_target(x):
    with contextlib.nullcontext(9) as x[1]:
        pass


@works()
def method_caller(x):
    operator.methodcaller("__setitem__", 0, 9)(x)


@works()
def loop_of_ndindex(x):
    for place in np.ndindex(x.shape):
        x[place] = 9


@works()
def loop_of_ndenumerate(x):
    for place, value in np.ndenumerate(x):
        x[place] = value + 1


@works()
def random_module_shuffle(x):
    random.Random(0).shuffle(x.flat)


# ------------------------------------------------------------------ ufuncs


@works("c16")
def fft_out(x):
    np.fft.fft(np.ones(x.shape), out=x)


@works()
def multi_dot_out(x):
    n, m = x.shape
    np.linalg.multi_dot([np.ones((n, 2)), np.eye(2), np.ones((2, m))], out=x)


@works()
def vecdot_out(x):
    np.vecdot(np.ones((*x.shape, 3)), np.ones(3), out=x)


@works(object)
def frompyfunc_out(x):
    np.frompyfunc(lambda value: value + 1, 1, 1)(x, out=x)


@works("M8[D]")
def busday_offset_out(x):
    np.busday_offset(x, 1, roll="forward", out=x)


@works()
def median_out(x):
    np.median(np.ones((3, *x.shape)), axis=0, out=x)


@works()
def nanmax_out(x):
    np.nanmax(np.ones((3, *x.shape)), axis=0, out=x)


@works("U8")
def item_string(x):
    x[0] = "word"


# ------------------------------------------------------------------ random


@may_refuse()
def rng_shuffle_axis(x):
    np.random.default_rng(0).shuffle(x, axis=1)


@may_refuse()
def rng_standard_exponential_out(x):
    np.random.default_rng(0).standard_exponential(out=x)


@may_refuse()
def rng_standard_gamma_out(x):
    np.random.default_rng(0).standard_gamma(2.0, out=x)


@may_refuse()
def global_shuffle(x):
    np.random.seed(0)
    np.random.shuffle(x)


# ----------------------------------------------------- files and buffers


@may_refuse()
def socket_recv_into(x):
    one, two = socket.socketpair()
    with one, two:
        one.sendall(bytes(16))
        two.recv_into(x, 16)


@may_refuse()
def file_readinto(x):
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(bytes(16))
        file.seek(0)
        file.readinto(x)


@may_refuse()
def os_readv(x):
    with tempfile.TemporaryFile() as file:
        os.write(file.fileno(), bytes(16))
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        os.readv(file.fileno(), [x])


@may_refuse()
def pickle_buffer(x):
    pickle.PickleBuffer(x).raw()[:8] = bytes(8)


@may_refuse()
def ctypeslib_as_ctypes(x):
    np.ctypeslib.as_ctypes(x)[0][0] = 9.0


@may_refuse()
def char_from_buffer(x):
    ctypes.c_char.from_buffer(x).value = b"\x07"


@works(pointer="asked")
def interface_address(x):
    address = x.__array_interface__["data"][0]
    ctypes.memset(address, 0, x.nbytes)


# ----------------------------------------------------------------- records


@may_refuse(RECORD)
def recarray_attribute(x):
    y = x.view(np.recarray)
    y.u = 9
    return y


@may_refuse(RECORD)
def record_of_an_array(x):
    x[0, 0]["u"] = 9


@may_refuse(RECORD)
def record_setfield(x):
    x[0, 0].setfield(9.0, "f8")


@works(RECORD)
def assign_fields_by_name(x):
    recfunctions.assign_fields_by_name(x, np.zeros(x.shape, RECORD))


@works(RECORD)
def recursive_fill_fields(x):
    recfunctions.recursive_fill_fields(np.zeros(x.shape, RECORD), x)


@may_refuse("S8")
def chararray(x):
    y = x.view(np.char.chararray)
    y[0] = b"word"
    return y


# ----------------------------------------------------------- masked arrays


@may_refuse()
def masked_put(x):
    y = np.ma.asarray(x)
    np.ma.put(y, [0], [9])
    return y


@may_refuse()
def masked_putmask(x):
    np.ma.putmask(x, x > 3, 9)


@works()
def masked_put_function(x):
    np.ma.put(x, [0], [9])


@may_refuse()
def masked_sort(x):
    y = np.ma.masked_where(x < 0, x, copy=False)
    y.sort(axis=1)
    return y


@may_refuse()
def masked_fix_invalid(x):
    x[0, 0] = np.nan
    return np.ma.fix_invalid(x, copy=False).data


# ------------------------------------------------- other arrays over memory


@may_refuse()
def strided_writeable(x):
    y = as_strided(x, x.shape, x.strides, writeable=True)
    y[0] = 9
    return y


@may_refuse()
def array_copy_false(x):
    y = np.array(x, copy=False)
    y[0] = 9
    return y


@may_refuse()
def require_writeable(x):
    y = np.require(x, requirements=["W"])
    y[0] = 9
    return y


@may_refuse()
def nditer_buffered(x):
    flags = ["buffered", "external_loop"]
    with np.nditer(x, flags, [["readwrite"]], op_dtypes=["f8"], order="F") as it:
        for items in it:
            items[:] = 9


@may_refuse()
def nditer_operand(x):
    with np.nditer([None, x], op_flags=[["writeonly", "allocate"], ["readwrite"]]) as i:
        i.operands[1][0] = 9


# ------------------------------------------------- opening what is closed


@may_refuse()
def unbound_setstate(x):
    np.ndarray.__setstate__(x, (1, x.shape, x.dtype, False, bytes(x.nbytes)))


@may_refuse()
def unbound_resize(x):
    np.ndarray.resize(x, (x.shape[0] + 1, x.shape[1]), refcheck=False)


@may_refuse()
def unbound_byteswap(x):
    np.ndarray.byteswap(x, inplace=True)


@may_refuse()
def flags_of_a_view(x):
    y = x[...]
    y.flags["WRITEABLE"] = True
    np.ndarray.__setitem__(y, 0, 9)
    return y
