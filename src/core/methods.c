/* Methods that read; properties that change the layout: C code that holds the array
 * and its old strides must stay inside. */

/* A copy of the clean array `a`, of the class `cls`. */
static PyObject *
copy_array(PyObject *a, PyTypeObject *cls, NPY_ORDER order)
{
    PyObject *copy = make_copy(a, order);

    if (copy != NULL) {
        note_fresh(copy);
    }
    copy = wrap(copy, cls, a);
    if (copy != NULL) {
        replace(&link_of(copy)->guard, NULL);
    }
    return copy;
}

/* Methods that read, with the position of `out` (NO_OUT: there is none), and
 * whether NumPy copies a read-only operand (see open_operands).  The others
 * are in Python. */
enum { NO_OUT = 99 };
#define READING(X)                                                          \
    X(all, 1, 0) X(any, 1, 0) X(argmax, 1, 1) X(argmin, 1, 1)               \
    X(argsort, NO_OUT, 0) X(astype, NO_OUT, 0) X(choose, 1, 1)              \
    X(clip, 2, 0) X(conj, 0, 0) X(copy, NO_OUT, 0) X(cumsum, 2, 0)          \
    X(diagonal, NO_OUT, 0) X(dot, 1, 0) X(flatten, NO_OUT, 0) X(max, 1, 0)  \
    X(mean, 2, 0) X(min, 1, 0) X(nonzero, NO_OUT, 0) X(prod, 2, 0)          \
    X(ravel, NO_OUT, 0) X(repeat, NO_OUT, 1) X(reshape, NO_OUT, 0)          \
    X(round, 1, 0) X(searchsorted, NO_OUT, 0) X(squeeze, NO_OUT, 0)         \
    X(std, 2, 0) X(sum, 2, 0) X(swapaxes, NO_OUT, 0) X(take, 2, 1)          \
    X(trace, 4, 0) X(transpose, NO_OUT, 0) X(var, 2, 0)                     \
    X(argpartition, NO_OUT, 0) X(compress, 2, 0) X(conjugate, 0, 0)         \
    X(cumprod, 2, 0) X(getfield, NO_OUT, 0)

#define NUMBER(name, ...) READ_##name,
enum { READING(NUMBER) METHODS };
static struct {
    const char *name;
    int out_at, opens;
    PyObject *function, *fallback;      /* of ndarray; in cow._dispatch.methods */
} reading[METHODS] = {
#define METHOD(name, out_at, opens) {#name, out_at, opens, NULL, NULL},
    READING(METHOD)
};

/* Is there an output among the arguments with names? */
static int
has_output(PyObject *const *args, PyObject *names)
{
    for (Py_ssize_t i = names == NULL ? 0 : PyTuple_Size(names); i-- > 0;) {
        if (PyUnicode_Compare(PyTuple_GetItem(names, i), str_out) == 0
                && args[i] != Py_None) {
            return 1;
        }
    }
    return 0;
}

/* Call method `which` of ndarray on plain arrays and wrap; what writes into
 * `out`, and everything else that is not simple, goes to cow._array.array. */
static PyObject *
read_method(int which, PyObject *self, PyObject *const *args, Py_ssize_t n,
            PyObject *names)
{
    Py_ssize_t rest = n + (names == NULL ? 0 : PyTuple_Size(names));
    int simple = Py_TYPE(self) == cow_class && n <= reading[which].out_at
        && !has_output(args + n, names);
    PyObject *res = NULL;
    Call c;

    if (clean(self) < 0) {
        return NULL;
    }
    if (simple && names == NULL) {
        res = which == READ_reshape ? quick_reshape(self, args, n)
            : which == READ_swapaxes ? quick_swapaxes(self, args, n)
            : which == READ_squeeze && n == 0 ? quick_squeeze(self)
            : which == READ_ravel && n == 0 ? quick_ravel(self)
            : which == READ_transpose && n == 0 ? array_transposed(self, NULL)
            : NULL;
        if (res != NULL || PyErr_Occurred()) {
            return res;
        }
    }
    if (which == READ_copy && simple) {
        return rest == 0 ? copy_array(self, cow_class, NPY_CORDER)
            : call_python(reading[which].fallback, self, args, n, names);
    }
    if (simple) {
        if (start_call(&c, rest + 1) < 0) {
            return NULL;
        }
        simple = take(&c, &self, 1);
        if (simple > 0) {
            simple = take(&c, args, rest);
        }
        if (simple > 0 && reading[which].opens) {
            simple = open_operands(&c);
        }
        res = simple > 0 ? call(reading[which].function, &c, names) : NULL;
        end_call(&c);
    }
    if (simple == 0) {
        return call_python(reading[which].fallback, self, args, n, names);
    }
    return wrap(res, cow_class, self);
}

