/* Basic indices: elements, and views without NumPy's search. */

/* Would NumPy carry a write through `a` to another array? */
static int
is_shared_view(PyObject *a)
{
    Link *l = link_of(a);

    return l->flags & IS_APART
        || (l->flags & IS_VIEW && l->seal != NULL
            && (l->seal->linked > 1 || plain_holders(l->seal) > 0
                || is_borrowed(l->seal)))
        || (l->seal != NULL && is_borrowed(l->seal)
            && Py_REFCNT(l->seal->owner) > 1);
}

enum { INTEGER, SLICE, NEW_AXIS, ELLIPSIS, MOST_ITEMS = 6 };

/* A basic index, integers, slices, None and an ellipsis, without NumPy. */
typedef struct {
    int n, ellipsis;                    /* where that is, or -1; n = -1: `offset` from
                                         * the first element, with this layout */
    npy_intp offset;
    int slices;                         /* how many there are */
    struct {
        int kind;
        Py_ssize_t start, stop, step;   /* of an integer: start */
    } item[MOST_ITEMS];
    int found;                          /* the alias covers this part */
    int nd;
    char *data;
    npy_intp dims[MAX_DIMS], strides[MAX_DIMS];
} Part;

/* The index `k`, where it is an integer of Python's or NumPy's; 0: it is not. */
static inline int
read_index(PyObject *k, npy_intp *at)
{
    if (!PyLong_CheckExact(k) && !PyArray_IsScalar(k, Integer)) {
        return 0;
    }
    /* no exception is set before: -1 may be the index */
    *at = PyNumber_AsSsize_t(k, PyExc_IndexError);
    if (*at == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        return 0;
    }
    return 1;
}

/* 1: `idx` is a part; 0: NumPy has to do it; -1: error.  May run Python code
 * (__index__ of what is in a slice). */
static int
parse_part(PyObject *idx, Part *p)
{
    int is_tuple = PyTuple_CheckExact(idx);
    Py_ssize_t n = is_tuple ? PyTuple_Size(idx) : 1;

    if (n > MOST_ITEMS) {
        return 0;
    }
    p->n = (int)n;
    p->slices = 0;
    p->ellipsis = -1;
    for (int i = 0; i < p->n; i++) {
        PyObject *k = is_tuple ? PyTuple_GetItem(idx, i) : idx;
        if (PySlice_Check(k)) {
            p->item[i].kind = SLICE;
            p->slices++;
        }
        else if (k == Py_None) {
            p->item[i].kind = NEW_AXIS;
        }
        else if (k == Py_Ellipsis && p->ellipsis < 0) {
            p->item[i].kind = ELLIPSIS;
            p->ellipsis = i;
        }
        else {
            p->item[i].kind = INTEGER;
            if (!read_index(k, &p->item[i].start)) {
                return 0;
            }
        }
    }
    for (int i = 0; i < p->n; i++) {
        PyObject *k = is_tuple ? PyTuple_GetItem(idx, i) : idx;
        if (p->item[i].kind == SLICE
                && PySlice_Unpack(k, &p->item[i].start, &p->item[i].stop,
                                  &p->item[i].step) < 0) {
            return -1;
        }
    }
    return 1;
}

/* `idx`, which is the part, as NumPy may read it: no code of a slice runs again. */
static PyObject *
index_of_part(PyObject *idx, const Part *p)
{
    PyObject *all = p->slices > 0 ? PyTuple_New(p->n) : new_ref(idx);

    for (int i = 0; all != NULL && all != idx && i < p->n; i++) {
        PyObject *k = p->item[i].kind == NEW_AXIS ? new_ref(Py_None)
            : p->item[i].kind == ELLIPSIS ? new_ref(Py_Ellipsis)
            : PyLong_FromSsize_t(p->item[i].start);
        if (p->item[i].kind == SLICE) {
            PyObject *stop = PyLong_FromSsize_t(p->item[i].stop);
            PyObject *step = PyLong_FromSsize_t(p->item[i].step);
            if (k != NULL && stop != NULL && step != NULL) {
                replace(&k, PySlice_New(k, stop, step));
            }
            Py_XDECREF(stop);
            Py_XDECREF(step);
        }
        PyTuple_SetItem(all, i, k);
    }
    if (PyErr_Occurred()) {
        Py_CLEAR(all);
    }
    return all;
}

/* Add `n` axes of `a`, from *axis on, as they are; 0: there are too many. */
static int
keep_axes(PyObject *a, Part *p, int *axis, int n)
{
    if (p->nd + n >= MAX_DIMS) {
        return 0;
    }
    for (; n > 0; n--, ++*axis, p->nd++) {
        p->dims[p->nd] = PyArray_DIM(ARR(a), *axis);
        p->strides[p->nd] = PyArray_STRIDE(ARR(a), *axis);
    }
    return 1;
}

