/* Strict views: where a write parts from NumPy's, which all views would see.  There is
 * nothing to do, and nothing here runs, unless `on_parting` is set. */

static int
are_kin(Seal *one, Seal *other)
{
    Seal *k = other;

    do {
        k = k->kin;
    } while (k != one && k != other);
    return k == one;
}

/* Add the cow arrays, but `a` and `part`, that look at what would be one memory with
 * NumPy; how many others look at it.  Runs no code. */
static int
find_kin(PyObject *a, PyObject *part, PyObject *found, Py_ssize_t *holders)
{
    Seal *seal = link_of(a)->seal, *k = seal;

    do {
        PyObject *o = k->ring;
        Py_ssize_t seen = k->storage == NULL ? 0 : plain_holders(k);
        for (Py_ssize_t i = o == NULL ? 0 : k->linked; i > 0;
                i--, o = link_of(o)->next) {
            /* NumPy has given it other memory: the storage has a holder less */
            seen += PyArray_BASE(ARR(o)) != k->storage;
            seen += o != a && link_of(o)->flags & IS_LENT ? 1 : 0;
            /* one that is dying may still be linked */
            if (o != a && o != part && Py_REFCNT(o) > 0
                    && PyList_Append(found, o) < 0) {
                return -1;
            }
        }
        /* who was given a pointer sees what is written in place */
        *holders += k == seal && seal->exposed ? 0 : seen;
        k = k->kin;
    } while (k != seal);
    return 0;
}

/* How many references to the array `s` are ours: those of the arrays that keep it, and
 * of the list of the circle. */
static Py_ssize_t
count_keepers(PyObject *s, PyObject *a, PyObject *found)
{
    PyObject *left = link_of(a)->seal->left;
    Py_ssize_t n = PyList_Size(found), count = 0;

    for (Py_ssize_t i = -1; i < n; i++) {
        Kept *kept = link_of(i < 0 ? a : PyList_GetItem(found, i))->kept;
        for (Py_ssize_t k = 0; kept != NULL && k < kept->n; k++) {
            count += kept->storage[k] == s
                || PyArray_BASE(ARR(kept->storage[k])) == s;
        }
    }
    for (Py_ssize_t i = 0; left != NULL && i < PyList_Size(left); i++) {
        count += PyList_GetItem(left, i) == s;
    }
    return count;
}

/* Does somebody else have the array, or the memory that it looks at? */
static int
is_held_elsewhere(PyObject *owner)
{
    while (is_plain(owner) && Py_REFCNT(owner) == 1
            && FIELDS(owner)->weakreflist == NULL) {
        if (HAS(owner, OWNDATA)) {
            return 0;
        }
        if (PyArray_BASE(ARR(owner)) == NULL) {
            return 1;
        }
        owner = PyArray_BASE(ARR(owner));
    }
    return 1;
}

/* Who owns the memory that `s`, which was left, looks at (borrowed reference, NULL:
 * nobody else); *holders: plain arrays that look there. */
static PyObject *
look_back(PyObject *s, PyObject *a, PyObject *found, Py_ssize_t *holders)
{
    PyObject *base = PyArray_BASE(ARR(s));
    PyObject *owner = base != NULL && Py_TYPE(base) == seal_type
        ? ((Seal *)base)->owner : NULL;

    if (seal_of(s) != NULL) {
        return NULL;                /* it is one of the circle */
    }
    *holders += Py_REFCNT(s) > 1 && Py_REFCNT(s) > count_keepers(s, a, found);
    return owner != NULL && is_held_elsewhere(owner) ? owner : NULL;
}

/* The same for all memory that the arrays look at, or have left. */
static PyObject *
find_owner(PyObject *a, PyObject *found, Py_ssize_t *holders)
{
    Seal *seal = link_of(a)->seal, *k = seal;
    PyObject *owner = NULL, *left = seal->left;

    do {
        if (k->owner != NULL && is_held_elsewhere(k->owner)) {
            return k->owner;
        }
        k = k->kin;
    } while (k != seal);
    for (Py_ssize_t i = -1; owner == NULL && i < PyList_Size(found); i++) {
        Kept *kept = link_of(i < 0 ? a : PyList_GetItem(found, i))->kept;
        for (Py_ssize_t n = 0; owner == NULL && kept != NULL && n < kept->n; n++) {
            owner = look_back(kept->storage[n], a, found, holders);
        }
    }
    for (Py_ssize_t i = 0; owner == NULL && left != NULL && i < PyList_Size(left);) {
        PyObject *s = PyList_GetItem(left, i);
        Py_ssize_t before = *holders;
        owner = look_back(s, a, found, holders);
        /* only arrays that keep it have it: they may use it again */
        if (owner != NULL || *holders > before || seal_of(s) != NULL
                || Py_REFCNT(s) == 1 || PyList_SetSlice(left, i, i + 1, NULL) < 0) {
            i++;
        }
    }
    PyErr_Clear();
    return owner;
}

