"""Idioms of aliasing: under ``cow.views("raise")`` NumPy's result, or an error."""

import numpy as np
import pytest

import cow


class Namespace:
    """NumPy's, with the constructors of cow."""

    def __getattr__(self, name):
        return getattr(cow if name in cow.__all__ else np, name)


COMPUTED = {
    "an augmented part": "a = np.zeros(6)\na[1:3] += 1\nresult = a",
    "an augmented column": "a = np.ones((3, 3))\na[:, 0] *= 5\nresult = a",
    "an augmented mask": "a = np.arange(6.0)\na[a > 2] -= 1\nresult = a",
    "an augmented row of a list": (
        "rows = [np.zeros(2), np.ones(2)]\nrows[0] += 1\nresult = rows"
    ),
    "shifted in place": "a = np.arange(6.0)\na[1:] = a[:-1]\nresult = a",
    "reversed in place": "a = np.arange(6.0)\na[:] = a[::-1]\nresult = a",
    "added to its mirror": "a = np.arange(6.0)\na += a[::-1]\nresult = a",
    "a view that is dropped": (
        "a = np.arange(6.0)\nv = a[:3]\ntotal = v.sum()\ndel v\na += total\nresult = a"
    ),
    "a base that is dropped": (
        "def grid():\n    big = np.zeros((4, 4))\n    return big[1:-1, 1:-1]\n"
        "inner = grid()\ninner += 1\nresult = inner"
    ),
    "halves without their base": (
        "a = np.arange(6.0)\nleft, right = a[:3], a[3:]\ndel a\nleft *= 2\n"
        "right[0] = 9\nresult = left, right"
    ),
    "strides without their base": (
        "a = np.arange(6.0)\neven, odd = a[::2], a[1::2]\ndel a\neven += 1\n"
        "odd[:] = 0\neven -= 3\nresult = even, odd"
    ),
    "a part that no view sees": (
        "a = np.zeros(6)\nhead = a[:3]\na[3:] = 1\na[5] = 2\na[[3, 4]] = 7\n"
        "result = a, head"
    ),
    "a mask that no view sees": (
        "a = np.arange(6.0)\nhead = a[:3]\na[a > 2] = 0\nresult = a, head"
    ),
    "columns of one array": (
        "a = np.zeros((4, 2))\nx = a[:, 0]\na[:, 1] = x + 1\nresult = a, x"
    ),
    "a copy of a part": (
        "a = np.arange(6.0)\nv = a[:3].copy()\na *= 2\nv -= 1\nresult = a, v"
    ),
    "rows by number": ("a = np.eye(3)\nfor i in range(3):\n    a[i] *= i\nresult = a"),
    "rows that are read": (
        "a = np.eye(3)\ntotal = 0.0\nfor row in a:\n    total += row.sum()\n"
        "result = total, a"
    ),
    "rows exchanged": "a = np.eye(3)\na[[0, 2]] = a[[2, 0]]\nresult = a",
    "elements exchanged": ("a = np.arange(4.0)\na[0], a[3] = a[3], a[0]\nresult = a"),
    "an output": (
        "a, b = np.arange(4.0), np.ones(4)\nnp.add(a, b, out=a)\n"
        "np.cumsum(a, out=a)\nnp.multiply(a, a, out=a)\nresult = a"
    ),
    "Jacobi's steps": (
        "u = np.zeros((5, 5))\nu[0] = 1\nfor _ in range(4):\n"
        "    u[1:-1, 1:-1] = (u[2:, 1:-1] + u[:-2, 1:-1]) / 2\nresult = u"
    ),
    "a function that writes its argument": (
        "def scale(x):\n    x *= 2\n    x[0] = 7\na = np.ones(3)\nscale(a)\nresult = a"
    ),
    "a reshaped array under its old name": (
        "a = np.arange(6.0)\na = a.reshape(2, 3)\na[0] = 9\nresult = a"
    ),
    "methods that write": (
        "a = np.array([3.0, 1, 2])\na.sort()\na.flat[0] = 5\na.fill(2)\n"
        "np.copyto(a, 4)\nnp.put(a, [1], 8)\nresult = a"
    ),
    "the real part": (
        "a = np.arange(3) * 1j\na.real += 5\na.imag = 2\na.real[...]\nresult = a"
    ),
    "objects": (
        "a = np.array([1, 'x', None], dtype=object)\na[:1] += 1\na[2] = (3,)\n"
        "result = a"
    ),
    "fields of records": (
        "a = np.zeros(3, dtype=[('x', 'f8'), ('y', 'f8')])\nx = a['x']\n"
        "a['y'] = 5\nresult = a, x"
    ),
    "an index that changes": (
        "class Next:\n    at = 0\n    def __index__(self):\n        Next.at += 1\n"
        "        return Next.at\na = np.arange(12.0).reshape(4, 3)\n"
        "a[Next()] += 10\nresult = a"
    ),
    "a memoryview that is over": (
        "a = np.arange(3)\ndata = bytes(memoryview(a))\na[0] = 8\nresult = a"
    ),
}

