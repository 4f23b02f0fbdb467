/* Moving an array: memory of its own, with the same layout. */

/* Tell the ledger.  Errors go to sys.unraisablehook. */
static void
report_copy(PyObject *a, npy_intp bytes, const char *why)
{
    PyObject *ledger = new_ref(on_copy), *res;

    if (ledger == NULL) {
        return;
    }
    res = PyObject_CallFunction(ledger, "Ons", a,
                                (Py_ssize_t)bytes, why);
    if (res == NULL) {
        PyErr_WriteUnraisable(ledger);
    }
    Py_XDECREF(res);
    Py_DECREF(ledger);
}

static unsigned long forks;             /* that led to this process */

/* A thread that was writing when the process forked is not in the child. */
static inline int
another_writes(PyObject *a)
{
    Seal *seal = link_of(a)->seal;

    return (seal != NULL && seal->writing > 0 && seal->forks == forks
            && seal->writer != PyThread_get_thread_ident());
}

/* Give up the lock for a moment. */
static int
let_others_run(void)
{
    Py_BEGIN_ALLOW_THREADS
    PyThread_acquire_lock_timed(taken, 50, 0);
    Py_END_ALLOW_THREADS
    return PyErr_CheckSignals();
}

/* Wait while another thread writes the memory of `a`: a reader sees the old
 * or the new elements, never a mixture.  Who waits holds no write himself
 * (operands are unwrapped first), so nobody waits for ever. */
static int
wait_for_writer(PyObject *a)
{
    while (another_writes(a)) {
        if (let_others_run() < 0) {
            return -1;
        }
    }
    return 0;
}

/* Do elements of `a` lie in the same place, or is that not known?  Broadcast
 * arrays and sliding windows do. */
static int
overlaps_itself(PyObject *a)
{
    npy_intp reach = PyArray_ITEMSIZE(ARR(a)), strides[MOST_DIMS], dims[MOST_DIMS];
    int n = 0;

    if (PyArray_ISONESEGMENT(ARR(a))) {
        return 0;
    }
    for (int i = 0; i < PyArray_NDIM(ARR(a)); i++) {
        npy_intp dim = PyArray_DIM(ARR(a), i), step = PyArray_STRIDE(ARR(a), i);
        int k = n;
        if (dim <= 1) {
            continue;
        }
        step = step < 0 ? -step : step;
        for (; k > 0 && strides[k - 1] > step; k--) {
            strides[k] = strides[k - 1];
            dims[k] = dims[k - 1];
        }
        strides[k] = step;
        dims[k] = dim;
        n++;
    }
    for (int i = 0; i < n; i++) {
        if (strides[i] < reach) {
            return 1;
        }
        reach += (dims[i] - 1) * strides[i];
    }
    return 0;
}

/* Memory for the elements of an array, and how they lie in it. */
typedef struct {
    PyObject *storage;              /* strong: an exact ndarray that owns it */
    char *first;                    /* where the first element is */
    npy_intp *strides;              /* NULL: those that the array has */
    npy_intp given[MOST_DIMS];
    npy_intp copied;                /* bytes */
} Room;

static void
lay_out_in_order(Room *m, Layout at, npy_intp step)
{
    for (int i = at.nd; i-- > 0;) {
        m->given[i] = step;
        step *= at.dims[i];
    }
    m->strides = m->given;
}

/* A kept storage of `a` that nobody else looks at, opened: so many `bytes` of the
 * dtype or, where that is NULL, of the layout of `a`; a few are looked at each
 * time.  NULL: none. */
static PyObject *
reuse_kept(PyObject *a, PyArray_Descr *descr, npy_intp bytes)
{
    enum { LOOKS = 8 };
    Kept *kept = link_of(a)->kept;

    for (int i = 0; kept != NULL && i < LOOKS && i < kept->n; i++) {
        PyObject *s;
        kept->next = (kept->next + 1) % kept->n;
        s = kept->storage[kept->next];
        /* the only reference is that of `a` */
        if (is_ours_alone(s)
                && (descr == NULL ? same_layout(a, s)
                    : PyArray_DESCR(ARR(s)) == descr
                    && PyArray_NDIM(ARR(s)) == 1
                    && PyArray_NBYTES(ARR(s)) == bytes)) {
            PyArray_ENABLEFLAGS(ARR(s), NPY_ARRAY_WRITEABLE);
            return pop_kept(kept, kept->next);
        }
    }
    return NULL;
}

