/* Results that nobody else holds.
 *
 * With results="own" a guarded function gives out what nobody but its caller
 * refers to, see _guard/results.py.  Reference counts tell, read when the frames of the
 * function are gone.  They are exact on CPython 3.11 to 3.15 (with its lock).
 * What is on an interpreter's stack need not be counted from 3.14 on, if a
 * local variable has the reference (LOAD_FAST_BORROW): but RETURN_VALUE and
 * YIELD_VALUE count the one that they give out (PyStackRef_MakeHeapSafe), and
 * a frame that lives on, of a caller or of a suspended generator, still has
 * the variable that holds it. */

/* Does the caller have the only reference to `op`, an array that is the only
 * one to look at its memory?  Subclasses have attributes, object arrays
 * elements: these are left to Python. */
static int
is_private(PyObject *op)
{
    while (is_plain(op) && Py_REFCNT(op) == 1
            && FIELDS(op)->weakreflist == NULL
            && !PyDataType_REFCHK(PyArray_DESCR(ARR(op)))) {
        PyObject *base = PyArray_BASE(ARR(op));
        if (base == NULL) {
            return HAS(op, OWNDATA) != 0;
        }
        op = base;              /* to which `op` has that one reference */
    }
    return 0;
}

/* Is `op`, to which the caller has the only reference, out of anybody else's
 * reach?  0: ask Python. */
static int
is_out_of_reach(PyObject *op)
{
    int alone = PyTuple_CheckExact(op) && Py_REFCNT(op) == 1;

    for (Py_ssize_t i = 0; alone && i < PyTuple_Size(op); i++) {
        PyObject *item = PyTuple_GetItem(op, i);
        alone = is_private(item) || is_atom(item);
    }
    return alone || is_private(op) || is_atom(op);
}

/* Where the elements of `a` lie: from *low to before *high. */
static void
find_extent(PyObject *a, char **low, char **high)
{
    *low = *high = PyArray_BYTES(ARR(a));
    if (PyArray_SIZE(ARR(a)) == 0) {
        return;
    }
    *high += PyArray_ITEMSIZE(ARR(a));
    for (int i = PyArray_NDIM(ARR(a)); i-- > 0;) {
        npy_intp way = (PyArray_DIM(ARR(a), i) - 1) * PyArray_STRIDE(ARR(a), i);
        *(way < 0 ? low : high) += way;
    }
}

/* `op`, to which the caller has the only reference of ours, as it may be given
 * out: itself if nobody else holds it, a copy if it is an array without
 * attributes, objects or elements that share memory.  NULL without an
 * exception: ask Python. */
static PyObject *
own_quickly(PyObject *op)
{
    PyObject *owner = op, *copy;
    char *low, *high;

    if (is_out_of_reach(op)) {
        return new_ref(op);
    }
    while (owner != NULL && PyArray_Check(owner)) {
        owner = PyArray_BASE(ARR(owner));
    }
    /* bytes never change, and a buffer may be ours alone */
    if (owner != NULL || !is_plain(op)
            || PyDataType_REFCHK(PyArray_DESCR(ARR(op)))) {
        return NULL;
    }
    find_extent(op, &low, &high);
    if (high - low < PyArray_NBYTES(ARR(op))) {
        return NULL;
    }
    copy = PyArray_NewCopy(ARR(op), NPY_KEEPORDER);
    if (copy != NULL && !HAS(op, WRITEABLE)) {
        PyArray_CLEARFLAGS(ARR(copy), NPY_ARRAY_WRITEABLE);
    }
    return copy;
}

/* The result `res` as the caller may have it; steals `res`, to which there
 * must be no other reference of ours.  May run Python code. */
static PyObject *
own_result(PyObject *plan, PyObject *first, PyObject *res)
{
    PyObject *own = PyList_GetItem(plan, PLAN_OWN), *box, *done = NULL, *now;
    int receives = PyList_GetItem(plan, PLAN_RECEIVER) != Py_None;

    if (own == Py_None || res == first) {
        return res;
    }
    now = own_quickly(res);
    if (now != NULL || PyErr_Occurred()) {
        Py_DECREF(res);
        return now;
    }
    box = PyList_New(1);
    if (box == NULL) {
        Py_DECREF(res);
        return NULL;
    }
    PyList_SetItem(box, 0, res);
    Py_INCREF(own);             /* the plan may be written anew */
    done = PyObject_CallFunctionObjArgs(own, box, receives ? first : Py_None,
                                        NULL);
    Py_DECREF(own);
    now = done == NULL ? NULL : new_ref(PyList_GetItem(box, 0));
    Py_XDECREF(done);
    Py_DECREF(box);
    return now;
}