#define DEFINE_METHOD(name, ...)                                            \
    static PyObject *                                                       \
    method_##name(PyObject *self, PyObject *const *args, Py_ssize_t n,      \
                  PyObject *names)                                          \
    {                                                                       \
        return read_method(READ_##name, self, args, n, names);              \
    }
READING(DEFINE_METHOD)

#define FAST(f) ((PyCFunction)(void (*)(void))(f))

static PyMethodDef array_methods[] = {
#define METHOD_DEF(name, ...)                                               \
    {#name, FAST(method_##name), METH_FASTCALL | METH_KEYWORDS, NULL},
    READING(METHOD_DEF)
    {"__array_ufunc__", FAST(array_ufunc), METH_FASTCALL | METH_KEYWORDS,
     "__array_ufunc__(ufunc, method, *inputs, **kwargs)"},
    {"__array_function__", FAST(array_function),
     METH_FASTCALL | METH_KEYWORDS,
     "__array_function__(func, types, args, kwargs)"},
    {NULL, NULL, 0, NULL},
};

static PyObject *base_dtype, *base_strides;     /* descriptors of ndarray */

static int
set_base(PyObject *descriptor, PyObject *self, PyObject *value)
{
    descrsetfunc set = (descrsetfunc)PyType_GetSlot(Py_TYPE(descriptor),
                                                    Py_tp_descr_set);

    return set(descriptor, self, value);
}

static PyObject *
get_dtype(PyObject *self, void *Py_UNUSED(closure))
{
    return new_ref((PyObject *)PyArray_DESCR(ARR(self)));
}

/* Not to elements of more bytes: an iterator of NumPy's that somebody holds would
 * read the last one beyond its end. */
static int
set_dtype(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    PyArray_Descr *descr = NULL;
    int wider;

    if (clean(self) < 0) {
        return -1;
    }
    if (value == NULL || !PyArray_DescrConverter(value, &descr)) {
        PyErr_Clear();
        return set_base(base_dtype, self, value);
    }
    wider = PyDataType_ELSIZE(descr) > PyArray_ITEMSIZE(ARR(self));
    Py_DECREF((PyObject *)descr);
    if (wider && (PyArray_NBYTES(ARR(self)) > 0 || link_of(self)->kept != NULL)) {
        PyErr_SetString(PyExc_ValueError,
                        "elements cannot get more bytes where they are: C code may "
                        "look at the last one. Write instead:  "
                        "a = a.view(dtype)");
        return -1;
    }
    return set_base(base_dtype, self, value);
}

static PyObject *
get_strides(PyObject *self, void *Py_UNUSED(closure))
{
    int nd = PyArray_NDIM(ARR(self));
    PyObject *strides = PyTuple_New(nd);

    for (int i = 0; i < nd && strides != NULL; i++) {
        PyObject *step = PyLong_FromSsize_t(PyArray_STRIDE(ARR(self), i));
        if (step == NULL) {
            Py_CLEAR(strides);
        }
        else {
            PyTuple_SetItem(strides, i, step);
        }
    }
    return strides;
}

/* Only strides with which each element has a place of its own, among those of
 * the array. */
static int
set_strides(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    npy_intp old[MOST_DIMS], size = PyArray_ITEMSIZE(ARR(self));
    int nd = PyArray_NDIM(ARR(self));
    char *low, *high, *new_low, *new_high;

    if (clean(self) < 0) {
        return -1;
    }
    extent(layout_of(self), size, &low, &high);
    for (int i = 0; i < nd; i++) {
        old[i] = PyArray_STRIDE(ARR(self), i);
    }
    if (set_base(base_strides, self, value) < 0) {
        return -1;
    }
    extent(layout_of(self), size, &new_low, &new_high);
    if (!overlaps_itself(self) && low == new_low && new_high == high) {
        return 0;
    }
    memcpy(PyArray_STRIDES(ARR(self)), old, (size_t)nd * sizeof(*old));
    update_flags(self);
    PyErr_SetString(PyExc_ValueError,
                    "with these strides elements would share memory, or lie "
                    "outside of the array. Write instead:  "
                    "b = np.lib.stride_tricks.as_strided(a, a.shape, strides)");
    return -1;
}
