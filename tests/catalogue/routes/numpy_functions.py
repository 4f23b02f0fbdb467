"""Routes through ufuncs, functions of NumPy and random generators."""

import numpy as np

from tests.catalogue.routes.route import may_refuse, works

# ----------------------------------------------------------------- ufuncs


@works()
def ufunc_out(x):
    np.add(x, 1, out=x)


@works()
def ufunc_out_of_others(x):
    np.multiply(np.ones(x.shape), 3, out=x)


@works()
def ufunc_out_positional(x):
    np.negative(x, x)


@works()
def ufunc_where(x):
    np.multiply(x, 2, out=x, where=np.arange(x.shape[1]) % 2 == 0)


@works("f4")
def ufunc_casting(x):
    np.sqrt(np.full(x.shape, 81.0), out=x, casting="same_kind")


@works()
def ufunc_two_outs(x):
    whole = np.empty(x.shape)
    np.modf(x / 4, out=(x, whole))


@works()
def ufunc_reduce_out(x):
    np.add.reduce(np.ones((3, *x.shape)), axis=0, out=x)


@works()
def ufunc_accumulate_out(x):
    np.add.accumulate(x, axis=1, out=x)


@works()
def ufunc_reduceat_out(x):
    np.add.reduceat(x * 2, range(x.shape[0]), axis=0, out=x)


@works()
def ufunc_outer_out(x):
    np.multiply.outer(np.arange(x.shape[0]), np.arange(x.shape[1]), out=x)


@works()
def matmul_out(x):
    np.matmul(np.ones((x.shape[0], 2)), np.ones((2, x.shape[1])), out=x)


@works()
def ufunc_at(x):
    np.add.at(x, [0, 0, 1], 5)


# An index of single elements, which leaves no rows or slices: `ufunc.at` did not
# look at the flag, NumPy's issue 33275.
AT_MENDED = "2.5.5"


@works(mended=AT_MENDED)
def ufunc_at_elements(x):
    np.add.at(x, ([0, 1, 1], [2, 3, 3]), 5)


@works(mended=AT_MENDED)
def ufunc_at_element(x):
    np.add.at(x, (0, 1), 5)


@works(mended=AT_MENDED)
def ufunc_at_mask(x):
    np.add.at(x, x > 3, 5)


@works(mended=AT_MENDED)
def ufunc_at_unary(x):
    np.negative.at(x, ([0, 1], [2, 3]))


@works()
def ufunc_at_unary_rows(x):
    np.negative.at(x, [0, 1])


# -------------------------------------------------------------- functions


@works()
def np_copyto(x):
    np.copyto(x, 9, where=x > 3)


@works()
def np_put(x):
    np.put(x, [0, 3], [7, 8])


@works()
def np_place(x):
    np.place(x, x > 3, [7, 8])


@works()
def np_putmask(x):
    np.putmask(x, x > 3, x**2)


@works()
def np_fill_diagonal(x):
    np.fill_diagonal(x, 9)


@works()
def np_put_along_axis(x):
    np.put_along_axis(x, np.argmax(x, axis=1, keepdims=True), 0, axis=1)


@works()
def np_nan_to_num(x):
    x[0, 0] = np.nan
    np.nan_to_num(x, copy=False)


@works()
def np_clip_out(x):
    np.clip(x, 2, 5, out=x)


@works()
def np_take_out(x):
    np.take(np.ones(x.shape), range(x.shape[1]), axis=1, out=x)


@works()
def np_choose_out(x):
    np.choose(np.zeros(x.shape, int), [np.full(x.shape, 4.0)], out=x)


@works()
def np_compress_out(x):
    np.compress(np.ones(x.shape[0], bool), np.ones(x.shape), axis=0, out=x)


@works()
def np_cumsum_out(x):
    np.cumsum(x, axis=1, out=x)


@works()
def np_concatenate_out(x):
    np.concatenate([np.ones((1, x.shape[1])), np.zeros_like(x)[1:]], out=x)


@works()
def np_stack_out(x):
    np.stack([np.arange(x.shape[1])] * x.shape[0], out=x)


@works()
def np_einsum_out(x):
    np.einsum("ij->ij", np.ones(x.shape), out=x)


@works()
def np_dot_out(x):
    np.dot(np.ones((x.shape[0], 2)), np.ones((2, x.shape[1])), out=x)


@works()
def np_outer_out(x):
    np.outer(np.arange(x.shape[0]), np.arange(x.shape[1]), out=x)


@works()
def np_sum_out(x):
    np.sum(np.ones((3, *x.shape)), axis=0, out=x)


@works()
def np_var_out(x):
    np.var(np.arange(3.0)[:, None, None] * x, axis=0, out=x)


@works()
def np_percentile_out(x):
    np.percentile(np.ones((3, *x.shape)), 50, axis=0, out=x)


@works()
def np_round_out(x):
    np.round(x / 7, 1, out=x)


# ----------------------------------------------------------------- random


@may_refuse()
def rng_shuffle(x):
    np.random.default_rng(0).shuffle(x)


@may_refuse()
def rng_permuted_out(x):
    np.random.default_rng(0).permuted(x, axis=1, out=x)


@may_refuse()
def rng_random_out(x):
    np.random.default_rng(0).random(out=x)


@may_refuse()
def rng_standard_normal_out(x):
    np.random.default_rng(0).standard_normal(out=x)


@may_refuse()
def legacy_shuffle(x):
    np.random.RandomState(0).shuffle(x)
