/* What Python makes and sees of pages. */

/* copied(a): a plain copy of an array, plain or ours, in the order of its memory. */
static PyObject *
core_copied(PyObject *Py_UNUSED(mod), PyObject *a)
{
    if (!is_plain(a) && !is_cow(a)) {
        PyErr_SetString(PyExc_TypeError, "copied() takes an array");
        return NULL;
    }
    return copy_argument(a);
}

/* Can the elements of the plain array `like` lie in pages? */
static int
fits_pages(PyObject *like)
{
    return (system_works() && !PyDataType_REFCHK(PyArray_DESCR(ARR(like)))
            && PyArray_NBYTES(ARR(like)) >= LEAST_PAGES * (npy_intp)page_size);
}

/* paged(a, cls): an array over pages with the elements of the plain array `a`, which
 * has no gaps; None: pages are not to be had. */
static PyObject *
core_paged(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *cls, *handler, *array;
    npy_intp copied;
    Base *base;

    if (!PyArg_ParseTuple(args, "O!O:paged", &PyArray_Type, &a, &cls)
            || need_class(cls) < 0) {
        return NULL;
    }
    array = copy_pages(a, NPY_KEEPORDER, &copied);
    if (array != NULL || PyErr_Occurred()) {
        return wrap(array, (PyTypeObject *)cls, NULL);
    }
    base = is_plain(a) && PyArray_ISONESEGMENT(ARR(a)) && fits_pages(a)
        ? make_base(PyArray_BYTES(ARR(a)), (size_t)PyArray_NBYTES(ARR(a)), NULL)
        : NULL;
    handler = base == NULL ? NULL : new_pages(base, (size_t)PyArray_NBYTES(ARR(a)));
    leave_base(base);
    if (handler == NULL) {
        return new_ref(Py_None);
    }
    pages_of_handler(handler)->same = 1;
    array = array_over(handler, a, !PyArray_IS_C_CONTIGUOUS(ARR(a)));
    if (array != NULL) {
        note_fresh(array);
    }
    return wrap(array, (PyTypeObject *)cls, NULL);
}

/* zero_pages(like, fortran): a plain array of zeros over pages, with the dtype and the
 * shape of `like`; None: pages are not to be had. */
static PyObject *
core_zero_pages(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *like, *handler;
    int fortran;

    if (!PyArg_ParseTuple(args, "O!p:zero_pages", &PyArray_Type, &like, &fortran)) {
        return NULL;
    }
    handler = fits_pages(like) ? new_pages(NULL, (size_t)PyArray_NBYTES(ARR(like)))
        : NULL;
    return handler == NULL ? new_ref(Py_None) : array_over(handler, like, fortran);
}

/* One array over each other mapping of the base, None for a plain one. */
static PyObject *
list_sharers(Pages *p)
{
    PyObject *list = PyList_New(0);
    Pages *q = p->base == NULL ? NULL : p->base->first;

    for (; list != NULL && q != NULL; q = q->next) {
        PyObject *o = q->seal == NULL ? NULL : q->seal->ring;
        if (q != p && PyList_Append(list, o == NULL || Py_REFCNT(o) == 0
                                    ? Py_None : o) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

/* pages(a): of an array that covers pages: the number of their base, 0 while there is
 * none; which of them differ from it; an array over each other mapping of it, or
 * None.  None: of any other array, and where the system does not tell. */
static PyObject *
core_pages(PyObject *Py_UNUSED(mod), PyObject *a)
{
    Pages *p = need_cow(a) < 0 ? NULL : pages_of(a);
    PyObject *marks, *held, *list;
    npy_intp n = p == NULL ? 0 : (npy_intp)whole_pages(p->bytes);
    Py_ssize_t changed;

    if (p == NULL) {
        return PyErr_Occurred() ? NULL : new_ref(Py_None);
    }
    marks = PyArray_ZEROS(1, &n, NPY_BOOL, 0);
    if (marks == NULL) {
        return NULL;
    }
    held = new_ref(link_of(a)->seal->storage);
    p->busy++;
    changed = find_changed(p, (unsigned char *)PyArray_BYTES(ARR(marks)));
    p->busy--;
    list = changed < 0 ? NULL : list_sharers(p);
    n = p->base == NULL ? 0 : (npy_intp)p->base->number;
    Py_DECREF(held);
    if (list == NULL) {
        Py_DECREF(marks);
        return PyErr_Occurred() ? NULL : new_ref(Py_None);
    }
    return Py_BuildValue("nNN", (Py_ssize_t)n, marks, list);
}
