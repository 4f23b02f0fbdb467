/* Attributes, garbage collection, and the end of an array. */

/* A look-up in vain may come from __array_finalize__ of a foreign subclass:
 * then a view of that class exists whose base is the array object, so that
 * it is not seen among the holders of the storage. */
static PyObject *
array_getattro(PyObject *self, PyObject *name)
{
    PyObject *res, *type, *value, *trace, *cared;

    if (clean(self) < 0) {
        return NULL;
    }
    res = PyObject_GenericGetAttr(self, name);
    if (res == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Fetch(&type, &value, &trace);
        cared = PyObject_CallFunctionObjArgs(hook[ON_MISSING], self, NULL);
        if (cared != NULL) {
            PyErr_Restore(type, value, trace);
            Py_DECREF(cared);
        }
        else {          /* the view is not safe to use */
            Py_XDECREF(type);
            Py_XDECREF(value);
            Py_XDECREF(trace);
        }
    }
    return res;
}

/* The elements of an array of objects that nobody else looks at, whose
 * references are as good as its own; *n is 0 for any other array. */
static PyObject **
own_objects(PyObject *self, npy_intp *n)
{
    Seal *seal = link_of(self)->seal;
    PyObject *s = seal == NULL ? NULL : seal->storage;

    *n = 0;
    if (s == NULL || PyArray_BASE(ARR(self)) != s || seal->linked > 1
            || seal->owner != NULL || seal->writing > 0 || seal->retired > 0
            || plain_holders(seal) > 0 || !PyArray_ISONESEGMENT(ARR(s))
            || PyArray_DESCR(ARR(s))->type_num != NPY_OBJECT) {
        return NULL;
    }
    *n = PyArray_SIZE(ARR(s));
    return (PyObject **)PyArray_DATA(ARR(s));
}

/* The same of a storage that `self` keeps and nobody else looks at. */
static PyObject **
kept_objects(PyObject *self, Py_ssize_t at, npy_intp *n)
{
    PyObject *s = link_of(self)->kept->storage[at];
    int alone = is_ours_alone(s) && PyArray_ISONESEGMENT(ARR(s))
        && PyArray_DESCR(ARR(s))->type_num == NPY_OBJECT;

    *n = alone ? PyArray_SIZE(ARR(s)) : 0;
    return (PyObject **)PyArray_DATA(ARR(s));
}

/* ndarray takes no part in garbage collection; we stand for the storages. */
static int
array_traverse(PyObject *self, visitproc visit, void *arg)
{
    npy_intp n;
    PyObject **items = own_objects(self, &n);
    Kept *kept = link_of(self)->kept;

    Py_VISIT(Py_TYPE(self));
    Py_VISIT(link_of(self)->guard);
    for (npy_intp i = 0; i < n; i++) {
        Py_VISIT(items[i]);
    }
    for (Py_ssize_t k = 0; kept != NULL && k < kept->n; k++) {
        items = kept_objects(self, k, &n);
        for (npy_intp i = 0; i < n; i++) {
            Py_VISIT(items[i]);
        }
    }
    return 0;
}

static int
array_clear(PyObject *self)
{
    npy_intp n;
    PyObject **items = own_objects(self, &n);
    PyObject *held = n > 0 ? new_ref(link_of(self)->seal->storage) : NULL;

    Py_CLEAR(link_of(self)->guard);
    for (npy_intp i = 0; i < n; i++) {
        Py_CLEAR(items[i]);         /* NULL is None for NumPy */
    }
    Py_XDECREF(held);
    for (Py_ssize_t k = 0; link_of(self)->kept != NULL
            && k < link_of(self)->kept->n; k++) {
        items = kept_objects(self, k, &n);
        held = new_ref(link_of(self)->kept->storage[k]);
        for (npy_intp i = 0; i < n; i++) {
            Py_CLEAR(items[i]);
        }
        Py_DECREF(held);
    }
    return 0;
}

static void
array_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *base;

    PyObject_GC_UnTrack(self);
    if (FIELDS(self)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    base = HAS(self, OWNDATA) ? NULL : swap_base(self, NULL);
    if (on_parting != NULL) {
        note_holders(self);
    }
    unlink_array(self);
    drop_kept(self);
    Py_CLEAR(link_of(self)->guard);
    Py_XDECREF(base);
    if (type != cow_class || !keep_header(self, 1)) {
        base_dealloc(self);
    }
    Py_DECREF((PyObject *)type);
}

/* `__array_finalize__` of the class: NumPy asks the class and gets the
 * capsule, super() asks an instance and gets a function. */
static PyObject *
finalizer_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    return obj == NULL ? new_ref(capsule)
        : PyObject_GetAttrString(self, "ignore");
}

static PyObject *
finalizer_ignore(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(obj))
{
    Py_RETURN_NONE;
}
