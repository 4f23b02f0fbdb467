/* What NumPy has made of an array is taken in: __array_finalize__, and the check
 * that each entry makes. */

/* The seal that stands behind `base` (borrowed), NULL where there is none:
 * the memory is somebody else's. */
static Seal *
find_seal(PyObject *base)
{
    Seal *seal = NULL;

    while (base != NULL && PyArray_Check(base) && seal == NULL) {
        seal = is_cow(base) ? link_of(base)->seal : seal_of(base);
        base = PyArray_BASE(ARR(base));
    }
    return seal;
}

/* make_view() tells finalize here which storage a new array belongs to. */
static struct {
    void *data;
    Seal *seal;
} expected;

static void
finish_seal(PyObject *a, Seal *seal)
{
    PyObject *old = swap_base(a, new_ref(seal->storage));

    PyArray_CLEARFLAGS(ARR(a), NPY_ARRAY_WRITEABLE);
    link_array(a, seal);
    Py_XDECREF(old);
}

/* Adopt fresh memory that NumPy is about to fill: `a` stays writeable until
 * it is first touched (see clean). */
static int
adopt_fresh(PyObject *a)
{
    PyObject *s = new_header(a, layout_of(a), NULL, 0), *base;
    Seal *seal;

    if (s == NULL) {
        return -1;
    }
    hand_over(a, s);
    seal = seal_storage(s);
    if (seal == NULL) {
        hand_over(s, a);
        Py_DECREF(s);
        return -1;
    }
    base = swap_base(a, s);
    link_array(a, seal);
    Py_DECREF((PyObject *)seal);
    Py_XDECREF(base);
    return 0;
}

/* Link a CowArray that is in no ring: one that NumPy is making, whose strides it
 * may set later (it is `stale` where it must not share; NULL: it is made), or one
 * whose base it has changed (ndarray.__setstate__).  Runs no Python code but
 * finalizers of dead owners. */
static int
adopt(PyObject *a, int *stale)
{
    PyObject *base = PyArray_BASE(ARR(a));
    Seal *seal;

    if (HAS(a, OWNDATA)) {
        return adopt_fresh(a);
    }
    if (base == NULL) {
        seal = expected.seal;
        if (seal != NULL && expected.data == PyArray_DATA(ARR(a))) {
            expected.seal = NULL;
            finish_seal(a, seal);
        }
        return 0;       /* else raw memory, whose base comes later: clean */
    }
    seal = find_seal(base);
    if (seal == NULL) {
        seal = seal_borrowed(a, base);
        if (seal == NULL) {
            return -1;
        }
        finish_seal(a, seal);
        Py_DECREF((PyObject *)seal);
        return 0;
    }
    if (!lies_inside(a, seal->storage, stale != NULL) || seal->exposed
            || seal->writing > 0) {
        /* a view of an array that has moved on, or of memory that is written:
         * trust nothing, when NumPy has finished it */
        PyArray_CLEARFLAGS(ARR(a), NPY_ARRAY_WRITEABLE);
        Seal *left = seal;
        if (stale == NULL) {
            int result;
            Py_INCREF((PyObject *)left);
            result = detach(a, "memory that may be written", 1);
            if (result == 0) {
                join_kin(link_of(a)->seal, left, 0, 1);
            }
            leave_seal(left);
            return result;
        }
        *stale = IS_STALE;
        seal = seal_borrowed(a, base);
        if (seal == NULL) {
            return -1;
        }
        join_kin(seal, left, 0, 1);
        finish_seal(a, seal);
        Py_DECREF((PyObject *)seal);
        return 0;
    }
    link_of(a)->flags |= IS_VIEW;
    finish_seal(a, seal);
    return 0;
}

/* Tell of a new array, for its place of origin.  Runs the code of that hook. */
static void
tell_made(PyObject *a)
{
    PyObject *made = new_ref(on_made), *address = PyLong_FromVoidPtr(a);

    if (address == NULL || ask(made, address, NULL) < 0) {
        PyErr_WriteUnraisable(made);
    }
    Py_XDECREF(address);
    Py_DECREF(made);
}

/* The C function in __array_finalize__.  NumPy has set the base of a view
 * before it calls. */
