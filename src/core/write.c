/* Who gets memory of his own before a write, and the alias through which NumPy
 * writes. */

/* What is written: an element, a part, or all. */
typedef struct {
    PyObject *idx;          /* of an element, or NULL */
    PyObject *any;          /* a[any] is written, or NULL: not known */
    Part *part;             /* or NULL */
    PyObject *ignored;      /* a sharer that does not matter, or NULL */
} Write;

/* Its memory. */
typedef struct {
    char *low, *high;
} Region;

static Region
find_region(PyObject *a, const Write *w)
{
    npy_intp size = PyArray_ITEMSIZE(ARR(a));
    Region r = {w->idx == NULL ? NULL : element(a, w->idx), NULL};

    r.high = r.low + size;
    if (r.low == NULL) {
        extent(w->part != NULL && lay_out(a, w->part)
               ? layout_of_part(w->part) : layout_of(a), size, &r.low, &r.high);
    }
    return r;
}

static int
sees(PyObject *o, const Region *r)
{
    char *low, *high;

    extent(layout_of(o), PyArray_ITEMSIZE(ARR(o)), &low, &high);
    return low < r->high && r->low < high;
}

enum { NOBODY, OTHERS, ITSELF };

/* Who gets memory of his own before the region of `a` is written?  *bytes: what
 * is copied; *weight: what the write counts for, see Seal.spent. */
static int
next_move(PyObject *a, const Region *r, PyObject *ignored, npy_intp *bytes,
          npy_intp *weight)
{
    Seal *seal = link_of(a)->seal;
    npy_intp own = PyArray_NBYTES(ARR(a)), total = 0, blind = 0, cost = 0;

    *bytes = *weight = 0;
    if (seal->exposed) {
        return NOBODY;          /* it is not shared, and C code looks at it */
    }
    *bytes = own;
    if (is_borrowed(seal) || link_of(a)->flags & IS_LENT
            || plain_holders(seal) > 0 || overlaps_itself(a)
            || seal->linked - 1 > own / 256) {
        return ITSELF;
    }
    for (PyObject *o = link_of(a)->next; o != a; o = link_of(o)->next) {
        /* NumPy has given it other memory: plain_holders() is too low; or C
         * code has its address, and may look beyond its elements */
        if (PyArray_BASE(ARR(o)) != seal->storage
                || link_of(o)->flags & IS_LENT) {
            return ITSELF;
        }
        if (o == ignored) {
            continue;
        }
        if (!sees(o, r)) {
            blind++;
            continue;
        }
        /* a private copy costs two headers and a seal besides its bytes */
        total += PyArray_NBYTES(ARR(o));
        cost += PyArray_NBYTES(ARR(o)) + 256;
        if (cost >= own) {
            return ITSELF;
        }
    }
    /* who is blind stays, and so may the next ones: not for ever */
    *weight = blind > 0 ? cost + blind * 16 : 0;
    if (seal->spent + *weight > own || (cost > 0 && seal->writing > 0)) {
        return ITSELF;
    }
    *bytes = total;
    return cost > 0 ? OTHERS : NOBODY;
}

/* Give every sharer of `a` that looks at the region memory of its own. */
static int
move_others(PyObject *a, const Region *r, PyObject *ignored)
{
    PyObject *others = PyList_New(0);
    int result = others == NULL ? -1 : 0;

    for (PyObject *o = link_of(a)->next; result == 0 && o != a;
            o = link_of(o)->next) {
        /* one that is dying may still be linked: leave it alone */
        if (o != ignored && sees(o, r) && Py_REFCNT(o) > 0) {
            result = PyList_Append(others, o);
        }
    }
    for (Py_ssize_t i = 0; result == 0 && i < PyList_Size(others); i++) {
        PyObject *o = PyList_GetItem(others, i);
        if (link_of(o)->seal == link_of(a)->seal) {
            result = detach(o, link_of(a)->flags & IS_VIEW
                            ? "a view of it is written"
                            : "its source is written", 1);
        }
    }
    Py_XDECREF(others);
    return result;
}

/* A step towards `a` being written: 1 where there may be more to do, since the
 * lock was given up, or somebody was told of a copy; 0 where nobody else looks
 * at the memory that is written, or writes it.  Then no code may run before it
 * is written or its seal knows. */
