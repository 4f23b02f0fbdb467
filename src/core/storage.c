/* Seals, the rings of their sharers, and what arrays keep. */

/* New seal that takes a reference to `owner` (may be NULL). */
static Seal *
new_seal(PyObject *owner)
{
    Seal *seal = PyObject_New(Seal, seal_type);

    if (seal != NULL) {
        seal->owner = new_ref(owner);
        seal->storage = seal->ring = NULL;
        seal->linked = seal->retired = seal->awaited = seal->writing = 0;
        seal->copying = seal->exposed = seal->unwritten = 0;
        seal->spent = seal->shift = 0;
        seal->kin = seal->back = seal;
        seal->torn = 0;
        seal->left = NULL;
    }
    return seal;
}

/* Take the seal out of its circle.  Returns what the caller gives back when all is
 * consistent, or NULL. */
static PyObject *
leave_kin(Seal *seal)
{
    PyObject *left = seal->left;

    seal->back->kin = seal->kin;
    seal->kin->back = seal->back;
    seal->kin = seal->back = seal;
    seal->left = NULL;
    return left;
}

/* Put the new seal of an array that leaves the memory of `left` into its circle:
 * with NumPy all of that would be one memory.  Its elements go `moved` bytes on. */
static void
join_kin(Seal *seal, Seal *left, npy_intp moved, int torn)
{
    seal->kin = left->kin;
    seal->back = left;
    left->kin->back = seal;
    left->kin = seal;
    seal->shift = left->shift - moved;
    seal->torn = left->torn | torn;
    seal->left = new_ref(left->left);
}

/* Strict views: the storage of the seal, which an array leaves, has other holders.  They
 * are looked for as long as there are arrays in the circle. */
static int
note_left(Seal *seal)
{
    PyObject *s = seal->storage;
    PyObject *list = seal->left != NULL ? new_ref(seal->left) : PyList_New(0);
    Seal *k = seal;
    int result = list == NULL ? -1 : 0;

    for (Py_ssize_t i = 0; result == 0 && i < PyList_Size(list); i++) {
        result = PyList_GetItem(list, i) == s;
    }
    if (result == 0) {
        result = PyList_Append(list, s);
        seal->retired += result == 0;
    }
    do {
        if (result == 0 && k->left == NULL) {
            k->left = new_ref(list);
        }
        k = k->kin;
    } while (k != seal);
    Py_XDECREF(list);
    return result < 0 ? -1 : 0;
}

static void
seal_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject *owner = ((Seal *)op)->owner, *left = leave_kin((Seal *)op);

    PyObject_Free(op);
    Py_XDECREF(owner);
    Py_XDECREF(left);
    Py_DECREF((PyObject *)type);
}

/* Make a storage of `s`, an exact ndarray that owns its memory and that
 * nobody else refers to.  Borrows `s`; returns its new seal, on which the
 * caller links an array at once (an unlinked seal has no storage). */
static Seal *
seal_storage(PyObject *s)
{
    Seal *seal = new_seal(NULL);

    if (seal != NULL) {
        set_owner(s, 0);
        adopt_block(s);
        seal->storage = new_ref(s);
        Py_XDECREF(swap_base(s, new_ref((PyObject *)seal)));
        note_seal(s, seal);
    }
    return seal;
}

/* A storage over the memory of the array `a`, which `owner` keeps alive. */
static Seal *
seal_borrowed(PyObject *a, PyObject *owner)
{
    Seal *seal = new_seal(owner);

    if (seal != NULL) {
        seal->storage = new_header(a, layout_of(a), (PyObject *)seal, 0);
        if (seal->storage == NULL) {
            Py_DECREF((PyObject *)seal);
            return NULL;
        }
    }
    return seal;
}

/* Drop a reference to the seal.  Where no array is linked any more, its
 * storage becomes an ordinary array again, which owns what it owned. */
