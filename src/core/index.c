/* Basic indices: elements, and views without NumPy's search. */

/* Would NumPy carry a write through `a` to another array? */
static int
is_shared_view(PyObject *a)
{
    Link *l = link_of(a);

    return l->flags & IS_APART
        || (l->flags & IS_VIEW && l->seal != NULL
            && (l->seal->linked > 1 || plain_holders(l->seal) > 0
                || is_borrowed(l->seal)));
}

/* a[i] and a[start:stop:step] without NumPy. */
typedef struct {
    Py_ssize_t start, stop, step;       /* step 0: an integer */
    int found;                          /* the alias covers this part */
    int nd;
    char *data;
    npy_intp dims[MAX_DIMS], strides[MAX_DIMS];
} Part;

/* 1: `idx` is a part; 0: NumPy has to do it; -1: error.  May run Python code
 * (__index__ of what is in a slice). */
static int
parse_part(PyObject *idx, Part *p)
{
    if (PyLong_CheckExact(idx)) {
        p->step = 0;
        p->start = PyLong_AsSsize_t(idx);
        if (p->start != -1 || !PyErr_Occurred()) {
            return 1;
        }
        PyErr_Clear();
        return 0;
    }
    if (!PySlice_Check(idx)) {
        return 0;
    }
    return PySlice_Unpack(idx, &p->start, &p->stop, &p->step) < 0 ? -1 : 1;
}

/* Find the layout of the part; 0: NumPy has to do it. */
static int
lay_out(PyObject *a, Part *p)
{
    int nd = PyArray_NDIM(ARR(a)), gone = p->step == 0;
    Py_ssize_t start = p->start, stop = p->stop, n;

    p->nd = nd - gone;
    if (p->nd < 1 || nd > MAX_DIMS || p->nd >= MAX_DIMS) {
        return 0;
    }
    n = PyArray_DIM(ARR(a), 0);
    if (gone) {
        start += start < 0 ? n : 0;
        if (start < 0 || start >= n) {
            return 0;
        }
    }
    else {
        n = PySlice_AdjustIndices(n, &start, &stop, p->step);
        if (n == 0) {
            return 0;
        }
        p->dims[0] = n;
        p->strides[0] = PyArray_STRIDE(ARR(a), 0) * p->step;
    }
    for (int k = 1; k < nd; k++) {
        p->dims[k - gone] = PyArray_DIM(ARR(a), k);
        p->strides[k - gone] = PyArray_STRIDE(ARR(a), k);
    }
    p->data = PyArray_BYTES(ARR(a)) + start * PyArray_STRIDE(ARR(a), 0);
    return 1;
}

static inline Layout
layout_of_part(const Part *p)
{
    return (Layout){p->nd, p->data, p->dims, p->strides};
}

/* The index `k`, where it is an integer of Python's or NumPy's; 0: it is not. */
static inline int
read_index(PyObject *k, npy_intp *at)
{
    if (!PyLong_CheckExact(k) && !PyArray_IsScalar(k, Integer)) {
        return 0;
    }
    *at = PyNumber_AsSsize_t(k, PyExc_IndexError);
    if (*at == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        return 0;
    }
    return 1;
}

/* The address of a[idx] for an integer or a tuple of ndim integers in range,
 * NULL (no exception) for anything else. */
static char *
element(PyObject *a, PyObject *idx)
{
    int nd = PyArray_NDIM(ARR(a));
    int is_tuple = PyTuple_CheckExact(idx);
    char *item = PyArray_BYTES(ARR(a));

    if (is_tuple ? PyTuple_Size(idx) != nd : nd != 1) {
        return NULL;
    }
    for (int i = 0; i < nd; i++) {
        PyObject *k = is_tuple ? PyTuple_GetItem(idx, i) : idx;
        npy_intp n = PyArray_DIM(ARR(a), i), at;
        if (!read_index(k, &at) || at < -n || at >= n) {
            return NULL;
        }
        item += (at < 0 ? at + n : at) * PyArray_STRIDE(ARR(a), i);
    }
    return item;
}

/* A view of `self` with another layout; NULL where NumPy has to make it, with
 * an exception only if there is no memory. */
static PyObject *
quick_view(PyObject *self, const Part *p)
{
    Link *l = link_of(self);
    PyObject *view;

    int shared = l->seal->writing == 0 && !l->seal->exposed;

    if (Py_TYPE(self) != cow_class) {
        return NULL;
    }
    view = make_view(cow_class, self, layout_of_part(p), l->seal, NULL);
    if (view != NULL) {
        update_flags(view);
        link_of(view)->flags = shared ? IS_VIEW : IS_APART;
        link_of(view)->guard = new_ref(l->guard);
    }
    return view;
}

