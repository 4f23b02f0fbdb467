/* Headers of arrays: the only functions that write to PyArrayObject_fields. */

static void
set_owner(PyObject *storage, int owns)
{
    if (owns) {
        PyArray_ENABLEFLAGS(ARR(storage), NPY_ARRAY_OWNDATA);
    }
    else {
        PyArray_CLEARFLAGS(ARR(storage),
                           NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE);
    }
}

/* Give `a` the base; steals it and returns the old one (may be NULL). */
static PyObject *
swap_base(PyObject *a, PyObject *base)
{
    PyObject *old = FIELDS(a)->base;

    FIELDS(a)->base = base;
    return old;
}

static void
update_flags(PyObject *a)
{
    PyArray_UpdateFlags(ARR(a), NPY_ARRAY_C_CONTIGUOUS
                        | NPY_ARRAY_F_CONTIGUOUS | NPY_ARRAY_ALIGNED);
}

/* Let `a` look at the memory of the storage `s` from `data` on, with these
 * strides (NULL: its own).  Its shape stays, and so does the place where it and
 * the strides are noted: C code may hold a pointer there.  The old base. */
static PyObject *
look_at(PyObject *a, PyObject *s, char *data, npy_intp const *strides)
{
    PyArrayObject_fields *fa = FIELDS(a);

    fa->data = data;
    if (strides != NULL && fa->nd > 0) {
        memcpy(fa->strides, strides, (size_t)fa->nd * sizeof(*strides));
    }
    fa->flags &= ~(NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE);
    update_flags(a);
    return swap_base(a, new_ref(s));
}

/* What the elements of an array are, to find that code in between changed it. */
typedef struct {
    PyArray_Descr *descr;           /* strong */
    int nd;
    npy_intp dims[MOST_DIMS];
} Form;

static void
note_form(PyObject *a, Form *f)
{
    f->descr = PyArray_DESCR(ARR(a));
    Py_INCREF((PyObject *)f->descr);
    f->nd = PyArray_NDIM(ARR(a));
    for (int i = 0; i < f->nd; i++) {
        f->dims[i] = PyArray_DIM(ARR(a), i);
    }
}

/* Is the form of `a` the same as noted?  Ends the note. */
static int
has_form(PyObject *a, Form *f)
{
    int same = PyArray_DESCR(ARR(a)) == f->descr && PyArray_NDIM(ARR(a)) == f->nd;

    for (int i = 0; same && i < f->nd; i++) {
        same = PyArray_DIM(ARR(a), i) == f->dims[i];
    }
    Py_DECREF((PyObject *)f->descr);
    return same;
}

static int
form_error(void)
{
    PyErr_SetString(PyExc_RuntimeError,
                    "the array got another shape or dtype in the middle of this "
                    "write, which is lost. Do the one after the other.");
    return -1;
}

/* Hand the memory that `a` owns to `s`, a header of the same size. */
static void
hand_over(PyObject *a, PyObject *s)
{
    FIELDS(s)->mem_handler = FIELDS(a)->mem_handler;
    FIELDS(a)->mem_handler = NULL;
    set_owner(s, 1);
    PyArray_CLEARFLAGS(ARR(a), NPY_ARRAY_OWNDATA);
}

/* Exchange the layouts of `a` and `b`: memory, shape, strides, dtype, base
 * and the flags that follow from them. */
static void
swap_layout(PyObject *a, PyObject *b)
{
    PyArrayObject_fields *fa = FIELDS(a), *fb = FIELDS(b), was = *fa;

    fa->data = fb->data;
    fa->nd = fb->nd;
    fa->dimensions = fb->dimensions;
    fa->strides = fb->strides;
    fa->base = fb->base;
    fa->descr = fb->descr;
    fa->flags = fb->flags;
    fb->data = was.data;
    fb->nd = was.nd;
    fb->dimensions = was.dimensions;
    fb->strides = was.strides;
    fb->base = was.base;
    fb->descr = was.descr;
    fb->flags = was.flags & ~(NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE);
}