/* own(box): see own_quickly(), of the result in the list `box`.  False: there
 * is more to it. */
static PyObject *
core_own(PyObject *Py_UNUSED(mod), PyObject *box)
{
    PyObject *now;

    if (!PyList_Check(box) || PyList_Size(box) != 1) {
        PyErr_SetString(PyExc_TypeError, "own() takes a list of one result");
        return NULL;
    }
    now = own_quickly(PyList_GetItem(box, 0));
    if (now == NULL) {
        return PyErr_Occurred() ? NULL : PyBool_FromLong(0);
    }
    PyList_SetItem(box, 0, now);
    return PyBool_FromLong(1);
}

/* extent(a): where its first element lies, the first of all bytes of its
 * elements, and where these end. */
static PyObject *
core_extent(PyObject *Py_UNUSED(mod), PyObject *a)
{
    char *low, *high;

    if (!PyArray_Check(a)) {
        PyErr_SetString(PyExc_TypeError, "extent() takes an array");
        return NULL;
    }
    find_extent(a, &low, &high);
    return Py_BuildValue("nnn", (Py_ssize_t)PyArray_BYTES(ARR(a)),
                         (Py_ssize_t)low, (Py_ssize_t)high);
}

/* references(list): how many there are to each item, without the list's. */
static PyObject *
core_references(PyObject *Py_UNUSED(mod), PyObject *items)
{
    PyObject *counts;

    if (!PyList_Check(items)) {
        PyErr_SetString(PyExc_TypeError, "references() takes a list");
        return NULL;
    }
    counts = PyList_New(PyList_Size(items));
    for (Py_ssize_t i = 0; counts != NULL && i < PyList_Size(counts); i++) {
        PyObject *item = PyList_GetItem(items, i);
        PyObject *n = PyLong_FromSsize_t(Py_REFCNT(item) - 1);
        if (n == NULL) {
            Py_CLEAR(counts);
        }
        else {
            PyList_SetItem(counts, i, n);
        }
    }
    return counts;
}

/* place(like, base, offset): an array of the class, the dtype, the
 * shape and the strides of `like`, `offset` bytes into the memory of `base`.
 * May run Python code, __array_finalize__.  The caller knows that it fits. */
static PyObject *
core_place(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *like, *base, *view;
    PyArray_Descr *descr;
    Py_ssize_t offset;

    if (!PyArg_ParseTuple(args, "O!O!n:place", &PyArray_Type, &like,
                          &PyArray_Type, &base, &offset)) {
        return NULL;
    }
    descr = PyArray_DESCR(ARR(like));
    Py_INCREF((PyObject *)descr);
    view = PyArray_NewFromDescr(
        Py_TYPE(like), descr, PyArray_NDIM(ARR(like)), PyArray_DIMS(ARR(like)),
        PyArray_STRIDES(ARR(like)), PyArray_BYTES(ARR(base)) + offset,
        PyArray_FLAGS(ARR(like)) & (NPY_ARRAY_ALIGNED | NPY_ARRAY_WRITEABLE),
        is_plain(like) ? NULL : like);
    if (view != NULL && PyArray_BASE(ARR(view)) == NULL
            && !HAS(view, OWNDATA)) {
        swap_base(view, new_ref(base));
    }
    if (view == NULL && !is_plain(like)) {
        /* __array_finalize__ has failed and may have kept the array, which
         * looks at this memory without a base: never freed */
        Py_INCREF(base);
    }
    return view;
}

/* window(a, offset, n): the n bytes that lie `offset` from the first element
 * of `a`, in its memory, as a read-only array of numbers. */
static PyObject *
core_window(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *view;
    Py_ssize_t offset, n;
    npy_intp dims[1];

    if (!PyArg_ParseTuple(args, "O!nn:window", &PyArray_Type, &a, &offset,
                          &n)) {
        return NULL;
    }
    dims[0] = n;
    view = PyArray_NewFromDescr(
        &PyArray_Type, PyArray_DescrFromType(NPY_UBYTE), 1, dims, NULL,
        PyArray_BYTES(ARR(a)) + offset, 0, NULL);
    if (view != NULL) {
        swap_base(view, new_ref(a));
    }
    return view;
}
