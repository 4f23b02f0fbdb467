/* Unwrap, compute, wrap: plain arrays for NumPy, CowArrays from what it returns. */

/* What NumPy's C code is given instead of `a`: the storage where `a` covers
 * it, else a plain read-only view.  Either way one reference to the storage
 * more. */
static PyObject *
unwrap(PyObject *a)
{
    PyObject *s;

    if (clean(a) < 0) {
        return NULL;
    }
    s = link_of(a)->seal->storage;
    note_size(a);
    if (PyArray_DATA(ARR(s)) == PyArray_DATA(ARR(a)) && same_layout(a, s)) {
        return new_ref(s);
    }
    return new_header(a, layout_of(a), s, 0);
}

/* Do objects lie at places that memory of the dtype has not, as in a field of
 * a packed record? */
static int
has_loose_objects(PyObject *like, Layout at)
{
    PyArray_Descr *descr = PyArray_DESCR(ARR(like));
    int loose = 0;

    for (int i = 0; i < at.nd && PyDataType_REFCHK(descr); i++) {
        loose |= at.dims[i] > 1 && at.strides[i] % PyDataType_ELSIZE(descr);
    }
    return loose;
}

/* A plain copy.  Nobody writes the memory meanwhile: it has a holder, or its
 * writers wait. */
static PyObject *
make_copy(PyObject *a, NPY_ORDER order)
{
    PyObject *plain = unwrap(a), *copy, *old;
    Seal *seal = link_of(a)->seal;
    npy_intp mapped;

    if (plain == NULL) {
        return NULL;
    }
    Py_INCREF((PyObject *)seal);
    seal->copying++;
    copy = copy_pages(plain, order, &mapped);
    if (copy == NULL && !PyErr_Occurred()) {
        old = enter_pool();
        copy = PyArray_NewCopy(ARR(plain), order);
        leave_pool(old);
    }
    seal->copying--;
    Py_DECREF(plain);
    leave_seal(seal);
    return copy;
}

/* A CowArray of class `cls`, linked to `seal`, with the dtype and the flags
 * of `like`.  `from` is what __array_finalize__ of a subclass is given (may
 * be NULL). */
static PyObject *
make_view(PyTypeObject *cls, PyObject *like, Layout at, Seal *seal,
          PyObject *from)
{
    PyArray_Descr *descr = PyArray_DESCR(ARR(like));
    int flags = (PyArray_FLAGS(ARR(like))
                 & ~(NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE));
    int alone = seal->exposed || has_loose_objects(like, at);
    PyObject *view = NULL, *held;

    if (cls == cow_class && seal->writing == 0 && !alone
            && (from == NULL || !is_cow(from)
                || link_of(from)->guard == NULL)) {
        view = reuse_header(1, like, at, seal->storage);
        if (view != NULL) {
            link_array(view, seal);
            return view;
        }
    }
    /* Looking up __array_finalize__ may run Python code, and so another
     * thread, which may take the last array from the seal. */
    held = new_ref(seal->storage);
    Py_INCREF((PyObject *)seal);
    seal->awaited++;
    Py_INCREF((PyObject *)descr);
    expected.data = at.data;
    expected.seal = seal;
    view = PyArray_NewFromDescr(cls, descr, at.nd, at.dims, at.strides,
                                at.data, flags, from);
    if (expected.seal == seal) {
        expected.seal = NULL;
    }
    if (view != NULL && link_of(view)->seal == NULL) {
        finish_seal(view, seal);        /* a class that overrides our hook */
    }
    seal->awaited--;
    if (view != NULL && (seal->writing > 0 || seal->exposed || alone)
            && detach(view, "memory that may be written", 0) < 0) {
        Py_CLEAR(view);
    }
    leave_seal(seal);
    Py_DECREF(held);
    return view;
}

/* Wrap a result of NumPy, to which the caller holds one reference, in the
 * class `cls`.  Anything but an exact ndarray comes back as it is.  Fresh
 * memory is adopted, a view of a storage shares it, anything else is
 * borrowed. */
