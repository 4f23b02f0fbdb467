/* The mechanism of cow: storage, sharing, moving an array, the hot slots.
 *
 * Words (see docs/explanation.md):
 *   storage   an exact, read-only ndarray over the memory; the base of every
 *             CowArray, and of every plain view that NumPy makes of one
 *   seal      the base of a storage: refuses to open it and knows its sharers
 *   sharer    an array that looks at a storage
 *   detach    get private memory
 *   borrow    look at memory that somebody else owns
 *
 * Invariant: a clean CowArray is read-only for NumPy, is linked in the ring
 * of exactly one seal, and its base is the storage of that seal.  A storage
 * has OWNDATA cleared as long as a CowArray is linked (NumPy lets an owner be
 * made writeable again); the last one that leaves gives OWNDATA back, so
 * that NumPy itself frees the memory and its elements.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <string.h>
#include <numpy/arrayobject.h>

#if PY_VERSION_HEX < 0x030B0000
#error "cow needs CPython 3.11 or newer"
#endif

/* ------------------------------------------------------------------ types */

typedef struct {
    PyObject_HEAD
    PyObject *storage;      /* strong; NULL when no CowArray is linked */
    PyObject *owner;        /* strong; who owns borrowed memory, or NULL */
    PyObject *ring;         /* borrowed; one linked CowArray, or NULL */
    Py_ssize_t linked;      /* CowArrays in the ring */
    Py_ssize_t retired;     /* arrays that keep the storage after a move */
    Py_ssize_t writing;     /* writeable aliases that exist now */
} Seal;

enum {
    IS_VIEW = 1,            /* NumPy would write through it into another */
    IS_LENT = 2,            /* its memory may be seen through the object */
    IS_EXPOSED = 4          /* a raw pointer was given away: never share */
};

typedef struct {
    Seal *seal;             /* strong; NULL while not linked */
    PyObject *prev;         /* borrowed; the ring of the seal */
    PyObject *next;
    PyObject *kept;         /* strong; list of storages left behind, or NULL */
    PyObject *guard;        /* strong; called before each write, or NULL */
    int flags;
} Link;

typedef int (*is_temporary_func)(PyObject *);

static PyTypeObject *seal_type;
static PyTypeObject *finalizer_type;
static PyTypeObject *core_type;         /* _core.Array */
static PyTypeObject *cow_class;         /* cow.CowArray */
static PyObject *capsule;               /* of finalize_array */
static Py_ssize_t link_offset;
static PyObject *on_chained;            /* (array) -> raises if it is one */
static PyObject *on_copy;               /* (array, nbytes, why), or NULL */
static PyObject *on_ufunc;              /* __array_ufunc__ in Python */
static is_temporary_func unique_temporary;      /* CPython 3.14 */
static int counts_locals;               /* a local variable is a reference */
static PyObject *str_call, *str_finalize;

static binaryfunc base_subscript;
static ssizeargfunc base_item;
static objobjargproc base_ass_subscript;
static destructor base_dealloc;
static newfunc base_new;
static richcmpfunc base_richcompare;

#define ARR(op) ((PyArrayObject *)(op))

/* Py_XSETREF, which the limited API lacks. */
static inline void
replace(PyObject **slot, PyObject *value)
{
    PyObject *old = *slot;

    *slot = value;
    Py_XDECREF(old);
}

static inline Link *
link_of(PyObject *a)
{
    return (Link *)((char *)a + link_offset);
}

static inline int
is_cow(PyObject *op)
{
    return Py_TYPE(op) == cow_class || PyObject_TypeCheck(op, core_type);
}

static inline int
is_plain(PyObject *op)
{
    return Py_TYPE(op) == &PyArray_Type;
}

/* The seal of a storage (borrowed), NULL for anything else.  No exception. */
static inline Seal *
seal_of(PyObject *op)
{
    PyObject *base;

    if (!is_plain(op) || PyArray_CHKFLAGS(ARR(op), NPY_ARRAY_OWNDATA)) {
        return NULL;
    }
    base = PyArray_BASE(ARR(op));
    if (base == NULL || Py_TYPE(base) != seal_type
            || ((Seal *)base)->storage != op) {
        return NULL;
    }
    return (Seal *)base;
}

/* Does `op` own its memory, and the caller the only reference to it? */
static int
is_ours_alone(PyObject *op)
{
    return (Py_REFCNT(op) == 1 && is_plain(op)
            && PyArray_CHKFLAGS(ARR(op), NPY_ARRAY_OWNDATA)
            && !PyArray_CHKFLAGS(ARR(op), NPY_ARRAY_WRITEBACKIFCOPY));
}

/* Is the memory somebody else's? */
static inline int
is_borrowed(Seal *seal)
{
    return seal->owner != NULL && !is_ours_alone(seal->owner);
}

/* References to the storage that are neither CowArrays nor kept by one. */
static inline Py_ssize_t
plain_holders(Seal *seal)
{
    return (Py_REFCNT(seal->storage) - 1 - seal->linked - seal->retired);
}

/* 1 when the caller's expression holds the only reference. */
static inline int
is_temporary(PyObject *op)
{
    if (unique_temporary != NULL) {
        return unique_temporary(op);
    }
    return counts_locals && Py_REFCNT(op) == 1;
}

/* ---------------------------------------------------- fields of an ndarray
 * The only functions that write to PyArrayObject_fields.                   */

static void
set_owner(PyObject *storage, int owns)
{
    if (owns) {
        PyArray_ENABLEFLAGS(ARR(storage), NPY_ARRAY_OWNDATA);
    }
    else {
        PyArray_CLEARFLAGS(ARR(storage),
                           NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE);
    }
}

/* Give `a` the base; steals it and returns the old one (new ref or NULL). */
static PyObject *
swap_base(PyObject *a, PyObject *base)
{
    PyArrayObject_fields *fa = (PyArrayObject_fields *)a;
    PyObject *old = fa->base;

    fa->base = base;
    return old;
}

/* Hand the memory that `a` owns to the storage `s` (same layout). */
static void
hand_over(PyObject *a, PyObject *s)
{
    ((PyArrayObject_fields *)s)->mem_handler =
        ((PyArrayObject_fields *)a)->mem_handler;
    ((PyArrayObject_fields *)a)->mem_handler = NULL;
    PyArray_CLEARFLAGS(ARR(a), NPY_ARRAY_OWNDATA);
}

/* Exchange the layouts of `a` and `b`: memory, shape, strides, dtype, base
 * and the flags that follow from them. */
static void
swap_layout(PyObject *a, PyObject *b)
{
    PyArrayObject_fields *fa = (PyArrayObject_fields *)a;
    PyArrayObject_fields *fb = (PyArrayObject_fields *)b;
    PyArrayObject_fields was = *fa;

    fa->data = fb->data;
    fa->nd = fb->nd;
    fa->dimensions = fb->dimensions;
    fa->strides = fb->strides;
    fa->base = fb->base;
    fa->descr = fb->descr;
    fa->flags = fb->flags;
    fb->data = was.data;
    fb->nd = was.nd;
    fb->dimensions = was.dimensions;
    fb->strides = was.strides;
    fb->base = was.base;
    fb->descr = was.descr;
    fb->flags = was.flags & ~(NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE);
}

/* Headers of dead CowArrays, with their room for shape and strides, by
 * number of dimensions: making a view through NumPy costs twice as much. */
enum { FREE_DIMS = 5, FREE_MOST = 64 };
static PyObject *free_headers[FREE_DIMS];
static int free_count[FREE_DIMS];

/* Keep the header of `a`, whose last reference is gone.  0: it cannot be. */
static int
keep_header(PyObject *a)
{
    PyArrayObject_fields *fa = (PyArrayObject_fields *)a;
    PyObject *base, *type = (PyObject *)Py_TYPE(a);
    PyArray_Descr *descr;

    if (Py_TYPE(a) != cow_class || fa->nd >= FREE_DIMS
            || free_count[fa->nd] >= FREE_MOST || fa->_buffer_info != NULL
            || fa->mem_handler != NULL) {
        return 0;
    }
    if (fa->weakreflist != NULL) {
        PyObject_ClearWeakRefs(a);
    }
    base = fa->base;
    descr = fa->descr;
    fa->base = NULL;
    fa->descr = NULL;
    link_of(a)->next = free_headers[fa->nd];
    free_headers[fa->nd] = a;
    free_count[fa->nd]++;
    Py_XDECREF(base);
    Py_XDECREF((PyObject *)descr);
    Py_DECREF(type);
    return 1;
}

/* Point the header `a` at the memory of `storage`, with the dtype of the array
 * `like`.  Takes new references. */
static void
fill_header(PyObject *a, PyObject *like, char *data, npy_intp const *dims,
            npy_intp const *strides, PyObject *storage, int writeable)
{
    PyArrayObject_fields *fa = (PyArrayObject_fields *)a;

    fa->data = data;
    for (int i = 0; i < fa->nd; i++) {
        fa->dimensions[i] = dims[i];
        fa->strides[i] = strides[i];
    }
    fa->descr = PyArray_DESCR(ARR(like));
    Py_INCREF((PyObject *)fa->descr);
    Py_INCREF(storage);
    fa->base = storage;
    fa->weakreflist = NULL;
    fa->flags = (PyArray_FLAGS(ARR(like))
                 & ~(NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE));
    fa->flags |= writeable;
}

/* One plain header for each number of dimensions, for the next alias. */
static PyObject *spare_alias[FREE_DIMS];

/* Drop an alias; its header is kept for the next one where nobody else
 * refers to it.  Steals the reference. */
static void
drop_alias(PyObject *alias)
{
    PyArrayObject_fields *fa = (PyArrayObject_fields *)alias;
    PyObject *base = fa->base;
    PyArray_Descr *descr = fa->descr;

    if (Py_REFCNT(alias) > 1 || fa->nd >= FREE_DIMS
            || spare_alias[fa->nd] != NULL || fa->weakreflist != NULL
            || fa->_buffer_info != NULL) {
        Py_DECREF(alias);
        return;
    }
    fa->base = NULL;
    fa->descr = NULL;
    spare_alias[fa->nd] = alias;
    Py_DECREF(base);
    Py_DECREF((PyObject *)descr);
}

/* A kept header, made alive again over the memory of the array `like`, with
 * another position and layout; NULL (no exception) when there is none.  The
 * caller links it at once. */
static PyObject *
reuse_header(PyObject *like, int nd, char *data, npy_intp const *dims,
             npy_intp const *strides, PyObject *storage)
{
    PyObject *a;

    if (nd >= FREE_DIMS || free_headers[nd] == NULL) {
        return NULL;
    }
    a = free_headers[nd];
    free_headers[nd] = link_of(a)->next;
    free_count[nd]--;
    *link_of(a) = (Link){0};
    a = PyObject_Init(a, cow_class);
    fill_header(a, like, data, dims, strides, storage, 0);
    return a;
}