static void
leave_seal(Seal *seal)
{
    PyObject *s = seal->storage, *left = NULL;

    if (s != NULL && seal->linked == 0 && seal->writing == 0
            && seal->awaited == 0) {
        seal->storage = NULL;
        left = leave_kin(seal);
        if (seal->owner == NULL) {
            note_seal(s, NULL);
            set_owner(s, 1);
            Py_XDECREF(swap_base(s, NULL));
        }
        Py_DECREF(s);
    }
    Py_DECREF((PyObject *)seal);
    Py_XDECREF(left);
}

/* Link `a` into the ring; takes a reference to the seal. */
static void
link_array(PyObject *a, Seal *seal)
{
    Link *l = link_of(a);

    Py_INCREF((PyObject *)seal);
    l->seal = seal;
    if (seal->ring == NULL) {
        l->prev = l->next = seal->ring = a;
    }
    else {
        l->next = seal->ring;
        l->prev = link_of(seal->ring)->prev;
        link_of(l->prev)->next = a;
        link_of(l->next)->prev = a;
    }
    seal->linked++;
}

/* Take `a` out of its ring, if it is in one.  Its base is untouched and
 * keeps the storage alive; may free the seal. */
static void
unlink_array(PyObject *a)
{
    Link *l = link_of(a);
    Seal *seal = l->seal;

    if (seal == NULL) {
        return;
    }
    link_of(l->prev)->next = l->next;
    link_of(l->next)->prev = l->prev;
    seal->ring = l->next == a ? NULL : l->next;
    l->seal = NULL;
    l->prev = l->next = NULL;
    seal->linked--;
    leave_seal(seal);
}

/* Take a kept storage out of the others.  Returns it. */
static PyObject *
pop_kept(Kept *kept, Py_ssize_t i)
{
    PyObject *s = kept->storage[i];
    Seal *seal = seal_of(s);

    kept->storage[i] = kept->storage[--kept->n];
    if (seal != NULL) {
        seal->retired--;
    }
    return s;
}

/* Leave the kept storages.  May run Python code (a borrowed owner dies). */
static void
drop_kept(PyObject *a)
{
    Kept *kept = link_of(a)->kept;

    link_of(a)->kept = NULL;
    while (kept != NULL && kept->n > 0) {
        Py_DECREF(pop_kept(kept, kept->n - 1));
    }
    PyMem_Free(kept);
}

/* Room for one more kept storage. */
static Kept *
more_kept(PyObject *a)
{
    Kept *kept = link_of(a)->kept, *grown = kept;
    Py_ssize_t room = kept == NULL ? 2 : 2 * kept->n;

    if (kept == NULL || kept->n == kept->room) {
        grown = PyMem_Realloc(kept, sizeof(Kept)
                              + (size_t)room * sizeof(PyObject *));
        if (grown == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        if (kept == NULL) {
            *grown = (Kept){0};
        }
        grown->room = room;
        link_of(a)->kept = grown;
    }
    return grown;
}

/* From where to where the items of `size` bytes lie. */
static void
extent(Layout at, npy_intp size, char **low, char **high)
{
    char *lo = at.data, *hi = lo + size;

    for (int i = 0; i < at.nd; i++) {
        if (at.dims[i] == 0) {
            *low = *high = at.data;
            return;
        }
        *(at.strides[i] > 0 ? &hi : &lo) += (at.dims[i] - 1) * at.strides[i];
    }
    *low = lo;
    *high = hi;
}

/* Does the memory of `a` lie inside that of `s`?  Of its first element, where
 * NumPy has not yet set the strides of a new view. */
static int
lies_inside(PyObject *a, PyObject *s, int first_only)
{
    char *lo, *hi, *slo, *shi;

    extent(layout_of(a), PyArray_ITEMSIZE(ARR(a)), &lo, &hi);
    extent(layout_of(s), PyArray_ITEMSIZE(ARR(s)), &slo, &shi);
    if (lo < hi && first_only) {
        lo = PyArray_BYTES(ARR(a));
        hi = lo + 1;
    }
    return lo == hi || (slo <= lo && hi <= shi);
}
