/* The road of every call: a function gets plain operands, and a writeable alias for
 * what it writes. */

/* Add the plain operands for (*args, **kwargs), `kwargs` may be None; NULL for those
 * that are `out`, where they stand at `where` (a position or a name), or everywhere
 * for a function that goes element by element: it may be given one array for input
 * and output, which saves it the search for an overlap.  *names: of the last ones. */
static int
take_all(Call *c, PyObject *args, PyObject *kwargs, PyObject *where, PyObject *out,
         int elementwise, PyObject **names)
{
    Py_ssize_t n = PyTuple_Size(args);
    Py_ssize_t nkw = kwargs == Py_None ? 0 : PyDict_Size(kwargs);
    Py_ssize_t hole = out != NULL && PyLong_CheckExact(where)
        ? PyLong_AsSsize_t(where) : -1;
    PyObject *value;
    int failed = 0;

    *names = NULL;
    if (start_call(c, n + nkw) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < n && !failed; i++) {
        value = PyTuple_GetItem(args, i);
        value = i == hole || (elementwise && value == out) ? NULL
            : plain_value(value);
        c->at[c->n++] = value;
        failed = value == NULL && PyErr_Occurred();
    }
    if (nkw > 0 && !failed) {
        *names = PySequence_Tuple(kwargs);
        failed = *names == NULL;
    }
    for (Py_ssize_t i = 0; i < nkw && !failed; i++) {
        PyObject *key = PyTuple_GetItem(*names, i);
        value = key == NULL ? NULL : new_ref(PyDict_GetItemWithError(kwargs, key));
        if (value == NULL || !PyUnicode_Check(key)) {
            Py_XDECREF(value);
            PyErr_SetString(PyExc_TypeError, "keywords must be strings");
            failed = 1;
            break;
        }
        c->at[c->n++] = value == out && PyUnicode_Check(where)
            && PyUnicode_Compare(key, where) == 0 ? NULL : plain_value(value);
        Py_DECREF(value);
        failed = PyErr_Occurred() != NULL;
    }
    if (failed) {
        end_call(c);
        Py_CLEAR(*names);
    }
    return failed ? -1 : 0;
}

/* `op` with a copy for each plain array in it that looks at the memory of the seal, or
 * at what would be that. */
static PyObject *
apart_from(PyObject *op, Seal *seal)
{
    PyObject *items, *all;

    if (is_plain(op)) {
        return are_kin(find_seal(op), seal)
            ? PyArray_NewCopy(ARR(op), NPY_KEEPORDER)
            : new_ref(op);
    }
    if (!PyTuple_Check(op) && !PyList_CheckExact(op) && !PyDict_CheckExact(op)) {
        return new_ref(op);
    }
    items = Py_EnterRecursiveCall(" in nested arguments") ? NULL : items_of(op);
    for (Py_ssize_t i = 0; items != NULL && i < PyList_Size(items); i++) {
        PyObject *item = apart_from(PyList_GetItem(items, i), seal);
        if (item == NULL) {
            Py_CLEAR(items);
        }
        else {
            PyList_SetItem(items, i, item);
        }
    }
    Py_LeaveRecursiveCall();
    all = items == NULL ? NULL : with_items(op, items);
    Py_XDECREF(items);
    return all;
}

/* Strict views count who looks at the memory of `out`: no operand of ours may. */
static int
copy_operands(Call *c, PyObject *out)
{
    if (clean(out) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < c->n; i++) {
        if (c->at[i] != NULL) {
            replace(&c->at[i], apart_from(c->at[i], link_of(out)->seal));
            if (c->at[i] == NULL) {
                return -1;
            }
        }
    }
    return 0;
}

/* Call `function` on the operands, with an alias of `out` where there is none; ends
 * the call.  Whoever returns the alias returns `out`.  `middle`: as end_write(). */
static PyObject *
call_into(PyObject *out, PyObject *function, Call *c, PyObject *names, int middle)
{
    PyObject *alias = on_parting != NULL && copy_operands(c, out) < 0 ? NULL
        : begin_write(out, &(Write){0}), *res = NULL;

    for (Py_ssize_t i = 0; i < c->n && alias != NULL; i++) {
        if (c->at[i] == NULL) {
            c->at[i] = new_ref(alias);
        }
    }
    if (alias != NULL) {
        res = call(function, c, names);
    }
    end_call(c);        /* a plain operand would be taken for a view that escapes */
    if (alias != NULL) {
        if (res == alias) {
            replace(&res, new_ref(out));
        }
        if (end_write(out, alias, middle) < 0) {
            Py_CLEAR(res);
        }
    }
    return res;
}

static int
need_call(PyObject *const *args, Py_ssize_t n, Py_ssize_t least, Py_ssize_t most)
{
    if (n < least || n > most || !PyTuple_Check(args[1])
            || (args[2] != Py_None && !PyDict_Check(args[2]))) {
        PyErr_SetString(PyExc_TypeError,
                        "a call needs a function, a tuple, a dict or None");
        return -1;
    }
    return 0;
}

/* call(function, args, kwargs, cls, source): function(*args, **kwargs) on plain
 * arrays; its result wrapped, where a class is given. */
static PyObject *
core_call(PyObject *Py_UNUSED(mod), PyObject *const *args, Py_ssize_t n)
{
    PyObject *names, *res;
    Call c;

    if (need_call(args, n, 3, 5) < 0 || (n > 3 && need_class(args[3]) < 0)
            || take_all(&c, args[1], args[2], NULL, NULL, 0, &names) < 0) {
        return NULL;
    }
    res = call(args[0], &c, names);
    end_call(&c);
    Py_XDECREF(names);
    return n == 3 ? res : wrap(res, (PyTypeObject *)args[3],
                               n == 5 && args[4] != Py_None ? args[4] : NULL);
}