/* --------------------------------------------------------- seal and storage */

/* New seal that takes a reference to `owner` (may be NULL). */
static Seal *
new_seal(PyObject *owner)
{
    Seal *seal = PyObject_New(Seal, seal_type);

    if (seal == NULL) {
        return NULL;
    }
    Py_XINCREF(owner);
    seal->owner = owner;
    seal->storage = NULL;
    seal->ring = NULL;
    seal->linked = seal->retired = seal->writing = 0;
    return seal;
}

static void
seal_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject *owner = ((Seal *)op)->owner;

    PyObject_Free(op);
    Py_XDECREF(owner);
    Py_DECREF((PyObject *)type);
}

/* A plain view of `a`, read-only or writeable, whose base is `base`.
 * New reference; may raise MemoryError; runs no Python code. */
static PyObject *
new_header(PyObject *a, PyObject *base, int writeable)
{
    PyArray_Descr *descr = PyArray_DESCR(ARR(a));
    int flags = PyArray_FLAGS(ARR(a)) & ~(NPY_ARRAY_OWNDATA
                                          | NPY_ARRAY_WRITEABLE);
    PyObject *view;

    Py_INCREF((PyObject *)descr);
    view = PyArray_NewFromDescr(
        &PyArray_Type, descr, PyArray_NDIM(ARR(a)), PyArray_DIMS(ARR(a)),
        PyArray_STRIDES(ARR(a)), PyArray_DATA(ARR(a)),
        flags | (writeable ? NPY_ARRAY_WRITEABLE : 0), NULL);
    if (view == NULL) {
        return NULL;
    }
    Py_XINCREF(base);
    swap_base(view, base);
    return view;
}

/* Make a storage of `s`, an exact ndarray that owns its memory and that
 * nobody else refers to.  Borrows `s`; returns its new seal, on which the
 * caller links an array at once (an unlinked seal has no storage). */
static Seal *
seal_storage(PyObject *s)
{
    Seal *seal = new_seal(NULL);
    PyObject *old;

    if (seal == NULL) {
        return NULL;
    }
    set_owner(s, 0);
    Py_INCREF(s);
    seal->storage = s;
    Py_INCREF((PyObject *)seal);
    old = swap_base(s, (PyObject *)seal);
    Py_XDECREF(old);
    return seal;
}

/* A storage over the memory of the array `a`, which `owner` keeps alive.
 * New reference to its seal. */
static Seal *
seal_borrowed(PyObject *a, PyObject *owner)
{
    Seal *seal = new_seal(owner);

    if (seal == NULL) {
        return NULL;
    }
    seal->storage = new_header(a, (PyObject *)seal, 0);
    if (seal->storage == NULL) {
        Py_DECREF((PyObject *)seal);
        return NULL;
    }
    return seal;
}

/* Drop a reference to the seal.  Where no array is linked any more, its
 * storage becomes an ordinary array again, which owns what it owned. */
static void
leave_seal(Seal *seal)
{
    PyObject *s = seal->storage, *base;

    if (s != NULL && seal->linked == 0 && seal->writing == 0) {
        seal->storage = NULL;
        if (seal->owner == NULL) {
            set_owner(s, 1);
            base = swap_base(s, NULL);
            Py_XDECREF(base);
        }
        Py_DECREF(s);
    }
    Py_DECREF((PyObject *)seal);
}

/* Link `a` into the ring; takes a reference to the seal. */
static void
link_array(PyObject *a, Seal *seal)
{
    Link *l = link_of(a);

    Py_INCREF((PyObject *)seal);
    l->seal = seal;
    if (seal->ring == NULL) {
        l->prev = l->next = a;
        seal->ring = a;
    }
    else {
        l->next = seal->ring;
        l->prev = link_of(seal->ring)->prev;
        link_of(l->prev)->next = a;
        link_of(l->next)->prev = a;
    }
    seal->linked++;
}

/* Take `a` out of its ring.  Its base is untouched and keeps the storage
 * alive; may free the seal. */
static void
unlink_array(PyObject *a)
{
    Link *l = link_of(a);
    Seal *seal = l->seal;

    if (seal == NULL) {
        return;
    }
    if (l->next == a) {
        seal->ring = NULL;
    }
    else {
        link_of(l->prev)->next = l->next;
        link_of(l->next)->prev = l->prev;
        seal->ring = l->next;
    }
    l->seal = NULL;
    l->prev = l->next = NULL;
    seal->linked--;
    leave_seal(seal);
}

/* Leave the kept storages.  May run Python code (a borrowed owner dies). */
static void
drop_kept(PyObject *a)
{
    PyObject *kept = link_of(a)->kept;
    Py_ssize_t n;

    if (kept == NULL) {
        return;
    }
    link_of(a)->kept = NULL;
    n = PyList_Size(kept);
    for (Py_ssize_t i = 0; i < n; i++) {
        Seal *seal = seal_of(PyList_GetItem(kept, i));
        if (seal != NULL) {
            seal->retired--;
        }
    }
    Py_DECREF(kept);
}

static void
extent(PyObject *a, char **low, char **high)
{
    char *lo = PyArray_BYTES(ARR(a));
    char *hi = lo + PyArray_ITEMSIZE(ARR(a));

    for (int i = 0; i < PyArray_NDIM(ARR(a)); i++) {
        npy_intp n = PyArray_DIM(ARR(a), i);
        npy_intp step = PyArray_STRIDE(ARR(a), i);
        if (n == 0) {
            *low = *high = PyArray_BYTES(ARR(a));
            return;
        }
        if (step > 0) {
            hi += (n - 1) * step;
        }
        else {
            lo += (n - 1) * step;
        }
    }
    *low = lo;
    *high = hi;
}

/* Does the memory of `a` lie inside that of `s`? */
static int
lies_inside(PyObject *a, PyObject *s)
{
    char *lo, *hi, *slo, *shi;

    extent(a, &lo, &hi);
    if (lo == hi) {
        return 1;
    }
    extent(s, &slo, &shi);
    return slo <= lo && hi <= shi;
}

/* ------------------------------------------------------- moving an array */

/* Tell the ledger.  Errors go to sys.unraisablehook. */
static void
report_copy(PyObject *a, const char *why)
{
    PyObject *hook = on_copy, *res;

    if (hook == NULL) {
        return;
    }
    Py_INCREF(hook);
    res = PyObject_CallFunction(hook, "Ons", a,
                                (Py_ssize_t)PyArray_NBYTES(ARR(a)), why);
    if (res == NULL) {
        PyErr_WriteUnraisable(hook);
    }
    Py_XDECREF(res);
    Py_DECREF(hook);
}

/* Is the kept storage `s` free, and of the layout that a copy would have? */
static int
can_reuse(PyObject *a, PyObject *s)
{
    int nd = PyArray_NDIM(ARR(a));
    Seal *seal = seal_of(s);

    if (Py_REFCNT(s) != 1 || seal != NULL
            || !PyArray_CHKFLAGS(ARR(s), NPY_ARRAY_OWNDATA)
            || PyArray_NDIM(ARR(s)) != nd
            || PyArray_DESCR(ARR(s)) != PyArray_DESCR(ARR(a))
            || PyDataType_REFCHK(PyArray_DESCR(ARR(s)))
            || !PyTypeNum_ISNUMBER(PyArray_DESCR(ARR(s))->type_num)) {
        return 0;
    }
    return (PyArray_CompareLists(PyArray_DIMS(ARR(a)),
                                 PyArray_DIMS(ARR(s)), nd)
            && PyArray_CompareLists(PyArray_STRIDES(ARR(a)),
                                    PyArray_STRIDES(ARR(s)), nd));
}

/* A copy of the memory of `a`: an exact ndarray that owns its memory (new
 * reference).  Takes a kept storage of the same layout where one is free. */
static PyObject *
copy_memory(PyObject *a)
{
    PyObject *kept = link_of(a)->kept;
    PyObject *view, *copy = NULL;

    view = new_header(a, PyArray_BASE(ARR(a)), 0);
    if (view == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = kept == NULL ? 0 : PyList_Size(kept); i-- > 0;) {
        PyObject *s = PyList_GetItem(kept, i);
        if (can_reuse(a, s)) {
            Py_INCREF(s);
            PyArray_ENABLEFLAGS(ARR(s), NPY_ARRAY_WRITEABLE);
            if (PyList_SetSlice(kept, i, i + 1, NULL) < 0
                    || PyArray_CopyInto(ARR(s), ARR(view)) < 0) {
                Py_DECREF(s);
                goto done;
            }
            copy = s;
            goto done;
        }
    }
    copy = PyArray_NewCopy(ARR(view), NPY_KEEPORDER);
done:
    Py_DECREF(view);
    return copy;
}

/* Give `a` the memory and the layout of `fresh`, an exact ndarray that owns
 * its memory and that only the caller refers to.  What `a` leaves is kept
 * while anything but the caller may hold a pointer into it.
 * -1 with an exception set: nothing has changed. */
static int
become(PyObject *a, PyObject *fresh)
{
    Link *l = link_of(a);
    PyObject *header = NULL, *old = PyArray_BASE(ARR(a));
    Seal *seal = seal_storage(fresh), *left;
    int result = -1;

    if (seal == NULL) {
        return -1;
    }
    header = new_header(fresh, fresh, 0);
    if (header == NULL) {
        goto done;
    }
    if (old != NULL && Py_REFCNT(a) > 1) {
        if (l->kept == NULL) {
            l->kept = PyList_New(0);
        }
        /* kept twice, it is never used again: a foreign view looks at it */
        left = seal_of(old);
        for (int n = l->flags & IS_LENT ? 2 : 1; n > 0; n--) {
            if (l->kept == NULL || PyList_Append(l->kept, old) < 0) {
                goto done;
            }
            if (left != NULL) {
                left->retired++;
            }
        }
    }
    swap_layout(a, header);
    unlink_array(a);
    link_array(a, seal);
    l->flags &= ~(IS_VIEW | IS_LENT);
    result = 0;
done:
    leave_seal(seal);
    Py_XDECREF(header);
    return result;
}

/* Give `a` private memory with the same contents.  As become. */
static int
detach(PyObject *a, const char *why)
{
    PyObject *copy = copy_memory(a);
    int result;

    if (copy == NULL) {
        return -1;
    }
    result = become(a, copy);
    Py_DECREF(copy);
    if (result == 0) {
        report_copy(a, why);
    }
    return result;
}

/* The seal that stands behind `base` (borrowed), NULL where there is none:
 * the memory is somebody else's. */
static Seal *
find_seal(PyObject *base)
{
    while (base != NULL && PyArray_Check(base)) {
        Seal *seal = is_cow(base) ? link_of(base)->seal : seal_of(base);
        if (seal != NULL) {
            return seal;
        }
        base = PyArray_BASE(ARR(base));
    }
    return NULL;
}