/* Let the strings of the new storage `s` (steals it) belong to the dtype of the
 * array that will look at it: C code that holds the array finds its older strings
 * by that.  Each is stored by itself, not in the arena of the dtype, which does
 * not shrink: so does NumPy where a short string was before. */
static PyObject *
share_strings(PyObject *s, PyArray_Descr *descr)
{
    static const char *const texts[] = {"-", ""};
    PyObject *own;

    if (s == NULL || descr->type_num != NPY_VSTRING
            || PyArray_DESCR(ARR(s)) == descr) {
        return s;
    }
    own = (PyObject *)PyArray_DESCR(ARR(s));
    Py_INCREF((PyObject *)descr);
    FIELDS(s)->descr = descr;       /* of zeros, which any of them reads */
    Py_DECREF(own);
    for (int i = 0; s != NULL && i < 2; i++) {
        PyObject *text = PyUnicode_FromString(texts[i]);
        if (text == NULL || PyArray_FillWithScalar(ARR(s), text) < 0) {
            Py_CLEAR(s);
        }
        Py_XDECREF(text);
    }
    return s;
}

/* The dtype of a storage that has no layout: bytes, but for references. */
static PyArray_Descr *
descr_of_storage(PyArray_Descr *descr)
{
    PyArray_Descr *bytes = PyArray_DescrFromType(NPY_UBYTE);    /* immortal */

    Py_DECREF((PyObject *)bytes);
    return PyDataType_REFCHK(descr) ? descr : bytes;
}

/* An exact ndarray of one dimension, which owns `bytes` bytes. */
static PyObject *
new_storage(PyArray_Descr *descr, npy_intp bytes)
{
    npy_intp n = bytes / PyDataType_ELSIZE(descr);

    Py_INCREF((PyObject *)descr);
    return share_strings(PyArray_NewFromDescr(&PyArray_Type, descr, 1, &n, NULL,
                                              NULL, 0, NULL), descr);
}

/* Allocate memory for the elements of `a`, with `before` and `after` bytes around
 * the first one. */
static int
make_room(PyObject *a, npy_intp before, npy_intp after, Room *m)
{
    PyArray_Descr *own = PyArray_DESCR(ARR(a)), *descr = descr_of_storage(own);
    npy_intp bytes = PyArray_NBYTES(ARR(a));
    Kept *kept = link_of(a)->kept;
    PyObject *old;

    note_size(a);
    old = enter_pool();
    m->storage = NULL;
    if (before == 0 && after == bytes && m->strides == NULL) {
        m->storage = reuse_kept(a, NULL, 0);
        if (m->storage == NULL) {
            m->storage = share_strings(
                PyArray_NewLikeArray(ARR(a), NPY_KEEPORDER, NULL, 0), own);
        }
        if (m->storage == NULL || !same_shape(a, m->storage)) {
            Py_CLEAR(m->storage);
        }
    }
    if (m->storage == NULL && !PyErr_Occurred()) {
        bytes = before + after + PyDataType_ELSIZE(descr) - 1;
        bytes -= bytes % PyDataType_ELSIZE(descr);
        m->storage = reuse_kept(a, descr, bytes);
        if (m->storage == NULL) {
            m->storage = new_storage(descr, bytes);
        }
        if (m->storage != NULL && kept != NULL && kept->after > 0
                && !PyDataType_REFCHK(own)) {
            memset(PyArray_BYTES(ARR(m->storage)), 0,
                   (size_t)PyArray_NBYTES(ARR(m->storage)));
        }
    }
    leave_pool(old);
    if (m->storage == NULL) {
        return -1;
    }
    m->first = PyArray_BYTES(ARR(m->storage)) + before;
    return 0;
}

