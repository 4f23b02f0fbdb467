# cython: language_level=3
# Classes and functions that write views of cow arrays which only they hold.
import operator
import numpy as np

cdef class Box:
    cdef public object a
    def __init__(self, a): self.a = a
    def __setitem__(self, i, x):
        v = self.a[i]
        v[0] = x
        self.a[i] = v
    def setitem(self, i, x):
        v = self.a[i]
        operator.setitem(v, 0, x)
        self.a[i] = v
    def sort(self):
        v = self.a[1:3]
        v.sort()
        self.a[1:3] = v
    def fill(self, x):
        v = self.a[1:3]
        v.fill(x)
        self.a[1:3] = v
    def copyto(self, i, x):
        v = self.a[i]
        np.copyto(v, x)
        self.a[i] = v
    def add(self, i, x):
        v = self.a[i]
        np.add(v, x, out=v)
        self.a[i] = v
    def at(self, i, x):
        v = self.a[i]
        np.add.at(v, 0, x)
        self.a[i] = v
    def clip(self, lo, hi, out=None):
        if out is not None:
            self.a[1:3].clip(lo, hi, out=out)
            return out
        v = self.a[1:3]
        v.clip(lo, hi, out=v)
        self.a[1:3] = v
    @property
    def real(self): return self.a.real
    @real.setter
    def real(self, x):
        v = self.a[1:3]
        v.real = x
        self.a[1:3] = v
    @property
    def view(self): return self.a[1:3]
    @view.setter
    def view(self, x):
        v = self.a[1:3]
        v[0] = x
        self.a[1:3] = v
    @property
    def flat(self): return self.a.flat
    @flat.setter
    def flat(self, x):
        v = self.a[1:3]
        v.flat[0] = x
        v.flat = x
        self.a[1:3] = v
    def window(self): return self.a[1:3]

cdef class Keep:
    cdef public object v
    def __setitem__(self, i, x):
        x[0] = 7
        x.sort()
        np.copyto(x, 7)
        self.v = x
    def put(self, x):
        x[0] = 7
        x.fill(7)
        np.add(x, 1, out=x)
        x.real = 7
        x.flat[0] = 8
        self.v = x

def keep(x):
    x[0] = 7
    operator.setitem(x, 1, 7)
    x.sort()
    np.copyto(x, 7)
    np.add(x, 0, out=x)
    np.add.at(x, 0, 0)
    x.clip(7, 8, out=x)
    x.real = 7
    x.flat[0] = 7
    return x

class Array:
    """Forwards NumPy's functions to a view of what it wraps."""

    def __init__(self, a): self.a = a
    def __array_function__(self, func, types, args, kwargs):
        v = self.a[1:3]
        r = func(v, *args[1:], **kwargs)
        self.a[1:3] = v
        return r
    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        v = self.a[1:3]
        r = getattr(ufunc, method)(*inputs, out=v, **kwargs)
        self.a[1:3] = v
        return self

def lost_store(a): a[1:3][0] = 9
def lost_sort(a): a[1:3].sort()
def lost_copyto(a): np.copyto(a[1:3], 0)
def at_named(a):
    x = a + 0
    y = x.at[0].set(5)
    return x, y
def at_fresh(zeros):
    x = zeros(3)
    y = x.at[0].set(5)
    return x, y

cdef class Filling:
    """Writes into what is stored, and keeps it."""
    cdef public object kept
    def __setitem__(self, i, x):
        x[0] = 9
        self.kept = x