static PyObject *
wrap_result(PyObject *res, PyTypeObject *cls, PyObject *from)
{
    PyObject *base, *view = NULL;
    Seal *seal;
    int flags = 0;

    if (!is_plain(res)) {
        return new_ref(res);
    }
    base = PyArray_BASE(ARR(res));
    seal = seal_of(res);
    if (seal == NULL && base != NULL) {
        seal = seal_of(base);
    }
    if (seal != NULL) {
        Py_INCREF((PyObject *)seal);
        flags = IS_VIEW;
    }
    else if (is_ours_alone(res)) {
        seal = seal_storage(res);
    }
    else if (Py_REFCNT(res) == 1 && base != NULL && is_ours_alone(base)) {
        seal = seal_storage(base);
    }
    else {
        seal = seal_borrowed(res, res);
    }
    if (seal == NULL) {
        return NULL;
    }
    view = make_view(cls, res, layout_of(res), seal, from);
    if (view != NULL) {
        link_of(view)->flags |= flags == IS_VIEW && link_of(view)->seal != seal
            ? IS_APART : flags;
    }
    leave_seal(seal);
    return view;
}

static PyObject *wrap_items(PyObject *res, PyTypeObject *cls, PyObject *from);

/* As wrap_result, for what a function returned: steals `res`, which may be
 * NULL, and looks into containers. */
static PyObject *
wrap(PyObject *res, PyTypeObject *cls, PyObject *from)
{
    PyObject *all;

    if (res != NULL && is_plain(res)) {
        all = wrap_result(res, cls, from);
        Py_DECREF(res);
        return all;
    }
    return res != NULL && (PyList_CheckExact(res) || PyDict_CheckExact(res)
                           || PyTuple_Check(res))
        ? wrap_items(res, cls, from) : res;
}

static PyObject *
make_dict(PyObject *keys, PyObject *values)
{
    PyObject *all = PyDict_New();

    for (Py_ssize_t i = 0; all != NULL && i < PyList_Size(keys); i++) {
        PyObject *value = PyList_GetItem(values, i);
        if (value == NULL
                || PyDict_SetItem(all, PyList_GetItem(keys, i), value) < 0) {
            Py_CLEAR(all);
        }
    }
    return all;
}

/* Each item is taken out of a list that nobody else has, so that wrap() sees
 * whether its memory is fresh. */
static PyObject *
wrap_items(PyObject *res, PyTypeObject *cls, PyObject *from)
{
    PyTypeObject *kind = Py_TYPE(res);
    PyObject *keys = kind == &PyDict_Type ? PyDict_Keys(res) : NULL, *all;
    PyObject *items = kind == &PyDict_Type ? PyDict_Values(res)
        : PySequence_List(res);

    Py_DECREF(res);
    if (items == NULL || (keys == NULL && kind == &PyDict_Type)
            || Py_EnterRecursiveCall(" in nested results")) {
        Py_XDECREF(items);
        Py_XDECREF(keys);
        return NULL;
    }
    for (Py_ssize_t i = 0; items != NULL && i < PyList_Size(items); i++) {
        PyObject *item = new_ref(PyList_GetItem(items, i));
        PyList_SetItem(items, i, new_ref(Py_None));
        item = wrap(item, cls, from);
        if (item == NULL) {
            Py_CLEAR(items);
        }
        else {
            PyList_SetItem(items, i, item);
        }
    }
    Py_LeaveRecursiveCall();
    all = items;
    if (items != NULL && kind == &PyDict_Type) {
        all = make_dict(keys, items);
        Py_DECREF(items);
    }
    else if (items != NULL && kind != &PyList_Type) {
        all = PySequence_Tuple(items);
        if (all != NULL && kind != &PyTuple_Type) {     /* a named tuple */
            replace(&all, PyObject_Call((PyObject *)kind, all, NULL));
        }
        Py_DECREF(items);
    }
    Py_XDECREF(keys);
    return all;
}

