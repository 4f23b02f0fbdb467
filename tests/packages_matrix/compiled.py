"""numba, Cython, PyTorch, JAX."""

import functools
import importlib
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import jax
import jax.numpy as jnp
import numba
import numpy as np
import torch

from tests.packages_matrix.probe import Package


@numba.njit
def total(x):
    s = 0.0
    for value in x:
        s += value
    return s


@numba.njit
def doubled(x):
    return x * 2


@numba.njit
def fill(x):
    x[0] = 9.0


@numba.njit("f8(f8[:])")
def explicit(x):
    return x[0]


@numba.vectorize
def plus(x, y):
    return x + y


def filled(a):
    fill(a)
    return a


NUMBA = Package(
    "numba",
    takes={
        "njit": total,
        "vectorize": lambda a: plus(a, 1.0),
        "vectorize(out=)": lambda a: plus(a, 1.0, out=a[...] * 0),
        "signature f8[:]": explicit,
    },
    gives={"njit": doubled, "vectorize": lambda a: plus(a, 1.0)},
    guarded={"njit": filled},
)
PYX = """
# cython: language_level=3
import numpy as np

def total(double[:] x):
    cdef double s = 0
    cdef Py_ssize_t i
    for i in range(x.shape[0]):
        s += x[i]
    return s

def total_const(const double[:] x):
    cdef double s = 0
    cdef Py_ssize_t i
    for i in range(x.shape[0]):
        s += x[i]
    return s

def fill(double[:] x):
    x[0] = 9

cdef class Keeper:
    cdef double[:] x

    def __init__(self, x):
        self.x = x

    def get(self):
        return np.asarray(self.x).copy()
"""


@functools.cache
def pyx():
    folder = Path(tempfile.mkdtemp())
    (folder / "viewing.pyx").write_text(PYX)
    include = f"-I{sysconfig.get_paths()['include']}"
    python = [sys.executable, "-m", "cython", "-3", "viewing.pyx"]
    subprocess.run(python, cwd=folder, check=True)
    compiler = ["cc", "-shared", "-fPIC", "-O1", "-w", include, "viewing.c"]
    subprocess.run([*compiler, "-o", "viewing.so"], cwd=folder, check=True)
    sys.path.insert(0, str(folder))
    return importlib.import_module("viewing")


def cython_filled(a):
    pyx().fill(a)
    return a


CYTHON = Package(
    "cython",
    takes={
        "const double[:]": lambda a: pyx().total_const(a),
        "double[:]": lambda a: pyx().total(a),
        "double[:] of a view": lambda a: pyx().total(a[2:5]),
        "double[:] written": lambda a: cython_filled(a * 1),
        "double[:] of a temporary, written": lambda a: (
            lambda b: (pyx().fill(b.reshape(-1)), b.tolist())[1]
        )(a * 1),
    },
    keeps={"cdef class": (lambda a: pyx().Keeper(a), lambda k: k.get())},
    guarded={"double[:]": cython_filled},
)


def tensor_filled(a):
    torch.from_numpy(a).fill_(9.0)
    return a


TORCH = Package(
    "torch",
    takes={
        "from_numpy": lambda a: torch.from_numpy(a).sum().item(),
        "tensor": lambda a: torch.tensor(a).numpy(),
        "as_tensor": lambda a: torch.as_tensor(a).sum().item(),
        "DLPack": lambda a: torch.from_dlpack(a).sum().item(),
        "Dataset": lambda a: [
            batch[0].numpy()
            for batch in torch.utils.data.DataLoader(
                torch.utils.data.TensorDataset(torch.tensor(a)), batch_size=4
            )
        ],
    },
    gives={"tensor": lambda a: torch.tensor(a).numpy()},
    keeps={
        "tensor": (torch.tensor, lambda t: t.numpy()),
        "from_numpy": (torch.from_numpy, lambda t: t.numpy()),
    },
    sends={"tensor": (torch.tensor, lambda t: t.numpy())},
    guarded={"from_numpy().fill_()": tensor_filled},
)
JAX = Package(
    "jax",
    takes={
        "jnp.asarray": lambda a: np.asarray(jnp.asarray(a)),
        "jit": lambda a: np.asarray(jax.jit(lambda x: x * 2)(a)),
        "grad": lambda a: np.asarray(jax.grad(lambda x: (x**2).sum())(a)),
        "DLPack": lambda a: np.asarray(jnp.from_dlpack(a)),
    },
    gives={"np.array": lambda a: np.array(jnp.asarray(a))},
    keeps={
        "jnp.asarray": (jnp.asarray, np.asarray),
        "from_dlpack": (jnp.from_dlpack, np.asarray),
        "device_put": (jax.device_put, np.asarray),
    },
    guarded={
        "device_put": lambda a: (jax.device_put(a), a.fill(9), a)[2],
    },
)
PACKAGES = [NUMBA, CYTHON, TORCH, JAX]
