"""Routes through temporaries, and those of the whole state."""

import array
import copy
import pickle

import numpy as np

from tests.catalogue.routes.route import RECORD, may_refuse, works

# --------------------------------------------- temporaries: NumPy would write


@may_refuse()
def temporary_slice(x):
    x[1:3][0] = 9


@may_refuse()
def temporary_transpose(x):
    x.T[0] = 9


@may_refuse()
def temporary_ravel(x):
    x.ravel()[0] = 9


@may_refuse()
def temporary_sort(x):
    x[1:].sort()


@may_refuse()
def temporary_out(x):
    np.add(1, 2, out=x[1:3])


@may_refuse()
def temporary_copyto(x):
    np.copyto(x[1:3], 9)


@may_refuse("c16")
def temporary_real(x):
    x.real[0] = 9


@may_refuse(RECORD)
def temporary_field(x):
    x["u"][0] = 9


# --------------------------------------------------------------- whole state


@works()
def write_after_pickle(x):
    pickle.loads(pickle.dumps(x, 5))[0] = 5
    x[0] = 9


@works()
def write_after_deepcopy(x):
    copy.deepcopy(x)[0] = 5
    x[0] = 9


@works()
def item_from_array_module(x):
    x[0] = array.array("d", [9.0] * x.shape[1])