static int
make_private(PyObject *a, const Write *w, int attempt)
{
    enum { FEW_ATTEMPTS = 3, MOST_ATTEMPTS = 50 };
    Link *l = link_of(a);
    Region r = find_region(a, w);
    npy_intp bytes, weight;
    int who = next_move(a, &r, w->ignored, &bytes, &weight), result;

    if (who == NOBODY) {
        l->seal->spent += weight;
        return l->seal->exposed && l->seal->copying > 0
            ? (let_others_run() < 0 ? -1 : 1) : 0;
    }
    if (attempt > MOST_ATTEMPTS && on_copy != NULL) {
        PyErr_SetString(PyExc_RuntimeError,
                        "what is told of copies must not share the array");
        return -1;
    }
    if (who == OTHERS && attempt < FEW_ATTEMPTS) {
        l->seal->spent += weight;
        result = move_others(a, &r, w->ignored);
    }
    else {
        result = detach(a, l->flags & IS_VIEW ? "view written while shared"
                        : "written while shared", 1);
    }
    return result < 0 ? -1 : 1;
}

/* Does nobody else look at the memory of the clean array `a`? */
static inline int
is_alone(PyObject *a)
{
    Seal *seal = link_of(a)->seal;

    return (seal->linked == 1 && seal->owner == NULL && plain_holders(seal) == 0
            && !(link_of(a)->flags & IS_LENT) && !overlaps_itself(a)
            && !seal->exposed);
}

/* Everything that must happen before the clean array `a` may be written: what
 * the last step has found still holds. */
static int
prepare_write(PyObject *a, const Write *w)
{
    PyObject *guard = link_of(a)->guard;
    int more = 1;

    if (on_parting != NULL && guard == NULL
            && (check_parting(a, w->idx != NULL ? w->idx : w->any, w->ignored) < 0
                || clean(a) < 0)) {
        return -1;
    }
    link_of(a)->flags &= ~IS_APART;     /* from now on it has been written */
    link_of(a)->writes++;
    if (guard == NULL && is_alone(a)) {
        link_of(a)->seal->unwritten = 0;
        return 0;
    }
    if (guard != NULL) {
        Py_INCREF(guard);
        more = clean(a) < 0 ? -1 : ask(guard, a, NULL) < 0 ? -1 : 1;
        Py_DECREF(guard);
    }
    for (int attempt = 0; more > 0; attempt++) {
        more = clean(a) < 0 ? -1 : make_private(a, w, attempt);
    }
    if (more == 0) {
        link_of(a)->seal->unwritten = 0;
    }
    return more;
}

/* A writeable plain view of `a`, or of a part of it where there is one that
 * can be laid out (part->found); `a` is private by then.  Ended by
 * end_write. */
static PyObject *
begin_write(PyObject *a, const Write *w)
{
    Part *part = w->part;
    PyObject *alias;
    Layout at;
    Seal *seal;

    if (clean(a) < 0 || prepare_write(a, w) < 0) {
        return NULL;
    }
    seal = link_of(a)->seal;
    if (part != NULL) {
        part->found = lay_out(a, part);
    }
    at = part != NULL && part->found ? layout_of_part(part) : layout_of(a);
    alias = reuse_header(0, a, at, seal->storage);
    if (alias == NULL) {
        alias = new_header(a, at, seal->storage, 1);
    }
    if (alias != NULL) {
        if (part != NULL && part->found) {
            update_flags(alias);
        }
        PyArray_ENABLEFLAGS(ARR(alias), NPY_ARRAY_WRITEABLE);
        seal->writing++;
        seal->writer = PyThread_get_thread_ident();
        seal->forks = forks;
        Py_INCREF((PyObject *)seal);        /* given back by end_write */
    }
    return alias;
}

/* Take the alias back (steals it).  Where a view of it has escaped, `a`
 * moves away: the escaped view keeps the old memory to itself.  Called with
 * or without an exception set, which is kept.  `middle`: code may have run in
 * the middle of the write, and given `a` other memory.  -1: a new one was set. */
static int
end_write(PyObject *a, PyObject *alias, int middle)
{
    PyObject *storage = new_ref(PyArray_BASE(ARR(alias)));
    PyObject *type, *value, *trace;
    Seal *seal = (Seal *)PyArray_BASE(ARR(storage));
    int known = 1 + (Py_REFCNT(alias) > 1);     /* closed, it is harmless */
    int result = 0;

    PyErr_Fetch(&type, &value, &trace);
    PyArray_CLEARFLAGS(ARR(alias), NPY_ARRAY_WRITEABLE);
    if (Py_REFCNT(alias) > 1 || !keep_header(alias, 0)) {
        Py_DECREF(alias);
    }
    seal->writing--;
    if (link_of(a)->seal == seal) {
        if (plain_holders(seal) > known && !seal->exposed) {
            result = detach(a, "a writeable view escaped", 1);
        }
    }
    else if (type == NULL && middle) {
        PyErr_SetString(
            PyExc_RuntimeError,
            "the array was written to by code that ran in the middle of "
            "this write; the outer write is lost. Do the two writes one "
            "after the other.");
        result = -1;
    }
    leave_seal(seal);
    Py_DECREF(storage);
    if (type != NULL) {
        PyErr_Clear();
        PyErr_Restore(type, value, trace);
    }
    return result;
}