/* A scalar that NumPy reads without running Python code. */
static int
is_number(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);

    return (type == &PyFloat_Type || type == &PyLong_Type
            || type == &PyBool_Type || type == &PyComplex_Type
            || (PyArray_IsScalar(op, Generic)
                && !PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)));
}

/* Is `op` a number that NumPy stores as an element of this type without a word:
 * it does not overflow, or it raises? */
static inline int
stores_quietly(int type, PyObject *op)
{
    return PyFloat_CheckExact(op) ? type == NPY_DOUBLE
        : PyLong_CheckExact(op) && (PyTypeNum_ISINTEGER(type)
                                    || type == NPY_DOUBLE);
}

static PyObject *plain_items(PyObject *op);

/* `op` with a plain array for each cow array in it, containers included; itself
 * where there is none. */
static PyObject *
plain_value(PyObject *op)
{
    if (is_plain(op)) {
        note_size(op);
        return new_ref(op);
    }
    if (is_cow(op)) {
        return unwrap(op);
    }
    return PyTuple_Check(op) || PyList_CheckExact(op) || PyDict_CheckExact(op)
        || PySlice_Check(op) ? plain_items(op) : new_ref(op);
}

/* The items of a container that plain_value() looks into, as a list. */
static PyObject *
items_of(PyObject *op)
{
    static const char *const bounds[] = {"start", "stop", "step"};
    PyObject *items;

    if (!PySlice_Check(op)) {
        return PyDict_CheckExact(op) ? PyDict_Values(op) : PySequence_List(op);
    }
    items = PyList_New(3);
    for (Py_ssize_t i = 0; items != NULL && i < 3; i++) {
        PyObject *bound = PyObject_GetAttrString(op, bounds[i]);
        if (bound == NULL) {
            Py_CLEAR(items);
        }
        else {
            PyList_SetItem(items, i, bound);
        }
    }
    return items;
}

/* A container like `op` of these items. */
static PyObject *
with_items(PyObject *op, PyObject *items)
{
    PyObject *keys, *all;

    if (PySlice_Check(op)) {
        return PySlice_New(PyList_GetItem(items, 0), PyList_GetItem(items, 1),
                           PyList_GetItem(items, 2));
    }
    if (!PyDict_CheckExact(op)) {
        return PyTuple_Check(op) ? PySequence_Tuple(items) : new_ref(items);
    }
    keys = PyDict_Keys(op);
    all = keys == NULL ? NULL : make_dict(keys, items);
    Py_XDECREF(keys);
    return all;
}

static PyObject *
plain_items(PyObject *op)
{
    PyObject *items, *all;
    int changed = 0;

    if (Py_EnterRecursiveCall(" in nested arguments")) {
        return NULL;
    }
    items = items_of(op);
    for (Py_ssize_t i = 0; items != NULL && i < PyList_Size(items); i++) {
        PyObject *item = PyList_GetItem(items, i), *plain = plain_value(item);
        changed |= plain != item;
        if (plain == NULL) {
            Py_CLEAR(items);
        }
        else {
            PyList_SetItem(items, i, plain);
        }
    }
    Py_LeaveRecursiveCall();
    /* an array of objects may store the list itself */
    all = items == NULL ? NULL : changed ? with_items(op, items) : new_ref(op);
    Py_XDECREF(items);
    return all;
}

/* Is this an argument that NumPy's own protocol need not see?  -1: error. */
static int
is_simple(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    int simple = 1;

    if (type == cow_class || is_plain(op) || is_number(op) || op == Py_None
            || type == &PyUnicode_Type || type == &PyType_Type
            || PyArray_DescrCheck(op)) {
        return 1;
    }
    if (type != &PyTuple_Type && type != &PyList_Type) {
        return 0;
    }
    if (Py_EnterRecursiveCall(" in nested arguments")) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PySequence_Size(op) && simple > 0; i++) {
        simple = is_simple(type == &PyTuple_Type ? PyTuple_GetItem(op, i)
                           : PyList_GetItem(op, i));
    }
    Py_LeaveRecursiveCall();
    return simple;
}