/* Find the layout of the part; 0: NumPy has to do it. */
static int
lay_out(PyObject *a, Part *p)
{
    int rest = PyArray_NDIM(ARR(a)), axis = 0;

    if (p->n < 0) {
        p->data = PyArray_BYTES(ARR(a)) + p->offset;
        return 1;
    }
    for (int i = 0; i < p->n; i++) {
        rest -= p->item[i].kind <= SLICE;
    }
    p->nd = 0;
    p->data = PyArray_BYTES(ARR(a));
    for (int i = 0; rest >= 0 && i < p->n; i++) {
        Py_ssize_t start = p->item[i].start, stop = p->item[i].stop, n, step;
        if (p->item[i].kind == ELLIPSIS) {
            if (!keep_axes(a, p, &axis, rest)) {
                return 0;
            }
            continue;
        }
        if (p->item[i].kind == INTEGER) {
            n = PyArray_DIM(ARR(a), axis);
            start += start < 0 ? n : 0;
            if (start < 0 || start >= n) {
                return 0;
            }
            p->data += start * PyArray_STRIDE(ARR(a), axis++);
            continue;
        }
        if (p->nd + 1 >= MAX_DIMS) {
            return 0;
        }
        p->dims[p->nd] = 1;
        p->strides[p->nd] = 0;
        if (p->item[i].kind == SLICE) {
            step = p->item[i].step;
            n = PySlice_AdjustIndices(PyArray_DIM(ARR(a), axis), &start, &stop,
                                      step);
            if (n == 0) {
                return 0;
            }
            p->dims[p->nd] = n;
            p->strides[p->nd] = PyArray_STRIDE(ARR(a), axis) * step;
            p->data += start * PyArray_STRIDE(ARR(a), axis++);
        }
        p->nd++;
    }
    return rest >= 0 && (p->ellipsis >= 0 || keep_axes(a, p, &axis, rest))
        && p->nd > 0;
}

static inline Layout
layout_of_part(const Part *p)
{
    return (Layout){p->nd, p->data, p->dims, p->strides};
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

/* A view whose axis i is axis order[i]; NULL as quick_view(). */
static PyObject *
quick_permuted(PyObject *self, const int *order, int nd)
{
    Part p = {.nd = nd, .data = PyArray_BYTES(ARR(self))};

    for (int i = 0; i < nd; i++) {
        p.dims[i] = PyArray_DIM(ARR(self), order[i]);
        p.strides[i] = PyArray_STRIDE(ARR(self), order[i]);
    }
    return quick_view(self, &p);
}

/* The transposed array. */
static PyObject *
array_transposed(PyObject *self, void *Py_UNUSED(closure))
{
    int nd = PyArray_NDIM(ARR(self)), order[MAX_DIMS];
    PyObject *plain, *view = NULL;

    if (clean(self) < 0) {
        return NULL;
    }
    for (int i = 0; i < nd && nd < MAX_DIMS; i++) {
        order[i] = nd - 1 - i;
    }
    view = nd < MAX_DIMS ? quick_permuted(self, order, nd) : NULL;
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

/* a.swapaxes(i, j); NULL (no exception) where NumPy has to do it. */
static PyObject *
quick_swapaxes(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    int nd = PyArray_NDIM(ARR(self)), order[MAX_DIMS];
    npy_intp one, other;

    if (n != 2 || nd >= MAX_DIMS || !read_index(args[0], &one)
            || !read_index(args[1], &other)) {
        return NULL;
    }
    one += one < 0 ? nd : 0;
    other += other < 0 ? nd : 0;
    if (one < 0 || one >= nd || other < 0 || other >= nd) {
        return NULL;
    }
    for (int i = 0; i < nd; i++) {
        order[i] = i == one ? (int)other : i == other ? (int)one : i;
    }
    return quick_permuted(self, order, nd);
}

/* a.squeeze(), and a.ravel() of a contiguous array; NULL as above. */
static PyObject *
quick_squeeze(PyObject *self)
{
    int nd = PyArray_NDIM(ARR(self));
    Part p = {.data = PyArray_BYTES(ARR(self))};

    for (int i = 0; i < nd && nd < MAX_DIMS; i++) {
        if (PyArray_DIM(ARR(self), i) != 1) {
            p.dims[p.nd] = PyArray_DIM(ARR(self), i);
            p.strides[p.nd++] = PyArray_STRIDE(ARR(self), i);
        }
    }
    return nd < MAX_DIMS ? quick_view(self, &p) : NULL;
}

static PyObject *
quick_ravel(PyObject *self)
{
    Part p = {.nd = 1, .data = PyArray_BYTES(ARR(self)),
              .dims = {PyArray_SIZE(ARR(self))},
              .strides = {PyArray_ITEMSIZE(ARR(self))}};

    return PyArray_IS_C_CONTIGUOUS(ARR(self)) && p.dims[0] > 0
        ? quick_view(self, &p) : NULL;
}

static PyObject *
array_subscript(PyObject *self, PyObject *idx)
{
    int type = PyArray_DESCR(ARR(self))->type_num, is_part;
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
    plain_idx = is_part ? index_of_part(idx, &part) : plain_value(idx);
    if (plain_idx != NULL && type == NPY_OBJECT) {
        /* an element of an object array may be an array: not ours to wrap */
        res = base_subscript(self, plain_idx);
        Py_DECREF(plain_idx);
        return res;
    }
    plain = plain_idx == NULL ? NULL : unwrap(self);
    if (plain != NULL) {
        res = base_subscript(plain, plain_idx);
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
    Part part = {.n = 1, .ellipsis = -1, .item = {{INTEGER, i, 0, 0}}};

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
