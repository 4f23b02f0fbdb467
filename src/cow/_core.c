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
 *
 * Functions that return an object return a new reference, those that return
 * int 0 or -1 with an exception set, unless their comment says otherwise.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pythread.h>
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
    unsigned long writer;   /* the thread that has them */
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

/* Functions in Python, see configure(). */
enum {
    ON_CHAINED,             /* (a): raise if the caller stores into it */
    ON_TARGET,              /* (a, ufunc): raise if it is a temporary view */
    ON_UFUNC,               /* __array_ufunc__ */
    ON_FUNCTION,            /* __array_function__ */
    ON_NEW,                 /* (function): prepare it, fill `quick` */
    ON_WRAP,                /* ([result], cls, source): wrap a container */
    ON_MISSING,             /* (a): an attribute was looked for in vain */
    HOOKS
};
static PyObject *hook[HOOKS];
static PyObject *on_copy;               /* (a, nbytes, why), or NULL */
static PyObject *quick;                 /* {function: (implementation, n)} */
static PyObject *elementwise;           /* ufuncs that keep a float dtype */
static PyObject *methods;               /* {name: method that reads} */

typedef int (*is_temporary_func)(PyObject *);

static PyTypeObject *seal_type;
static PyTypeObject *finalizer_type;
static PyTypeObject *core_type;         /* _core.Array */
static PyTypeObject *cow_class;         /* cow.CowArray */
static PyObject *capsule;               /* of finalize_array */
static Py_ssize_t link_offset;
static is_temporary_func unique_temporary;      /* CPython 3.14 */
static int counts_locals;               /* a local variable is a reference */
static PyObject *str_call, *str_out, *str_finalize;

static binaryfunc base_subscript;
static ssizeargfunc base_item;
static objobjargproc base_ass_subscript;
static destructor base_dealloc;
static newfunc base_new;
static richcmpfunc base_richcompare;

#define ARR(op) ((PyArrayObject *)(op))
#define FIELDS(op) ((PyArrayObject_fields *)(op))
#define HAS(op, flag) PyArray_CHKFLAGS(ARR(op), NPY_ARRAY_##flag)

/* Py_XSETREF, which the limited API lacks. */
static inline void
replace(PyObject **slot, PyObject *value)
{
    PyObject *old = *slot;

    *slot = value;
    Py_XDECREF(old);
}

