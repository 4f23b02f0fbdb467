"""Ordinary user code: mypy --strict reports nothing."""

from typing import assert_type

import numpy as np
from numpy.typing import NDArray

import cow

plain: NDArray[np.float64] = np.zeros(3)
a = cow.array(plain)
b: NDArray[np.float64] = a
c = cow.array([1, 2, 3], dtype=np.int64)
total: np.float64 = a.sum()
a[0] = 1.0
a[1:] = plain[1:]
a += 1
view = a[1:]
assert_type(cow.is_shared(a), bool)
assert_type(cow.is_readonly(a), bool)
r = cow.readonly(plain)
d = cow.asarray(plain)
e = r.copy()
e[0] = 2.0


@cow.no_mutate
def center(x: NDArray[np.float64], scale: float = 1.0) -> NDArray[np.float64]:
    x -= x.mean()
    return x / scale


@cow.no_mutate(on_write="raise")
def peak(x: NDArray[np.float64]) -> float:
    return float(x.max())


class Model:
    @cow.no_mutate
    def fit(self, x: NDArray[np.float64]) -> "Model":
        return self

    @classmethod
    @cow.no_mutate
    def make(cls, x: NDArray[np.float64]) -> "Model":
        return cls()


assert_type(center(plain, scale=2.0), NDArray[np.float64])
assert_type(peak(plain), float)
Model.make(plain).fit(plain)
with cow.editing(a) as private:
    private[0] = 5
np.linalg.norm(a)
np.sqrt(a)