/* make_view() tells finalize here which storage a new array belongs to. */
static struct {
    void *data;
    Seal *seal;
} expected;

static void
finish_seal(PyObject *a, Seal *seal)
{
    PyObject *old;

    Py_INCREF(seal->storage);
    old = swap_base(a, seal->storage);
    PyArray_CLEARFLAGS(ARR(a), NPY_ARRAY_WRITEABLE);
    link_array(a, seal);
    Py_XDECREF(old);
}

/* Link a CowArray that is in no ring: a new one, or one whose base NumPy has
 * changed (ndarray.__setstate__).  `from`: the array that it was made from,
 * or NULL.  Runs no Python code but finalizers of dead owners. */
static int
adopt(PyObject *a, PyObject *from)
{
    PyObject *base = PyArray_BASE(ARR(a));
    Seal *seal;

    if (PyArray_CHKFLAGS(ARR(a), NPY_ARRAY_OWNDATA)) {
        /* fresh memory that NumPy is about to fill: stays writeable until
         * it is first touched (see clean) */
        PyObject *s = new_header(a, NULL, 0);
        if (s == NULL) {
            return -1;
        }
        hand_over(a, s);
        set_owner(s, 1);
        seal = seal_storage(s);
        if (seal == NULL) {
            hand_over(s, a);
            set_owner(s, 0);
            PyArray_ENABLEFLAGS(ARR(a), NPY_ARRAY_OWNDATA);
            Py_DECREF(s);
            return -1;
        }
        base = swap_base(a, s);
        link_array(a, seal);
        Py_DECREF((PyObject *)seal);
        Py_XDECREF(base);
        return 0;
    }
    if (base == NULL) {
        if (expected.seal != NULL
                && expected.data == PyArray_DATA(ARR(a))) {
            seal = expected.seal;
            expected.seal = NULL;
            finish_seal(a, seal);
            return 0;
        }
        return 0;       /* raw memory, whose base comes later: see clean */
    }
    seal = find_seal(base);
    if (seal != NULL) {
        if (lies_inside(a, seal->storage)) {
            link_of(a)->flags |= IS_VIEW;
            finish_seal(a, seal);
            if (seal->writing > 0
                    || (from != NULL && is_cow(from)
                        && link_of(from)->flags & IS_EXPOSED)) {
                return detach(a, "shared memory that is being written");
            }
            return 0;
        }
        /* a view of an array that has moved on: trust nothing */
        PyArray_CLEARFLAGS(ARR(a), NPY_ARRAY_WRITEABLE);
        return detach(a, "view of an array that has moved");
    }
    seal = seal_borrowed(a, base);
    if (seal == NULL) {
        return -1;
    }
    finish_seal(a, seal);
    Py_DECREF((PyObject *)seal);
    return 0;
}

/* The C function in __array_finalize__.  NumPy has set the base of a view
 * before it calls. */
static int
finalize_array(PyArrayObject *self, PyObject *obj)
{
    PyObject *a = (PyObject *)self, *hook, *res;
    PyObject *from = obj != NULL && obj != Py_None ? obj : NULL;

    if (!is_cow(a)) {
        PyErr_SetString(PyExc_TypeError,
                        "this __array_finalize__ is for cow arrays only");
        return -1;
    }
    if (link_of(a)->seal == NULL && adopt(a, from) < 0) {
        return -1;
    }
    if (from != NULL && is_cow(from) && link_of(from)->guard != NULL
            && link_of(from)->seal == link_of(a)->seal) {
        Py_INCREF(link_of(from)->guard);
        replace(&link_of(a)->guard, link_of(from)->guard);
    }
    if (Py_TYPE(a) == cow_class) {
        return 0;
    }
    hook = PyObject_GetAttr(a, str_finalize);
    if (hook == NULL) {
        return -1;
    }
    res = PyObject_CallFunctionObjArgs(hook, from ? from : Py_None, NULL);
    Py_DECREF(hook);
    Py_XDECREF(res);
    return res == NULL ? -1 : 0;
}

static inline int
is_clean(PyObject *a)
{
    Seal *seal = link_of(a)->seal;

    return (seal != NULL && PyArray_BASE(ARR(a)) == seal->storage
            && !PyArray_CHKFLAGS(ARR(a), NPY_ARRAY_WRITEABLE));
}

/* Bring an array that NumPy's C code made or changed behind our back into
 * the invariant.  Every slot and function calls it first. */
static int
clean(PyObject *a)
{
    Seal *seal = link_of(a)->seal;

    if (is_clean(a)) {
        return 0;
    }
    if (seal == NULL || PyArray_BASE(ARR(a)) != seal->storage) {
        unlink_array(a);
        if (adopt(a, NULL) < 0) {
            return -1;
        }
        seal = link_of(a)->seal;
        if (seal == NULL) {
            return detach(a, "memory without an owner");
        }
    }
    else if (plain_holders(seal) > 0 || seal->linked > 1) {
        /* somebody has a writeable view from before the first touch */
        return detach(a, "writeable view of a new array");
    }
    PyArray_CLEARFLAGS(ARR(a), NPY_ARRAY_WRITEABLE);
    return 0;
}

/* --------------------------------------------------- unwrap and wrap again */

/* What NumPy's C code is given instead of `a`: the storage where `a` covers
 * it, else a plain read-only view.  New reference. */
static PyObject *
unwrap(PyObject *a)
{
    PyObject *s;
    int nd = PyArray_NDIM(ARR(a));

    if (clean(a) < 0) {
        return NULL;
    }
    s = link_of(a)->seal->storage;
    if (PyArray_DATA(ARR(s)) == PyArray_DATA(ARR(a))
            && PyArray_NDIM(ARR(s)) == nd
            && PyArray_DESCR(ARR(s)) == PyArray_DESCR(ARR(a))
            && PyArray_CompareLists(PyArray_DIMS(ARR(a)),
                                    PyArray_DIMS(ARR(s)), nd)
            && PyArray_CompareLists(PyArray_STRIDES(ARR(a)),
                                    PyArray_STRIDES(ARR(s)), nd)) {
        Py_INCREF(s);
        return s;
    }
    return new_header(a, s, 0);
}

/* A CowArray of class `cls` with the layout of `layout`, linked to `seal`.
 * `from` is what __array_finalize__ of a subclass is given (may be NULL). */
static PyObject *
make_view(PyTypeObject *cls, PyObject *layout, Seal *seal, PyObject *from)
{
    PyArray_Descr *descr = PyArray_DESCR(ARR(layout));
    int flags = PyArray_FLAGS(ARR(layout)) & ~(NPY_ARRAY_OWNDATA
                                               | NPY_ARRAY_WRITEABLE);
    PyObject *view;
    void *data = expected.data;
    Seal *outer = expected.seal;

    if (cls == cow_class && seal->writing == 0 && from == NULL) {
        view = reuse_header(layout, PyArray_NDIM(ARR(layout)),
                            PyArray_BYTES(ARR(layout)),
                            PyArray_DIMS(ARR(layout)),
                            PyArray_STRIDES(ARR(layout)), seal->storage);
        if (view != NULL) {
            link_array(view, seal);
            return view;
        }
    }
    Py_INCREF((PyObject *)descr);
    expected.data = PyArray_DATA(ARR(layout));
    expected.seal = seal;
    view = PyArray_NewFromDescr(
        cls, descr, PyArray_NDIM(ARR(layout)), PyArray_DIMS(ARR(layout)),
        PyArray_STRIDES(ARR(layout)), PyArray_DATA(ARR(layout)), flags, from);
    expected.data = data;
    expected.seal = outer;
    if (view != NULL && link_of(view)->seal == NULL) {
        finish_seal(view, seal);        /* a class that overrides our hook */
    }
    if (view != NULL && seal->writing > 0
            && detach(view, "shared memory that is being written") < 0) {
        Py_CLEAR(view);
    }
    return view;
}

/* Wrap a result of NumPy, to which the caller holds one reference, in the
 * class `cls`.  Anything but an exact ndarray comes back as it is.  Fresh
 * memory is adopted, a view of a storage shares it, anything else is
 * borrowed.  New reference. */
static PyObject *
wrap_result(PyObject *res, PyTypeObject *cls, PyObject *from)
{
    PyObject *base, *view = NULL;
    Seal *seal;

    if (!is_plain(res)) {
        Py_INCREF(res);
        return res;
    }
    base = PyArray_BASE(ARR(res));
    seal = seal_of(res);
    if (seal == NULL && base != NULL) {
        seal = seal_of(base);
    }
    if (seal != NULL) {
        Py_INCREF((PyObject *)seal);
        view = make_view(cls, res, seal, from);
        if (view != NULL) {
            link_of(view)->flags |= IS_VIEW;
        }
    }
    else {
        if (is_ours_alone(res)) {
            seal = seal_storage(res);
        }
        else if (Py_REFCNT(res) == 1 && base != NULL
                 && is_ours_alone(base)) {
            seal = seal_storage(base);
        }
        else {
            seal = seal_borrowed(res, res);
        }
        if (seal == NULL) {
            return NULL;
        }
        view = make_view(cls, res, seal, from);
    }
    leave_seal(seal);
    return view;
}

/* As wrap_result, but steals `res`, which may be NULL. */
static PyObject *
wrap(PyObject *res, PyTypeObject *cls, PyObject *from)
{
    PyObject *view;

    if (res == NULL || !is_plain(res)) {
        return res;
    }
    view = wrap_result(res, cls, from);
    Py_DECREF(res);
    return view;
}

/* An operand that needs no dispatch: *out is a new reference and the result
 * 1.  0: leave it to NumPy's own protocol.  -1: error. */
static int
simple_operand(PyObject *op, PyObject **out)
{
    PyTypeObject *type = Py_TYPE(op);

    if (type == cow_class) {
        *out = unwrap(op);
        return *out == NULL ? -1 : 1;
    }
    if (type == &PyArray_Type || type == &PyFloat_Type
            || type == &PyLong_Type || type == &PyBool_Type
            || type == &PyComplex_Type
            || (PyArray_IsScalar(op, Generic)
                && !PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE))) {
        Py_INCREF(op);
        *out = op;
        return 1;
    }
    return 0;
}

/* ---------------------------------------------------------------- writing */

/* Raise where the caller's code is storing into a temporary view. */
static int
refuse_chained(PyObject *a)
{
    Link *l = link_of(a);
    PyObject *res;

    if (!(l->flags & IS_VIEW) || on_chained == NULL
            || (l->seal->linked == 1 && plain_holders(l->seal) == 0
                && !is_borrowed(l->seal))) {
        return 0;
    }
    res = PyObject_CallFunctionObjArgs(on_chained, a, NULL);
    Py_XDECREF(res);
    return res == NULL ? -1 : 0;
}

/* Can the other sharers of `a` be moved away for less than `a` itself?
 * Stops as soon as the answer is known. */