/* The transposed array. */
static PyObject *
array_transposed(PyObject *self, void *Py_UNUSED(closure))
{
    Part p = {.nd = PyArray_NDIM(ARR(self))};
    PyObject *plain, *view = NULL;

    if (clean(self) < 0) {
        return NULL;
    }
    p.data = PyArray_BYTES(ARR(self));
    if (p.nd < MAX_DIMS) {
        for (int i = 0; i < p.nd; i++) {
            p.dims[i] = PyArray_DIM(ARR(self), p.nd - 1 - i);
            p.strides[i] = PyArray_STRIDE(ARR(self), p.nd - 1 - i);
        }
        view = quick_view(self, &p);
    }
    if (view != NULL || PyErr_Occurred()) {
        return view;
    }
    plain = unwrap(self);
    if (plain != NULL) {
        view = PyArray_Transpose(ARR(plain), NULL);
        Py_DECREF(plain);
    }
    return wrap(view, Py_TYPE(self), self);
}

static PyObject *
array_subscript(PyObject *self, PyObject *idx)
{
    int type = PyArray_DESCR(ARR(self))->type_num, is_part, simple;
    PyObject *plain, *plain_idx = NULL, *res = NULL;
    char *item;
    Part part;

    if (clean(self) < 0) {
        return NULL;
    }
    item = PyTypeNum_ISNUMBER(type) ? element(self, idx) : NULL;
    if (item != NULL) {
        return PyArray_Scalar(item, PyArray_DESCR(ARR(self)), self);
    }
    is_part = parse_part(idx, &part);
    if (is_part < 0 || clean(self) < 0) {
        return NULL;
    }
    res = is_part && lay_out(self, &part) ? quick_view(self, &part) : NULL;
    if (res != NULL || PyErr_Occurred()) {
        return res;
    }
    if (type == NPY_OBJECT) {
        /* an element of an object array may be an array: not ours to wrap */
        return base_subscript(self, idx);
    }
    plain = unwrap(self);
    simple = plain == NULL ? -1 : simple_operand(idx, &plain_idx);
    if (simple >= 0) {
        res = base_subscript(plain, simple ? plain_idx : idx);
    }
    Py_XDECREF(plain_idx);
    Py_XDECREF(plain);
    return wrap(res, Py_TYPE(self), self);
}

/* A contiguous array reshaped to integers; NULL (no exception) where NumPy
 * has to do it. */
static PyObject *
quick_reshape(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    PyObject *shape = n == 1 && PyTuple_CheckExact(args[0]) ? args[0] : NULL;
    npy_intp rest = PyArray_SIZE(ARR(self)), step;
    int open = -1;
    Part p = {.data = PyArray_BYTES(ARR(self))};

    n = shape != NULL ? PyTuple_Size(shape) : n;
    if (n < 1 || n >= MAX_DIMS || rest == 0
            || !PyArray_IS_C_CONTIGUOUS(ARR(self))) {
        return NULL;
    }
    for (; p.nd < n; p.nd++) {
        PyObject *k = shape != NULL ? PyTuple_GetItem(shape, p.nd)
            : args[p.nd];
        npy_intp dim = PyLong_CheckExact(k) ? PyLong_AsSsize_t(k) : 0;
        if (dim == -1 && open < 0 && !PyErr_Occurred()) {
            open = p.nd;
            continue;
        }
        if (dim <= 0 || rest % dim != 0) {
            PyErr_Clear();
            return NULL;
        }
        p.dims[p.nd] = dim;
        rest /= dim;
    }
    if (open >= 0) {
        p.dims[open] = rest;
    }
    else if (rest != 1) {
        return NULL;
    }
    step = PyArray_ITEMSIZE(ARR(self));
    for (int i = p.nd; i-- > 0; step *= p.dims[i]) {
        p.strides[i] = step;
    }
    return quick_view(self, &p);
}

/* The index behind that of sq_item, to which the length has been added. */
static PyObject *
index_of(PyObject *self, Py_ssize_t i)
{
    return PyLong_FromSsize_t(i < 0 ? i - PyArray_DIM(ARR(self), 0) : i);
}

static PyObject *
array_item(PyObject *self, Py_ssize_t i)
{
    PyObject *idx, *res;
    Part part = {.start = i};

    if (clean(self) < 0) {
        return NULL;
    }
    if (PyArray_NDIM(ARR(self)) == 1 && i >= 0
            && i < PyArray_DIM(ARR(self), 0)
            && PyTypeNum_ISNUMBER(PyArray_TYPE(ARR(self)))) {
        return PyArray_Scalar(PyArray_BYTES(ARR(self))
                              + i * PyArray_STRIDE(ARR(self), 0),
                              PyArray_DESCR(ARR(self)), self);
    }
    res = i >= 0 && lay_out(self, &part) ? quick_view(self, &part) : NULL;
    if (res == NULL && !PyErr_Occurred()) {
        idx = index_of(self, i);
        res = idx == NULL ? NULL : array_subscript(self, idx);
        Py_XDECREF(idx);
    }
    return res;
}