/* write(function, args, kwargs, where, elementwise): function(*args, **kwargs) on plain
 * arrays, and into the argument `where`, a position or a name.  What it returns is not
 * wrapped; the argument stands for its alias.  `elementwise`: as a ufunc. */
static PyObject *
core_write(PyObject *mod, PyObject *const *args, Py_ssize_t n)
{
    PyObject *out = NULL, *names, *res;
    PyArray_Descr *descr;
    int loud, elementwise;
    Call c;

    if (need_call(args, n, 4, 5) < 0) {
        return NULL;
    }
    if (PyLong_CheckExact(args[3])) {
        out = PyTuple_GetItem(args[1], PyLong_AsSsize_t(args[3]));
    }
    else if (args[2] != Py_None) {
        out = PyDict_GetItemWithError(args[2], args[3]);
    }
    if (out == NULL || !is_cow(out)) {
        return PyErr_Occurred() ? NULL : core_call(mod, args, 3);
    }
    if (clean(out) < 0) {
        return NULL;
    }
    if (runs_elements(PyArray_DESCR(ARR(out))) || runs_python(args[0])) {
        return vectorcall(hook[ON_APART], args, 4, NULL);
    }
    /* who waits for another thread must hold no write: operands come first */
    elementwise = (n == 5 && args[4] == Py_True)
        || (Py_TYPE(args[0]) == &PyUFunc_Type
            && !((PyUFuncObject *)args[0])->core_enabled);
    if (take_all(&c, args[1], args[2], args[3], out, elementwise, &names) < 0) {
        return NULL;
    }
    Py_INCREF(out);
    descr = (PyArray_Descr *)new_ref((PyObject *)PyArray_DESCR(ARR(out)));
    loud = 0;
    for (Py_ssize_t i = 0; i < c.n && loud == 0; i++) {
        loud = is_loud(c.at[i], descr);
    }
    Py_DECREF((PyObject *)descr);
    if (loud == 0) {
        res = call_into(out, args[0], &c, names, 1);
    }
    else {
        end_call(&c);
        res = loud < 0 ? NULL : vectorcall(hook[ON_APART], args, 4, NULL);
    }
    Py_DECREF(out);
    Py_XDECREF(names);
    return res;
}

/* Exchange the bytes of two arrays of one shape, of those elements of `b` that are
 * not as in `old` (its data may be NULL).  Needs no memory. */
static void
exchange(Layout a, Layout b, Layout old, size_t size)
{
    char kept[64];

    if (a.nd == 0 && old.data != NULL && memcmp(b.data, old.data, size) == 0) {
        return;
    }
    if (a.nd == 0) {
        for (size_t at = 0, n; at < size; at += n) {
            n = size - at < sizeof(kept) ? size - at : sizeof(kept);
            memcpy(kept, a.data + at, n);
            memcpy(a.data + at, b.data + at, n);
            memcpy(b.data + at, kept, n);
        }
        return;
    }
    for (npy_intp i = 0; i < a.dims[0]; i++) {
        exchange((Layout){a.nd - 1, a.data + i * a.strides[0], a.dims + 1,
                          a.strides + 1},
                 (Layout){b.nd - 1, b.data + i * b.strides[0], b.dims + 1,
                          b.strides + 1},
                 old.data == NULL ? old
                 : (Layout){old.nd - 1, old.data + i * old.strides[0],
                            old.dims + 1, old.strides + 1}, size);
    }
}

/* exchange(a, copied, old, anyhow): give `a` the elements of a writeable copy, byte
 * by byte: none of them dies before it is done.  `old`, a third array or None: only
 * those that differ there from the copy.  False: somebody else has written `a`
 * meanwhile, and not `anyhow`. */
static PyObject *
core_exchange(PyObject *Py_UNUSED(mod), PyObject *const *args, Py_ssize_t n)
{
    PyObject *a, *copied, *old, *alias;
    Py_ssize_t writes;
    int done, result = 0;

    if (n != 4 || !is_plain(args[1]) || !PyArray_ISWRITEABLE(ARR(args[1]))
            || (args[2] != Py_None
                && (!is_plain(args[2])
                    || !PyArray_SAMESHAPE(ARR(args[1]), ARR(args[2]))))) {
        PyErr_SetString(PyExc_TypeError,
                        "exchange() takes a writeable array and one like it");
        return NULL;
    }
    a = args[0], copied = args[1], old = args[2];
    if (need_cow(a) < 0) {
        return NULL;
    }
    writes = link_of(a)->writes + 1;
    alias = begin_write(a, &(Write){0});
    if (alias == NULL) {
        return NULL;
    }
    /* finalizers of old elements, or another thread */
    done = args[3] == Py_True || old != Py_None || link_of(a)->writes == writes;
    if (done && (!PyArray_SAMESHAPE(ARR(alias), ARR(copied))
                 || !PyArray_EquivTypes(PyArray_DESCR(ARR(alias)),
                                        PyArray_DESCR(ARR(copied))))) {
        PyErr_SetString(PyExc_RuntimeError,
                        "the array got another shape or dtype in the middle of "
                        "this write, which is lost. Do the one after the other.");
        result = -1;
    }
    else if (done && PyArray_TYPE(ARR(alias)) == NPY_VSTRING) {
        result = PyArray_CopyInto(ARR(alias), ARR(copied)); /* they lie at its dtype */
    }
    else if (done) {
        exchange(layout_of(alias), layout_of(copied),
                 old == Py_None ? (Layout){0} : layout_of(old),
                 (size_t)PyArray_ITEMSIZE(ARR(alias)));
    }
    if (end_write(a, alias, 1) < 0) {
        result = -1;
    }
    return result < 0 ? NULL : PyBool_FromLong(done);
}