static int
others_are_smaller(PyObject *a, Py_ssize_t ignored)
{
    Seal *seal = link_of(a)->seal;
    npy_intp total = 0, own = PyArray_NBYTES(ARR(a));

    if (seal->linked - 1 - ignored > own / 256) {
        return 0;
    }
    for (PyObject *o = link_of(a)->next; o != a; o = link_of(o)->next) {
        /* a private copy costs two headers and a seal besides its bytes */
        total += PyArray_NBYTES(ARR(o)) + 256;
        if (total >= own || link_of(o)->flags & (IS_LENT | IS_EXPOSED)) {
            return 0;
        }
    }
    return 1;
}

/* Give every other sharer of `a` (but `skip`) memory of its own. */
static int
move_others(PyObject *a, PyObject *skip)
{
    PyObject *others = PyList_New(0);
    int result = -1;

    if (others == NULL) {
        return -1;
    }
    for (PyObject *o = link_of(a)->next; o != a; o = link_of(o)->next) {
        if (o != skip && PyList_Append(others, o) < 0) {
            goto done;
        }
    }
    for (Py_ssize_t i = 0; i < PyList_Size(others); i++) {
        PyObject *o = PyList_GetItem(others, i);
        if (link_of(o)->seal == link_of(a)->seal
                && detach(o, "its source is written") < 0) {
            goto done;
        }
    }
    result = 0;
done:
    Py_DECREF(others);
    return result;
}

/* Make the memory of `a` private.  `value`: an operand of the statement,
 * which is no sharer when it is a temporary (may be NULL). */
static int
make_private(PyObject *a, PyObject *value)
{
    for (int attempt = 0; attempt < 2; attempt++) {
        Link *l = link_of(a);
        Seal *seal = l->seal;
        PyObject *skip = NULL;
        Py_ssize_t others = seal->linked - 1;

        if (is_borrowed(seal) || l->flags & IS_LENT
                || plain_holders(seal) > 0) {
            break;
        }
        if (others > 0 && value != NULL && value != a && is_cow(value)
                && link_of(value)->seal == seal && is_temporary(value)) {
            skip = value;
            others--;
        }
        if (others == 0) {
            return 0;
        }
        if (attempt > 0 || !others_are_smaller(a, skip != NULL)) {
            break;
        }
        if (move_others(a, skip) < 0) {
            return -1;
        }
    }
    return detach(a, link_of(a)->flags & IS_VIEW ? "view written while shared"
                                                 : "written while shared");
}

/* Everything that must happen before `a` may be written. */
static int
prepare_write(PyObject *a, PyObject *value)
{
    PyObject *guard, *res;

    if (clean(a) < 0) {
        return -1;
    }
    guard = link_of(a)->guard;
    if (guard != NULL) {
        Py_INCREF(guard);
        res = PyObject_CallFunctionObjArgs(guard, a, NULL);
        Py_DECREF(guard);
        if (res == NULL) {
            return -1;
        }
        Py_DECREF(res);
        if (clean(a) < 0) {
            return -1;
        }
    }
    if (link_of(a)->kept != NULL && is_temporary(a)) {
        drop_kept(a);
    }
    return make_private(a, value);
}

/* A writeable plain view of `a`, private by then; ended by end_write. */
static PyObject *
begin_write(PyObject *a, PyObject *value)
{
    PyObject *alias;
    Seal *seal;
    int nd;

    if (prepare_write(a, value) < 0) {
        return NULL;
    }
    seal = link_of(a)->seal;
    nd = PyArray_NDIM(ARR(a));
    alias = nd < FREE_DIMS ? spare_alias[nd] : NULL;
    if (alias != NULL) {
        spare_alias[nd] = NULL;
        fill_header(alias, a, PyArray_BYTES(ARR(a)), PyArray_DIMS(ARR(a)),
                    PyArray_STRIDES(ARR(a)), seal->storage,
                    NPY_ARRAY_WRITEABLE);
    }
    else {
        alias = new_header(a, seal->storage, 1);
    }
    if (alias != NULL) {
        seal->writing++;
        Py_INCREF((PyObject *)seal);        /* given back by end_write */
    }
    return alias;
}

/* Take the alias back (steals it).  Where a view of it has escaped, `a`
 * moves away: the escaped view keeps the old memory to itself.  Called with
 * or without an exception set, which is kept.  -1: a new one was set. */
static int
end_write(PyObject *a, PyObject *alias)
{
    PyObject *storage = PyArray_BASE(ARR(alias));
    PyObject *type, *value, *trace;
    Seal *seal = (Seal *)PyArray_BASE(ARR(storage));
    int moved = link_of(a)->seal != seal;
    int result = 0, known;

    PyErr_Fetch(&type, &value, &trace);
    Py_INCREF(storage);
    PyArray_CLEARFLAGS(ARR(alias), NPY_ARRAY_WRITEABLE);
    known = 1 + (Py_REFCNT(alias) > 1);     /* a closed alias is harmless */
    drop_alias(alias);
    seal->writing--;
    if (moved) {
        if (type == NULL) {
            PyErr_SetString(
                PyExc_RuntimeError,
                "the array was written to by code that ran in the middle of "
                "this write; the outer write is lost. Do the two writes one "
                "after the other.");
            result = -1;
        }
    }
    else if (plain_holders(seal) > known) {
        result = detach(a, "a writeable view escaped");
    }
    leave_seal(seal);
    Py_DECREF(storage);
    if (type != NULL) {
        PyErr_Clear();
        PyErr_Restore(type, value, trace);
    }
    return result;
}

static int
is_number(PyObject *value)
{
    PyTypeObject *type = Py_TYPE(value);

    return (type == &PyFloat_Type || type == &PyLong_Type
            || type == &PyBool_Type || type == &PyComplex_Type
            || (PyArray_IsScalar(value, Number)
                && !PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)));
}

/* The address of a[idx] for an integer or a tuple of ndim integers in range,
 * NULL (no exception) for anything else. */
static char *
element(PyObject *a, PyObject *idx)
{
    int nd = PyArray_NDIM(ARR(a));
    int is_tuple = PyTuple_CheckExact(idx);
    char *item = PyArray_BYTES(ARR(a));

    if (is_tuple ? PyTuple_Size(idx) != nd
                 : nd != 1 || !PyLong_CheckExact(idx)) {
        return NULL;
    }
    for (int i = 0; i < nd; i++) {
        PyObject *k = is_tuple ? PyTuple_GetItem(idx, i) : idx;
        npy_intp n = PyArray_DIM(ARR(a), i), at;
        if (!PyLong_CheckExact(k)) {
            return NULL;
        }
        at = PyLong_AsSsize_t(k);
        if (at == -1 && PyErr_Occurred()) {
            PyErr_Clear();
            return NULL;
        }
        if (at < -n || at >= n) {
            return NULL;
        }
        item += (at < 0 ? at + n : at) * PyArray_STRIDE(ARR(a), i);
    }
    return item;
}

static int
array_ass_subscript(PyObject *self, PyObject *idx, PyObject *value)
{
    PyObject *alias, *operand = value;
    int result = -1;

    if (value == NULL) {
        return base_ass_subscript(self, idx, NULL);
    }
    if (clean(self) < 0
            || (is_temporary(self) && refuse_chained(self) < 0)) {
        return -1;
    }
    if (PyTypeNum_ISNUMBER(PyArray_DESCR(ARR(self))->type_num)
            && is_number(value) && element(self, idx) != NULL) {
        /* no Python code can run in between */
        if (prepare_write(self, NULL) < 0) {
            return -1;
        }
        return PyArray_Pack(PyArray_DESCR(ARR(self)), element(self, idx),
                            value);
    }
    alias = begin_write(self, value);
    if (alias == NULL) {
        return -1;
    }
    Py_INCREF(operand);
    if (is_cow(value)) {
        replace(&operand, unwrap(value));
    }
    if (operand != NULL) {
        result = base_ass_subscript(alias, idx, operand);
        Py_DECREF(operand);
    }
    if (end_write(self, alias) < 0) {
        result = -1;
    }
    return result;
}

static int
array_ass_item(PyObject *self, Py_ssize_t i, PyObject *value)
{
    PyObject *idx = PyLong_FromSsize_t(i);
    int result;

    if (idx == NULL) {
        return -1;
    }
    result = array_ass_subscript(self, idx, value);
    Py_DECREF(idx);
    return result;
}

/* ---------------------------------------------------------------- reading */

static int
is_basic(PyObject *idx)
{
    return (PyLong_CheckExact(idx) || PySlice_Check(idx) || idx == Py_Ellipsis
            || idx == Py_None || PyUnicode_CheckExact(idx));
}

/* A view of `self` with another layout, without NumPy; NULL (no exception)
 * where NumPy has to make it. */
static PyObject *
quick_view(PyObject *self, int nd, char *data, npy_intp const *dims,
           npy_intp const *strides)
{
    Link *l = link_of(self);
    PyObject *view;

    if (Py_TYPE(self) != cow_class || l->flags & IS_EXPOSED
            || l->seal->writing > 0) {
        return NULL;
    }
    view = reuse_header(self, nd, data, dims, strides, l->seal->storage);
    if (view != NULL) {
        PyArray_UpdateFlags(ARR(view), NPY_ARRAY_C_CONTIGUOUS
                            | NPY_ARRAY_F_CONTIGUOUS | NPY_ARRAY_ALIGNED);
        link_array(view, l->seal);
        link_of(view)->flags = IS_VIEW;
        Py_XINCREF(l->guard);
        link_of(view)->guard = l->guard;
    }
    return view;
}

/* self[i] (two dimensions at least) and self[start:stop:step]; NULL where
 * NumPy has to do it, with an exception set only if the slice is bad. */
static PyObject *
quick_subscript(PyObject *self, PyObject *idx)
{
    int nd = PyArray_NDIM(ARR(self));
    npy_intp dims[FREE_DIMS], *shape = PyArray_DIMS(ARR(self));
    npy_intp strides[FREE_DIMS], *steps = PyArray_STRIDES(ARR(self));
    Py_ssize_t start, stop, step, n;

    if (nd == 0 || nd >= FREE_DIMS) {
        return NULL;
    }
    if (PyLong_CheckExact(idx) && nd > 1) {
        n = PyLong_AsSsize_t(idx);
        if (n == -1 && PyErr_Occurred()) {
            PyErr_Clear();
            return NULL;
        }
        if (n < -shape[0] || n >= shape[0]) {
            return NULL;
        }
        n += n < 0 ? shape[0] : 0;
        return quick_view(self, nd - 1,
                          PyArray_BYTES(ARR(self)) + n * steps[0],
                          shape + 1, steps + 1);
    }
    if (!PySlice_Check(idx)) {
        return NULL;
    }
    if (PySlice_Unpack(idx, &start, &stop, &step) < 0) {
        return NULL;
    }
    n = PySlice_AdjustIndices(shape[0], &start, &stop, step);
    if (n == 0) {
        return NULL;
    }
    for (int i = 1; i < nd; i++) {
        dims[i] = shape[i];
        strides[i] = steps[i];
    }
    dims[0] = n;
    strides[0] = steps[0] * step;
    return quick_view(self, nd, PyArray_BYTES(ARR(self)) + start * steps[0],
                      dims, strides);
}

