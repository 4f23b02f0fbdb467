/* a[index] = value: what may run code is converted before anything is stored. */

/* What NumPy is given for the cow array `value`, which is written into the
 * region of `a`: an operand that looks at it is given memory of its own first;
 * what it reads is what was there before the write. */
static PyObject *
unwrap_value(PyObject *value, PyObject *a, const Write *w)
{
    if (clean(value) < 0 || clean(a) < 0) {
        return NULL;
    }
    if (on_parting != NULL) {
        return make_copy(value, NPY_KEEPORDER);     /* see copy_operands() */
    }
    if (link_of(value)->seal != link_of(a)->seal) {
        return unwrap(value);
    }
    if (value != a) {
        Region r = find_region(a, w);
        if (sees(value, &r)) {
            return detach(value, "it is read while its memory is written", 1) < 0
                ? NULL : unwrap(value);
        }
    }
    return make_copy(value, NPY_KEEPORDER);
}

/* The dtype of what a[idx] = ... writes: a field has its own.  New reference,
 * NULL with an exception. */
static PyArray_Descr *
descr_of_target(PyObject *a, PyObject *idx)
{
    PyArray_Descr *descr = PyArray_DESCR(ARR(a));
    PyObject *plain, *field = NULL;

    if (PyDataType_HASFIELDS(descr)
            && (PyUnicode_Check(idx) || PyList_Check(idx))) {
        plain = unwrap(a);
        field = plain == NULL ? NULL : base_subscript(plain, idx);
        Py_XDECREF(plain);
        if (field == NULL) {
            return NULL;
        }
        if (PyArray_Check(field)) {
            descr = PyArray_DESCR(ARR(field));
        }
    }
    Py_INCREF((PyObject *)descr);
    Py_XDECREF(field);
    return descr;
}

/* What a[*idx] = value stores, where the elements hold objects: assigned to a copy
 * of those elements first, in which the code of sequences and conversions runs. A
 * single one is made an array, and *idx its index. */
static PyObject *
store_apart(PyObject *a, PyObject **idx, PyObject *value)
{
    PyObject *plain = unwrap(a), *found, *copy, *all;

    found = plain == NULL ? NULL : base_subscript(plain, *idx);
    if (found != NULL && !is_plain(found)) {
        all = PyTuple_Check(*idx) ? new_ref(*idx) : PyTuple_Pack(1, *idx);
        replace(&all, all == NULL ? NULL : PySequence_List(all));
        if (all != NULL && PyList_Append(all, Py_Ellipsis) == 0) {
            replace(&all, PySequence_Tuple(all));
        }
        if (all != NULL && PyTuple_Check(all)) {
            replace(idx, new_ref(all));
            replace(&found, base_subscript(plain, *idx));
        }
        else {
            Py_CLEAR(found);
        }
        Py_XDECREF(all);
    }
    Py_XDECREF(plain);
    copy = found == NULL ? NULL : PyArray_NewCopy(ARR(found), NPY_KEEPORDER);
    Py_XDECREF(found);      /* no holder of the memory any more */
    if (copy != NULL && base_ass_subscript(copy, Py_Ellipsis, value) < 0) {
        Py_CLEAR(copy);
    }
    return copy;
}

/* The operand for `value`, with everything converted that may run Python code
 * while it is converted.  New reference. */
static PyObject *
ready_value(PyObject *value, PyObject *a, PyObject **idx, const Write *w)
{
    PyArray_Descr *descr = descr_of_target(a, *idx);
    int slice = w->part != NULL && lay_out(a, w->part);
    PyObject *operand;

    if (descr == NULL) {
        return NULL;
    }
    /* an array may become an element of an array of objects: as it is */
    operand = is_cow(value) && (PyArray_TYPE(ARR(a)) != NPY_OBJECT
                                || (slice && link_of(value)->seal
                                             == link_of(a)->seal))
        ? unwrap_value(value, a, w) : new_ref(value);
    if (operand != NULL && PyDataType_REFCHK(descr)) {
        /* one object is stored as it is */
        if (!is_ready(operand, descr, slice)
                && (descr->type_num != NPY_OBJECT || element(a, *idx) == NULL)) {
            replace(&operand, store_apart(a, idx, operand));
        }
    }
    else if (operand != NULL && !is_ready(operand, descr, slice)
             && !PyArray_IsScalar(operand, Datetime)
             && !PyArray_IsScalar(operand, Timedelta)) {
        /* as deep as NumPy looks into sequences; of what is an array, or makes one, it
         * drops axes of one */
        int is_list = PyList_CheckExact(operand) || PyTuple_CheckExact(operand);
        int depth = slice && is_list ? w->part->nd : 0;
        replace(&operand, PyArray_FromAny(operand, descr, 0, depth, NPY_ARRAY_FORCECAST,
                                          NULL));
        return operand;         /* the dtype is given away */
    }
    Py_DECREF((PyObject *)descr);
    return operand;
}