/* The array `self` dies.  Where it is the last one over its memory, and plain arrays go
 * on looking there, the others of its circle remember them.  Keeps an exception. */
static void
note_holders(PyObject *self)
{
    Seal *seal = link_of(self)->seal;
    PyObject *type, *value, *trace;

    if (seal == NULL || seal->linked > 1 || seal->kin == seal
            || (plain_holders(seal) <= 0 && !is_borrowed(seal))) {
        return;
    }
    PyErr_Fetch(&type, &value, &trace);
    if (note_left(seal) < 0) {
        PyErr_Clear();              /* no memory: they are forgotten */
    }
    PyErr_Restore(type, value, trace);
}

/* Give back memory that was left, and that nobody looks at any more.  May run code. */
static int
drop_left(PyObject *a)
{
    Seal *seal = link_of(a)->seal;
    PyObject *left = seal == NULL ? NULL : new_ref(seal->left);

    int result = 0;

    for (Py_ssize_t i = 0; left != NULL && result == 0 && i < PyList_Size(left);) {
        if (Py_REFCNT(PyList_GetItem(left, i)) == 1) {
            result = PyList_SetSlice(left, i, i + 1, NULL);
        }
        else {
            i++;
        }
    }
    Py_XDECREF(left);
    return result;
}

/* (array, references to it, where its first element would be, or None) */
static PyObject *
describe_kin(PyObject *o)
{
    Py_ssize_t count = Py_REFCNT(o) - 1;        /* without that of the list */
    Seal *seal = link_of(o)->seal;
    PyObject *place = seal == NULL || seal->torn ? new_ref(Py_None)
        : PyLong_FromSsize_t((Py_ssize_t)PyArray_BYTES(ARR(o)) + seal->shift);

    return Py_BuildValue("OnN", o, count, place);
}

/* Ask whether the clean array `a` may be written, a[index] of it (NULL: all), or `part`,
 * a view which is its own (or NULL), where with NumPy somebody else might see that:
 * on_parting(a, index, where it would be or None, others, plain holders, owner or None,
 * does it overlap itself).  May run code. */
static int
check_parting(PyObject *a, PyObject *index, PyObject *part)
{
    PyObject *others = PyList_New(0), *owner = NULL, *res = NULL, *hook_now, *place;
    int itself, result = 0;
    Py_ssize_t holders = 0;
    Seal *seal;

    if (others == NULL || clean(a) < 0 || find_kin(a, part, others, &holders) < 0) {
        Py_XDECREF(others);
        return -1;
    }
    seal = link_of(a)->seal;
    if (part != NULL && link_of(part)->seal == seal) {
        index = NULL;
    }
    else {
        part = a;
    }
    owner = new_ref(find_owner(a, others, &holders));
    holders += link_of(a)->flags & IS_LENT ? 1 : 0;
    itself = overlaps_itself(a);
    if (on_parting != NULL && (PyList_Size(others) > 0 || holders > 0
                               || owner != NULL || itself)) {
        hook_now = new_ref(on_parting);
        place = seal->torn ? new_ref(Py_None)
            : PyLong_FromSsize_t((Py_ssize_t)PyArray_BYTES(ARR(part)) + seal->shift);
        for (Py_ssize_t i = 0; i < PyList_Size(others) && result == 0; i++) {
            PyObject *told = describe_kin(PyList_GetItem(others, i));
            result = told == NULL ? -1 : PyList_SetItem(others, i, told);
        }
        if (result == 0 && place != NULL) {
            res = PyObject_CallFunction(hook_now, "OOOOnOi", part,
                                        index == NULL ? Py_None : index, place,
                                        others, holders,
                                        owner == NULL ? Py_None : owner, itself);
        }
        result = res == NULL ? -1 : 0;
        Py_XDECREF(res);
        Py_XDECREF(place);
        Py_DECREF(hook_now);
    }
    Py_XDECREF(owner);
    Py_DECREF(others);
    return result < 0 ? -1 : drop_left(a);
}