static PyObject *
array_item(PyObject *self, Py_ssize_t i)
{
    PyObject *view;

    if (clean(self) < 0) {
        return NULL;
    }
    if (PyArray_NDIM(ARR(self)) > 1 && i >= 0
            && i < PyArray_DIM(ARR(self), 0)) {
        view = quick_view(self, PyArray_NDIM(ARR(self)) - 1,
                          PyArray_BYTES(ARR(self))
                              + i * PyArray_STRIDE(ARR(self), 0),
                          PyArray_DIMS(ARR(self)) + 1,
                          PyArray_STRIDES(ARR(self)) + 1);
        if (view != NULL) {
            return view;
        }
    }
    return base_item(self, i);
}

/* The transposed array. */
static PyObject *
array_transposed(PyObject *self, void *Py_UNUSED(closure))
{
    npy_intp dims[FREE_DIMS], strides[FREE_DIMS];
    int nd = PyArray_NDIM(ARR(self));
    PyObject *view = NULL;

    if (clean(self) < 0) {
        return NULL;
    }
    if (nd < FREE_DIMS) {
        for (int i = 0; i < nd; i++) {
            dims[i] = PyArray_DIM(ARR(self), nd - 1 - i);
            strides[i] = PyArray_STRIDE(ARR(self), nd - 1 - i);
        }
        view = quick_view(self, nd, PyArray_BYTES(ARR(self)), dims, strides);
    }
    return view != NULL ? view : PyArray_Transpose(ARR(self), NULL);
}

static PyObject *
array_subscript(PyObject *self, PyObject *idx)
{
    PyObject *plain, *res;
    int basic;

    if (clean(self) < 0) {
        return NULL;
    }
    if (PyLong_CheckExact(idx) && PyArray_NDIM(ARR(self)) == 1) {
        return base_subscript(self, idx);
    }
    res = quick_subscript(self, idx);
    if (res != NULL || PyErr_Occurred()) {
        return res;
    }
    basic = is_basic(idx);
    if (!basic && PyTuple_CheckExact(idx)) {
        basic = 1;
        for (Py_ssize_t i = PyTuple_Size(idx); basic && i-- > 0;) {
            basic = is_basic(PyTuple_GetItem(idx, i));
        }
    }
    if (basic || PyArray_DESCR(ARR(self))->type_num == NPY_OBJECT) {
        /* an element of an object array may be an array: not ours to wrap */
        return base_subscript(self, idx);
    }
    plain = unwrap(self);
    if (plain == NULL) {
        return NULL;
    }
    res = base_subscript(plain, idx);
    Py_DECREF(plain);
    return wrap(res, Py_TYPE(self), self);
}

/* A failed look-up of an attribute on an array by the __array_finalize__ of
 * a foreign subclass: a view of that class exists, whose base is the array
 * object, so that it is not seen among the holders of the storage. */
static void
note_foreign_view(PyObject *self)
{
    PyObject *frame, *code, *name;
    PyObject *type, *value, *trace;
    int found = 0;

    PyErr_Fetch(&type, &value, &trace);
    frame = (PyObject *)PyEval_GetFrame();
    Py_XINCREF(frame);
    for (int depth = 0; frame != NULL && depth < 4 && !found; depth++) {
        code = (PyObject *)PyFrame_GetCode((PyFrameObject *)frame);
        name = PyObject_GetAttrString(code, "co_name");
        Py_DECREF(code);
        found = (name != NULL
                 && PyUnicode_Compare(name, str_finalize) == 0);
        Py_XDECREF(name);
        replace(&frame, PyObject_GetAttrString(frame, "f_back"));
        if (frame == Py_None) {
            Py_CLEAR(frame);
        }
    }
    Py_XDECREF(frame);
    if (found) {
        link_of(self)->flags |= IS_LENT;
    }
    PyErr_Clear();
    PyErr_Restore(type, value, trace);
}

static PyObject *
array_getattro(PyObject *self, PyObject *name)
{
    PyObject *res;

    if (clean(self) < 0) {
        return NULL;
    }
    res = PyObject_GenericGetAttr(self, name);
    if (res == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        note_foreign_view(self);
    }
    return res;
}

/* Consumers hold a plain view, so the storage and not the movable array. */
static int
array_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    PyObject *plain;
    int result;

    view->obj = NULL;
    if (clean(self) < 0) {
        return -1;
    }
    plain = new_header(self, link_of(self)->seal->storage, 0);
    if (plain == NULL) {
        return -1;
    }
    result = PyObject_GetBuffer(plain, view, flags);
    Py_DECREF(plain);
    return result;
}

/* -------------------------------------------------------------- operators */

typedef PyObject *(*ternary_op)(PyObject *, PyObject *, PyObject *);

/* The slots of ndarray, for operands that NumPy must dispatch. */
static binaryfunc base_binary[13];
static binaryfunc base_inplace[12];
static ternary_op base_power, base_inplace_power;
static unaryfunc base_unary[4];

/* Call `op` (PyNumber_...) on plain operands and wrap; `base` is ndarray's
 * slot, for anything that may override NumPy. */
static PyObject *
binary(PyObject *left, PyObject *right, binaryfunc op, binaryfunc base)
{
    PyObject *l = NULL, *r = NULL, *res = NULL;
    int simple = simple_operand(left, &l);

    if (simple > 0) {
        simple = simple_operand(right, &r);
    }
    if (simple > 0) {
        res = op(l, r);
        Py_CLEAR(l);
        Py_CLEAR(r);
        if (res != NULL && PyTuple_CheckExact(res)) {      /* divmod */
            PyObject *q = PyTuple_GetItem(res, 0);
            PyObject *m = PyTuple_GetItem(res, 1);
            Py_INCREF(q);
            Py_INCREF(m);
            replace(&res, PyTuple_New(2));
            q = wrap(q, cow_class, NULL);
            m = wrap(m, cow_class, NULL);
            if (res == NULL || q == NULL || m == NULL) {
                Py_XDECREF(q);
                Py_XDECREF(m);
                Py_CLEAR(res);
                return NULL;
            }
            PyTuple_SetItem(res, 0, q);
            PyTuple_SetItem(res, 1, m);
            return res;
        }
        return wrap(res, cow_class, NULL);
    }
    Py_XDECREF(l);
    Py_XDECREF(r);
    return simple < 0 ? NULL : base(left, right);
}

static PyObject *
power3(PyObject *left, PyObject *right)
{
    return PyNumber_Power(left, right, Py_None);
}

static PyObject *
inplace_power3(PyObject *left, PyObject *right)
{
    return PyNumber_InPlacePower(left, right, Py_None);
}

static PyObject *
base_power2(PyObject *left, PyObject *right)
{
    return base_power(left, right, Py_None);
}

static PyObject *
base_inplace_power2(PyObject *left, PyObject *right)
{
    return base_inplace_power(left, right, Py_None);
}

/* a op= other: written through an alias; the array object stays.  A subclass
 * may have an __array_ufunc__ of its own, which ndarray's slot finds. */
static PyObject *
inplace(PyObject *self, PyObject *other, binaryfunc op, binaryfunc base)
{
    PyObject *alias, *res = NULL, *operand;

    if (Py_TYPE(self) != cow_class) {
        return clean(self) < 0 ? NULL : base(self, other);
    }
    alias = begin_write(self, other);
    if (alias == NULL) {
        return NULL;
    }
    if (is_cow(other)) {
        operand = unwrap(other);
    }
    else {
        Py_INCREF(other);
        operand = other;
    }
    if (operand != NULL) {
        res = op(alias, operand);
        Py_DECREF(operand);
    }
    if (res == alias) {
        Py_INCREF(self);
        replace(&res, self);
    }
    if (end_write(self, alias) < 0) {
        Py_CLEAR(res);
    }
    return res;
}

static PyObject *
unary(PyObject *self, unaryfunc op, unaryfunc base)
{
    PyObject *plain, *res;

    if (clean(self) < 0) {
        return NULL;
    }
    if (Py_TYPE(self) != cow_class) {
        return base(self);
    }
    plain = unwrap(self);
    if (plain == NULL) {
        return NULL;
    }
    res = op(plain);
    Py_DECREF(plain);
    return wrap(res, cow_class, NULL);
}

#define BINARY_OPS(X)                                                       \
    X(0, add, Add)                                                          \
    X(1, subtract, Subtract)                                                \
    X(2, multiply, Multiply)                                                \
    X(3, true_divide, TrueDivide)                                           \
    X(4, floor_divide, FloorDivide)                                         \
    X(5, remainder, Remainder)                                              \
    X(6, and, And)                                                          \
    X(7, or, Or)                                                            \
    X(8, xor, Xor)                                                          \
    X(9, lshift, Lshift)                                                    \
    X(10, rshift, Rshift)                                                   \
    X(11, matrix_multiply, MatrixMultiply)