static inline PyObject *
new_ref(PyObject *op)
{
    Py_XINCREF(op);
    return op;
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

/* The seal of a storage (borrowed), NULL for anything else. */
static inline Seal *
seal_of(PyObject *op)
{
    PyObject *base = is_plain(op) ? PyArray_BASE(ARR(op)) : NULL;

    if (base == NULL || Py_TYPE(base) != seal_type || HAS(op, OWNDATA)
            || ((Seal *)base)->storage != op) {
        return NULL;
    }
    return (Seal *)base;
}

/* Does `op` own its memory, and the caller the only reference to it? */
static inline int
is_ours_alone(PyObject *op)
{
    return (Py_REFCNT(op) == 1 && is_plain(op) && HAS(op, OWNDATA)
            && !HAS(op, WRITEBACKIFCOPY));
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
    return Py_REFCNT(seal->storage) - 1 - seal->linked - seal->retired;
}

static inline int
shares_seal(PyObject *op, Seal *seal)
{
    return op != NULL && is_cow(op) && link_of(op)->seal == seal;
}

/* 1 when the caller's expression holds the only reference. */
static inline int
is_temporary(PyObject *op)
{
    return unique_temporary != NULL ? unique_temporary(op)
        : counts_locals && Py_REFCNT(op) == 1;
}

static inline int
is_float(PyObject *op)
{
    int type = PyArray_DESCR(ARR(op))->type_num;

    return ((type == NPY_DOUBLE || type == NPY_FLOAT)
            && PyArray_ISNOTSWAPPED(ARR(op)));
}

static int
same_layout(PyObject *a, PyObject *b)
{
    int nd = PyArray_NDIM(ARR(a));

    return (PyArray_NDIM(ARR(b)) == nd
            && PyArray_DESCR(ARR(b)) == PyArray_DESCR(ARR(a))
            && PyArray_CompareLists(PyArray_DIMS(ARR(a)),
                                    PyArray_DIMS(ARR(b)), nd)
            && PyArray_CompareLists(PyArray_STRIDES(ARR(a)),
                                    PyArray_STRIDES(ARR(b)), nd));
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

/* Give `a` the base; steals it and returns the old one (may be NULL). */
static PyObject *
swap_base(PyObject *a, PyObject *base)
{
    PyObject *old = FIELDS(a)->base;

    FIELDS(a)->base = base;
    return old;
}

/* Hand the memory that `a` owns to `s`, a header of the same size. */
static void
hand_over(PyObject *a, PyObject *s)
{
    FIELDS(s)->mem_handler = FIELDS(a)->mem_handler;
    FIELDS(a)->mem_handler = NULL;
    set_owner(s, 1);
    PyArray_CLEARFLAGS(ARR(a), NPY_ARRAY_OWNDATA);
}

/* Exchange the layouts of `a` and `b`: memory, shape, strides, dtype, base
 * and the flags that follow from them. */
static void
swap_layout(PyObject *a, PyObject *b)
{
    PyArrayObject_fields *fa = FIELDS(a), *fb = FIELDS(b), was = *fa;

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

/* Headers of dead CowArrays [1] and ended aliases [0], with their room for
 * shape and strides, by number of dimensions and chained by their bases:
 * making a view through NumPy costs twice as much. */
enum { MAX_DIMS = 5, MOST_HEADERS = 64 };
static struct {
    PyObject *first;
    int count;
} spare[2][MAX_DIMS];

/* Keep the header of `a`, which nobody else refers to.  0: it cannot be. */
static int
keep_header(PyObject *a, int cow)
{
    PyArrayObject_fields *fa = FIELDS(a);
    PyObject *base = fa->base, *descr = (PyObject *)fa->descr;

    if (fa->nd >= MAX_DIMS || spare[cow][fa->nd].count >= MOST_HEADERS
            || fa->_buffer_info != NULL || fa->mem_handler != NULL
            || fa->weakreflist != NULL) {
        return 0;
    }
    fa->descr = NULL;
    fa->base = spare[cow][fa->nd].first;
    spare[cow][fa->nd].first = a;
    spare[cow][fa->nd].count++;
    Py_XDECREF(base);
    Py_XDECREF(descr);
    return 1;
}

/* A kept header made alive over the memory of `storage`, with the dtype and
 * the flags of the array `like`.  NULL (no exception): there is none. */
static PyObject *
reuse_header(int cow, PyObject *like, int nd, char *data,
             npy_intp const *dims, npy_intp const *strides,
             PyObject *storage)
{
    PyObject *a = nd < MAX_DIMS ? spare[cow][nd].first : NULL;
    PyArrayObject_fields *fa = FIELDS(a);

    if (a == NULL) {
        return NULL;
    }
    spare[cow][nd].first = fa->base;
    spare[cow][nd].count--;
    if (cow) {
        *link_of(a) = (Link){0};
        a = PyObject_Init(a, cow_class);
    }
    fa->data = data;
    for (int i = 0; i < nd; i++) {
        fa->dimensions[i] = dims[i];
        fa->strides[i] = strides[i];
    }
    fa->descr = PyArray_DESCR(ARR(like));
    Py_INCREF((PyObject *)fa->descr);
    fa->base = new_ref(storage);
    fa->weakreflist = NULL;
    fa->flags = (PyArray_FLAGS(ARR(like))
                 & ~(NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE));
    return a;
}

/* A plain array with the layout of `a` over `data`, whose base is `base`
 * (may be NULL).  Runs no Python code. */
static PyObject *
new_header(PyObject *a, void *data, PyObject *base, int writeable)
{
    PyArray_Descr *descr = PyArray_DESCR(ARR(a));
    int flags = PyArray_FLAGS(ARR(a)) & ~(NPY_ARRAY_OWNDATA
                                          | NPY_ARRAY_WRITEABLE);
    PyObject *view;

    Py_INCREF((PyObject *)descr);
    view = PyArray_NewFromDescr(
        &PyArray_Type, descr, PyArray_NDIM(ARR(a)), PyArray_DIMS(ARR(a)),
        PyArray_STRIDES(ARR(a)), data,
        flags | (writeable ? NPY_ARRAY_WRITEABLE : 0), NULL);
    if (view != NULL) {
        swap_base(view, new_ref(base));
    }
    return view;
}

/* ------------------------------------------------------ memory to be reused
 * Above some 32 MB the C library gives freed memory back, and each new block
 * costs page faults, which take longer than a sum.  Storages of that size
 * that nobody needs any more wait here for a result of the same size.      */

enum { POOL_BLOCKS = 8 };
static const npy_intp POOL_LEAST = 32 << 20;
static struct {
    PyObject *block[POOL_BLOCKS];       /* oldest first */
    int count;
    npy_intp bytes, limit;
} pool;

/* Take block i out of the pool. */
static PyObject *
take_block(int i)
{
    PyObject *s = pool.block[i];

    pool.count--;
    pool.bytes -= PyArray_NBYTES(ARR(s));
    memmove(pool.block + i, pool.block + i + 1,
            (size_t)(pool.count - i) * sizeof(*pool.block));
    return s;
}

/* Free the oldest blocks until at most `bytes` are kept. */
static void
trim_pool(npy_intp bytes)
{
    while (pool.count > 0 && pool.bytes > bytes) {
        PyObject *s = take_block(0);
        Py_DECREF(s);
    }
}

/* Drop a reference to a storage, which is kept if it was the last. */
static void
drop_storage(PyObject *s)
{
    npy_intp bytes = PyArray_Check(s) ? PyArray_NBYTES(ARR(s)) : 0;

    if (bytes < POOL_LEAST || bytes > pool.limit || !is_ours_alone(s)
            || PyArray_BASE(ARR(s)) != NULL
            || FIELDS(s)->weakreflist != NULL
            || FIELDS(s)->_buffer_info != NULL
            || !PyTypeNum_ISNUMBER(PyArray_DESCR(ARR(s))->type_num)) {
        Py_DECREF(s);
        return;
    }
    trim_pool(pool.limit - bytes);
    if (pool.count == POOL_BLOCKS) {
        trim_pool(pool.bytes - 1);
    }
    pool.block[pool.count++] = s;
    pool.bytes += bytes;
}

/* An array with the layout of `like`, which is contiguous, in memory from
 * the pool.  NULL: there is none; then the pool makes room for a new block,
 * so that it never adds to the peak.  Raises nothing. */
static PyObject *
from_pool(PyObject *like)
{
    npy_intp bytes = PyArray_NBYTES(ARR(like));
    PyObject *s, *header;

    if (pool.count == 0 || bytes < POOL_LEAST
            || !PyArray_ISONESEGMENT(ARR(like))) {
        return NULL;
    }
    for (int i = pool.count; i-- > 0;) {
        if (PyArray_NBYTES(ARR(pool.block[i])) != bytes) {
            continue;
        }
        s = take_block(i);
        header = new_header(like, PyArray_DATA(ARR(s)), NULL, 1);
        if (header != NULL) {
            hand_over(s, header);
        }
        PyErr_Clear();
        Py_DECREF(s);
        return header;
    }
    trim_pool(pool.bytes > bytes ? pool.bytes - bytes : 0);
    return NULL;
}

/* 1 where NumPy ran out of memory and the pool could give some back: try
 * again, the exception is cleared. */
static int
gave_memory_back(void)
{
    if (pool.count == 0 || !PyErr_ExceptionMatches(PyExc_MemoryError)) {
        return 0;
    }
    PyErr_Clear();
    trim_pool(0);
    return 1;
}

/* -------------------------------------------------------- seal and storage */

/* New seal that takes a reference to `owner` (may be NULL). */
static Seal *
new_seal(PyObject *owner)
{
    Seal *seal = PyObject_New(Seal, seal_type);

    if (seal != NULL) {
        seal->owner = new_ref(owner);
        seal->storage = seal->ring = NULL;
        seal->linked = seal->retired = seal->writing = 0;
    }
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

/* Make a storage of `s`, an exact ndarray that owns its memory and that
 * nobody else refers to.  Borrows `s`; returns its new seal, on which the
 * caller links an array at once (an unlinked seal has no storage). */
static Seal *
seal_storage(PyObject *s)
{
    Seal *seal = new_seal(NULL);

    if (seal != NULL) {
        set_owner(s, 0);
        seal->storage = new_ref(s);
        Py_XDECREF(swap_base(s, new_ref((PyObject *)seal)));
    }
    return seal;
}

/* A storage over the memory of the array `a`, which `owner` keeps alive. */
static Seal *
seal_borrowed(PyObject *a, PyObject *owner)
{
    Seal *seal = new_seal(owner);

    if (seal != NULL) {
        seal->storage = new_header(a, PyArray_DATA(ARR(a)),
                                   (PyObject *)seal, 0);
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
    PyObject *s = seal->storage;

    if (s != NULL && seal->linked == 0 && seal->writing == 0) {
        seal->storage = NULL;
        if (seal->owner == NULL) {
            set_owner(s, 1);
            Py_XDECREF(swap_base(s, NULL));
        }
        drop_storage(s);
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

/* Leave the kept storages.  May run Python code (a borrowed owner dies). */
static void
drop_kept(PyObject *a)
{
    PyObject *kept = link_of(a)->kept;

    if (kept == NULL) {
        return;
    }
    link_of(a)->kept = NULL;
    for (Py_ssize_t n = PyList_Size(kept); n-- > 0;) {
        Seal *seal = seal_of(PyList_GetItem(kept, n));
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
        *(step > 0 ? &hi : &lo) += (n - 1) * step;
    }
    *low = lo;
    *high = hi;
}

/* Does the first element of `a` lie inside the memory of `s`?  NumPy may set
 * the strides of a view after it has called finalize. */
static int
starts_inside(PyObject *a, PyObject *s)
{
    char *low, *high, *data = PyArray_BYTES(ARR(a));

    extent(s, &low, &high);
    return PyArray_SIZE(ARR(a)) == 0 || (low <= data && data < high);
}

/* Does the memory of `a` lie inside that of `s`? */
static int
lies_inside(PyObject *a, PyObject *s)
{
    char *lo, *hi, *slo, *shi;

    extent(a, &lo, &hi);
    extent(s, &slo, &shi);
    return lo == hi || (slo <= lo && hi <= shi);
}

/* ------------------------------------------------------- moving an array */

/* Tell the ledger.  Errors go to sys.unraisablehook. */
static void
report_copy(PyObject *a, const char *why)
{
    PyObject *ledger = new_ref(on_copy), *res;

    if (ledger == NULL) {
        return;
    }
    res = PyObject_CallFunction(ledger, "Ons", a,
                                (Py_ssize_t)PyArray_NBYTES(ARR(a)), why);
    if (res == NULL) {
        PyErr_WriteUnraisable(ledger);
    }
    Py_XDECREF(res);
    Py_DECREF(ledger);
}

/* A kept storage of `a` that is free and has the layout of a copy, taken
 * from the list and opened.  NULL: none, or an exception. */
static PyObject *
reuse_kept(PyObject *a)
{
    PyObject *kept = link_of(a)->kept;

    for (Py_ssize_t i = kept == NULL ? 0 : PyList_Size(kept); i-- > 0;) {
        PyObject *s = PyList_GetItem(kept, i);
        if (is_ours_alone(s) && same_layout(a, s)
                && PyTypeNum_ISNUMBER(PyArray_DESCR(ARR(s))->type_num)) {
            Py_INCREF(s);
            PyArray_ENABLEFLAGS(ARR(s), NPY_ARRAY_WRITEABLE);
            if (PyList_SetSlice(kept, i, i + 1, NULL) < 0) {
                Py_CLEAR(s);
            }
            return s;
        }
    }
    return NULL;
}

/* A copy of the memory of `a`: an exact ndarray that owns its memory. */
static PyObject *
copy_memory(PyObject *a)
{
    PyObject *view, *copy = NULL;

    view = new_header(a, PyArray_DATA(ARR(a)), PyArray_BASE(ARR(a)), 0);
    if (view == NULL) {
        return NULL;
    }
    copy = reuse_kept(a);
    if (copy == NULL && !PyErr_Occurred()
            && PyTypeNum_ISNUMBER(PyArray_DESCR(ARR(a))->type_num)) {
        copy = from_pool(view);
    }
    if (copy != NULL) {
        if (PyArray_CopyInto(ARR(copy), ARR(view)) < 0) {
            Py_CLEAR(copy);
        }
    }
    else if (!PyErr_Occurred()) {
        copy = PyArray_NewCopy(ARR(view), NPY_KEEPORDER);
        if (copy == NULL && gave_memory_back()) {
            copy = PyArray_NewCopy(ARR(view), NPY_KEEPORDER);
        }
    }
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
    header = new_header(fresh, PyArray_DATA(ARR(fresh)), fresh, 0);
    if (header == NULL) {
        goto done;
    }
    if (old != NULL && Py_REFCNT(a) > 1) {
        /* kept twice, it is never used again: a foreign view looks at it */
        left = seal_of(old);
        for (int n = l->flags & IS_LENT ? 2 : 1; n > 0; n--) {
            if ((l->kept == NULL && (l->kept = PyList_New(0)) == NULL)
                    || PyList_Append(l->kept, old) < 0) {
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
    old = header == NULL ? NULL : swap_base(header, NULL);
    Py_XDECREF(header);
    if (old != NULL) {
        drop_storage(old);
    }
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
    PyObject *s = new_header(a, PyArray_DATA(ARR(a)), NULL, 0), *base;
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

/* Link a CowArray that is in no ring: a new one, or one whose base NumPy has
 * changed (ndarray.__setstate__).  `from`: the array that it was made from,
 * or NULL.  Runs no Python code but finalizers of dead owners. */
static int
adopt(PyObject *a, PyObject *from)
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
    if (!starts_inside(a, seal->storage)) {
        /* a view of an array that has moved on: trust nothing */
        PyArray_CLEARFLAGS(ARR(a), NPY_ARRAY_WRITEABLE);
        return detach(a, "view of an array that has moved");
    }
    link_of(a)->flags |= IS_VIEW;
    finish_seal(a, seal);
    if (seal->writing > 0 || (from != NULL && is_cow(from)
                              && link_of(from)->flags & IS_EXPOSED)) {
        return detach(a, "shared memory that is being written");
    }
    return 0;
}

/* The C function in __array_finalize__.  NumPy has set the base of a view
 * before it calls. */
static int
finalize_array(PyArrayObject *self, PyObject *obj)
{
    PyObject *a = (PyObject *)self, *method, *res;
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
        replace(&link_of(a)->guard, new_ref(link_of(from)->guard));
    }
    if (Py_TYPE(a) == cow_class) {
        return 0;
    }
    method = PyObject_GetAttr(a, str_finalize);
    if (method == NULL) {
        return -1;
    }
    res = PyObject_CallFunctionObjArgs(method, from ? from : Py_None, NULL);
    Py_DECREF(method);
    Py_XDECREF(res);
    return res == NULL ? -1 : 0;
}

/* Wait while another thread writes the memory of `a`: a reader sees the old
 * or the new elements, never a mixture.  Who waits holds no write himself
 * (operands are unwrapped first), so nobody waits for ever. */
static int
wait_for_writer(PyObject *a)
{
    PyThread_type_lock lock = PyThread_allocate_lock();
    int result = lock == NULL ? -1 : 0;

    if (lock == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    PyThread_acquire_lock(lock, 1);
    while (result == 0 && link_of(a)->seal != NULL
           && link_of(a)->seal->writing > 0
           && link_of(a)->seal->writer != PyThread_get_thread_ident()) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock_timed(lock, 50, 0);
        Py_END_ALLOW_THREADS
        result = PyErr_CheckSignals();
    }
    PyThread_release_lock(lock);
    PyThread_free_lock(lock);
    return result;
}

/* Bring an array that NumPy's C code made or changed behind our back into
 * the invariant; wait for another thread that writes its memory.  Every slot
 * and function calls it first. */
static int
clean(PyObject *a)
{
    Seal *seal = link_of(a)->seal;

    if (seal != NULL && seal->writing > 0
            && seal->writer != PyThread_get_thread_ident()) {
        if (wait_for_writer(a) < 0) {
            return -1;
        }
        seal = link_of(a)->seal;
    }
    if (seal == NULL || PyArray_BASE(ARR(a)) != seal->storage) {
        unlink_array(a);
        if (adopt(a, NULL) < 0) {
            return -1;
        }
        if (link_of(a)->seal == NULL) {
            return detach(a, "memory without an owner");
        }
    }
    else if (!HAS(a, WRITEABLE)) {
        return 0;
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
    if (PyArray_DATA(ARR(s)) == PyArray_DATA(ARR(a)) && same_layout(a, s)) {
        return new_ref(s);
    }
    return new_header(a, PyArray_DATA(ARR(a)), s, 0);
}

/* A CowArray of class `cls` with the layout of `layout`, linked to `seal`.
 * `from` is what __array_finalize__ of a subclass is given (may be NULL). */
static PyObject *
make_view(PyTypeObject *cls, PyObject *layout, Seal *seal, PyObject *from)
{
    PyArrayObject *l = ARR(layout);
    int flags = PyArray_FLAGS(l) & ~(NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE);
    PyObject *view = NULL;
    void *data = expected.data;
    Seal *outer = expected.seal;

    if (cls == cow_class && seal->writing == 0
            && (from == NULL || !is_cow(from)
                || link_of(from)->guard == NULL)) {
        view = reuse_header(1, layout, PyArray_NDIM(l), PyArray_BYTES(l),
                            PyArray_DIMS(l), PyArray_STRIDES(l),
                            seal->storage);
        if (view != NULL) {
            link_array(view, seal);
            return view;
        }
    }
    Py_INCREF((PyObject *)PyArray_DESCR(l));
    expected.data = PyArray_DATA(l);
    expected.seal = seal;
    view = PyArray_NewFromDescr(cls, PyArray_DESCR(l), PyArray_NDIM(l),
                                PyArray_DIMS(l), PyArray_STRIDES(l),
                                PyArray_DATA(l), flags, from);
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
    view = make_view(cls, res, seal, from);
    if (view != NULL) {
        link_of(view)->flags |= flags;
    }
    leave_seal(seal);
    return view;
}

/* As wrap_result, for what a function returned: steals `res`, which may be
 * NULL, and looks into containers. */
static PyObject *
wrap(PyObject *res, PyTypeObject *cls, PyObject *from)
{
    PyObject *all, *item;

    if (res != NULL && is_plain(res)) {
        all = wrap_result(res, cls, from);
    }
    else if (res != NULL && PyTuple_CheckExact(res)) {
        Py_ssize_t n = PyTuple_Size(res);
        all = PyTuple_New(n);
        for (Py_ssize_t i = 0; all != NULL && i < n; i++) {
            item = new_ref(PyTuple_GetItem(res, i));
            if (is_plain(item) && Py_REFCNT(res) == 1) {
                PyTuple_SetItem(res, i, new_ref(Py_None)); /* drops its ref */
            }
            item = wrap(item, cls, from);
            if (item == NULL || PyTuple_SetItem(all, i, item) < 0) {
                Py_CLEAR(all);
            }
        }
    }
    else if (res != NULL && (PyList_CheckExact(res) || PyDict_CheckExact(res)
                             || PyTuple_Check(res))) {
        /* the hook gets the only reference */
        all = PyObject_CallFunction(hook[ON_WRAP], "[N]OO", res, cls,
                                    from == NULL ? Py_None : from);
        return all;
    }
    else {
        return res;
    }
    Py_DECREF(res);
    return all;
}

/* What NumPy is given for an argument: *out is a new reference and the
 * result 1.  0: leave it to NumPy's own protocol.  -1: error. */
static int
simple_operand(PyObject *op, PyObject **out)
{
    PyTypeObject *type = Py_TYPE(op);
    int is_tuple = type == &PyTuple_Type, simple = 1, changed = 0;
    Py_ssize_t n;
    PyObject *items;

    if (type == cow_class) {
        *out = unwrap(op);
        return *out == NULL ? -1 : 1;
    }
    if (is_plain(op) || type == &PyFloat_Type || type == &PyLong_Type
            || type == &PyBool_Type || type == &PyComplex_Type
            || op == Py_None || type == &PyUnicode_Type
            || type == &PyType_Type || PyArray_DescrCheck(op)
            || (PyArray_IsScalar(op, Generic)
                && !PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE))) {
        *out = new_ref(op);
        return 1;
    }
    if (!is_tuple && type != &PyList_Type) {
        return 0;
    }
    n = is_tuple ? PyTuple_Size(op) : PyList_Size(op);
    items = is_tuple ? PyTuple_New(n) : PyList_New(n);
    if (items == NULL || Py_EnterRecursiveCall(" in an operand")) {
        Py_XDECREF(items);
        return -1;
    }
    for (Py_ssize_t i = 0; i < n && simple > 0; i++) {
        PyObject *item = is_tuple ? PyTuple_GetItem(op, i)
                                  : PyList_GetItem(op, i);
        PyObject *plain = NULL;
        simple = item == NULL ? -1 : simple_operand(item, &plain);
        if (simple > 0) {
            changed |= plain != item;
            is_tuple ? PyTuple_SetItem(items, i, plain)
                     : PyList_SetItem(items, i, plain);
        }
    }
    Py_LeaveRecursiveCall();
    if (simple > 0 && !changed) {
        replace(&items, new_ref(op));
    }
    if (simple <= 0) {
        Py_CLEAR(items);
    }
    *out = items;
    return simple;
}

/* The plain operands as a tuple, behind `first` (may be NULL) and before
 * `last` (may be NULL), with the result of simple_operand. */
static int
simple_operands(PyObject *first, PyObject *const *ops, Py_ssize_t n,
                PyObject *last, PyObject **out)
{
    Py_ssize_t at = 0;
    PyObject *all = PyTuple_New(n + (first != NULL) + (last != NULL));
    int simple = all == NULL ? -1 : 1;

    if (simple > 0 && first != NULL) {
        PyTuple_SetItem(all, at++, new_ref(first));
    }
    for (Py_ssize_t i = 0; i < n && simple > 0; i++) {
        PyObject *plain = NULL;
        simple = simple_operand(ops[i], &plain);
        if (simple > 0) {
            PyTuple_SetItem(all, at++, plain);
        }
    }
    if (simple > 0 && last != NULL) {
        PyTuple_SetItem(all, at, new_ref(last));
    }
    if (simple <= 0) {
        Py_CLEAR(all);
    }
    *out = all;
    return simple;
}

/* ---------------------------------------------------------------- writing */

/* Raise where the caller's code is storing into a temporary view. */
static int
refuse_chained(PyObject *a)
{
    Link *l = link_of(a);
    PyObject *res;

    if (!(l->flags & IS_VIEW) || hook[ON_CHAINED] == NULL
            || (l->seal->linked == 1 && plain_holders(l->seal) == 0
                && !is_borrowed(l->seal))) {
        return 0;
    }
    res = PyObject_CallFunctionObjArgs(hook[ON_CHAINED], a, NULL);
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
    int result = others == NULL ? -1 : 0;

    for (PyObject *o = link_of(a)->next; result == 0 && o != a;
            o = link_of(o)->next) {
        if (o != skip) {
            result = PyList_Append(others, o);
        }
    }
    for (Py_ssize_t i = 0; result == 0 && i < PyList_Size(others); i++) {
        PyObject *o = PyList_GetItem(others, i);
        if (link_of(o)->seal == link_of(a)->seal) {
            result = detach(o, link_of(a)->flags & IS_VIEW
                            ? "a view of it is written"
                            : "its source is written");
        }
    }
    Py_XDECREF(others);
    return result;
}

/* What the caller of begin_write reads while it writes. */
typedef struct {
    PyObject *value;        /* no sharer when it is a temporary, or NULL */
    Seal *seal;             /* of the array that is to be written */
    Py_ssize_t held;        /* unwrapped operands that look at its storage */
} Operands;
static const Operands no_operands;

/* Make the memory of `a` private. */
static int
make_private(PyObject *a, const Operands *ops)
{
    Link *l = link_of(a);

    for (int attempt = 0; attempt < 2; attempt++) {
        Seal *seal = l->seal;
        Py_ssize_t others = seal->linked - 1;
        PyObject *skip = NULL, *value = ops->value;

        if (is_borrowed(seal) || l->flags & IS_LENT
                || plain_holders(seal) > (seal == ops->seal ? ops->held
                                                            : 0)) {
            break;
        }
        if (others > 0 && value != a && shares_seal(value, seal)
                && is_temporary(value)) {
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
    return detach(a, l->flags & IS_VIEW ? "view written while shared"
                                        : "written while shared");
}

/* Everything that must happen before `a` may be written. */
static int
prepare_write(PyObject *a, const Operands *ops)
{
    PyObject *guard, *res;

    if (clean(a) < 0) {
        return -1;
    }
    guard = new_ref(link_of(a)->guard);
    if (guard != NULL) {
        res = PyObject_CallFunctionObjArgs(guard, a, NULL);
        Py_DECREF(guard);
        Py_XDECREF(res);
        if (res == NULL || clean(a) < 0) {
            return -1;
        }
    }
    if (link_of(a)->kept != NULL && is_temporary(a)) {
        drop_kept(a);
    }
    return make_private(a, ops);
}

/* A writeable plain view of `a`, private by then; ended by end_write. */
static PyObject *
begin_write(PyObject *a, const Operands *ops)
{
    PyObject *alias;
    Seal *seal;

    if (prepare_write(a, ops) < 0) {
        return NULL;
    }
    seal = link_of(a)->seal;
    alias = reuse_header(0, a, PyArray_NDIM(ARR(a)), PyArray_BYTES(ARR(a)),
                         PyArray_DIMS(ARR(a)), PyArray_STRIDES(ARR(a)),
                         seal->storage);
    if (alias == NULL) {
        alias = new_header(a, PyArray_DATA(ARR(a)), seal->storage, 1);
    }
    if (alias != NULL) {
        PyArray_ENABLEFLAGS(ARR(alias), NPY_ARRAY_WRITEABLE);
        seal->writing++;
        seal->writer = PyThread_get_thread_ident();
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
        if (plain_holders(seal) > known) {
            result = detach(a, "a writeable view escaped");
        }
    }
    else if (type == NULL) {
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

    if (is_tuple ? PyTuple_Size(idx) != nd : nd != 1) {
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
    PyObject *alias, *operand;
    Operands ops = {.value = value};
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
        if (prepare_write(self, &no_operands) < 0) {
            return -1;
        }
        return PyArray_Pack(PyArray_DESCR(ARR(self)), element(self, idx),
                            value);
    }
    operand = is_cow(value) ? unwrap(value) : new_ref(value);
    if (operand == NULL) {
        return -1;
    }
    ops.seal = link_of(self)->seal;
    ops.held = shares_seal(value, ops.seal);
    alias = begin_write(self, &ops);
    if (alias != NULL) {
        result = base_ass_subscript(alias, idx, operand);
    }
    Py_DECREF(operand);
    if (alias != NULL && end_write(self, alias) < 0) {
        result = -1;
    }
    return result;
}

static int
array_ass_item(PyObject *self, Py_ssize_t i, PyObject *value)
{
    PyObject *idx = PyLong_FromSsize_t(i);
    int result = idx == NULL ? -1 : array_ass_subscript(self, idx, value);

    Py_XDECREF(idx);
    return result;
}

/* ---------------------------------------------------------------- reading */

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
    view = reuse_header(1, self, nd, data, dims, strides, l->seal->storage);
    if (view != NULL) {
        PyArray_UpdateFlags(ARR(view), NPY_ARRAY_C_CONTIGUOUS
                            | NPY_ARRAY_F_CONTIGUOUS | NPY_ARRAY_ALIGNED);
        link_array(view, l->seal);
        link_of(view)->flags = IS_VIEW;
        link_of(view)->guard = new_ref(l->guard);
    }
    return view;
}

/* self[i] for 0 <= i < n, of two dimensions at least; as quick_view. */
static PyObject *
quick_row(PyObject *self, npy_intp i)
{
    return quick_view(self, PyArray_NDIM(ARR(self)) - 1,
                      PyArray_BYTES(ARR(self))
                          + i * PyArray_STRIDE(ARR(self), 0),
                      PyArray_DIMS(ARR(self)) + 1,
                      PyArray_STRIDES(ARR(self)) + 1);
}

/* self[i] (two dimensions at least) and self[start:stop:step]; NULL where
 * NumPy has to do it, with an exception set only if the slice is bad. */
static PyObject *
quick_subscript(PyObject *self, PyObject *idx)
{
    int nd = PyArray_NDIM(ARR(self));
    npy_intp dims[MAX_DIMS], strides[MAX_DIMS], i;
    Py_ssize_t start, stop, step, n;

    if (nd == 0 || nd >= MAX_DIMS) {
        return NULL;
    }
    n = PyArray_DIM(ARR(self), 0);
    if (PyLong_CheckExact(idx) && nd > 1) {
        i = PyLong_AsSsize_t(idx);
        if (i == -1 && PyErr_Occurred()) {
            PyErr_Clear();
            return NULL;
        }
        i += i < 0 ? n : 0;
        return i < 0 || i >= n ? NULL : quick_row(self, i);
    }
    if (!PySlice_Check(idx)
            || PySlice_Unpack(idx, &start, &stop, &step) < 0) {
        return NULL;
    }
    n = PySlice_AdjustIndices(n, &start, &stop, step);
    if (n == 0) {
        return NULL;
    }
    for (int k = 1; k < nd; k++) {
        dims[k] = PyArray_DIM(ARR(self), k);
        strides[k] = PyArray_STRIDE(ARR(self), k);
    }
    dims[0] = n;
    strides[0] = PyArray_STRIDE(ARR(self), 0) * step;
    return quick_view(self, nd, PyArray_BYTES(ARR(self))
                      + start * PyArray_STRIDE(ARR(self), 0), dims, strides);
}


/* The transposed array. */
static PyObject *
array_transposed(PyObject *self, void *Py_UNUSED(closure))
{
    npy_intp dims[MAX_DIMS], strides[MAX_DIMS];
    int nd = PyArray_NDIM(ARR(self));
    PyObject *view = NULL;

    if (clean(self) < 0) {
        return NULL;
    }
    if (nd < MAX_DIMS) {
        for (int i = 0; i < nd; i++) {
            dims[i] = PyArray_DIM(ARR(self), nd - 1 - i);
            strides[i] = PyArray_STRIDE(ARR(self), nd - 1 - i);
        }
        view = quick_view(self, nd, PyArray_BYTES(ARR(self)), dims, strides);
    }
    return view != NULL ? view : PyArray_Transpose(ARR(self), NULL);
}

static int
is_basic(PyObject *idx)
{
    if (PyTuple_CheckExact(idx)) {
        for (Py_ssize_t i = PyTuple_Size(idx); i-- > 0;) {
            PyObject *k = PyTuple_GetItem(idx, i);
            if (PyTuple_CheckExact(k) || !is_basic(k)) {
                return 0;
            }
        }
        return 1;
    }
    return (PyLong_CheckExact(idx) || PySlice_Check(idx) || idx == Py_Ellipsis
            || idx == Py_None || PyUnicode_CheckExact(idx));
}

/* A record is a window on the memory of the array that it is taken from:
 * that has to be a plain one. */
static inline int
is_record(PyObject *a)
{
    return PyArray_DESCR(ARR(a))->type_num == NPY_VOID;
}

static PyObject *
array_subscript(PyObject *self, PyObject *idx)
{
    PyObject *plain, *res;

    if (clean(self) < 0) {
        return NULL;
    }
    if (PyLong_CheckExact(idx) && PyArray_NDIM(ARR(self)) == 1
            && !is_record(self)) {
        return base_subscript(self, idx);
    }
    res = quick_subscript(self, idx);
    if (res != NULL || PyErr_Occurred()) {
        return res;
    }
    if (PyArray_DESCR(ARR(self))->type_num == NPY_OBJECT
            || (is_basic(idx) && !is_record(self))) {
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

static PyObject *
array_item(PyObject *self, Py_ssize_t i)
{
    PyObject *view = NULL, *idx;

    if (clean(self) < 0) {
        return NULL;
    }
    if (PyArray_NDIM(ARR(self)) > 1 && i >= 0
            && i < PyArray_DIM(ARR(self), 0)) {
        view = quick_row(self, i);
    }
    if (view == NULL && is_record(self)) {
        idx = PyLong_FromSsize_t(i);
        view = idx == NULL ? NULL : array_subscript(self, idx);
        Py_XDECREF(idx);
        return view;
    }
    return view != NULL ? view : base_item(self, i);
}

/* A look-up in vain may come from __array_finalize__ of a foreign subclass:
 * then a view of that class exists whose base is the array object, so that
 * it is not seen among the holders of the storage. */
static PyObject *
array_getattro(PyObject *self, PyObject *name)
{
    PyObject *res, *type, *value, *trace;

    if (clean(self) < 0) {
        return NULL;
    }
    res = PyObject_GenericGetAttr(self, name);
    if (res == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Fetch(&type, &value, &trace);
        Py_XDECREF(PyObject_CallFunctionObjArgs(hook[ON_MISSING], self,
                                                NULL));
        PyErr_Clear();
        PyErr_Restore(type, value, trace);
    }
    return res;
}

/* Consumers hold a plain view, so the storage and not the movable array. */
static int
array_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    PyObject *plain;
    int result = -1;

    view->obj = NULL;
    if (clean(self) < 0) {
        return -1;
    }
    plain = new_header(self, PyArray_DATA(ARR(self)),
                       link_of(self)->seal->storage, 0);
    if (plain != NULL) {
        result = PyObject_GetBuffer(plain, view, flags);
        Py_DECREF(plain);
    }
    return result;
}

/* ---------------------------------------------- operators, ufuncs, methods */

/* ufunc(*ops) in memory from the pool, for large float arrays; NULL without
 * an exception where that is not possible.  The operands are plain. */
static PyObject *
compute_pooled(PyObject *ufunc, PyObject *const *ops, Py_ssize_t n)
{
    PyObject *like = NULL, *out, *args, *res;

    for (Py_ssize_t i = 0; i < n && pool.count > 0; i++) {
        if (is_plain(ops[i]) && (like == NULL || PyArray_NBYTES(ARR(ops[i]))
                                 > PyArray_NBYTES(ARR(like)))) {
            like = ops[i];
        }
    }
    if (like == NULL || PyArray_NBYTES(ARR(like)) < POOL_LEAST
            || !is_float(like) || ufunc == NULL
            || PySet_Contains(elementwise, ufunc) != 1) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyArrayObject *op = ARR(ops[i]);
        int extra;
        if (!is_plain(ops[i])) {
            if (!PyFloat_CheckExact(ops[i]) && !PyLong_CheckExact(ops[i])) {
                return NULL;
            }
            continue;
        }
        extra = PyArray_NDIM(ARR(like)) - PyArray_NDIM(op);
        if (PyArray_DESCR(op) != PyArray_DESCR(ARR(like)) || extra < 0
                || !PyArray_CompareLists(PyArray_DIMS(op),
                                         PyArray_DIMS(ARR(like)) + extra,
                                         PyArray_NDIM(op))
                || !(PyArray_IS_C_CONTIGUOUS(op)
                     || same_layout(ops[i], like))) {
            return NULL;
        }
    }
    out = from_pool(like);
    if (out == NULL) {
        return NULL;
    }
    args = PyTuple_New(n + 1);
    for (Py_ssize_t i = 0; args != NULL && i <= n; i++) {
        PyTuple_SetItem(args, i, new_ref(i < n ? ops[i] : out));
    }
    res = args == NULL ? NULL : PyObject_CallObject(ufunc, args);
    Py_XDECREF(args);
    Py_DECREF(out);
    return res;
}

/* The slots of ndarray, for operands that NumPy must dispatch, and the ufuncs
 * (NULL where the memory of the pool does not matter). */
enum { BINARY_SLOTS = 12, UNARY_SLOTS = 2 };
typedef PyObject *(*ternary_op)(PyObject *, PyObject *, PyObject *);
static struct {
    binaryfunc base, inplace;
    PyObject *ufunc;
} slot[BINARY_SLOTS];
static ternary_op base_power, base_inplace_power;
static unaryfunc base_unary[UNARY_SLOTS];
static PyObject *square, *negative;

/* Call `op` (PyNumber_...) on plain operands and wrap; `base` is ndarray's
 * slot, for anything that may override NumPy. */
static PyObject *
binary(PyObject *left, PyObject *right, PyObject *ufunc, binaryfunc op,
       binaryfunc base)
{
    PyObject *plain[2] = {NULL, NULL}, *res = NULL;
    int simple = simple_operand(left, &plain[0]);

    if (simple > 0) {
        simple = simple_operand(right, &plain[1]);
    }
    if (simple > 0) {
        res = compute_pooled(ufunc, plain, 2);
        if (res == NULL && !PyErr_Occurred()) {
            res = op(plain[0], plain[1]);
        }
        if (res == NULL && gave_memory_back()) {
            res = op(plain[0], plain[1]);
        }
    }
    Py_XDECREF(plain[0]);
    Py_XDECREF(plain[1]);
    return simple > 0 ? wrap(res, cow_class, NULL)
        : simple < 0 ? NULL : base(left, right);
}

/* a op= other: written through an alias; the array object stays.  A subclass
 * may have an __array_ufunc__ of its own, which ndarray's slot finds. */
static PyObject *
inplace(PyObject *self, PyObject *other, binaryfunc op, binaryfunc base)
{
    PyObject *alias, *res = NULL, *operand = NULL;
    Operands ops = {.value = other};
    int simple = clean(self);

    if (simple == 0 && Py_TYPE(self) == cow_class) {
        simple = simple_operand(other, &operand);
    }
    if (simple <= 0) {
        return simple < 0 ? NULL : base(self, other);
    }
    ops.seal = link_of(self)->seal;
    ops.held = shares_seal(other, ops.seal);
    alias = begin_write(self, &ops);
    if (alias != NULL) {
        res = op(alias, operand);
    }
    Py_DECREF(operand);
    if (alias == NULL) {
        return NULL;
    }
    if (res == alias) {
        replace(&res, new_ref(self));
    }
    if (end_write(self, alias) < 0) {
        Py_CLEAR(res);
    }
    return res;
}

static PyObject *
unary(PyObject *self, PyObject *ufunc, unaryfunc op, unaryfunc base)
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
    res = compute_pooled(ufunc, &plain, 1);
    if (res == NULL && !PyErr_Occurred()) {
        res = op(plain);
    }
    Py_DECREF(plain);
    return wrap(res, cow_class, NULL);
}

#define BINARY_OPS(X)                                                       \
    X(0, add, Add) X(1, subtract, Subtract) X(2, multiply, Multiply)        \
    X(3, true_divide, TrueDivide) X(4, floor_divide, FloorDivide)           \
    X(5, remainder, Remainder) X(6, and, And) X(7, or, Or) X(8, xor, Xor)   \
    X(9, lshift, Lshift) X(10, rshift, Rshift)                              \
    X(11, matrix_multiply, MatrixMultiply)

#define DEFINE_BINARY(i, name, function)                                    \
    static PyObject *nb_##name(PyObject *l, PyObject *r)                    \
    {                                                                       \
        return binary(l, r, slot[i].ufunc, PyNumber_##function,             \
                      slot[i].base);                                        \
    }                                                                       \
    static PyObject *nb_inplace_##name(PyObject *l, PyObject *r)            \
    {                                                                       \
        return inplace(l, r, PyNumber_InPlace##function, slot[i].inplace);  \
    }

BINARY_OPS(DEFINE_BINARY)

static PyObject *
power2(PyObject *left, PyObject *right)
{
    return PyNumber_Power(left, right, Py_None);
}

static PyObject *
inplace_power2(PyObject *left, PyObject *right)
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

static PyObject *
squared(PyObject *plain)
{
    return PyObject_CallFunctionObjArgs(square, plain, NULL);
}

/* array_power gives up on a modulus, as ndarray does */
static PyObject *
nb_power(PyObject *l, PyObject *r, PyObject *mod)
{
    if (mod != Py_None) {
        return base_power(l, r, mod);
    }
    if (Py_TYPE(l) == cow_class && PyArray_NBYTES(ARR(l)) >= POOL_LEAST
            && is_float(l) && PyLong_CheckExact(r) && PyLong_AsLong(r) == 2) {
        return unary(l, square, squared, NULL);     /* as NumPy does */
    }
    PyErr_Clear();
    return binary(l, r, NULL, power2, base_power2);
}

static PyObject *
nb_inplace_power(PyObject *l, PyObject *r, PyObject *mod)
{
    if (mod != Py_None) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return inplace(l, r, inplace_power2, base_inplace_power2);
}

static PyObject *
nb_negative(PyObject *a)
{
    return unary(a, negative, PyNumber_Negative, base_unary[0]);
}

static PyObject *
nb_absolute(PyObject *a)
{
    return unary(a, NULL, PyNumber_Absolute, base_unary[1]);
}

static PyObject *
array_richcompare(PyObject *left, PyObject *right, int op)
{
    PyObject *l = NULL, *r = NULL, *res = NULL;
    int simple = simple_operand(left, &l);

    if (simple > 0) {
        simple = simple_operand(right, &r);
    }
    if (simple > 0) {
        res = wrap(PyObject_RichCompare(l, r, op), cow_class, NULL);
    }
    else if (simple == 0) {
        res = base_richcompare(left, right, op);
    }
    Py_XDECREF(l);
    Py_XDECREF(r);
    return res;
}

/* The reference counts, when a ufunc dispatches, of a temporary that is its
 * output: in a call [0] or another method [1], when another array dispatches
 * [0] or it does itself [1]; and of the tuple that NumPy puts it into.
 * Measured at import, on the running interpreter. */
static struct {
    Py_ssize_t out[2], tuple;
} limit[2];
static int measuring;

/* Raise where the caller's code passed a temporary view for an output. */
static int
refuse_outputs(PyObject *self, PyObject *outs, PyObject *ufunc, int method)
{
    Py_ssize_t n = PyTuple_CheckExact(outs) ? PyTuple_Size(outs) : 0, refs;

    if (measuring) {
        refs = Py_REFCNT(PyTuple_GetItem(outs, 0));
        limit[method].out[PyTuple_GetItem(outs, 0) == self] =
            counts_locals ? refs : 0;
        limit[method].tuple = Py_REFCNT(outs);
        return 0;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *out = PyTuple_GetItem(outs, i), *res;
        /* a tuple of the caller's own holds a temporary in his stead */
        refs = Py_REFCNT(out) + (Py_REFCNT(outs) > limit[method].tuple);
        if (!is_cow(out) || refs > limit[method].out[out == self]
                || !(link_of(out)->flags & IS_VIEW)) {
            continue;
        }
        res = PyObject_CallFunctionObjArgs(hook[ON_TARGET], out, ufunc, NULL);
        if (res == NULL) {
            return -1;
        }
        Py_DECREF(res);
    }
    return 0;
}

/* ufunc(*ops, out=out, **kwargs) on plain operands, with room for the output
 * at the end; `held` of them look at the storage of `out`.  Steals `ops`. */
static PyObject *
ufunc_into(PyObject *ufunc, PyObject *ops, PyObject *out, PyObject *kwargs,
           Py_ssize_t held)
{
    Operands how = {NULL, link_of(out)->seal, held};
    PyObject *alias = begin_write(out, &how), *res = NULL;
    Py_ssize_t last = PyTuple_Size(ops) - 1;

    if (alias != NULL) {
        PyTuple_SetItem(ops, last, new_ref(alias));
        res = PyObject_Call(ufunc, ops, kwargs);
    }
    Py_DECREF(ops);
    if (alias == NULL) {
        return NULL;
    }
    if (res == alias) {
        replace(&res, new_ref(out));
    }
    if (end_write(out, alias) < 0) {
        Py_CLEAR(res);
    }
    return res;
}

/* The keywords of a vectorcall as a dict, made plain and without `out` if
 * `plain`; 1, or the result of simple_operand.  *out is NULL where there are
 * none. */
static int
keywords(PyObject *const *values, PyObject *names, int plain, PyObject **out)
{
    Py_ssize_t n = names == NULL ? 0 : PyTuple_Size(names);
    int simple = 1;

    *out = n == 0 ? NULL : PyDict_New();
    if (n > 0 && *out == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < n && simple > 0; i++) {
        PyObject *value = new_ref(values[i]);
        if (plain && PyTuple_GetItem(names, i) == str_out) {
            Py_DECREF(value);
            continue;
        }
        if (plain) {
            replace(&value, NULL);
            simple = simple_operand(values[i], &value);
        }
        if (simple > 0 && PyDict_SetItem(*out, PyTuple_GetItem(names, i),
                                         value) < 0) {
            simple = -1;
        }
        Py_XDECREF(value);
    }
    if (simple <= 0) {
        Py_CLEAR(*out);
    }
    return simple;
}

/* Is `name` among the names of a vectorcall? */
static int
has_name(PyObject *names, PyObject *name)
{
    return names != NULL && PySequence_Contains(names, name) == 1;
}

/* Call function(self, *args, **kwargs), the way through Python. */
static PyObject *
call_python(PyObject *function, PyObject *self, PyObject *const *args,
            Py_ssize_t n, PyObject *names)
{
    PyObject *all = PyTuple_New(n + 1), *kwargs, *res;

    if (all == NULL || keywords(args + n, names, 0, &kwargs) < 0) {
        Py_XDECREF(all);
        return NULL;
    }
    for (Py_ssize_t i = 0; i <= n; i++) {
        PyTuple_SetItem(all, i, new_ref(i == 0 ? self : args[i - 1]));
    }
    res = PyObject_Call(function, all, kwargs);
    Py_XDECREF(kwargs);
    Py_DECREF(all);
    return res;
}

/* __array_ufunc__(ufunc, method, *inputs, **kwargs): a call on simple
 * operands, with one output at most, stays here; everything else goes to
 * cow._ufuncs. */
static PyObject *
array_ufunc(PyObject *self, PyObject *const *args, Py_ssize_t n,
            PyObject *names)
{
    PyObject *ops, *res = NULL, *out = NULL, *kwargs = NULL;
    Py_ssize_t nkw = names == NULL ? 0 : PyTuple_Size(names), held = 0;
    int simple = n > 2 && PyUnicode_Check(args[1])
        && PyUnicode_Compare(args[1], str_call) == 0;

    for (Py_ssize_t i = 0; i < nkw; i++) {
        if (PyTuple_GetItem(names, i) == str_out) {
            if (refuse_outputs(self, args[n + i], args[0], !simple) < 0) {
                return NULL;
            }
            simple = (simple && PyTuple_CheckExact(args[n + i])
                      && PyTuple_Size(args[n + i]) == 1);
            out = simple ? PyTuple_GetItem(args[n + i], 0) : NULL;
            simple = simple && Py_TYPE(out) == cow_class;
        }
    }
    if (simple > 0) {
        simple = keywords(args + n, names, 1, &kwargs);
    }
    if (simple > 0) {
        simple = simple_operands(NULL, args + 2, n - 2,
                                 out == NULL ? NULL : Py_None, &ops);
    }
    if (simple <= 0) {
        Py_XDECREF(kwargs);
        return simple < 0 ? NULL
            : call_python(hook[ON_UFUNC], self, args, n, names);
    }
    if (out != NULL) {
        for (Py_ssize_t i = 2; i < n + nkw; i++) {
            held += shares_seal(args[i], link_of(out)->seal);
        }
        res = ufunc_into(args[0], ops, out, kwargs, held);
    }
    else {
        if (pool.count > 0 && n <= 4 && kwargs == NULL) {
            PyObject *two[2] = {PyTuple_GetItem(ops, 0),
                                n > 3 ? PyTuple_GetItem(ops, 1) : NULL};
            res = compute_pooled(args[0], two, n - 2);
        }
        if (res == NULL && !PyErr_Occurred()) {
            res = PyObject_Call(args[0], ops, kwargs);
        }
        Py_DECREF(ops);
    }
    Py_XDECREF(kwargs);
    return out != NULL ? res : wrap(res, cow_class, NULL);
}

/* {function: (implementation, n, keywords)}: what array_function may call
 * with n positional arguments at most and these keywords.  New reference,
 * NULL without an exception for a function that Python handles. */
static PyObject *
quick_entry(PyObject *function)
{
    PyObject *entry = PyDict_GetItemWithError(quick, function), *res;

    if (entry == NULL && !PyErr_Occurred()) {
        res = PyObject_CallFunctionObjArgs(hook[ON_NEW], function, NULL);
        Py_XDECREF(res);
        entry = res == NULL ? NULL : PyDict_GetItemWithError(quick, function);
    }
    return new_ref(entry == Py_None ? NULL : entry);
}

/* The keywords `from` made plain, if all are in the set `known`; as keywords
 * otherwise. */
static int
known_keywords(PyObject *from, PyObject *known, PyObject **out)
{
    PyObject *key, *value, *plain = NULL;
    Py_ssize_t at = 0;
    int simple = 1;

    *out = PyDict_Size(from) == 0 ? NULL : PyDict_New();
    while (simple > 0 && PyDict_Next(from, &at, &key, &value)) {
        simple = *out == NULL ? -1 : PySet_Contains(known, key);
        simple = simple <= 0 ? simple : simple_operand(value, &plain);
        if (simple > 0 && PyDict_SetItem(*out, key, plain) < 0) {
            simple = -1;
        }
        Py_CLEAR(plain);
    }
    if (simple <= 0) {
        Py_CLEAR(*out);
    }
    return simple;
}

/* __array_function__(func, types, args, kwargs): a function that only reads
 * stays here, everything else goes to cow._functions. */
static PyObject *
array_function(PyObject *self, PyObject *const *args, Py_ssize_t n,
               PyObject *names)
{
    PyObject *entry = NULL, *given = NULL, *kwargs = NULL, *res = NULL;
    int simple = n == 4 && names == NULL && Py_TYPE(self) == cow_class
        && PyTuple_CheckExact(args[2]) && PyDict_CheckExact(args[3]);

    if (simple) {
        entry = quick_entry(args[0]);
        simple = entry != NULL ? 1 : PyErr_Occurred() ? -1 : 0;
    }
    if (simple > 0) {
        simple = PyTuple_Size(args[2])
            <= PyLong_AsSsize_t(PyTuple_GetItem(entry, 1));
    }
    if (simple > 0) {
        simple = known_keywords(args[3], PyTuple_GetItem(entry, 2), &kwargs);
    }
    if (simple > 0) {
        simple = simple_operand(args[2], &given);
    }
    if (simple > 0) {
        res = PyObject_Call(PyTuple_GetItem(entry, 0), given, kwargs);
        Py_DECREF(given);
    }
    Py_XDECREF(kwargs);
    Py_XDECREF(entry);
    return simple > 0 ? wrap(res, cow_class, NULL) : simple < 0 ? NULL
        : call_python(hook[ON_FUNCTION], self, args, n, names);
}

/* Methods that read, with the position of `out` (NO_OUT: there is none).
 * The others are in Python. */
enum { NO_OUT = 99 };
#define READING(X)                                                          \
    X(all, 1) X(any, 1) X(argmax, 1) X(argmin, 1) X(argsort, NO_OUT)        \
    X(astype, NO_OUT) X(clip, 2) X(conj, 0) X(cumsum, 2)               \
    X(diagonal, NO_OUT) X(dot, 1) X(flatten, NO_OUT) X(max, 1) X(mean, 2)   \
    X(min, 1) X(nonzero, NO_OUT) X(prod, 2) X(ravel, NO_OUT)                \
    X(repeat, NO_OUT) X(reshape, NO_OUT) X(round, 1)                        \
    X(searchsorted, NO_OUT) X(squeeze, NO_OUT) X(std, 2) X(sum, 2)          \
    X(swapaxes, NO_OUT) X(take, 2) X(trace, 4) X(transpose, NO_OUT)         \
    X(var, 2) X(argpartition, NO_OUT) X(choose, 1) X(compress, 2)           \
    X(conjugate, 0) X(cumprod, 2) X(getfield, NO_OUT)

#define NUMBER(name, out_at) READ_##name,
enum { READING(NUMBER) METHODS };
static struct {
    const char *name;
    int out_at;
    PyObject *function, *key;
} reading[METHODS] = {
#define METHOD(name, out_at) {#name, out_at, NULL, NULL},
    READING(METHOD)
};

/* Call method `which` of ndarray on plain arrays and wrap; what writes into
 * `out`, and everything else that is not simple, goes to cow._array. */
static PyObject *
read_method(int which, PyObject *self, PyObject *const *args, Py_ssize_t n,
            PyObject *names)
{
    PyObject *plain = NULL, *all = NULL, *kwargs, *res = NULL;
    int simple = Py_TYPE(self) == cow_class && n <= reading[which].out_at
        && !has_name(names, str_out);

    if (simple) {
        plain = unwrap(self);
        simple = plain == NULL ? -1
            : simple_operands(plain, args, n, NULL, &all);
        Py_XDECREF(plain);
    }
    if (simple > 0) {
        simple = keywords(args + n, names, 1, &kwargs);
        if (simple > 0) {
            res = PyObject_Call(reading[which].function, all, kwargs);
            Py_XDECREF(kwargs);
            Py_DECREF(all);
            return wrap(res, cow_class, self);
        }
        Py_DECREF(all);
    }
    if (simple == 0) {
        /* borrowed from a dictionary that nobody changes */
        res = PyDict_GetItemWithError(methods, reading[which].key);
        res = res == NULL ? NULL : call_python(res, self, args, n, names);
    }
    return res;
}

#define DEFINE_METHOD(name, out_at)                                         \
    static PyObject *                                                       \
    method_##name(PyObject *self, PyObject *const *args, Py_ssize_t n,      \
                  PyObject *names)                                          \
    {                                                                       \
        return read_method(READ_##name, self, args, n, names);              \
    }
READING(DEFINE_METHOD)

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
    PyObject *base;

    if (FIELDS(self)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    drop_kept(self);
    Py_CLEAR(link_of(self)->guard);
    base = HAS(self, OWNDATA) ? NULL : swap_base(self, NULL);
    unlink_array(self);
    if (base != NULL) {
        drop_storage(base);
    }
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

/* ------------------------------- functions for Python, see _core.pyi ---- */

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

static PyObject *
none_or_error(int result)
{
    return result < 0 ? NULL : new_ref(Py_None);
}

static PyObject *
core_plain(PyObject *Py_UNUSED(mod), PyObject *a)
{
    return need_cow(a) < 0 ? NULL : unwrap(a);
}

static PyObject *
core_wrap(PyObject *Py_UNUSED(mod), PyObject *const *args, Py_ssize_t n)
{
    if (n < 2 || n > 3) {
        PyErr_SetString(PyExc_TypeError, "wrap() takes 2 or 3 arguments");
        return NULL;
    }
    return need_class(args[1]) < 0 ? NULL
        : wrap_result(args[0], (PyTypeObject *)args[1],
                      n == 3 && args[2] != Py_None ? args[2] : NULL);
}

static PyObject *
core_share(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *cls, *from = NULL, *view;
    Seal *seal;

    if (!PyArg_ParseTuple(args, "O!O!|O:share", &PyArray_Type, &a,
                          &PyType_Type, &cls, &from)
            || need_class(cls) < 0 || (is_cow(a) && clean(a) < 0)) {
        return NULL;
    }
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
    view = make_view((PyTypeObject *)cls, a, seal,
                     from == Py_None ? NULL : from);
    leave_seal(seal);
    if (view != NULL && is_cow(a) && link_of(a)->flags & IS_EXPOSED
            && detach(view, "source exposed by a raw pointer") < 0) {
        Py_CLEAR(view);
    }
    return view;
}

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
    lazy = (lazy && !(l->flags & IS_EXPOSED) && PyArray_ISALIGNED(ARR(a))
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

static PyObject *
core_begin_write(PyObject *Py_UNUSED(mod), PyObject *a)
{
    return need_cow(a) < 0 ? NULL : begin_write(a, &no_operands);
}

/* Is `view` a plain array whose base is, or was, a storage? */
static int
looks_at_storage(PyObject *view)
{
    PyObject *base = is_plain(view) ? PyArray_BASE(ARR(view)) : NULL;

    return (base != NULL && is_plain(base) && PyArray_BASE(ARR(base)) != NULL
            && Py_TYPE(PyArray_BASE(ARR(base))) == seal_type);
}

static PyObject *
core_end_write(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *alias;

    if (!PyArg_ParseTuple(args, "OO!:end_write", &a, &PyArray_Type, &alias)
            || need_cow(a) < 0) {
        return NULL;
    }
    if (!PyArray_ISWRITEABLE(ARR(alias)) || !looks_at_storage(alias)) {
        PyErr_SetString(PyExc_ValueError, "not an alias of begin_write()");
        return NULL;
    }
    return none_or_error(end_write(a, new_ref(alias)));
}

static PyObject *
core_detach(PyObject *Py_UNUSED(mod), PyObject *a)
{
    Link *l = link_of(a);

    if (need_cow(a) < 0) {
        return NULL;
    }
    if (l->seal->linked > 1 || plain_holders(l->seal) > 0
            || is_borrowed(l->seal) || l->flags & IS_LENT) {
        return none_or_error(detach(a, "asked for"));
    }
    return new_ref(Py_None);
}

static PyObject *
core_become(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *source, *fresh;
    int result = -1;

    if (!PyArg_ParseTuple(args, "OO!:become", &a, &PyArray_Type, &source)
            || need_cow(a) < 0 || prepare_write(a, &no_operands) < 0) {
        return NULL;
    }
    fresh = PyArray_NewLikeArray(ARR(source), NPY_KEEPORDER, NULL, 0);
    if (fresh != NULL && PyArray_CopyInto(ARR(fresh), ARR(source)) == 0) {
        result = become(a, fresh);
    }
    Py_XDECREF(fresh);
    return none_or_error(result);
}

static PyObject *
core_sharing(PyObject *Py_UNUSED(mod), PyObject *a)
{
    PyObject *kept;
    Seal *seal;
    npy_intp bytes = 0;

    if (need_cow(a) < 0) {
        return NULL;
    }
    seal = link_of(a)->seal;
    kept = link_of(a)->kept;
    for (Py_ssize_t i = kept == NULL ? 0 : PyList_Size(kept); i-- > 0;) {
        bytes += PyArray_NBYTES(ARR(PyList_GetItem(kept, i)));
    }
    return Py_BuildValue("nnOOni", seal->linked - 1, plain_holders(seal),
                         is_borrowed(seal) ? seal->owner : Py_None,
                         seal->storage, (Py_ssize_t)bytes,
                         link_of(a)->flags);
}

static PyObject *
core_sharers(PyObject *Py_UNUSED(mod), PyObject *storage)
{
    PyObject *list = PyList_New(0);
    Seal *seal = seal_of(storage);
    PyObject *o = seal == NULL ? NULL : seal->ring;

    for (Py_ssize_t i = o == NULL ? 0 : seal->linked; list != NULL && i > 0;
            i--, o = link_of(o)->next) {
        /* an array that is dying may still be linked: leave it alone */
        if (Py_REFCNT(o) > 0 && PyList_Append(list, o) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

static PyObject *
core_holders(PyObject *Py_UNUSED(mod), PyObject *storage)
{
    PyObject *base = is_plain(storage) ? PyArray_BASE(ARR(storage)) : NULL;
    Py_ssize_t n = Py_REFCNT(storage);

    if (base != NULL && Py_TYPE(base) == seal_type) {
        Seal *seal = (Seal *)base;
        n -= seal->linked + seal->retired + (seal->storage == storage);
    }
    return PyLong_FromSsize_t(n);
}

/* For any array that is not ours: a plain view of a storage, or a view of a
 * foreign class.  What it left is kept alive. */
static PyObject *
core_evict(PyObject *Py_UNUSED(mod), PyObject *view)
{
    PyObject *plain, *fresh = NULL, *header = NULL, *base = NULL;

    if (PyArray_Check(view) && !is_cow(view)) {
        base = PyArray_BASE(ARR(view));
    }
    if (base == NULL) {
        PyErr_SetString(PyExc_ValueError, "not a plain view of a storage");
        return NULL;
    }
    plain = new_header(view, PyArray_DATA(ARR(view)), base, 0);
    if (plain != NULL) {
        fresh = PyArray_NewCopy(ARR(plain), NPY_KEEPORDER);
        Py_DECREF(plain);
    }
    if (fresh != NULL) {
        header = new_header(fresh, PyArray_DATA(ARR(fresh)), fresh, 1);
    }
    if (header != NULL) {
        swap_base(fresh, new_ref(base));
        swap_layout(view, header);
        Py_DECREF(header);
    }
    Py_XDECREF(fresh);
    return none_or_error(header == NULL ? -1 : 0);
}

/* Bytes of a few dozen elements of `a`, spread evenly. */
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
        char *item = PyArray_BYTES(ARR(a));
        for (int i = PyArray_NDIM(ARR(a)); rest > 0 && i-- > 0;) {
            npy_intp dim = PyArray_DIM(ARR(a), i);
            item += (i > 0 ? rest % dim : rest) * PyArray_STRIDE(ARR(a), i);
            rest = i > 0 ? rest / dim : 0;
        }
        memcpy(at, item, width);
    }
    return PyBytes_FromStringAndSize(bytes, at - bytes);
}

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

static PyObject *
core_sample(PyObject *Py_UNUSED(mod), PyObject *a)
{
    if (!PyArray_Check(a)) {
        PyErr_SetString(PyExc_TypeError, "expected an array");
        return NULL;
    }
    return sample(a);
}

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

static PyObject *
core_release(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *plain, *copy;
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
        plain = unwrap(a);
        copy = plain == NULL ? NULL : PyArray_NewCopy(ARR(plain),
                                                      NPY_KEEPORDER);
        Py_XDECREF(plain);
        return copy;
    }
    plain = unwrap(a);
    if (plain != NULL) {
        unlink_array(a);    /* `a` becomes a borrower when next touched */
        PyArray_ENABLEFLAGS(ARR(PyArray_BASE(ARR(a))), NPY_ARRAY_WRITEABLE);
        PyArray_ENABLEFLAGS(ARR(plain), NPY_ARRAY_WRITEABLE);
    }
    return plain;
}

static PyObject *
core_set_guard(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *guard;

    if (!PyArg_ParseTuple(args, "OO:set_guard", &a, &guard)
            || need_cow(a) < 0) {
        return NULL;
    }
    replace(&link_of(a)->guard, guard == Py_None ? NULL : new_ref(guard));
    return new_ref(Py_None);
}

static PyObject *
core_guard(PyObject *Py_UNUSED(mod), PyObject *a)
{
    PyObject *guard = need_cow(a) < 0 ? NULL : link_of(a)->guard;

    return guard == NULL && !PyErr_Occurred() ? new_ref(Py_None)
        : new_ref(guard);
}

static PyObject *
core_lend(PyObject *Py_UNUSED(mod), PyObject *a)
{
    if (need_cow(a) < 0) {
        return NULL;
    }
    link_of(a)->flags |= IS_LENT;
    return new_ref(Py_None);
}

static PyObject *
core_expose(PyObject *mod, PyObject *a)
{
    PyObject *res = core_detach(mod, a);

    if (res != NULL) {
        link_of(a)->flags |= IS_EXPOSED;
    }
    return res;
}

/* The consistency walker. */
static PyObject *
core_check(PyObject *Py_UNUSED(mod), PyObject *a)
{
    const char *wrong = NULL;
    PyObject *o = a;
    Py_ssize_t n = 0;
    Seal *seal;

    if (need_cow(a) < 0) {
        return NULL;
    }
    seal = link_of(a)->seal;
    if (seal_of(PyArray_BASE(ARR(a))) != seal) {
        wrong = "the base is not the storage of the seal";
    }
    else if (HAS(a, WRITEABLE) || HAS(a, OWNDATA)
             || HAS(seal->storage, WRITEABLE)) {
        wrong = "writeable, or owner of its memory";
    }
    else if (!lies_inside(a, seal->storage)) {
        wrong = "memory outside of the storage";
    }
    else if (plain_holders(seal) < 0 || seal->retired < 0
             || seal->writing < 0) {
        wrong = "wrong counts";
    }
    do {
        if (link_of(o)->seal != seal || link_of(link_of(o)->next)->prev != o
                || PyArray_BASE(ARR(o)) != seal->storage) {
            wrong = "the ring is broken";
        }
        n++;
        o = link_of(o)->next;
    } while (wrong == NULL && o != a);
    if (wrong == NULL && n != seal->linked) {
        wrong = "wrong number of sharers";
    }
    if (wrong != NULL) {
        PyErr_SetString(PyExc_AssertionError, wrong);
        return NULL;
    }
    return new_ref(Py_None);
}

static PyObject *
core_set_ledger(PyObject *Py_UNUSED(mod), PyObject *ledger)
{
    PyObject *old = on_copy == NULL ? new_ref(Py_None) : on_copy;

    on_copy = ledger == Py_None ? NULL : new_ref(ledger);
    return old;
}

static PyObject *
core_trim(PyObject *Py_UNUSED(mod), PyObject *most)
{
    Py_ssize_t bytes = PyLong_AsSsize_t(most);

    if (bytes == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (bytes >= 0) {
        pool.limit = bytes;
    }
    bytes = pool.bytes;
    trim_pool(0);
    return PyLong_FromSsize_t(bytes);
}

static PyObject *
core_measure(PyObject *Py_UNUSED(mod), PyObject *on)
{
    measuring = PyObject_IsTrue(on);
    return new_ref(Py_None);
}

static PyObject *
core_configure(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *cls, *hooks, *unique, *functions, *ufuncs, *readers;

    if (!PyArg_ParseTuple(args, "OO!O!O!OpO:configure", &cls, &PyTuple_Type,
                          &hooks, &PyDict_Type, &readers, &PyDict_Type,
                          &functions, &ufuncs, &counts_locals, &unique)
            || need_class(cls) < 0) {
        return NULL;
    }
    unique_temporary =
        (is_temporary_func)(npy_uintp)PyLong_AsVoidPtr(unique);
    if (PyErr_Occurred()) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < HOOKS; i++) {
        PyObject *function = PyTuple_GetItem(hooks, i);
        if (function == NULL) {
            return NULL;
        }
        replace(&hook[i], new_ref(function));
    }
    replace((PyObject **)&cow_class, new_ref(cls));
    replace(&methods, new_ref(readers));
    replace(&quick, new_ref(functions));
    replace(&elementwise, new_ref(ufuncs));
    return new_ref(Py_None);
}

/* ----------------------------------------------------------------- module */

#define FAST(f) ((PyCFunction)(void (*)(void))(f))

static PyMethodDef array_methods[] = {
    {"__array_ufunc__", FAST(array_ufunc), METH_FASTCALL | METH_KEYWORDS,
     "__array_ufunc__(ufunc, method, *inputs, **kwargs)"},
    {"__array_function__", FAST(array_function),
     METH_FASTCALL | METH_KEYWORDS,
     "__array_function__(func, types, args, kwargs)"},
#define METHOD_DEF(name, out_at)                                            \
    {#name, FAST(method_##name), METH_FASTCALL | METH_KEYWORDS, NULL},
    READING(METHOD_DEF)
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

#define FUNCTION(name, flags) {#name, FAST(core_##name), flags, NULL}

static PyMethodDef core_functions[] = {
    FUNCTION(plain, METH_O),
    FUNCTION(wrap, METH_FASTCALL),
    FUNCTION(share, METH_VARARGS),
    FUNCTION(copy, METH_VARARGS),
    FUNCTION(begin_write, METH_O),
    FUNCTION(end_write, METH_VARARGS),
    FUNCTION(detach, METH_O),
    FUNCTION(become, METH_VARARGS),
    FUNCTION(sharing, METH_O),
    FUNCTION(sharers, METH_O),
    FUNCTION(holders, METH_O),
    FUNCTION(evict, METH_O),
    FUNCTION(borrow, METH_VARARGS),
    FUNCTION(sample, METH_O),
    FUNCTION(settled, METH_O),
    FUNCTION(release, METH_VARARGS),
    FUNCTION(set_guard, METH_VARARGS),
    FUNCTION(guard, METH_O),
    FUNCTION(lend, METH_O),
    FUNCTION(expose, METH_O),
    FUNCTION(check, METH_O),
    FUNCTION(set_ledger, METH_O),
    FUNCTION(trim, METH_O),
    FUNCTION(measure, METH_O),
    FUNCTION(configure, METH_VARARGS),
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

#define SLOT_BINARY(i, name, function)                                      \
    {Py_nb_##name, nb_##name}, {Py_nb_inplace_##name, nb_inplace_##name},

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
    {Py_nb_power, nb_power},
    {Py_nb_inplace_power, nb_inplace_power},
    {Py_nb_negative, nb_negative},
    {Py_nb_absolute, nb_absolute},
    {0, NULL},
};

static PyType_Spec array_spec = {
    .name = "cow._core.Array",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = array_slots,
};

/* The slot of ndarray; void * is what PyType_GetSlot returns. */
#define BASE_SLOT(name) PyType_GetSlot(&PyArray_Type, Py_##name)

#define BASE_BINARY(i, name, function)                                      \
    slot[i].base = (binaryfunc)BASE_SLOT(nb_##name);                        \
    slot[i].inplace = (binaryfunc)BASE_SLOT(nb_inplace_##name);

/* Read the slots, the methods and the ufuncs that we call; the object size of
 * ndarray decides where our fields lie. */
static int
read_base(void)
{
    static const char *const names[] = {"add", "subtract", "multiply",
                                        "true_divide"};
    PyObject *ndarray = (PyObject *)&PyArray_Type, *numpy, *doc;
    PyObject *size = PyObject_GetAttrString(ndarray, "__basicsize__");

    link_offset = size == NULL ? -1 : PyLong_AsSsize_t(size);
    Py_XDECREF(size);
    if (link_offset < (Py_ssize_t)sizeof(PyArrayObject_fields)
            || link_offset % (Py_ssize_t)sizeof(void *) != 0) {
        PyErr_SetString(PyExc_ImportError,
                        "this NumPy has an unknown ndarray layout");
        return -1;
    }
    BINARY_OPS(BASE_BINARY)
    base_power = (ternary_op)BASE_SLOT(nb_power);
    base_inplace_power = (ternary_op)BASE_SLOT(nb_inplace_power);
    base_unary[0] = (unaryfunc)BASE_SLOT(nb_negative);
    base_unary[1] = (unaryfunc)BASE_SLOT(nb_absolute);
    base_item = (ssizeargfunc)BASE_SLOT(sq_item);
    base_subscript = (binaryfunc)BASE_SLOT(mp_subscript);
    base_ass_subscript = (objobjargproc)BASE_SLOT(mp_ass_subscript);
    base_dealloc = (destructor)BASE_SLOT(tp_dealloc);
    base_new = (newfunc)BASE_SLOT(tp_new);
    base_richcompare = (richcmpfunc)BASE_SLOT(tp_richcompare);
    for (int i = 0; i < METHODS; i++) {
        reading[i].key = PyUnicode_InternFromString(reading[i].name);
        reading[i].function = PyObject_GetAttrString(ndarray,
                                                     reading[i].name);
        if (reading[i].key == NULL || reading[i].function == NULL) {
            return -1;
        }
        /* never given back: the type refers to its text */
        doc = PyObject_GetAttrString(reading[i].function, "__doc__");
        array_methods[i + 2].ml_doc = doc == NULL ? NULL
            : PyUnicode_AsUTF8AndSize(doc, NULL);
        PyErr_Clear();
    }
    numpy = PyImport_ImportModule("numpy");
    if (numpy == NULL) {
        return -1;
    }
    square = PyObject_GetAttrString(numpy, "square");
    negative = PyObject_GetAttrString(numpy, "negative");
    for (int i = 0; i < 4; i++) {
        slot[i].ufunc = PyObject_GetAttrString(numpy, names[i]);
    }
    Py_DECREF(numpy);
    return PyErr_Occurred() ? -1 : 0;
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
    str_out = PyUnicode_InternFromString("out");
    str_finalize = PyUnicode_InternFromString("__array_finalize__");
    capsule = PyCapsule_New((void *)(npy_uintp)finalize_array, NULL, NULL);
    seal_type = (PyTypeObject *)PyType_FromSpec(&seal_spec);
    finalizer_type = (PyTypeObject *)PyType_FromSpec(&finalizer_spec);
    bases = PyTuple_Pack(1, (PyObject *)&PyArray_Type);
    if (str_call == NULL || str_out == NULL || str_finalize == NULL
            || capsule == NULL || seal_type == NULL
            || finalizer_type == NULL || bases == NULL) {
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
    cow_class = (PyTypeObject *)new_ref((PyObject *)core_type);
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