static int
finalize_array(PyArrayObject *self, PyObject *obj)
{
    PyObject *a = (PyObject *)self, *method, *res;
    PyObject *from = obj != NULL && obj != Py_None ? obj : NULL;
    int stale = 0;

    if (!is_cow(a)) {
        PyErr_SetString(PyExc_TypeError,
                        "this __array_finalize__ is for cow arrays only");
        return -1;
    }
    if (link_of(a)->seal == NULL && adopt(a, &stale) < 0) {
        return -1;
    }
    if (on_made != NULL) {
        tell_made(a);
    }
    if (from != NULL && is_cow(from) && link_of(from)->guard != NULL
            && link_of(from)->seal == link_of(a)->seal) {
        replace(&link_of(a)->guard, new_ref(link_of(from)->guard));
    }
    if (Py_TYPE(a) == cow_class) {
        if (PyArray_DESCR(self)->type_num != NPY_OBJECT) {
            PyObject_GC_UnTrack(a);     /* it can be in no cycle */
        }
        link_of(a)->flags |= stale;
        return 0;
    }
    link_of(a)->flags |= BEING_MADE;
    method = PyObject_GenericGetAttr(a, str_finalize);
    res = method == NULL ? NULL
        : PyObject_CallFunctionObjArgs(method, from ? from : Py_None, NULL);
    link_of(a)->flags = (link_of(a)->flags & ~BEING_MADE) | stale;
    Py_XDECREF(method);
    Py_XDECREF(res);
    return res == NULL ? -1 : 0;
}

/* The consistency walker: what is wrong with a clean array, or NULL. */
static const char *
find_fault(PyObject *a)
{
    Seal *seal = link_of(a)->seal;
    Py_ssize_t n = 0, stale = 0;
    PyObject *o = a;

    if (seal == NULL || seal_of(PyArray_BASE(ARR(a))) != seal) {
        return "the base is not the storage of the seal";
    }
    if (HAS(a, WRITEABLE) || HAS(a, OWNDATA)
            || HAS(seal->storage, WRITEABLE)) {
        return "writeable, or owner of its memory";
    }
    if (!lies_inside(a, seal->storage, 0)) {
        return "memory outside of the storage";
    }
    do {
        if (link_of(o)->seal != seal || link_of(link_of(o)->next)->prev != o) {
            return "the ring is broken";
        }
        /* NumPy has changed it behind our back; it will be cleaned */
        stale += PyArray_BASE(ARR(o)) != seal->storage;
        n++;
        o = link_of(o)->next;
    } while (o != a);
    if (plain_holders(seal) + stale < 0 || seal->retired < 0
            || seal->writing < 0 || seal->awaited < 0) {
        return "wrong counts";
    }
    return n != seal->linked ? "wrong number of sharers" : NULL;
}

#ifdef COW_CHECK
static int clean_unchecked(PyObject *a);
#endif

/* Bring an array that NumPy's C code made or changed behind our back into
 * the invariant; wait for another thread that writes its memory.  Every slot
 * and function calls it first. */
static int
clean(PyObject *a)
#ifdef COW_CHECK
{
    int result = clean_unchecked(a);
    /* a long ring takes too long to walk each time */
    const char *wrong = result < 0 || link_of(a)->seal->linked > 500
        || link_of(a)->flags & BEING_MADE ? NULL : find_fault(a);

    if (wrong != NULL) {
        Py_FatalError(wrong);
    }
    return result;
}

static int
clean_unchecked(PyObject *a)
#endif
{
    Seal *seal = link_of(a)->seal;

    if (another_writes(a)) {
        if (wait_for_writer(a) < 0) {
            return -1;
        }
        seal = link_of(a)->seal;
    }
    if (link_of(a)->flags & BEING_MADE && seal != NULL
            && PyArray_BASE(ARR(a)) == seal->storage) {
        return 0;               /* NumPy may still fill it, or lay it out */
    }
    if (link_of(a)->flags & IS_STALE) {
        link_of(a)->flags &= ~IS_STALE;
        if (seal != NULL && seal->owner != NULL
                && detach(a, "memory that may be written", 1) < 0) {
            link_of(a)->flags |= IS_STALE;
            return -1;
        }
        seal = link_of(a)->seal;
    }
    if (seal == NULL || PyArray_BASE(ARR(a)) != seal->storage) {
        unlink_array(a);
        if (adopt(a, NULL) < 0) {
            return -1;
        }
        if (link_of(a)->seal == NULL
                && detach(a, "memory without an owner", 1) < 0) {
            return -1;
        }
    }
    else if (!HAS(a, WRITEABLE)) {
        return 0;
    }
    else if (plain_holders(seal) > 0 || seal->linked > 1) {
        /* somebody has a writeable view from before the first touch */
        if (detach(a, "writeable view of a new array", 1) < 0) {
            return -1;
        }
    }
    PyArray_CLEARFLAGS(ARR(a), NPY_ARRAY_WRITEABLE);
    return 0;
}

static int
need_cow(PyObject *op)
{
    if (!is_cow(op)) {
        PyErr_Format(PyExc_TypeError, "expected a CowArray, got %R",
                     (PyObject *)Py_TYPE(op));
        return -1;
    }
    return clean(op);
}

static int
need_class(PyObject *op)
{
    if (!PyType_Check(op)
            || !PyType_IsSubtype((PyTypeObject *)op, cow_class)) {
        PyErr_Format(PyExc_TypeError, "expected a CowArray class, got %R",
                     op);
        return -1;
    }
    return 0;
}