#define DEFINE_BINARY(i, slot, name)                                        \
    static PyObject *nb_##slot(PyObject *l, PyObject *r)                    \
    {                                                                       \
        return binary(l, r, PyNumber_##name, base_binary[i]);               \
    }                                                                       \
    static PyObject *nb_inplace_##slot(PyObject *l, PyObject *r)            \
    {                                                                       \
        return inplace(l, r, PyNumber_InPlace##name, base_inplace[i]);      \
    }

BINARY_OPS(DEFINE_BINARY)

static PyObject *
nb_divmod(PyObject *l, PyObject *r)
{
    return binary(l, r, PyNumber_Divmod, base_binary[12]);
}

/* array_power gives up on a modulus, as ndarray does */
static PyObject *
nb_power(PyObject *l, PyObject *r, PyObject *mod)
{
    if (mod != Py_None) {
        return base_power(l, r, mod);
    }
    return binary(l, r, power3, base_power2);
}

static PyObject *
nb_inplace_power(PyObject *l, PyObject *r, PyObject *mod)
{
    if (mod != Py_None) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return inplace(l, r, inplace_power3, base_inplace_power2);
}

static PyObject *
nb_negative(PyObject *a)
{
    return unary(a, PyNumber_Negative, base_unary[0]);
}

static PyObject *
nb_positive(PyObject *a)
{
    return unary(a, PyNumber_Positive, base_unary[1]);
}

static PyObject *
nb_absolute(PyObject *a)
{
    return unary(a, PyNumber_Absolute, base_unary[2]);
}

static PyObject *
nb_invert(PyObject *a)
{
    return unary(a, PyNumber_Invert, base_unary[3]);
}

static PyObject *
array_richcompare(PyObject *left, PyObject *right, int op)
{
    PyObject *l = NULL, *r = NULL, *res;
    int simple = simple_operand(left, &l);

    if (simple > 0) {
        simple = simple_operand(right, &r);
    }
    if (simple > 0) {
        res = wrap(PyObject_RichCompare(l, r, op), cow_class, NULL);
    }
    else {
        res = simple < 0 ? NULL : base_richcompare(left, right, op);
    }
    Py_XDECREF(l);
    Py_XDECREF(r);
    return res;
}

/* __array_ufunc__(ufunc, method, *inputs, **kwargs): a plain call on simple
 * operands stays here, everything else goes to cow._ufuncs. */
static PyObject *
array_ufunc(PyObject *self, PyObject *const *args, Py_ssize_t n,
            PyObject *kwnames)
{
    PyObject *inputs, *res, *all;
    int simple = (n > 2 && (kwnames == NULL || PyTuple_Size(kwnames) == 0)
                  && PyUnicode_Check(args[1])
                  && PyUnicode_Compare(args[1], str_call) == 0);
    Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_Size(kwnames);

    if (simple) {
        inputs = PyTuple_New(n - 2);
        if (inputs == NULL) {
            return NULL;
        }
        for (Py_ssize_t i = 2; i < n && simple > 0; i++) {
            PyObject *plain = NULL;
            simple = simple_operand(args[i], &plain);
            if (simple > 0) {
                PyTuple_SetItem(inputs, i - 2, plain);
            }
        }
        if (simple > 0) {
            res = PyObject_CallObject(args[0], inputs);
            Py_DECREF(inputs);
            if (res == NULL || !PyTuple_CheckExact(res)) {
                return wrap(res, cow_class, NULL);
            }
            all = PyTuple_New(PyTuple_Size(res));
            for (Py_ssize_t i = 0; all != NULL && i < PyTuple_Size(res);
                    i++) {
                PyObject *item = PyTuple_GetItem(res, i);
                Py_INCREF(item);
                Py_INCREF(Py_None);
                PyTuple_SetItem(res, i, Py_None);       /* drops its ref */
                item = wrap(item, cow_class, NULL);
                if (item == NULL) {
                    Py_CLEAR(all);
                    break;
                }
                PyTuple_SetItem(all, i, item);
            }
            Py_DECREF(res);
            return all;
        }
        Py_DECREF(inputs);
        if (simple < 0) {
            return NULL;
        }
    }
    all = PyTuple_New(n + 1);
    if (all == NULL) {
        return NULL;
    }
    Py_INCREF(self);
    PyTuple_SetItem(all, 0, self);
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_INCREF(args[i]);
        PyTuple_SetItem(all, i + 1, args[i]);
    }
    inputs = nkw > 0 ? PyDict_New() : NULL;
    for (Py_ssize_t i = 0; i < nkw && inputs != NULL; i++) {
        if (PyDict_SetItem(inputs, PyTuple_GetItem(kwnames, i),
                           args[n + i]) < 0) {
            Py_CLEAR(inputs);
        }
    }
    res = nkw > 0 && inputs == NULL ? NULL
        : PyObject_Call(on_ufunc, all, inputs);
    Py_XDECREF(inputs);
    Py_DECREF(all);
    return res;
}

/* ---------------------------------------------------- life of the objects */

/* ndarray's constructor gives fresh memory that is still open for filling. */
static PyObject *
array_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *a = base_new(type, args, kwargs);

    if (a != NULL && is_cow(a) && clean(a) < 0) {
        Py_CLEAR(a);
    }
    return a;
}

static void
array_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);

    unlink_array(self);
    drop_kept(self);
    Py_CLEAR(link_of(self)->guard);
    if (!keep_header(self)) {
        base_dealloc(self);
        Py_DECREF((PyObject *)type);
    }
}

/* `__array_finalize__` of the class: NumPy asks the class and gets the
 * capsule, super() asks an instance and gets a function. */
static PyObject *
finalizer_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    PyObject *res = capsule;

    if (obj != NULL) {
        return PyObject_GetAttrString(self, "ignore");
    }
    Py_INCREF(res);
    return res;
}

static PyObject *
finalizer_ignore(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(obj))
{
    Py_RETURN_NONE;
}

/* -------------------------------------------------- functions for Python */

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
            || !PyType_IsSubtype((PyTypeObject *)op, core_type)) {
        PyErr_Format(PyExc_TypeError, "expected a CowArray class, got %R",
                     op);
        return -1;
    }
    return 0;
}

PyDoc_STRVAR(plain_doc,
"plain(a)\n--\n\n"
"A plain, read-only array over the memory of the cow array `a`.");

static PyObject *
core_plain(PyObject *Py_UNUSED(mod), PyObject *a)
{
    return need_cow(a) < 0 ? NULL : unwrap(a);
}

PyDoc_STRVAR(wrap_doc,
"wrap(res, cls, source=None)\n--\n\n"
"Wrap a plain result in `cls`; anything but an exact ndarray is returned as\n"
"it is. Fresh memory that nobody else refers to is adopted, a view of a\n"
"storage shares it, anything else is borrowed.");

static PyObject *
core_wrap(PyObject *Py_UNUSED(mod), PyObject *const *args, Py_ssize_t n)
{
    if (n < 2 || n > 3) {
        PyErr_SetString(PyExc_TypeError, "wrap() takes 2 or 3 arguments");
        return NULL;
    }
    if (need_class(args[1]) < 0) {
        return NULL;
    }
    return wrap_result(args[0], (PyTypeObject *)args[1],
                       n == 3 && args[2] != Py_None ? args[2] : NULL);
}

PyDoc_STRVAR(share_doc,
"share(a, cls, source=None)\n--\n\n"
"A new array of class `cls` over the memory of the array `a`: shared where\n"
"`a` is a cow array or a plain view of one, borrowed otherwise.");

static PyObject *
core_share(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *cls, *from = NULL, *view;
    Seal *seal;

    if (!PyArg_ParseTuple(args, "O!O!|O:share", &PyArray_Type, &a,
                          &PyType_Type, &cls, &from)
            || need_class(cls) < 0
            || (is_cow(a) && clean(a) < 0)) {
        return NULL;
    }
    from = from == Py_None ? NULL : from;
    seal = find_seal(a);
    if (seal != NULL && lies_inside(a, seal->storage)) {
        Py_INCREF((PyObject *)seal);
    }
    else {
        seal = seal_borrowed(a, a);
        if (seal == NULL) {
            return NULL;
        }
    }
    view = make_view((PyTypeObject *)cls, a, seal, from);
    leave_seal(seal);
    if (view != NULL && is_cow(a) && link_of(a)->flags & IS_EXPOSED
            && detach(view, "source exposed by a raw pointer") < 0) {
        Py_CLEAR(view);
    }
    return view;
}

PyDoc_STRVAR(copy_doc,
"copy(a, cls, order)\n--\n\n"
"A copy of class `cls`, without a guard. Shares the memory until the first\n"
"write where an eager copy would have the same layout and `a` covers at\n"
"least half of its storage; copies at once otherwise.");

static PyObject *
core_copy(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *cls, *plain, *view;
    NPY_ORDER order = NPY_CORDER;
    int lazy;
    Link *l;

    if (!PyArg_ParseTuple(args, "OO!|O&:copy", &a, &PyType_Type, &cls,
                          PyArray_OrderConverter, &order)
            || need_class(cls) < 0 || need_cow(a) < 0) {
        return NULL;
    }
    l = link_of(a);
    lazy = order == NPY_CORDER ? PyArray_IS_C_CONTIGUOUS(ARR(a))
        : order == NPY_FORTRANORDER ? PyArray_IS_F_CONTIGUOUS(ARR(a))
        : (PyArray_IS_C_CONTIGUOUS(ARR(a))
           || PyArray_IS_F_CONTIGUOUS(ARR(a)));
    lazy = (lazy && !(l->flags & IS_EXPOSED)
            && PyArray_ISALIGNED(ARR(a))
            && PyArray_NBYTES(ARR(a)) * 2
               >= PyArray_NBYTES(ARR(l->seal->storage)));
    if (lazy) {
        view = make_view((PyTypeObject *)cls, a, l->seal, a);
    }
    else {
        plain = unwrap(a);
        view = plain == NULL ? NULL : PyArray_NewCopy(ARR(plain), order);
        Py_XDECREF(plain);
        view = wrap(view, (PyTypeObject *)cls, a);
    }
    if (view != NULL) {
        replace(&link_of(view)->guard, NULL);
    }
    return view;
}

PyDoc_STRVAR(begin_write_doc,
"begin_write(a)\n--\n\n"
"Make the memory of `a` private and return a writeable plain view of it,\n"
"which must be handed to end_write(a, view) before anything else happens.");

static PyObject *
core_begin_write(PyObject *Py_UNUSED(mod), PyObject *a)
{
    return need_cow(a) < 0 ? NULL : begin_write(a, NULL);
}

PyDoc_STRVAR(end_write_doc,
"end_write(a, alias)\n--\n\n"
"Close the alias that begin_write(a) returned.");