/* Headers of dead CowArrays [1] and ended aliases [0], with their room for
 * shape and strides, by number of dimensions and chained by their bases:
 * making a view through NumPy costs twice as much. */
enum { MAX_DIMS = 5, MOST_HEADERS = 64 };
static struct {
    PyObject *first;
    int count;
} spare[2][MAX_DIMS], set_aside[MAX_DIMS];
static int most_headers[2] = {MOST_HEADERS, MOST_HEADERS};

/* Keep the header of `a`, which nobody else refers to.  0: it cannot be. */
static int
keep_header(PyObject *a, int cow)
{
    PyArrayObject_fields *fa = FIELDS(a);
    PyObject *base = fa->base, *descr = (PyObject *)fa->descr;

    if (fa->nd >= MAX_DIMS || spare[cow][fa->nd].count >= most_headers[cow]
            || fa->_buffer_info != NULL || fa->mem_handler != NULL
            || fa->weakreflist != NULL
            /* NumPy had no memory to finish it */
            || (fa->nd > 0 && fa->dimensions == NULL)) {
        return 0;
    }
    fa->descr = NULL;
    fa->base = spare[cow][fa->nd].first;
    spare[cow][fa->nd].first = a;
    spare[cow][fa->nd].count++;
    Py_XDECREF(base);
    Py_XDECREF(descr);
    return 1;
}

/* Let each new CowArray come from NumPy, and by finalize_array(), or no longer. */
static void
set_headers_aside(int aside)
{
    if (aside == (most_headers[1] == 0)) {
        return;
    }
    most_headers[1] = aside ? 0 : MOST_HEADERS;
    for (int i = 0; i < MAX_DIMS; i++) {
        set_aside[i] = aside ? spare[1][i] : set_aside[i];
        spare[1][i].first = aside ? NULL : set_aside[i].first;
        spare[1][i].count = aside ? 0 : set_aside[i].count;
    }
}

/* A kept header made alive over the memory of `storage`, with the dtype and
 * the flags of the array `like`.  NULL (no exception): there is none. */
static PyObject *
reuse_header(int cow, PyObject *like, Layout at, PyObject *storage)
{
    PyObject *a = at.nd < MAX_DIMS ? spare[cow][at.nd].first : NULL;
    PyArrayObject_fields *fa = FIELDS(a);

    if (a == NULL || PyArray_DESCR(ARR(like))->type_num == NPY_OBJECT) {
        return NULL;
    }
    spare[cow][at.nd].first = fa->base;
    spare[cow][at.nd].count--;
    if (cow) {
        *link_of(a) = (Link){0};
        a = PyObject_Init(a, cow_class);
    }
    fa->data = at.data;
    for (int i = 0; i < at.nd; i++) {
        fa->dimensions[i] = at.dims[i];
        fa->strides[i] = at.strides[i];
    }
    fa->descr = PyArray_DESCR(ARR(like));
    Py_INCREF((PyObject *)fa->descr);
    fa->base = new_ref(storage);
    fa->weakreflist = NULL;
    fa->flags = (PyArray_FLAGS(ARR(like))
                 & ~(NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE));
    return a;
}

/* A plain array with the dtype and the flags of `like`, whose base is `base`
 * (may be NULL).  Runs no Python code. */
static PyObject *
new_header(PyObject *like, Layout at, PyObject *base, int writeable)
{
    PyArray_Descr *descr = PyArray_DESCR(ARR(like));
    int flags = PyArray_FLAGS(ARR(like)) & ~(NPY_ARRAY_OWNDATA
                                             | NPY_ARRAY_WRITEABLE);
    PyObject *view;

    Py_INCREF((PyObject *)descr);
    view = PyArray_NewFromDescr(
        &PyArray_Type, descr, at.nd, at.dims, at.strides, at.data,
        flags | (writeable ? NPY_ARRAY_WRITEABLE : 0), NULL);
    if (view != NULL) {
        swap_base(view, new_ref(base));
    }
    return view;
}
