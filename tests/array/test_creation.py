"""The constructors with ``like=``: somebody else's array makes the result."""

import numpy as np
import pytest

import cow


class Elsewhere:
    """An array of another package."""

    def __array_function__(self, func, types, args, kwargs):
        return func.__name__, args


CALLS = {
    "array": ([1.0, 2.0],),
    "asarray": ([1.0, 2.0],),
    "ascontiguousarray": ([1.0, 2.0],),
    "asfortranarray": ([1.0, 2.0],),
    "arange": (3,),
    "empty": (0,),
    "eye": (2,),
    "frombuffer": (b"12345678",),
    "fromfunction": (lambda i: i, (3,)),
    "fromiter": ([1, 2], int),
    "full": (2, 7),
    "loadtxt": (["1 2"],),
    "ones": (2,),
    "zeros": (2,),
}
EACH = pytest.mark.parametrize("name", CALLS)
# NumPy frees what it gives to the protocol of others, and crashes on CPython 3.12
# and newer, whether or not cow is there
CRASHES = {"frombuffer", "fromiter"}


@pytest.mark.parametrize("name", sorted(CALLS.keys() - CRASHES))
def test_like_of_another_package_makes_the_result(name):
    made = getattr(np, name)(*CALLS[name], like=Elsewhere())
    assert made[0] == name
    name_of_cow, args = getattr(cow, name)(*CALLS[name], like=Elsewhere())
    assert name_of_cow == name and args[: len(made[1])] == made[1]


@EACH
@pytest.mark.parametrize("like", [np.zeros(1), cow.zeros(1), cow.readonly([1])])
def test_like_of_an_ndarray_gives_a_cow_array(name, like):
    made = getattr(cow, name)(*CALLS[name], like=like)
    assert type(made) is cow.CowArray
    wanted = getattr(np, name)(*CALLS[name])
    assert made.tolist() == wanted.tolist() and made.dtype == wanted.dtype


@EACH
def test_like_without_the_protocol_raises_what_numpy_raises(name):
    with pytest.raises(TypeError, match="like"):
        getattr(cow, name)(*CALLS[name], like=5)


def test_like_keeps_the_other_arguments():
    a = cow.array([[1.0, 2.0]])
    made = cow.array(a, "f4", ndmin=3, order="F", like=cow.zeros(1))
    assert made.shape == (1, 1, 2) and made.dtype == "f4"
    made[...] = 0
    assert a.tolist() == [[1, 2]]
    with pytest.raises(ValueError):
        cow.array([1, 2], copy=False, like=cow.zeros(1))
