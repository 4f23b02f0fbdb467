"""Ordinary user code: mypy --strict and pyright strict report nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, TypeAlias, TypeVar, assert_type, overload

import numpy as np
from numpy.typing import NDArray

import cow
import cow.numpy as cnp
from cow.numpy.random import default_rng

AnyShape: TypeAlias = tuple[Any, ...]
Vector: TypeAlias = cow.ReadOnly[tuple[int], np.dtype[np.float64]]
Matrix: TypeAlias = cow.ReadOnly[tuple[int, int], np.dtype[np.float64]]
Floats: TypeAlias = cow.ReadOnly[AnyShape, np.dtype[np.float64]]
Mask: TypeAlias = cow.ReadOnly[AnyShape, np.dtype[np.bool]]

# ---------------------------------------------------------------- the constructors

assert_type(cow.array(1), cow.CowArray[tuple[()], np.dtype[np.int_]])
assert_type(cow.array(1.5), cow.CowArray[tuple[()], np.dtype[np.float64]])
assert_type(cow.array([True]), cow.CowArray[tuple[int], np.dtype[np.bool]])
assert_type(cow.array([1, 2]), cow.CowArray[tuple[int], np.dtype[np.int_]])
assert_type(cow.array([1.0, 2.0]), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(cow.array([1j]), cow.CowArray[tuple[int], np.dtype[np.complex128]])
assert_type(cow.array([[1, 2]]), cow.CowArray[tuple[int, int], np.dtype[np.int_]])
assert_type(cow.array([[1.0]]), cow.CowArray[tuple[int, int], np.dtype[np.float64]])
assert_type(
    cow.array([1, 2], dtype=np.int8), cow.CowArray[tuple[int], np.dtype[np.int8]]
)
assert_type(
    cow.array([[1.0]], np.float32), cow.CowArray[tuple[int, int], np.dtype[np.float32]]
)
assert_type(cow.asarray([1, 2]), cow.CowArray[tuple[int], np.dtype[np.int_]])
assert_type(cow.zeros(3), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(cow.zeros((2, 3)), cow.CowArray[tuple[int, int], np.dtype[np.float64]])
assert_type(cow.ones(3, dtype=int), cow.CowArray[tuple[int], np.dtype[np.int_]])
assert_type(cow.empty(3, bool), cow.CowArray[tuple[int], np.dtype[np.bool]])
assert_type(
    cow.ones((2, 2), np.int16), cow.CowArray[tuple[int, int], np.dtype[np.int16]]
)
assert_type(cow.full(3, 1.5), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(cow.full((2, 2), 1), cow.CowArray[tuple[int, int], np.dtype[np.int_]])
assert_type(cow.arange(5), cow.CowArray[tuple[int], np.dtype[np.int_]])
assert_type(cow.arange(0.0, 1.0, 0.1), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(cow.linspace(0, 1, 5), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(cow.eye(3), cow.CowArray[tuple[int, int], np.dtype[np.float64]])
assert_type(
    cow.frombuffer(bytes(4), np.uint8), cow.CowArray[tuple[int], np.dtype[np.uint8]]
)
words = cow.array(["a", "b"])
plain: NDArray[np.float64] = np.zeros((3, 3))
a = cow.array(plain)
assert_type(a, cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(cow.asarray(a), cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(cow.zeros_like(a), cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(cow.ones_like(a, np.int8), cow.CowArray[AnyShape, np.dtype[np.int8]])
assert_type(
    cow.array(cow.readonly(plain)), cow.CowArray[AnyShape, np.dtype[np.float64]]
)

# ---------------------------------------------------------------- a cow array

back: NDArray[np.float64] = a
v = cow.array([1.0, 2.0, 3.0])
m = cow.zeros((2, 3))
n = cow.array([1, 2, 3])
mask = v > 1.5
assert_type(mask, cow.CowArray[AnyShape, np.dtype[np.bool]])
assert_type(v[1:], cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(v[mask], cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(v[[0, 1]], cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(m[:, 0], cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(m.T, cow.CowArray[tuple[int, int], np.dtype[np.float64]])
assert_type(m.copy(), cow.CowArray[tuple[int, int], np.dtype[np.float64]])
assert_type(m.ravel(), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(m.flatten(), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(m.reshape(6), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(m.reshape(3, 2), cow.CowArray[tuple[int, int], np.dtype[np.float64]])
assert_type(m.reshape((3, 2)), cow.CowArray[tuple[int, int], np.dtype[np.float64]])
assert_type(m.astype(np.int8), cow.CowArray[tuple[int, int], np.dtype[np.int8]])
assert_type(v + 1, cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(n * 2, cow.CowArray[tuple[int], np.dtype[np.int_]])
assert_type(v + v, cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(v * plain, cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(n + v, cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(n / 2, cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(n & 1, cow.CowArray[AnyShape, np.dtype[np.int_]])
assert_type(mask & mask, cow.CowArray[AnyShape, np.dtype[np.bool]])
assert_type(m @ v, cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(-v, cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(v.take(1), np.float64)
assert_type(v.take([0, 1]), cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(m.take(n, axis=0), cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(v.take(n, out=v), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(m.repeat(2), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(m.repeat([1, 2], axis=0), cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(m.compress(mask, axis=1), cow.CowArray[AnyShape, np.dtype[np.float64]])
assert_type(v.cumsum(), cow.CowArray)
assert_type(m.cumprod(1, np.float32), cow.CowArray)
assert_type(v.cumsum(out=v), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(v.clip(0, 1), cow.CowArray)
assert_type(v.clip(max=plain), cow.CowArray)
assert_type(v.clip(0, None, out=v), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(v.argsort(), cow.CowArray[AnyShape, np.dtype[np.intp]])
assert_type(v.argpartition(1), cow.CowArray[AnyShape, np.dtype[np.intp]])
assert_type(m.nonzero()[0], cow.CowArray[tuple[int], np.dtype[np.intp]])
assert_type(v.at[0].set(9.0), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(m.at[1, :].add(v), cow.CowArray[tuple[int, int], np.dtype[np.float64]])
assert_type(v.at[mask].min(0), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(v.at[:2].apply(np.sqrt), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(v.shape, tuple[int])
v[0] = 1.0
v[1:] = plain[0, 1:]
v[mask] = 0
v += 1
v *= 2
v.sort()
v.fill(3)
m[0, 0] += 5
np.add(v, 1, out=v)
np.copyto(v, 0)
total: np.float64 = v.sum()
np.linalg.norm(v)
np.sqrt(v)
for element in v:
    assert_type(element, np.float64)
for part in m[1:]:
    part[...] = 0  # of an array of unknown rank, as in NumPy: Any
for row in m:
    assert_type(row, cow.CowArray[AnyShape, np.dtype[np.float64]])
    print(row)
assert_type(cow.is_shared(v), bool)
assert_type(cow.is_readonly(v), bool)

# ---------------------------------------------------------------- read-only parameters


def mean(x: Vector) -> float:
    return float(x.sum()) / len(x)


def spectrum(x: cow.ReadOnly) -> NDArray[Any]:
    y = x.copy()
    y[0] = 0
    y -= y.mean()
    return np.abs(np.fft.rfft(y))


def moments(x: Floats) -> dict[str, float]:
    return {
        "mean": float(x.mean()),
        "std": float(x.std()),
        "max": float(x.max()),
        "first": float(x.ravel()[0]),
        "norm": float(np.linalg.norm(x)),
    }


def shift(x: Vector, by: int = 1) -> NDArray[np.float64]:
    shifted = np.zeros(len(x))
    shifted[by:] = x[:-by]
    return shifted


def select(x: Floats, where: Mask) -> NDArray[np.float64]:
    out: NDArray[np.float64] = np.asarray(x)[np.asarray(where)]
    return out


def trace(x: Matrix) -> float:
    rows, columns = x.shape
    assert_type(rows, int)
    return sum(float(x[i, i]) for i in range(min(rows, columns)))


def chain(x: Floats) -> float:
    return moments(x)["mean"] + moments(x[1:])["std"] + moments(x.T)["max"]


def standard(x: Matrix) -> NDArray[np.float64]:
    y: NDArray[np.float64] = (x - np.mean(x)) / np.std(x)
    y[0] = 0
    return y


def copied(x: Vector) -> NDArray[np.float64]:
    y = x.copy()
    y[0] = 1
    y += 1
    y.sort()
    z = x.astype(np.float32)
    z[0] = 1
    w = x.flatten()
    w.fill(0)
    return y


def reads(x: Floats, i: int) -> None:
    print(x.dtype.name, x.shape, x.ndim, x.size, x.nbytes, x.itemsize, x.strides)
    print(x[i], x[i, ...], x[None], x[[0, 1]], x[:, None], x > 0, x == 1, -x, abs(x))
    print(x.argmax(), x.argsort(), x.nonzero(), x.cumsum(), x.clip(0, 1), x.tolist())
    print(x.flags.writeable, x.flags["C_CONTIGUOUS"], len(x.flat), x.real, x.imag)
    print(x.reshape(-1), x.reshape(2, -1), x.reshape((1, -1)), x.squeeze(), x.view())
    print(x @ x, x**2, 2 * x, x // 1, x % 2, divmod(x, 2), 1 / x, 1 - x, bool(x))
    print(np.concatenate([x, x]), np.stack([x, x]), np.where(x > 0, x, 0), np.dot(x, x))
    print(np.interp(x, x, x), np.percentile(x, 50), np.histogram(x), np.array(x))
    for value in x:
        print(value)


assert_type(mean(np.zeros(3)), float)
mean(v)
mean(cow.readonly(v))
mean(cow.zeros(3))
trace(np.zeros((2, 2)))
trace(m)
moments(plain)
moments(a)
chain(plain)
select(plain, plain > 0)
spectrum(np.zeros(4, dtype=np.complex128))
spectrum(np.zeros(4, dtype="M8[s]"))
spectrum(np.zeros(4, dtype=np.bool))
spectrum(np.zeros(4, dtype=np.int32))
spectrum(np.zeros(4, dtype=np.str_))
spectrum(np.zeros(4, dtype=object))
r = cow.readonly(v)
assert_type(r.copy(), cow.CowArray[tuple[int], np.dtype[np.float64]])
e = r.copy()
e[0] = 2.0
e += 1

# ---------------------------------------------------------------- no_mutate


@cow.no_mutate
def center(x: NDArray[np.float64], scale: float = 1.0) -> NDArray[np.float64]:
    x -= x.mean()
    return x / scale


@cow.no_mutate(on_write="raise", only=("x",))
def peak(x: Vector, *, key: int = 0) -> float:
    return float(x.max())


@cow.no_mutate(on_write="report", results="own")
async def later(x: Vector) -> float:
    await asyncio.sleep(0)
    return float(x[0])


@cow.no_mutate
def parts(x: Vector) -> Iterator[float]:
    yield from x


@cow.no_mutate(verify=True)
async def stream(x: Vector) -> AsyncIterator[float]:
    for value in x:
        yield value


T = TypeVar("T")


@cow.no_mutate
def first(items: Sequence[T]) -> T:
    return items[0]


@overload
def width(x: int) -> int: ...
@overload
def width(x: Vector) -> float: ...
@cow.no_mutate
def width(x: int | Vector) -> int | float:
    return x if isinstance(x, int) else float(x[0])


class Model:
    @cow.no_mutate
    def fit(self, x: NDArray[np.float64]) -> "Model":
        return self

    @classmethod
    @cow.no_mutate
    def make(cls, x: NDArray[np.float64]) -> "Model":
        return cls()

    @cow.no_mutate
    @classmethod
    def build(cls, x: NDArray[np.float64]) -> "Model":
        return cls()

    @staticmethod
    @cow.no_mutate(isolate=True)
    def score(x: Vector) -> float:
        return float(x[0])

    @cow.no_mutate
    @staticmethod
    def loss(x: Vector) -> float:
        return float(x[0])

    @property
    @cow.no_mutate
    def weights(self) -> NDArray[np.float64]:
        return np.zeros(3)

    # mypy supports no decorator at all above a property
    @cow.no_mutate  # type: ignore[prop-decorator]
    @property
    def bias(self) -> float:
        return 0.0


assert_type(center(plain, scale=2.0), NDArray[np.float64])
assert_type(peak(v, key=1), float)
assert_type(first([1, 2]), int)
assert_type(width(1), int)
assert_type(width(v), float)
assert_type(Model.make(plain).fit(plain), Model)
assert_type(Model.build(plain), Model)
assert_type(Model.score(v), float)
assert_type(Model.loss(v), float)
assert_type(Model().weights, NDArray[np.float64])
assert_type(Model().bias, float)


async def run() -> float:
    async for value in stream(v):
        print(value)
    return await later(v)


# ---------------------------------------------------------------- changing a copy


def double(x: NDArray[np.float64], by: float = 2) -> None:
    x *= by


assert_type(cow.safe_modify(plain, double, by=3), NDArray[np.float64])
assert_type(cow.safe_modify(v, double), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(cow.safe_modify(v, center), NDArray[np.float64])
with cow.editing(v) as private:
    private[0] = 5
assert_type(private, cow.CowArray[tuple[int], np.dtype[np.float64]])

# ---------------------------------------------------------------- one parameter


def count(z: NDArray[np.float64]) -> int:
    return z.size


def precise(x: cow.ReadOnlyNDArray[np.float64], y: Vector) -> NDArray[np.float64]:
    assert_type(cow.safe_modify(x, double), NDArray[np.float64])
    assert_type(cow.safe_modify(x, count), int)
    # mypy: of any dtype
    added: NDArray[np.float64] = x + 1 - y
    halved: NDArray[np.float64] = 2 * x**2 / 2
    print(added, halved)
    assert_type(x > 0, NDArray[np.bool])
    assert_type(cow.array(x), cow.CowArray[AnyShape, np.dtype[np.float64]])
    print(x.cumsum(0), x.cumprod(), x.max(axis=0), x.min(), x.argmax(0), x.argmin())
    with cow.editing(x) as own:
        assert_type(own, cow.CowArray[AnyShape, np.dtype[np.float64]])
    return x @ plain


def of_complex(x: cow.ReadOnlyNDArray[np.complex128]) -> None: ...
def of_float32(x: cow.ReadOnlyNDArray[np.float32]) -> None: ...
def of_dates(x: cow.ReadOnlyNDArray[np.datetime64]) -> None: ...
def of_objects(x: cow.ReadOnlyNDArray[np.object_]) -> None: ...
def of_words(x: cow.ReadOnlyNDArray[np.str_]) -> None: ...
def of_bools(x: cow.ReadOnlyNDArray[np.bool]) -> None: ...
def of_numbers(x: cow.ReadOnlyNDArray[np.number]) -> None: ...
def of_anything(x: cow.ReadOnlyNDArray[np.generic]) -> None: ...


precise(plain, cow.zeros(3))
precise(cow.readonly(plain), v)
of_complex(np.zeros(3, np.complex128))
of_complex(cow.zeros(3, np.complex128))
of_float32(np.zeros(3, np.float32))
of_dates(np.zeros(3, np.datetime64))
of_objects(np.zeros(3, np.object_))
of_words(np.zeros(3, np.str_))
of_bools(v > 1)
of_numbers(np.zeros(3, np.int64))
of_numbers(plain)
of_anything(plain)

# ---------------------------------------------------------------- libraries of others


def by_others(x: NDArray[np.float64], out: NDArray[np.float64] | None = None) -> None:
    x[0] = 1


by_others(v, out=m)
by_others(cow.zeros(3))
by_others(cnp.ones(3))
by_others(np.array(cow.readonly(v)))

# ---------------------------------------------------------------- cow.numpy

assert_type(cnp.zeros(3), cow.CowArray[tuple[int], np.dtype[np.float64]])
assert_type(cnp.array([1, 2]), cow.CowArray[tuple[int], np.dtype[np.int_]])
assert_type(cnp.identity(2), cow.CowArray[tuple[int, int], np.dtype[np.float64]])
assert_type(cnp.asanyarray(m), cow.CowArray[tuple[int, int], np.dtype[np.float64]])
assert_type(cnp.meshgrid(v, v)[0], cow.CowArray)
assert_type(cnp.triu_indices(3)[0], cow.CowArray[tuple[int], np.dtype[np.intp]])
assert_type(cnp.pi, float)
chosen: cnp.ndarray[tuple[int], cnp.dtype[cnp.float64]] = cnp.zeros(3)
rng = cnp.random.default_rng(1)
assert_type(rng, cnp.random.Generator)
generator: np.random.Generator = default_rng(2)
rng.shuffle(chosen)
cnp.random.shuffle(chosen)
numbers: NDArray[np.float64] = cnp.random.normal(size=3) + rng.normal(size=3)
print(
    cnp.linalg.norm(chosen),
    cnp.sqrt(chosen),
    cnp.fft.rfft(chosen),
    cnp.newaxis,
    cnp.r_[1, 2],
)
for item in cnp.nditer(chosen):
    print(item)