/* Copy the elements of `source` to where they lie in the room, in the layout
 * `at`. */
static int
fill_room(PyObject *source, Layout at, const Room *m)
{
    int refs = PyDataType_REFCHK(PyArray_DESCR(ARR(source))), result = -1;
    PyObject *to, *from = NULL;

    to = new_header(refs ? m->storage : source, at, m->storage, 1);
    if (to != NULL) {
        from = new_header(source, layout_of(source), source, 0);
    }
    if (from != NULL) {
        /* look at the memory itself: `source` may move meanwhile */
        Py_XDECREF(swap_base(from, new_ref(PyArray_BASE(ARR(source)) == NULL
                                           ? source
                                           : PyArray_BASE(ARR(source)))));
        result = PyArray_CopyInto(ARR(to), ARR(from));
    }
    Py_XDECREF(from);
    Py_XDECREF(to);
    return result;
}

/* As copy_memory, for all of an array whose memory is pages.  1; 0: a plain copy is
 * needed; -1: error. */
static int
copy_paged_memory(PyObject *a, Room *m)
{
    m->storage = reuse_kept(a, NULL, 0);
    if (m->storage != NULL && refresh_pages(m->storage, a, &m->copied) < 0) {
        memcpy(PyArray_BYTES(ARR(m->storage)), PyArray_BYTES(ARR(a)),
               (size_t)m->copied);
    }
    if (m->storage == NULL) {
        m->storage = copy_pages(a, NPY_KEEPORDER, &m->copied);
    }
    if (m->storage == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    m->first = PyArray_BYTES(ARR(m->storage));
    return 1;
}

/* A copy of the memory of `a`, as it lies: with all bytes between its elements,
 * of which the system provides what is touched.  C code that holds the array
 * goes on with the strides that it has seen, and stays inside.  Elements that
 * lie in the same place are put apart; an array that nobody has `seen` gets
 * no more bytes than it needs. */
static int
copy_memory(PyObject *a, int seen, Room *m)
{
    npy_intp size = PyArray_ITEMSIZE(ARR(a)), bytes = PyArray_NBYTES(ARR(a));
    Kept *kept = seen ? link_of(a)->kept : NULL;
    npy_intp before, after;
    Layout at = layout_of(a);
    char *low, *high;

    extent(at, size, &low, &high);
    before = at.data - low;
    after = high - at.data;
    m->strides = NULL;
    if (link_of(a)->flags & BEING_MADE && link_of(a)->seal != NULL) {
        /* NumPy may give it other strides yet, in the same memory */
        PyObject *s = link_of(a)->seal->storage;
        char *first, *end;
        extent(layout_of(s), PyArray_ITEMSIZE(ARR(s)), &first, &end);
        before = at.data - first > before ? at.data - first : before;
        after = end - at.data > after ? end - at.data : after;
    }
    if (overlaps_itself(a) || (!seen && high - low > bytes)) {
        lay_out_in_order(m, at, size);
        before = seen ? before : 0;
        after = seen && after > bytes ? after : bytes;
        at.strides = m->strides;
    }
    if (kept != NULL) {
        before = kept->before > before ? kept->before : before;
        after = kept->after > after ? kept->after : after;
    }
    m->copied = bytes;
    if (before == 0 && after == bytes && m->strides == NULL
            && pages_of(a) != NULL) {
        int result = copy_paged_memory(a, m);
        if (result != 0) {
            return result < 0 ? -1 : 0;
        }
    }
    if (make_room(a, before, after, m) < 0) {
        return -1;
    }
    if (m->strides == NULL && high - low == bytes
            && PyTypeNum_ISNUMBER(PyArray_DESCR(ARR(a))->type_num)) {
        memcpy(m->first - (at.data - low), low, (size_t)bytes);
        return 0;
    }
    at.data = m->first;
    if (fill_room(a, at, m) < 0) {
        Py_CLEAR(m->storage);
        return -1;
    }
    return 0;
}

/* Keep what `a` leaves, since C code may have a pointer into it that no count
 * tells: its storage or, `as_view`, a view of that. */
static int
keep_old(PyObject *a, int as_view)
{
    PyObject *old = PyArray_BASE(ARR(a)), *view;
    Kept *kept = old == NULL ? NULL : more_kept(a);
    Seal *left;

    if (kept == NULL) {
        return old == NULL ? 0 : -1;
    }
    view = as_view ? new_header(a, layout_of(a), old, 0) : new_ref(old);
    if (view == NULL) {
        return -1;
    }
    left = as_view ? NULL : seal_of(old);
    if (left != NULL) {
        left->retired++;
    }
    kept->storage[kept->n++] = view;
    return 0;
}

/* Let `a` lie in the room, whose storage is given away; what it leaves is kept
 * if somebody has `seen` it.  -1: nothing has changed. */
static int
move(PyObject *a, Room *m, int seen)
{
    Link *l = link_of(a);
    Seal *seal = seal_storage(m->storage);
    PyObject *old = NULL;
    int result = -1;

    /* a foreign view looks at lent memory: a view keeps it, so that it is never
     * used again and its sharers do not write it */
    if (seal != NULL && (!seen || keep_old(a, l->flags & IS_LENT) == 0)) {
        if (l->seal != NULL && on_parting != NULL
                /* one reference is that of detach() */
                && (plain_holders(l->seal) > 1 || is_borrowed(l->seal))
                && note_left(l->seal) < 0) {
            PyErr_Clear();          /* no memory: they are forgotten */
        }
        if (l->seal != NULL) {
            join_kin(seal, l->seal, m->first - PyArray_BYTES(ARR(a)),
                     m->strides != NULL);
        }
        old = look_at(a, m->storage, m->first, m->strides);
        unlink_array(a);
        link_array(a, seal);
        l->flags &= ~(IS_VIEW | IS_LENT);
        l->mover = PyThread_get_thread_ident();
        result = 0;
    }
    if (seal != NULL) {
        leave_seal(seal);
    }
    Py_CLEAR(m->storage);
    Py_XDECREF(old);
    return result;
}

/* Give `a` private memory with the same contents, or find that somebody else has
 * done so meanwhile: copying gives up the lock, and who is told of the copy may
 * do what he likes. */
static int
detach(PyObject *a, const char *why, int seen)
{
    Link *l = link_of(a);
    PyObject *held;
    Seal *seal;
    char *data;
    int result, same;
    Form form;
    Room m;

    if (wait_for_writer(a) < 0) {
        return -1;
    }
    seal = l->seal;
    data = PyArray_BYTES(ARR(a));
    held = new_ref(PyArray_BASE(ARR(a)));   /* nobody writes there now */
    if (seal != NULL) {
        Py_INCREF((PyObject *)seal);
        seal->copying++;
    }
    note_form(a, &form);
    result = copy_memory(a, seen, &m);
    same = has_form(a, &form) && l->seal == seal && PyArray_BYTES(ARR(a)) == data;
    if (result == 0 && !same) {
        Py_CLEAR(m.storage);
    }
    else if (result == 0) {
        result = move(a, &m, seen);
        data = NULL;
    }
    if (seal != NULL) {
        seal->copying--;
        leave_seal(seal);
    }
    Py_XDECREF(held);
    if (result == 0 && data == NULL) {
        report_copy(a, m.copied, why);
    }
    return result;
}

/* How many bytes around the first element cover whatever `a` has covered, and the
 * elements of `source`. */
static void
cover(PyObject *a, PyObject *source, npy_intp *before, npy_intp *after)
{
    npy_intp own = PyArray_NBYTES(ARR(source)), size = PyArray_ITEMSIZE(ARR(source));
    Kept *kept = link_of(a)->kept;
    char *low, *high;

    extent(layout_of(a), PyArray_ITEMSIZE(ARR(a)), &low, &high);
    *before = PyArray_BYTES(ARR(a)) - low;
    *after = high - PyArray_BYTES(ARR(a));
    *after = *after > own ? *after : own;
    if (kept != NULL) {
        *before = kept->before > *before ? kept->before : *before;
        *after = kept->after > *after ? kept->after : *after;
    }
    if (PyDataType_REFCHK(PyArray_DESCR(ARR(source)))) {
        *before += (size - *before % size) % size;      /* whole elements */
    }
    else {
        *before += -*before & (2 * (npy_intp)sizeof(npy_clongdouble) - 1);
    }
}

/* The dtype (borrowed) that `a` gets with the elements of `source`, NULL with an
 * exception: C code may look at elements that it has, or had, by its dtype. */
static PyArray_Descr *
next_descr(PyObject *a, PyObject *source)
{
    PyArray_Descr *old = PyArray_DESCR(ARR(a)), *descr = PyArray_DESCR(ARR(source));

    if (PyArray_EquivTypes(descr, old)) {
        return descr->type_num == NPY_VSTRING ? old : descr;    /* share_strings */
    }
    if ((PyArray_NBYTES(ARR(a)) > 0 || link_of(a)->kept != NULL)
            && (PyDataType_ELSIZE(descr) > PyDataType_ELSIZE(old)
                || PyDataType_REFCHK(descr) || PyDataType_REFCHK(old))) {
        PyErr_SetString(PyExc_TypeError,
                        "elements cannot get more bytes, or become references, where "
                        "they are: C code may look at them. Write instead:  "
                        "a = cow.array(np.empty(0)); a.__setstate__(state)");
        return NULL;
    }
    return descr;
}

/* Let `a` take the layout, the dtype and the base of `header`, a view of a storage
 * with the seal; there is room for one more that it keeps. */
static void
take_layout(PyObject *a, PyObject *header, Seal *seal)
{
    Link *l = link_of(a);

    swap_layout(a, header);     /* and its base, which goes with it */
    update_flags(a);
    unlink_array(a);
    link_array(a, seal);
    l->flags &= ~(IS_VIEW | IS_LENT);
    l->mover = PyThread_get_thread_ident();
    /* C code may have a pointer to the old shape */
    l->kept->storage[l->kept->n++] = new_ref(header);
}

/* Give `a` a copy of the elements of `source`, with the layout and the dtype of
 * that.  Whatever it has covered stays inside of its memory.  As move; 1: it has
 * got other memory meanwhile, nothing has changed. */
static int
become(PyObject *a, PyObject *source)
{
    PyArray_Descr *descr = next_descr(a, source);
    npy_intp size = PyArray_ITEMSIZE(ARR(source)), before, after;
    Layout at = layout_of(source);
    PyObject *header = NULL;
    Link *l = link_of(a);
    Seal *seal = NULL, *was = l->seal;
    int result = -1;
    Room m;

    cover(a, source, &before, &after);
    m.storage = descr == NULL ? NULL
        : new_storage(descr_of_storage(descr),
                      before + after + (size > 0 ? size - 1 : 0));
    if (m.storage == NULL) {
        return -1;
    }
    if (!PyDataType_REFCHK(descr)) {
        memset(PyArray_BYTES(ARR(m.storage)), 0,
               (size_t)PyArray_NBYTES(ARR(m.storage)));
    }
    m.first = PyArray_BYTES(ARR(m.storage)) + before;
    at.data = m.first;
    lay_out_in_order(&m, at, size);
    at.strides = m.strides;
    if (fill_room(source, at, &m) == 0 && l->seal != was) {
        result = 1;     /* copying gives up the lock */
    }
    else if (!PyErr_Occurred() && wait_for_writer(a) == 0
             && keep_old(a, l->flags & IS_LENT) == 0
             && more_kept(a) != NULL) {
        header = new_header(PyDataType_REFCHK(descr) ? m.storage : source, at,
                            m.storage, 0);
        seal = header == NULL ? NULL : seal_storage(m.storage);
    }
    if (seal != NULL) {
        take_layout(a, header, seal);
        l->kept->before = before;
        l->kept->after = after;
        leave_seal(seal);
        result = 0;
    }
    Py_XDECREF(header);
    Py_DECREF(m.storage);
    return result;
}