STOPPED = {
    "flat parameters": "params = np.zeros(6)\nW = params[:4]\nparams += 1\nresult = W",
    "a view that is written": "a = np.zeros(6)\nv = a[:3]\nv[0] = 1\nresult = a",
    "an inner part": ("U = np.zeros((4, 4))\nu = U[1:-1, 1:-1]\nu += 1\nresult = U"),
    "rows that are written": (
        "a = np.ones((3, 2))\nfor row in a:\n    row *= 2\nresult = a"
    ),
    "a reshaped second name": (
        "a = np.zeros(6)\nb = a.reshape(2, 3)\nb[0, 0] = 1\nresult = a"
    ),
    "a transposed second name": "a = np.eye(2)\nb = a.T\na[0, 1] = 5\nresult = b",
    "a diagonal of halves": (
        "a = np.zeros(6)\nleft = a[:4]\nright = a[2:]\ndel a\nleft[3] = 1\n"
        "result = right"
    ),
    "rows exchanged one by one": ("a = np.eye(2)\na[0], a[1] = a[1], a[0]\nresult = a"),
    "a plain array of it": (
        "a = np.zeros(3)\nimport numpy\np = numpy.asarray(a)\na[0] = 1\nresult = p"
    ),
    "an array that is borrowed": (
        "import numpy\np = numpy.zeros(3)\na = np.asarray(p)\na[0] = 1\nresult = p"
    ),
    "a memoryview": "a = np.zeros(3)\nm = memoryview(a)\na[0] = 1\nresult = m[0]",
    "a function that writes a view": (
        "def clear(x):\n    head = x[:2]\n    head[:] = 0\n"
        "a = np.ones(3)\nclear(a)\nresult = a"
    ),
    "an attribute": (
        "class Model:\n    pass\nm = Model()\nm.data = np.zeros(4)\n"
        "m.first = m.data[0:1]\nm.first += 1\nresult = m.data"
    ),
    "a swap through names": (
        "a = np.arange(4.0)\nfirst = a[:2]\na[:2] = a[2:]\na[2:] = first\nresult = a"
    ),
    "a write in steps": "a = np.zeros((2, 2))\na[0][1] = 5\nresult = a",
}


def run(text, namespace):
    names = {"np": namespace}
    exec(compile(text, "idiom.py", "exec"), names)
    return names["result"]


def as_lists(value):
    if isinstance(value, tuple | list):
        return [as_lists(item) for item in value]
    return np.asarray(value).tolist()


@pytest.mark.parametrize("name", COMPUTED)
def test_numpys_result_is_computed(name):
    with cow.views("raise"):
        result = run(COMPUTED[name], Namespace())
    assert as_lists(result) == as_lists(run(COMPUTED[name], np))


@pytest.mark.parametrize("name", STOPPED)
def test_another_result_is_stopped(name):
    with (
        cow.views("raise"),
        pytest.raises((cow.ViewError, cow.ChainedAssignmentError)),
    ):
        run(STOPPED[name], Namespace())
    run(STOPPED[name], np)


@pytest.mark.parametrize("name", [*COMPUTED, *STOPPED])
def test_inside_of_a_function_it_is_the_same(name):
    text = {**COMPUTED, **STOPPED}[name].replace("\n", "\n    ")
    text = f"def program():\n    {text}\n    return result\nresult = program()"
    with cow.views("raise"):
        if name in STOPPED:
            with pytest.raises((cow.ViewError, cow.ChainedAssignmentError)):
                run(text, Namespace())
        else:
            assert as_lists(run(text, Namespace())) == as_lists(run(text, np))
