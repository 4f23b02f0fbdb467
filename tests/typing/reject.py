"""Mistakes, one a line: each is reported on its line by the checkers it names."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

import cow
import cow.numpy as cnp

F: TypeAlias = cow.ReadOnly[tuple[Any, ...], np.dtype[np.float64]]
B: TypeAlias = cow.ReadOnly[tuple[Any, ...], np.dtype[np.bool]]
I: TypeAlias = cow.ReadOnly[tuple[Any, ...], np.dtype[np.int64]]  # noqa: E741
V: TypeAlias = cow.ReadOnly[tuple[Any, ...], np.dtype[np.void]]
plain: NDArray[np.float64] = np.zeros(3)
rng = np.random.default_rng()


def items(x: F, b: B, s: V) -> None:
    x[0] = 1  # both
    x[1:] = 1  # both
    x[b] = 1  # both
    x[...] = 1  # both
    x[0, 0] = 1  # both
    x[[0, 1]] = 1  # both
    s["a"] = 1  # both
    x[0] += 1  # both
    del x[0]  # both
    x.__setitem__(0, 1)  # both
    x[1:][0] = 1  # both
    x.T[0] = 1  # both
    x.mT[0] = 1  # both
    x.real[0] = 1  # both
    x.imag[0] = 1  # both
    x.flat[0] = 1  # both
    x.reshape(-1)[0] = 1  # both
    x.reshape(2, -1)[0] = 1  # both
    x.ravel()[0] = 1  # both
    x.swapaxes(0, 1)[0] = 1  # both
    x.transpose()[0] = 1  # both
    x.squeeze()[0] = 1  # both
    x.diagonal()[0] = 1  # both
    x.view()[0] = 1  # both
    x.view(np.int64)[0] = 1  # both
    x.conj()[0] = 1  # both


def operators(x: F, b: B, i: I) -> None:
    x += 1  # both
    x -= 1  # both
    x *= 2  # both
    x /= 2  # both
    x //= 2  # both
    x %= 2  # both
    x **= 2  # both
    x @= plain  # both
    b &= True  # both
    b |= True  # both
    b ^= True  # both
    i <<= 1  # both
    i >>= 1  # both
    # pyright ends its check at an operand that is Any, as NumPy types x.mean()
    x -= x.mean()  # mypy
    # mypy looks for __iadd__ in one class only, not in the union of a view
    y = x[1:]
    y += 1  # pyright


def methods(x: F) -> None:
    x.fill(0)  # both
    x.sort()  # both
    x.partition(1)  # both
    x.put([0], 1)  # both
    x.resize(3)  # both
    x.setfield(1, np.float64)  # both
    x.byteswap(True)  # both
    x.setflags(write=True)  # both
    plain.cumsum(out=x)  # both
    plain.clip(0, 1, out=x)  # both
    plain.max(0, x)  # both
    plain.argmax(0, out=x)  # both
    x.cumsum(out=x)  # both
    x.cumprod(0, out=x)  # both
    x.max(out=x)  # both
    x.min(0, out=x)  # both
    x.argmin(0, out=x)  # both
    x.astype(np.float64, copy=False)  # both
    x.real = 1  # both
    x.imag = 1  # both
    x.shape = (3,)  # both
    x.dtype = np.dtype(np.float64)  # both
    x.strides = (8,)  # both
    x.flags.writeable = True  # both
    x.flags["WRITEABLE"] = True  # both
    x.base[0] = 1  # both


def functions(x: F, b: B, i: I) -> None:
    np.copyto(x, 1)  # both
    np.put(x, [0], 1)  # both
    np.place(x, np.asarray(b), [1])  # both
    np.putmask(x, b, 1)  # both
    np.put_along_axis(x, np.asarray(i), 1, 0)  # both
    np.fill_diagonal(x, 1)  # both
    np.add.at(x, 0, 1)  # both
    np.add(plain, 1, out=x)  # both
    np.cumsum(plain, out=x)  # both
    np.clip(plain, 0, 1, out=x)  # both
    np.take(plain, [0], out=x)  # both
    rng.random(out=x)  # both
    rng.shuffle(x)  # both


def leaks(x: F) -> None:
    writable: NDArray[np.float64] = x  # both
    takes_ndarray(x)  # both
    takes_ndarray(x[1:])  # both
    takes_cow(x)  # both
    memoryview(x)  # both
    x.data  # both
    x.ctypes  # both
    np.frombuffer(x)  # both
    np.from_dlpack(x)  # both
    x.view(np.ndarray)[0] = 1  # both
    print(writable)


def takes_ndarray(x: NDArray[np.float64]) -> None: ...
def takes_cow(x: cow.CowArray) -> None: ...


r = cow.readonly(plain)
r[0] = 1  # both
r.sort()  # both
r += 1  # both
takes_ndarray(r)  # both
takes_cow(r)  # both


@cow.no_mutate(on_write="copies")  # both
def one(x: F) -> None: ...


@cow.no_mutate(on_write=True)  # both
def two(x: F) -> None: ...


@cow.no_mutate(isolate="yes")  # both
def three(x: F) -> None: ...


@cow.no_mutate
def four(x: F, n: int) -> None: ...


def shape(x: cow.ReadOnly[tuple[int, int]]) -> None: ...


four(plain)  # both
four(plain, "1")  # both
four([1, 2], 1)  # both
shape(cow.zeros(3))  # both
cow.no_mutate(3)  # both
cow.safe_modify(plain, four)  # both
cow.safe_modify(plain, four, "1")  # both
cow.zeros("3")  # both
cow.arange(3).at[0].put(1)  # both
integers: NDArray[np.int64] = cow.zeros(3)  # both


def one_parameter(x: cow.ReadOnlyNDArray[np.float64]) -> None:
    x[0] = 1  # both
    x += 1  # both
    x.T[0] = 1  # both
    x.sort()  # both
    np.add(x, 1, out=x)  # both
    takes_ndarray(x)  # both
    takes_cow(x)  # both
    takes_words(x)  # both


def takes_words(x: cow.ReadOnlyNDArray[np.str_]) -> None: ...


complexes: NDArray[np.complex128] = np.zeros(3, np.complex128)
one_parameter(complexes)  # both
words: NDArray[np.str_] = cnp.zeros(3)  # both
cnp.zeros("3")  # both
cnp.nothing  # both