/* What NumPy is given for an argument: *out is a new reference and the
 * result 1.  0: leave it to NumPy's own protocol.  -1: error. */
static inline int
simple_operand(PyObject *op, PyObject **out)
{
    int simple = Py_TYPE(op) == cow_class ? 1 : is_simple(op);

    *out = simple <= 0 ? NULL
        : Py_TYPE(op) == cow_class ? unwrap(op) : plain_value(op);
    return simple > 0 && *out == NULL ? -1 : simple;
}

/* Plain operands of a call; each call of start_call() is ended by
 * end_call(). */
enum { FEW = 8 };
typedef struct {
    PyObject *few[FEW];
    PyObject **at;              /* strong; NULL: the alias, see call_into() */
    Py_ssize_t n;
} Call;

static int
start_call(Call *c, Py_ssize_t room)
{
    c->n = 0;
    c->at = room <= FEW ? c->few
        : PyMem_Malloc((size_t)room * sizeof(*c->at));
    return c->at == NULL ? (PyErr_NoMemory(), -1) : 0;
}

static void
end_call(Call *c)
{
    while (c->n > 0) {
        Py_XDECREF(c->at[--c->n]);
    }
    if (c->at != c->few) {
        PyMem_Free(c->at);
    }
}

/* Add n operands; as simple_operand. */
static int
take(Call *c, PyObject *const *ops, Py_ssize_t n)
{
    int simple = 1;

    for (Py_ssize_t i = 0; i < n && simple > 0; i++) {
        simple = simple_operand(ops[i], &c->at[c->n]);
        c->n += simple > 0;
    }
    return simple;
}

/* NumPy copies an operand of some functions that is read-only, though they
 * only read: give them one that is not.  Numbers only, so that no code runs
 * that could get hold of it.  As take. */
static int
open_operands(Call *c)
{
    for (Py_ssize_t i = 0; i < c->n; i++) {
        PyObject *op = c->at[i], *view;
        Seal *seal = is_plain(op) ? find_seal(op) : NULL;
        if (seal == NULL || !PyTypeNum_ISNUMBER(PyArray_TYPE(ARR(op)))) {
            continue;
        }
        view = new_header(op, layout_of(op), seal->storage, 1);
        if (view == NULL) {
            return -1;
        }
        replace(&c->at[i], view);
    }
    return 1;
}

/* Call `function` on the operands, of which the last ones have the names. */
static PyObject *
call(PyObject *function, const Call *c, PyObject *names)
{
    Py_ssize_t nkw = names == NULL ? 0 : PyTuple_Size(names);
    PyObject *old = enter_pool(), *res;

    res = vectorcall(function, c->at, (size_t)(c->n - nkw), names);
    leave_pool(old);
    return res;
}

/* function(*ops) on plain operands, wrapped; *simple as simple_operand. */
static PyObject *
compute(PyObject *function, PyObject *const *ops, Py_ssize_t n, int *simple)
{
    PyObject *res;
    Call c;

    start_call(&c, n);          /* a few need no memory */
    *simple = take(&c, ops, n);
    res = *simple > 0 ? call(function, &c, NULL) : NULL;
    end_call(&c);
    return wrap(res, cow_class, NULL);
}

/* function(self, *args, **kwargs), the way through Python. */
static PyObject *
call_python(PyObject *function, PyObject *self, PyObject *const *args,
            Py_ssize_t n, PyObject *names)
{
    size_t rest = (size_t)(n + (names == NULL ? 0 : PyTuple_Size(names)));
    PyObject **all = PyMem_Malloc((rest + 1) * sizeof(*all)), *res;

    if (all == NULL) {
        return PyErr_NoMemory();
    }
    all[0] = self;
    memcpy(all + 1, args, rest * sizeof(*all));
    res = vectorcall(function, all, (size_t)n + 1, names);
    PyMem_Free(all);
    return res;
}