/* Nothing that runs code when NumPy reads it as an index. */
static int
is_plain_index(PyObject *idx)
{
    int plain = PyLong_CheckExact(idx) || PyBool_Check(idx) || idx == Py_None
        || idx == Py_Ellipsis || PyUnicode_CheckExact(idx) || is_number(idx)
        || is_plain(idx);

    if (plain || !PyList_CheckExact(idx)) {
        return plain;
    }
    plain = 1;
    for (Py_ssize_t i = 0; plain && i < PyList_Size(idx); i++) {
        PyObject *item = PyList_GetItem(idx, i);
        plain = PyLong_CheckExact(item) || PyBool_Check(item)
            || PyUnicode_CheckExact(item) || is_number(item);
    }
    return plain;
}

/* Does a basic index run no code when NumPy reads it? */
static int
runs_no_code(PyObject *idx)
{
    static const char *const names[] = {"start", "stop", "step"};
    int plain = 1;

    if (PyTuple_CheckExact(idx)) {
        for (Py_ssize_t i = 0; plain && i < PyTuple_Size(idx); i++) {
            plain = !PyTuple_Check(PyTuple_GetItem(idx, i))
                && runs_no_code(PyTuple_GetItem(idx, i));
        }
        return plain;
    }
    for (int i = 0; PySlice_Check(idx) && plain && i < 3; i++) {
        PyObject *bound = PyObject_GetAttrString(idx, names[i]);
        plain = bound != NULL && is_plain_index(bound);
        Py_XDECREF(bound);
    }
    return plain && (PySlice_Check(idx) || is_plain_index(idx));
}

static PyObject *
ready_bound(PyObject *slice, const char *name)
{
    PyObject *bound = PyObject_GetAttrString(slice, name);

    if (bound != NULL && bound != Py_None) {
        replace(&bound, PyNumber_Index(bound));
    }
    return bound;
}

/* A part of an index, with all code run that it may run, and a copy for an array
 * that looks at the memory of `a`. */
static PyObject *
ready_index_part(PyObject *idx, PyObject *a)
{
    static const Write all = {0};
    PyObject *start, *stop, *step, *slice = NULL;

    if (is_plain_index(idx)) {
        return new_ref(idx);
    }
    if (is_cow(idx)) {
        return unwrap_value(idx, a, &all);
    }
    if (PyIndex_Check(idx)) {
        return PyNumber_Index(idx);
    }
    if (!PySlice_Check(idx)) {
        return PyArray_FromAny(idx, NULL, 0, 0, 0, NULL);
    }
    start = ready_bound(idx, "start");
    stop = start == NULL ? NULL : ready_bound(idx, "stop");
    step = stop == NULL ? NULL : ready_bound(idx, "step");
    if (step != NULL) {
        slice = PySlice_New(start, stop, step);
    }
    Py_XDECREF(start);
    Py_XDECREF(stop);
    Py_XDECREF(step);
    return slice;
}

/* The index, ready to be read while `a` is open. */
static PyObject *
ready_index(PyObject *idx, PyObject *a)
{
    PyObject *plain;

    if (!PyTuple_Check(idx)) {
        return ready_index_part(idx, a);
    }
    plain = PyTuple_New(PyTuple_Size(idx));
    for (Py_ssize_t i = 0; plain != NULL && i < PyTuple_Size(idx); i++) {
        PyObject *item = ready_index_part(PyTuple_GetItem(idx, i), a);
        if (item == NULL) {
            Py_CLEAR(plain);
        }
        else {
            PyTuple_SetItem(plain, i, item);
        }
    }
    return plain;
}

/* Store one element, converted before: that may run Python code, a hook for an
 * overflow too, which may do anything with the array. */