static PyObject *
core_end_write(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *alias, *base;

    if (!PyArg_ParseTuple(args, "OO!:end_write", &a, &PyArray_Type, &alias)
            || need_cow(a) < 0) {
        return NULL;
    }
    base = PyArray_BASE(ARR(alias));
    if (!PyArray_ISWRITEABLE(ARR(alias)) || base == NULL
            || !is_plain(base) || PyArray_BASE(ARR(base)) == NULL
            || Py_TYPE(PyArray_BASE(ARR(base))) != seal_type) {
        PyErr_SetString(PyExc_ValueError, "not an alias of begin_write()");
        return NULL;
    }
    Py_INCREF(alias);
    if (end_write(a, alias) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(detach_doc,
"detach(a)\n--\n\nGive `a` memory of its own, if it shares any.");

static PyObject *
core_detach(PyObject *Py_UNUSED(mod), PyObject *a)
{
    if (need_cow(a) < 0) {
        return NULL;
    }
    Link *l = link_of(a);
    if ((l->seal->linked > 1 || plain_holders(l->seal) > 0
         || is_borrowed(l->seal) || l->flags & IS_LENT)
            && detach(a, "asked for") < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(become_doc,
"become(a, source)\n--\n\n"
"Give `a` the shape, the dtype and a copy of the contents of `source`.");

static PyObject *
core_become(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *source, *fresh;
    int result;

    if (!PyArg_ParseTuple(args, "OO!:become", &a, &PyArray_Type, &source)
            || need_cow(a) < 0 || prepare_write(a, NULL) < 0) {
        return NULL;
    }
    fresh = PyArray_NewLikeArray(ARR(source), NPY_KEEPORDER, NULL, 0);
    if (fresh == NULL) {
        return NULL;
    }
    result = PyArray_CopyInto(ARR(fresh), ARR(source));
    if (result == 0) {
        result = become(a, fresh);
    }
    Py_DECREF(fresh);
    if (result < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(sharing_doc,
"sharing(a)\n--\n\n"
"(arrays, plain, owner, storage, kept, flags): how many other cow arrays and\n"
"plain holders look at the storage of `a`, who owns borrowed memory, the\n"
"storage itself, the bytes that `a` keeps after moves, and its flags.");

static PyObject *
core_sharing(PyObject *Py_UNUSED(mod), PyObject *a)
{
    Seal *seal;
    npy_intp bytes = 0;

    if (need_cow(a) < 0) {
        return NULL;
    }
    seal = link_of(a)->seal;
    if (link_of(a)->kept != NULL) {
        for (Py_ssize_t i = PyList_Size(link_of(a)->kept); i-- > 0;) {
            bytes += PyArray_NBYTES(
                ARR(PyList_GetItem(link_of(a)->kept, i)));
        }
    }
    return Py_BuildValue("nnOOni", seal->linked - 1, plain_holders(seal),
                         is_borrowed(seal) ? seal->owner : Py_None, seal->storage,
                         (Py_ssize_t)bytes, link_of(a)->flags);
}

PyDoc_STRVAR(sharers_doc,
"sharers(storage)\n--\n\nList of the cow arrays that look at a storage.");

static PyObject *
core_sharers(PyObject *Py_UNUSED(mod), PyObject *storage)
{
    PyObject *list = PyList_New(0), *o;
    Seal *seal = seal_of(storage);

    for (Py_ssize_t i = 0; list != NULL && seal != NULL && i < seal->linked;
            i++) {
        o = i == 0 ? seal->ring : link_of(o)->next;
        /* an array that is dying may still be linked: leave it alone */
        if (Py_REFCNT(o) > 0 && PyList_Append(list, o) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

PyDoc_STRVAR(holders_doc,
"holders(storage)\n--\n\n"
"References to a storage that no cow array and no seal holds.");

static PyObject *
core_holders(PyObject *Py_UNUSED(mod), PyObject *storage)
{
    Py_ssize_t n = Py_REFCNT(storage);
    PyObject *base = is_plain(storage) ? PyArray_BASE(ARR(storage)) : NULL;

    if (base != NULL && Py_TYPE(base) == seal_type) {
        Seal *seal = (Seal *)base;
        n -= seal->linked + seal->retired + (seal->storage == storage);
    }
    return PyLong_FromSsize_t(n);
}

PyDoc_STRVAR(evict_doc,
"evict(view)\n--\n\n"
"Give an array that is no cow array and looks at a storage writeable memory\n"
"of its own, in place. What it left is kept alive, since C code may hold\n"
"pointers into it.");

static PyObject *
core_evict(PyObject *Py_UNUSED(mod), PyObject *view)
{
    PyObject *plain, *fresh, *header = NULL, *base;

    if (!PyArray_Check(view) || is_cow(view)
            || (base = PyArray_BASE(ARR(view))) == NULL) {
        PyErr_SetString(PyExc_ValueError, "not a plain view of a storage");
        return NULL;
    }
    plain = new_header(view, base, 0);
    fresh = plain == NULL ? NULL : PyArray_NewCopy(ARR(plain), NPY_KEEPORDER);
    Py_XDECREF(plain);
    if (fresh == NULL) {
        return NULL;
    }
    header = new_header(fresh, fresh, 1);
    if (header != NULL) {
        Py_INCREF(base);
        swap_base(fresh, base);
        swap_layout(view, header);
        Py_DECREF(header);
    }
    Py_DECREF(fresh);
    if (header == NULL) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* Bytes of a few dozen elements of `a`, spread evenly.  New reference. */
static PyObject *
sample(PyObject *a)
{
    enum { COUNT = 32, MOST = 64 };
    char bytes[COUNT * MOST], *at = bytes;
    npy_intp size = PyArray_SIZE(ARR(a)), n = size < COUNT ? size : COUNT;
    size_t width = (size_t)PyArray_ITEMSIZE(ARR(a));

    width = width < MOST ? width : MOST;
    for (npy_intp k = 0; k < n; k++, at += width) {
        npy_intp rest = n > 1 ? (size - 1) / (n - 1) * k : 0;
        char *element = PyArray_BYTES(ARR(a));
        for (int i = PyArray_NDIM(ARR(a)); rest > 0 && i-- > 0;) {
            npy_intp dim = PyArray_DIM(ARR(a), i);
            element += (i > 0 ? rest % dim : rest) * PyArray_STRIDE(ARR(a), i);
            rest = i > 0 ? rest / dim : 0;
        }
        memcpy(at, element, width);
    }
    return PyBytes_FromStringAndSize(bytes, at - bytes);
}

PyDoc_STRVAR(borrow_doc,
"borrow(a, cls)\n--\n\n"
"(inner, loan): an array of class `cls` over the memory of the plain array\n"
"`a`, and what settled() wants: (a, storage, some elements as bytes).");

static PyObject *
core_borrow(PyObject *mod, PyObject *args)
{
    PyObject *inner = core_share(mod, args), *bytes, *a;

    if (inner == NULL) {
        return NULL;
    }
    a = PyTuple_GetItem(args, 0);
    bytes = sample(a);
    if (bytes == NULL) {
        Py_DECREF(inner);
        return NULL;
    }
    return Py_BuildValue("N(OON)", inner, a, PyArray_BASE(ARR(inner)), bytes);
}

PyDoc_STRVAR(sample_doc, "sample(a)\n--\n\nSome elements, as bytes.");

static PyObject *
core_sample(PyObject *Py_UNUSED(mod), PyObject *a)
{
    if (!PyArray_Check(a)) {
        PyErr_SetString(PyExc_TypeError, "expected an array");
        return NULL;
    }
    return sample(a);
}

PyDoc_STRVAR(settled_doc,
"settled(loan)\n--\n\n"
"Does nobody look at the borrowed memory any more, and are the elements of\n"
"the loan what they were?");

static PyObject *
core_settled(PyObject *Py_UNUSED(mod), PyObject *loan)
{
    PyObject *a, *storage, *old, *now;
    int same;

    if (!PyArg_ParseTuple(loan, "O!O!S:settled", &PyArray_Type, &a,
                          &PyArray_Type, &storage, &old)) {
        return NULL;
    }
    now = sample(a);
    if (now == NULL) {
        return NULL;
    }
    same = PyObject_RichCompareBool(old, now, Py_EQ);
    Py_DECREF(now);
    return same < 0 ? NULL
        : PyBool_FromLong(same && Py_REFCNT(storage) == 1);
}

PyDoc_STRVAR(release_doc,
"release(a, refs)\n--\n\n"
"An independent, writeable plain array with the contents of `a`: its own\n"
"memory where nobody else looks at it and `a` has at most `refs` references,\n"
"a copy otherwise.");

static PyObject *
core_release(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *s;
    Py_ssize_t refs;
    Seal *seal;

    if (!PyArg_ParseTuple(args, "On:release", &a, &refs)
            || need_cow(a) < 0) {
        return NULL;
    }
    seal = link_of(a)->seal;
    if (Py_REFCNT(a) > refs || seal->linked > 1 || seal->owner != NULL
            || plain_holders(seal) > 0 || seal->retired > 0
            || link_of(a)->flags & (IS_LENT | IS_EXPOSED)) {
        PyObject *plain = unwrap(a), *copy;
        if (plain == NULL) {
            return NULL;
        }
        copy = PyArray_NewCopy(ARR(plain), NPY_KEEPORDER);
        Py_DECREF(plain);
        return copy;
    }
    s = unwrap(a);
    if (s == NULL) {
        return NULL;
    }
    unlink_array(a);        /* `a` becomes a borrower when next touched */
    PyArray_ENABLEFLAGS(ARR(PyArray_BASE(ARR(a))), NPY_ARRAY_WRITEABLE);
    PyArray_ENABLEFLAGS(ARR(s), NPY_ARRAY_WRITEABLE);
    return s;
}

PyDoc_STRVAR(set_guard_doc,
"set_guard(a, guard)\n--\n\n"
"Call guard(a) before each write to `a` and to its views; None: no guard.");

static PyObject *
core_set_guard(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *guard;

    if (!PyArg_ParseTuple(args, "OO:set_guard", &a, &guard)
            || need_cow(a) < 0) {
        return NULL;
    }
    guard = guard == Py_None ? NULL : guard;
    Py_XINCREF(guard);
    replace(&link_of(a)->guard, guard);
    Py_RETURN_NONE;
}

PyDoc_STRVAR(guard_doc, "guard(a)\n--\n\nThe guard of `a`, or None.");

static PyObject *
core_guard(PyObject *Py_UNUSED(mod), PyObject *a)
{
    PyObject *guard;

    if (need_cow(a) < 0) {
        return NULL;
    }
    guard = link_of(a)->guard ? link_of(a)->guard : Py_None;
    Py_INCREF(guard);
    return guard;
}

PyDoc_STRVAR(lend_doc,
"lend(a)\n--\n\n"
"A pointer to the memory of `a` is held through `a` itself: its next write\n"
"moves it, so that the holder keeps seeing what it was given.");

static PyObject *
core_lend(PyObject *Py_UNUSED(mod), PyObject *a)
{
    if (need_cow(a) < 0) {
        return NULL;
    }
    link_of(a)->flags |= IS_LENT;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(expose_doc,
"expose(a)\n--\n\n"
"Give `a` memory of its own and never share it lazily again: somebody gets\n"
"a raw pointer.");

static PyObject *
core_expose(PyObject *mod, PyObject *a)
{
    PyObject *res = core_detach(mod, a);

    if (res != NULL) {
        link_of(a)->flags |= IS_EXPOSED;
    }
    return res;
}

PyDoc_STRVAR(check_doc,
"check(a)\n--\n\nRaise AssertionError where the invariant does not hold.");

static PyObject *
core_check(PyObject *Py_UNUSED(mod), PyObject *a)
{
    const char *wrong = NULL;
    Py_ssize_t n = 0;
    Seal *seal;

    if (need_cow(a) < 0) {
        return NULL;
    }
    seal = link_of(a)->seal;
    if (seal_of(PyArray_BASE(ARR(a))) != seal) {
        wrong = "the base is not the storage of the seal";
    }
    else if (PyArray_FLAGS(ARR(a)) & (NPY_ARRAY_WRITEABLE
                                      | NPY_ARRAY_OWNDATA)
             || PyArray_FLAGS(ARR(seal->storage)) & NPY_ARRAY_WRITEABLE) {
        wrong = "writeable, or owner of its memory";
    }
    else if (!lies_inside(a, seal->storage)) {
        wrong = "memory outside of the storage";
    }
    else if (plain_holders(seal) < 0 || seal->retired < 0
             || seal->writing < 0) {
        wrong = "wrong counts";
    }
    for (PyObject *o = a; wrong == NULL && (n == 0 || o != a);
            o = link_of(o)->next, n++) {
        if (link_of(o)->seal != seal || link_of(link_of(o)->next)->prev != o
                || PyArray_BASE(ARR(o)) != seal->storage) {
            wrong = "the ring is broken";
        }
    }
    if (wrong == NULL && n != seal->linked) {
        wrong = "wrong number of sharers";
    }
    if (wrong != NULL) {
        PyErr_SetString(PyExc_AssertionError, wrong);
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(set_ledger_doc,
"set_ledger(hook)\n--\n\n"
"Call hook(array, nbytes, reason) after each private copy; None: nobody.");

static PyObject *
core_set_ledger(PyObject *Py_UNUSED(mod), PyObject *hook)
{
    PyObject *old = on_copy == NULL ? Py_None : on_copy;

    Py_INCREF(old);
    if (hook == Py_None) {
        Py_CLEAR(on_copy);
    }
    else {
        Py_INCREF(hook);
        replace(&on_copy, hook);
    }
    return old;
}

PyDoc_STRVAR(configure_doc,
"configure(cow_class, on_chained, on_ufunc, counts_locals, unique)\n--\n\n"
"Tell the core which class results get, and its callbacks: on_chained(a)\n"
"raises for a chained assignment, on_ufunc is __array_ufunc__ in Python.\n"
"`unique`: address of PyUnstable_Object_IsUniqueReferencedTemporary or 0.");

static PyObject *
core_configure(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *cls, *chained, *ufunc, *unique;

    if (!PyArg_ParseTuple(args, "OOOpO:configure", &cls, &chained, &ufunc,
                          &counts_locals, &unique)
            || need_class(cls) < 0) {
        return NULL;
    }
    unique_temporary =
        (is_temporary_func)(npy_uintp)PyLong_AsVoidPtr(unique);
    if (PyErr_Occurred()) {
        return NULL;
    }
    Py_INCREF(cls);
    Py_INCREF(chained);
    Py_INCREF(ufunc);
    replace((PyObject **)&cow_class, cls);
    replace(&on_chained, chained);
    replace(&on_ufunc, ufunc);
    Py_RETURN_NONE;
}

/* ----------------------------------------------------------------- module */

#define FAST(f) ((PyCFunction)(void (*)(void))(f))

static PyMethodDef array_methods[] = {
    {"__array_ufunc__", FAST(array_ufunc), METH_FASTCALL | METH_KEYWORDS,
     "__array_ufunc__(ufunc, method, *inputs, **kwargs)"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef array_getset[] = {
    {"T", array_transposed, NULL, "The transposed array, a view.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef finalizer_methods[] = {
    {"ignore", finalizer_ignore, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef core_functions[] = {
    {"plain", core_plain, METH_O, plain_doc},
    {"wrap", FAST(core_wrap), METH_FASTCALL, wrap_doc},
    {"share", core_share, METH_VARARGS, share_doc},
    {"copy", core_copy, METH_VARARGS, copy_doc},
    {"begin_write", core_begin_write, METH_O, begin_write_doc},
    {"end_write", core_end_write, METH_VARARGS, end_write_doc},
    {"detach", core_detach, METH_O, detach_doc},
    {"become", core_become, METH_VARARGS, become_doc},
    {"sharing", core_sharing, METH_O, sharing_doc},
    {"sharers", core_sharers, METH_O, sharers_doc},
    {"holders", core_holders, METH_O, holders_doc},
    {"evict", core_evict, METH_O, evict_doc},
    {"borrow", core_borrow, METH_VARARGS, borrow_doc},
    {"sample", core_sample, METH_O, sample_doc},
    {"settled", core_settled, METH_O, settled_doc},
    {"release", core_release, METH_VARARGS, release_doc},
    {"set_guard", core_set_guard, METH_VARARGS, set_guard_doc},
    {"guard", core_guard, METH_O, guard_doc},
    {"lend", core_lend, METH_O, lend_doc},
    {"expose", core_expose, METH_O, expose_doc},
    {"check", core_check, METH_O, check_doc},
    {"set_ledger", core_set_ledger, METH_O, set_ledger_doc},
    {"configure", core_configure, METH_VARARGS, configure_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot seal_slots[] = {
    {Py_tp_dealloc, seal_dealloc},
    {Py_tp_doc, "Holds the memory of a storage shut."},
    {0, NULL},
};

static PyType_Spec seal_spec = {
    .name = "cow._core.Seal",
    .basicsize = sizeof(Seal),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = seal_slots,
};

static PyType_Slot finalizer_slots[] = {
    {Py_tp_descr_get, finalizer_get},
    {Py_tp_methods, finalizer_methods},
    {0, NULL},
};

static PyType_Spec finalizer_spec = {
    .name = "cow._core.Finalizer",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = finalizer_slots,
};

#define SLOT_BINARY(i, slot, name)                                          \
    {Py_nb_##slot, nb_##slot}, {Py_nb_inplace_##slot, nb_inplace_##slot},

static PyType_Slot array_slots[] = {
    {Py_tp_new, array_new},
    {Py_tp_dealloc, array_dealloc},
    {Py_tp_getattro, array_getattro},
    {Py_tp_richcompare, array_richcompare},
    {Py_tp_hash, PyObject_HashNotImplemented},
    {Py_tp_methods, array_methods},
    {Py_mp_subscript, array_subscript},
    {Py_mp_ass_subscript, array_ass_subscript},
    {Py_sq_item, array_item},
    {Py_sq_ass_item, array_ass_item},
    {Py_tp_getset, array_getset},
    {Py_bf_getbuffer, array_getbuffer},
    BINARY_OPS(SLOT_BINARY)
    {Py_nb_divmod, nb_divmod},
    {Py_nb_power, nb_power},
    {Py_nb_inplace_power, nb_inplace_power},
    {Py_nb_negative, nb_negative},
    {Py_nb_positive, nb_positive},
    {Py_nb_absolute, nb_absolute},
    {Py_nb_invert, nb_invert},
    {0, NULL},
};

static PyType_Spec array_spec = {
    .name = "cow._core.Array",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = array_slots,
};

#define BASE_BINARY(i, slot, name)                                          \
    base_binary[i] = (binaryfunc)PyType_GetSlot(&PyArray_Type,              \
                                                Py_nb_##slot);          \
    base_inplace[i] = (binaryfunc)PyType_GetSlot(&PyArray_Type,             \
                                                 Py_nb_inplace_##slot);

/* Read the slots of ndarray; its object size decides where our fields lie. */
static int
read_base(void)
{
    static const int slots[] = {Py_nb_negative, Py_nb_positive,
                                Py_nb_absolute, Py_nb_invert};
    PyObject *size = PyObject_GetAttrString((PyObject *)&PyArray_Type,
                                            "__basicsize__");

    if (size == NULL) {
        return -1;
    }
    link_offset = PyLong_AsSsize_t(size);
    Py_DECREF(size);
    if (link_offset < (Py_ssize_t)sizeof(PyArrayObject_fields)
            || link_offset % (Py_ssize_t)sizeof(void *) != 0) {
        PyErr_SetString(PyExc_ImportError,
                        "this NumPy has an unknown ndarray layout");
        return -1;
    }
    BINARY_OPS(BASE_BINARY)
    base_binary[12] = (binaryfunc)PyType_GetSlot(&PyArray_Type,
                                                 Py_nb_divmod);
    base_power = (ternary_op)PyType_GetSlot(&PyArray_Type, Py_nb_power);
    base_inplace_power =
        (ternary_op)PyType_GetSlot(&PyArray_Type, Py_nb_inplace_power);
    for (int i = 0; i < 4; i++) {
        base_unary[i] = (unaryfunc)PyType_GetSlot(&PyArray_Type, slots[i]);
    }
    base_item = (ssizeargfunc)PyType_GetSlot(&PyArray_Type, Py_sq_item);
    base_subscript =
        (binaryfunc)PyType_GetSlot(&PyArray_Type, Py_mp_subscript);
    base_ass_subscript =
        (objobjargproc)PyType_GetSlot(&PyArray_Type, Py_mp_ass_subscript);
    base_dealloc = (destructor)PyType_GetSlot(&PyArray_Type, Py_tp_dealloc);
    base_new = (newfunc)PyType_GetSlot(&PyArray_Type, Py_tp_new);
    base_richcompare =
        (richcmpfunc)PyType_GetSlot(&PyArray_Type, Py_tp_richcompare);
    return 0;
}

static int
core_exec(PyObject *mod)
{
    PyObject *finalizer = NULL, *bases = NULL;
    int result = -1;

    if (core_type != NULL) {
        PyErr_SetString(PyExc_ImportError,
                        "cow can be loaded once in a process, in the main "
                        "interpreter only (as NumPy)");
        return -1;
    }
    if (PyArray_ImportNumPyAPI() < 0 || read_base() < 0) {
        return -1;
    }
    str_call = PyUnicode_InternFromString("__call__");
    str_finalize = PyUnicode_InternFromString("__array_finalize__");
    capsule = PyCapsule_New((void *)(npy_uintp)finalize_array, NULL, NULL);
    seal_type = (PyTypeObject *)PyType_FromSpec(&seal_spec);
    finalizer_type = (PyTypeObject *)PyType_FromSpec(&finalizer_spec);
    bases = PyTuple_Pack(1, (PyObject *)&PyArray_Type);
    if (str_call == NULL || str_finalize == NULL || capsule == NULL
            || seal_type == NULL || finalizer_type == NULL
            || bases == NULL) {
        goto done;
    }
    array_spec.basicsize = (int)(link_offset + (Py_ssize_t)sizeof(Link));
    core_type = (PyTypeObject *)PyType_FromSpecWithBases(&array_spec, bases);
    finalizer = (PyObject *)PyObject_New(PyObject, finalizer_type);
    if (core_type == NULL || finalizer == NULL
            || PyObject_SetAttr((PyObject *)core_type, str_finalize,
                                finalizer) < 0
            || PyModule_AddObjectRef(mod, "Array", (PyObject *)core_type) < 0
            || PyModule_AddObjectRef(mod, "capsule", capsule) < 0) {
        goto done;
    }
    cow_class = core_type;
    Py_INCREF((PyObject *)cow_class);
    result = 0;
done:
    Py_XDECREF(finalizer);
    Py_XDECREF(bases);
    return result;
}

static PyModuleDef_Slot core_slots[] = {
    {Py_mod_exec, core_exec},
    {0, NULL},
};

static struct PyModuleDef core_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "cow._core",
    .m_doc = "The mechanism of cow: storage, sharing, moving an array.",
    .m_size = 0,
    .m_methods = core_functions,
    .m_slots = core_slots,
};

PyMODINIT_FUNC
PyInit__core(void)
{
    return PyModuleDef_Init(&core_module);
}