static int
store_element(PyObject *self, PyObject *idx, PyObject *value)
{
    PyArray_Descr *descr = PyArray_DESCR(ARR(self));
    npy_intp size = PyDataType_ELSIZE(descr);
    union {
        npy_clongdouble aligned;
        char bytes[64];
    } few;
    char *packed = few.bytes, *item;
    PyObject *operand;
    int result, same;
    Form form;

    if (size > (npy_intp)sizeof(few)) {
        packed = PyMem_Malloc((size_t)size);
        if (packed == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    memset(packed, 0, (size_t)size);
    note_form(self, &form);
    /* NumPy looks into arrays of its own class only */
    operand = is_cow(value) ? unwrap(value) : new_ref(value);
    result = operand == NULL ? -1 : PyArray_Pack(descr, packed, operand);
    Py_XDECREF(operand);
    if (result == 0) {
        result = clean(self) < 0 ? -1
            : prepare_write(self, &(Write){.idx = idx});
    }
    same = has_form(self, &form);
    item = result == 0 && same ? element(self, idx) : NULL;
    if (result == 0 && item != NULL) {
        memcpy(item, packed, (size_t)size);
    }
    else if (result == 0) {
        result = form_error();
    }
    if (packed != few.bytes) {
        PyMem_Free(packed);
    }
    return result;
}

/* The elements that a[idx] = ... is about to replace, kept alive: a finalizer of
 * theirs runs when all is done.  NULL (no exception): they are no objects. */
static PyObject *
hold_elements(PyObject *a, PyObject *idx)
{
    PyObject *plain, *held = NULL;

    if (!PyDataType_REFCHK(PyArray_DESCR(ARR(a)))) {
        return NULL;
    }
    plain = unwrap(a);
    if (plain != NULL) {
        held = base_subscript(plain, idx);
        Py_DECREF(plain);
    }
    if (held != NULL && is_plain(held)) {
        replace(&held, PyArray_NewCopy(ARR(held), NPY_KEEPORDER));
    }
    return held;
}

/* The value cannot be converted, says the exception that is set: but NumPy looks
 * at the index first. */
static void
prefer_index_error(PyObject *a, PyObject *idx)
{
    PyObject *type, *value, *trace, *plain, *found;

    PyErr_Fetch(&type, &value, &trace);
    plain = unwrap(a);
    found = plain == NULL ? NULL : base_subscript(plain, idx);
    Py_XDECREF(plain);
    if (found != NULL || !PyErr_ExceptionMatches(PyExc_IndexError)) {
        PyErr_Clear();
        PyErr_Restore(type, value, trace);
        Py_XDECREF(found);
        return;
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
}

/* Is `value` the part of `a` itself?  It is after a[part] += ..., which has written it
 * there. */
static int
is_there(PyObject *a, PyObject *value, const Part *part)
{
    if (!(is_plain(value) || Py_TYPE(value) == cow_class)
            || PyArray_BYTES(ARR(value)) != part->data
            || PyArray_DESCR(ARR(value)) != PyArray_DESCR(ARR(a))
            || PyArray_NDIM(ARR(value)) != part->nd || link_of(a)->guard != NULL) {
        return 0;
    }
    for (int i = 0; i < part->nd; i++) {
        if (PyArray_DIM(ARR(value), i) != part->dims[i]
                || PyArray_STRIDE(ARR(value), i) != part->strides[i]) {
            return 0;
        }
    }
    return 1;
}

/* a[part] = value, where they are alike: nothing is converted, no code runs.  1; 0: it
 * takes more; -1: error. */
static int
store_quickly(PyObject *a, PyObject *value, Write *w)
{
    enum { MOST_BYTES_AT_ONCE = 1 << 14 };
    Part *part = w->part;
    Form form, same;
    int result;

    if (part != NULL && is_there(a, value, part)) {
        link_of(a)->flags &= ~IS_APART;
        return 1;
    }
    if (part == NULL || !(is_plain(value) || Py_TYPE(value) == cow_class)
            || PyArray_DESCR(ARR(value)) != PyArray_DESCR(ARR(a))
            || PyDataType_REFCHK(PyArray_DESCR(ARR(a)))
            || PyArray_NBYTES(ARR(value)) > MOST_BYTES_AT_ONCE
            || PyArray_NDIM(ARR(value)) != part->nd
            || !PyArray_CompareLists(PyArray_DIMS(ARR(value)), part->dims, part->nd)
            || value == a) {
        return 0;
    }
    note_form(a, &form);
    note_form(value, &same);
    result = prepare_write(a, w);
    if ((!has_form(a, &form) | !has_form(value, &same)) && result == 0) {
        result = form_error();
    }
    if (result < 0) {
        return -1;
    }
    /* what else looks there has memory of its own now; no lock is given up any more */
    if ((is_cow(value) && another_writes(value)) || !lay_out(a, part)) {
        return 0;
    }
    copy_elements(layout_of_part(part), layout_of(value),
                  (size_t)PyArray_ITEMSIZE(ARR(a)));
    return 1;
}

/* The index, all of whose code has run; the part of `self` that it is, if it is one. */
static PyObject *
read_target(PyObject *self, PyObject *idx, Part *part, Write *w)
{
    int is_part = parse_part(idx, part);

    if (is_part < 0 || clean(self) < 0) {
        return NULL;
    }
    if (is_part && lay_out(self, part)) {
        w->part = part;
        return new_ref(idx);
    }
    return is_part ? index_of_part(idx, part) : ready_index(idx, self);
}

static int
fill_alias(PyObject *alias, PyObject *operand)
{
    int type = PyArray_TYPE(ARR(alias));

    return stores_quietly(type, operand)
        ? PyArray_FillWithScalar(ARR(alias), operand)
        : is_plain(operand) && PyTypeNum_ISNUMBER(type)
        ? PyArray_CopyInto(ARR(alias), ARR(operand))
        : PyArray_CopyObject(ARR(alias), operand);
}

static int
array_ass_subscript(PyObject *self, PyObject *idx, PyObject *value)
{
    PyObject *alias, *operand, *plain_idx, *held;
    int result;
    Write w = {0};
    Form form;
    Part part;

    if (value == NULL) {
        return base_ass_subscript(self, idx, NULL);
    }
    if (clean(self) < 0 || (is_cow(value) && clean(value) < 0)
            || (is_temporary(self) && is_shared_view(self)
                && ask(hook[ON_CHAINED], self, NULL) < 0)) {
        return -1;
    }
    if (!PyDataType_REFCHK(PyArray_DESCR(ARR(self)))) {
        char *item = element(self, idx);
        if (item != NULL && link_of(self)->guard == NULL && is_alone(self)
                && on_parting == NULL && stores_quietly(PyArray_TYPE(ARR(self)), value)) {
            link_of(self)->writes++;
            link_of(self)->seal->unwritten = 0;
            return PyArray_Pack(PyArray_DESCR(ARR(self)), item, value);
        }
        if (item != NULL) {
            return store_element(self, idx, value);
        }
    }
    note_form(self, &form);
    plain_idx = read_target(self, idx, &part, &w);
    w.any = plain_idx;
    result = plain_idx == NULL ? -1 : store_quickly(self, value, &w);
    if (result != 0) {
        has_form(self, &form);
        Py_XDECREF(plain_idx);
        return result < 0 ? -1 : 0;
    }
    operand = plain_idx == NULL ? NULL
        : ready_value(value, self, &plain_idx, &w);
    if (operand == NULL && plain_idx != NULL && w.part == NULL) {
        prefer_index_error(self, plain_idx);
    }
    held = operand == NULL ? NULL : hold_elements(self, plain_idx);
    alias = operand == NULL || PyErr_Occurred() ? NULL
        : begin_write(self, &w);
    result = -1;
    if (!has_form(self, &form) && alias != NULL) {
        form_error();
    }
    else if (alias != NULL) {
        result = w.part == NULL || !part.found
            ? base_ass_subscript(alias, plain_idx, operand)
            : fill_alias(alias, operand);
    }
    Py_XDECREF(operand);
    Py_XDECREF(plain_idx);
    if (alias != NULL && end_write(self, alias, 0) < 0) {
        result = -1;
    }
    Py_XDECREF(held);
    return result;
}

static int
array_ass_item(PyObject *self, Py_ssize_t i, PyObject *value)
{
    PyObject *idx = index_of(self, i);
    int result = idx == NULL ? -1 : array_ass_subscript(self, idx, value);

    Py_XDECREF(idx);
    return result;
}
