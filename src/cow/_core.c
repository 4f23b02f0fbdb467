/* The mechanism of cow: storage, sharing, moving an array, the hot slots.
 *
 * Words (see docs/explanation.md):
 *   storage   an exact, read-only ndarray over the memory; the base of every
 *             CowArray, and of every plain view that NumPy makes of one
 *   seal      the base of a storage: refuses to open it and knows its sharers
 *   sharer    an array that looks at a storage
 *   detach    get private memory
 *   borrow    look at memory that somebody else owns
 *   expose    give away a pointer into it: from then on it is not shared
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
#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pythread.h>
#include <stddef.h>
#include <structmember.h>
#include <string.h>
#include <numpy/arrayobject.h>
#include <numpy/ufuncobject.h>

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
    npy_intp spent;         /* bytes moved for sharers, see next_move() */
    Py_ssize_t awaited;     /* arrays that make_view() is about to link */
    Py_ssize_t writing;     /* writeable aliases that exist now */
    unsigned long writer;   /* the thread that has them */
    unsigned long forks;    /* and its process */
    Py_ssize_t copying;     /* threads that copy the memory now */
    int exposed;            /* a pointer was given away: see expose() */
} Seal;

enum {
    IS_VIEW = 1,            /* NumPy would write through it into another */
    IS_LENT = 2,            /* its memory may be seen through the object */
    IS_APART = 4,           /* it would be a view of memory that is never shared */
    IS_STALE = 8,           /* it looks at such memory: NumPy has just made it */
    BEING_MADE = 16,        /* its __array_finalize__ runs */
    IS_EXPOSED = 32         /* for Python: its seal says so */
};

/* What an array has left behind: C code may still look there. */
typedef struct {
    Py_ssize_t n, room, next;   /* used, allocated, to be looked at next */
    npy_intp before, after;     /* bytes around the first element that layouts
                                 * have covered which are no longer its own */
    PyObject *storage[];        /* strong */
} Kept;

typedef struct {
    Seal *seal;             /* strong; NULL while not linked */
    PyObject *prev;         /* borrowed; the ring of the seal */
    PyObject *next;
    Kept *kept;             /* or NULL */
    PyObject *guard;        /* strong; called before each write, or NULL */
    int flags;
    unsigned long mover;    /* the thread that gave it its memory */
    Py_ssize_t writes;      /* of it, that began */
} Link;

/* Functions in Python, see configure(). */
enum {
    ON_CHAINED,             /* (a): raise if the caller stores into it */
    ON_TARGET,              /* (a, outs, ...): raise if it is a temporary */
    ON_UFUNC,               /* __array_ufunc__ */
    ON_FUNCTION,            /* __array_function__ */
    ON_NEW,                 /* (function): prepare it, fill `quick` */
    ON_WRAP,                /* ([result], cls, source): wrap a container */
    ON_MISSING,             /* (a): an attribute was looked for in vain */
    HOOKS
};
static PyObject *hook[HOOKS];
static PyObject *on_copy;               /* (a, nbytes, why), or NULL */
static PyObject *quick;                 /* {function: how to call it} */

typedef int (*is_temporary_func)(PyObject *);
typedef PyObject *(*vectorcall_func)(PyObject *, PyObject *const *, size_t,
                                     PyObject *);

static PyTypeObject *seal_type;
static PyTypeObject *finalizer_type;
static PyTypeObject *cow_class;         /* cow.CowArray */
static PyObject *capsule;               /* of finalize_array */
static Py_ssize_t link_offset;
static is_temporary_func unique_temporary;      /* CPython 3.14 */
/* PyObject_Vectorcall, which the limited API has from 3.12 on; without it
 * np.sqrt(x) and np.add(x, 1.0, out=x) take a sixth longer. */
static vectorcall_func vectorcall;
static int counts_locals;               /* a local variable is a reference */
static PyObject *str_call, *str_out, *str_finalize;
static PyThread_type_lock taken;        /* for ever: to wait for a time */

static binaryfunc base_subscript;
static objobjargproc base_ass_subscript;
static destructor base_dealloc;
static richcmpfunc base_richcompare;
static PyObject *comparison[Py_GE + 1]; /* np.less and the like */

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
is_plain(PyObject *op)
{
    return Py_TYPE(op) == &PyArray_Type;
}

static inline int
is_cow(PyObject *op)
{
    return !is_plain(op) && PyObject_TypeCheck(op, cow_class);
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
            && !HAS(op, WRITEBACKIFCOPY) && FIELDS(op)->weakreflist == NULL);
}

/* Is the memory somebody else's? */
static inline int
is_borrowed(Seal *seal)
{
    return seal->owner != NULL && !is_ours_alone(seal->owner);
}

/* References to the storage that are neither CowArrays, nor kept by one, nor
 * our aliases.  Each of these is on the heap, or in a variable of ours, and
 * counted on every Python. */
static inline Py_ssize_t
plain_holders(Seal *seal)
{
    return (Py_REFCNT(seal->storage) - 1 - seal->linked - seal->retired
            - seal->writing);
}

/* 1 when the caller's expression holds the only reference. */
static inline int
is_temporary(PyObject *op)
{
    return unique_temporary != NULL ? unique_temporary(op)
        : counts_locals && Py_REFCNT(op) == 1;
}

/* Call function(a, b), `b` may be NULL, for its exception. */
static int
ask(PyObject *function, PyObject *a, PyObject *b)
{
    PyObject *res = PyObject_CallFunctionObjArgs(function, a, b, NULL);

    Py_XDECREF(res);
    return res == NULL ? -1 : 0;
}

static int
same_shape(PyObject *a, PyObject *b)
{
    int nd = PyArray_NDIM(ARR(a));

    if (PyArray_NDIM(ARR(b)) != nd) {
        return 0;
    }
    for (int i = 0; i < nd; i++) {
        if (PyArray_DIM(ARR(a), i) != PyArray_DIM(ARR(b), i)
                || PyArray_STRIDE(ARR(a), i) != PyArray_STRIDE(ARR(b), i)) {
            return 0;
        }
    }
    return 1;
}

static int
same_layout(PyObject *a, PyObject *b)
{
    return (PyArray_DESCR(ARR(b)) == PyArray_DESCR(ARR(a))
            && same_shape(a, b));
}

enum { MOST_DIMS = 64 };            /* that NumPy knows */

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

static void
update_flags(PyObject *a)
{
    PyArray_UpdateFlags(ARR(a), NPY_ARRAY_C_CONTIGUOUS
                        | NPY_ARRAY_F_CONTIGUOUS | NPY_ARRAY_ALIGNED);
}

/* Let `a` look at the memory of the storage `s` from `data` on, with these
 * strides (NULL: its own).  Its shape stays, and so does the place where it and
 * the strides are noted: C code may hold a pointer there.  The old base. */
static PyObject *
look_at(PyObject *a, PyObject *s, char *data, npy_intp const *strides)
{
    PyArrayObject_fields *fa = FIELDS(a);

    fa->data = data;
    if (strides != NULL && fa->nd > 0) {
        memcpy(fa->strides, strides, (size_t)fa->nd * sizeof(*strides));
    }
    fa->flags &= ~(NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE);
    update_flags(a);
    return swap_base(a, new_ref(s));
}

/* What the elements of an array are, to find that code in between changed it. */
typedef struct {
    PyArray_Descr *descr;           /* strong */
    int nd;
    npy_intp dims[MOST_DIMS];
} Form;

static void
note_form(PyObject *a, Form *f)
{
    f->descr = PyArray_DESCR(ARR(a));
    Py_INCREF((PyObject *)f->descr);
    f->nd = PyArray_NDIM(ARR(a));
    for (int i = 0; i < f->nd; i++) {
        f->dims[i] = PyArray_DIM(ARR(a), i);
    }
}

/* Is the form of `a` the same as noted?  Ends the note. */
static int
has_form(PyObject *a, Form *f)
{
    int same = PyArray_DESCR(ARR(a)) == f->descr && PyArray_NDIM(ARR(a)) == f->nd;

    for (int i = 0; same && i < f->nd; i++) {
        same = PyArray_DIM(ARR(a), i) == f->dims[i];
    }
    Py_DECREF((PyObject *)f->descr);
    return same;
}

static int
form_error(void)
{
    PyErr_SetString(PyExc_RuntimeError,
                    "the array got another shape or dtype in the middle of this "
                    "write, which is lost. Do the one after the other.");
    return -1;
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
            || fa->weakreflist != NULL
            /* NumPy had no memory to finish it */
            || (fa->nd > 0 && fa->dimensions == NULL)) {
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

/* Where an array lies; borrowed. */
typedef struct {
    int nd;
    char *data;
    npy_intp const *dims, *strides;
} Layout;

static inline Layout
layout_of(PyObject *a)
{
    return (Layout){PyArray_NDIM(ARR(a)), PyArray_BYTES(ARR(a)),
                    PyArray_DIMS(ARR(a)), PyArray_STRIDES(ARR(a))};
}

/* A kept header made alive over the memory of `storage`, with the dtype and
 * the flags of the array `like`.  NULL (no exception): there is none. */
static PyObject *
reuse_header(int cow, PyObject *like, Layout at, PyObject *storage)
{
    PyObject *a = at.nd < MAX_DIMS ? spare[cow][at.nd].first : NULL;
    PyArrayObject_fields *fa = FIELDS(a);

    if (a == NULL || PyArray_DESCR(ARR(like))->type_num == NPY_OBJECT) {
        return NULL;
    }
    spare[cow][at.nd].first = fa->base;
    spare[cow][at.nd].count--;
    if (cow) {
        *link_of(a) = (Link){0};
        a = PyObject_Init(a, cow_class);
    }
    fa->data = at.data;
    for (int i = 0; i < at.nd; i++) {
        fa->dimensions[i] = at.dims[i];
        fa->strides[i] = at.strides[i];
    }
    fa->descr = PyArray_DESCR(ARR(like));
    Py_INCREF((PyObject *)fa->descr);
    fa->base = new_ref(storage);
    fa->weakreflist = NULL;
    fa->flags = (PyArray_FLAGS(ARR(like))
                 & ~(NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE));
    return a;
}

/* A plain array with the dtype and the flags of `like`, whose base is `base`
 * (may be NULL).  Runs no Python code. */
static PyObject *
new_header(PyObject *like, Layout at, PyObject *base, int writeable)
{
    PyArray_Descr *descr = PyArray_DESCR(ARR(like));
    int flags = PyArray_FLAGS(ARR(like)) & ~(NPY_ARRAY_OWNDATA
                                             | NPY_ARRAY_WRITEABLE);
    PyObject *view;

    Py_INCREF((PyObject *)descr);
    view = PyArray_NewFromDescr(
        &PyArray_Type, descr, at.nd, at.dims, at.strides, at.data,
        flags | (writeable ? NPY_ARRAY_WRITEABLE : 0), NULL);
    if (view != NULL) {
        swap_base(view, new_ref(base));
    }
    return view;
}

/* ------------------------------------------------------ memory to be reused
 * The C library gives freed memory back, of large blocks at once and of many
 * smaller ones soon, and each new block costs page faults, which take longer
 * than a sum.  While a large operand is at work NumPy allocates here; blocks
 * that are freed wait for the next one of their size.  NumPy calls with the
 * GIL held.                                                                 */

enum { POOL_BLOCKS = 8 };
static const size_t POOL_LEAST = 512 << 10;
static struct {
    void *block[POOL_BLOCKS];           /* oldest first */
    size_t size[POOL_BLOCKS];
    int count;
    size_t bytes, limit;
} pool;
static PyObject *pool_handler;          /* capsule */
static int at_work;                     /* a large operand is */

/* Take block i out of the pool. */
static void *
take_block(int i)
{
    void *block = pool.block[i];
    size_t rest = (size_t)(--pool.count - i);

    pool.bytes -= pool.size[i];
    memmove(pool.block + i, pool.block + i + 1, rest * sizeof(*pool.block));
    memmove(pool.size + i, pool.size + i + 1, rest * sizeof(*pool.size));
    return block;
}

/* Free the oldest blocks until at most `bytes` are kept. */
static void
trim_pool(size_t bytes)
{
    while (pool.count > 0 && pool.bytes > bytes) {
        PyDataMem_FREE(take_block(0));
    }
}

static PyDataMemAllocator numpys;        /* NumPy's own */

static void *
pool_malloc(void *ctx, size_t size)
{
    void *block;

    for (int i = pool.count; i-- > 0;) {
        if (pool.size[i] == size) {
            return take_block(i);
        }
    }
    if (size >= POOL_LEAST) {       /* the pool never adds to the peak */
        trim_pool(pool.bytes > size ? pool.bytes - size : 0);
    }
    block = numpys.malloc(ctx, size);
    if (block == NULL && pool.count > 0) {
        trim_pool(0);
        block = numpys.malloc(ctx, size);
    }
    return block;
}

static void
pool_free(void *ctx, void *block, size_t size)
{
    void *kept = NULL;

    if (size >= POOL_LEAST && size <= pool.limit) {
        trim_pool(pool.limit - size);
        if (pool.count == POOL_BLOCKS) {
            trim_pool(pool.bytes - 1);
        }
        /* the size stays: this tells tracemalloc that the block is in use */
        kept = PyDataMem_RENEW(block, size);
    }
    if (kept == NULL) {
        numpys.free(ctx, block, size);
        return;
    }
    pool.block[pool.count] = kept;
    pool.size[pool.count++] = size;
    pool.bytes += size;
}

/* NumPy's handler with these two functions for its own. */
static PyObject *
make_handler(void)
{
    static PyDataMem_Handler handler;
    PyDataMem_Handler *default_handler = PyCapsule_GetPointer(
        PyDataMem_DefaultHandler, "mem_handler");

    if (default_handler == NULL) {
        return NULL;
    }
    handler = *default_handler;
    numpys = handler.allocator;
    handler.allocator.malloc = pool_malloc;
    handler.allocator.free = pool_free;
    return PyCapsule_New(&handler, "mem_handler", NULL);
}

/* Note an operand that is large enough for the pool. */
static inline void
note_size(PyObject *a)
{
    npy_intp bytes = PyArray_ITEMSIZE(ARR(a));

    for (int i = PyArray_NDIM(ARR(a)); i-- > 0;) {
        bytes *= PyArray_DIM(ARR(a), i);    /* at the speed of a sum */
    }
    at_work |= (size_t)bytes >= POOL_LEAST;
}

/* Let the large memory of `s` come here when it is freed. */
static void
adopt_block(PyObject *s)
{
    PyObject **handler = &FIELDS(s)->mem_handler;

    if ((size_t)PyArray_NBYTES(ARR(s)) >= POOL_LEAST
            && *handler == PyDataMem_DefaultHandler) {
        replace(handler, new_ref(pool_handler));
    }
}

/* Let NumPy allocate in the pool where a large operand was noted: the
 * handler for leave_pool(), or NULL.  A program's own handler stays. */
static PyObject *
enter_pool(void)
{
    PyObject *old;

    if (!at_work || pool.limit == 0) {
        return NULL;
    }
    at_work = 0;
    old = PyDataMem_SetHandler(pool_handler);
    if (old != NULL && old != PyDataMem_DefaultHandler) {
        Py_XDECREF(PyDataMem_SetHandler(old));
        Py_CLEAR(old);
    }
    PyErr_Clear();
    return old;
}

/* Steals `old`; keeps an exception that is set. */
static void
leave_pool(PyObject *old)
{
    PyObject *type, *value, *trace;

    if (old != NULL) {
        PyErr_Fetch(&type, &value, &trace);
        Py_XDECREF(PyDataMem_SetHandler(old));
        Py_DECREF(old);
        PyErr_Restore(type, value, trace);
    }
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
        seal->linked = seal->retired = seal->awaited = seal->writing = 0;
        seal->copying = seal->exposed = 0;
        seal->spent = 0;
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
        adopt_block(s);
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
    PyObject *s = seal->storage;

    if (s != NULL && seal->linked == 0 && seal->writing == 0
            && seal->awaited == 0) {
        seal->storage = NULL;
        if (seal->owner == NULL) {
            set_owner(s, 1);
            Py_XDECREF(swap_base(s, NULL));
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
                && descr != own) {
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
        report_copy(a, why);
    }
    return result;
}

/* Give `a` a copy of the elements of `source`, with the layout and the dtype of
 * that.  Whatever it has covered stays inside of its memory.  As move; 1: it has
 * got other memory meanwhile, nothing has changed. */
static int
become(PyObject *a, PyObject *source)
{
    PyArray_Descr *descr = PyArray_DESCR(ARR(source));
    npy_intp size = PyDataType_ELSIZE(descr), before, after, own;
    Layout at = layout_of(source);
    PyObject *header = NULL;
    Link *l = link_of(a);
    Seal *seal = NULL, *was = l->seal;
    char *low, *high;
    int result = -1;
    Room m;

    extent(layout_of(a), PyArray_ITEMSIZE(ARR(a)), &low, &high);
    before = PyArray_BYTES(ARR(a)) - low;
    after = high - PyArray_BYTES(ARR(a));
    own = PyArray_NBYTES(ARR(source));
    after = after > own ? after : own;
    if (l->kept != NULL) {
        before = l->kept->before > before ? l->kept->before : before;
        after = l->kept->after > after ? l->kept->after : after;
    }
    if (PyDataType_REFCHK(descr)) {
        before += (size - before % size) % size;    /* whole elements */
    }
    else {
        before += -before & (2 * (npy_intp)sizeof(npy_clongdouble) - 1);
    }
    if (PyArray_EquivTypes(descr, PyArray_DESCR(ARR(a)))) {
        if (descr->type_num == NPY_VSTRING) {
            descr = PyArray_DESCR(ARR(a));      /* see share_strings */
        }
    }
    else if ((low < high || l->kept != NULL)
             && (size > PyArray_ITEMSIZE(ARR(a)) || PyDataType_REFCHK(descr)
                 || PyDataType_REFCHK(PyArray_DESCR(ARR(a))))) {
        PyErr_SetString(PyExc_TypeError,
                        "elements cannot get more bytes, or become references, where "
                        "they are: C code may look at them. Write instead:  "
                        "a = cow.array(np.empty(0)); a.__setstate__(state)");
        return -1;
    }
    m.storage = new_storage(descr_of_storage(descr),
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
        swap_layout(a, header);     /* and its base, which goes with it */
        update_flags(a);
        unlink_array(a);
        link_array(a, seal);
        l->flags &= ~(IS_VIEW | IS_LENT);
        l->mover = PyThread_get_thread_ident();
        l->kept->before = before;
        l->kept->after = after;
        /* C code may have a pointer to the old shape */
        l->kept->storage[l->kept->n++] = new_ref(header);
        leave_seal(seal);
        result = 0;
    }
    Py_XDECREF(header);
    Py_DECREF(m.storage);
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
        if (stale == NULL) {
            return detach(a, "memory that may be written", 1);
        }
        *stale = IS_STALE;
        seal = seal_borrowed(a, base);
        if (seal == NULL) {
            return -1;
        }
        finish_seal(a, seal);
        Py_DECREF((PyObject *)seal);
        return 0;
    }
    link_of(a)->flags |= IS_VIEW;
    finish_seal(a, seal);
    return 0;
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

    if (plain == NULL) {
        return NULL;
    }
    Py_INCREF((PyObject *)seal);
    seal->copying++;
    old = enter_pool();
    copy = PyArray_NewCopy(ARR(plain), order);
    leave_pool(old);
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

/* As wrap_result, for what a function returned: steals `res`, which may be
 * NULL, and looks into containers. */
static PyObject *
wrap(PyObject *res, PyTypeObject *cls, PyObject *from)
{
    PyObject *all;

    if (res != NULL && is_plain(res)) {
        all = wrap_result(res, cls, from);
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

static int other_operand(PyObject *op, PyObject **out);

/* What NumPy is given for an argument: *out is a new reference and the
 * result 1.  0: leave it to NumPy's own protocol.  -1: error. */
static inline int
simple_operand(PyObject *op, PyObject **out)
{
    if (Py_TYPE(op) != cow_class) {
        return other_operand(op, out);
    }
    *out = unwrap(op);
    return *out == NULL ? -1 : 1;
}

static int
other_operand(PyObject *op, PyObject **out)
{
    PyTypeObject *type = Py_TYPE(op);
    int simple = 1, changed = 0;
    Py_ssize_t n;
    PyObject *items;

    if (is_plain(op) || is_number(op) || op == Py_None
            || type == &PyUnicode_Type || type == &PyType_Type
            || PyArray_DescrCheck(op)) {
        if (is_plain(op)) {
            note_size(op);
        }
        *out = new_ref(op);
        return 1;
    }
    if (type != &PyTuple_Type && type != &PyList_Type) {
        return 0;
    }
    n = PySequence_Size(op);
    items = PyTuple_New(n);
    if (items == NULL || Py_EnterRecursiveCall(" in nested arguments")) {
        Py_XDECREF(items);
        return -1;
    }
    for (Py_ssize_t i = 0; i < n && simple > 0; i++) {
        PyObject *item = PySequence_GetItem(op, i), *plain = NULL;
        simple = item == NULL ? -1 : simple_operand(item, &plain);
        if (simple > 0) {
            changed |= plain != item;
            PyTuple_SetItem(items, i, plain);
        }
        Py_XDECREF(item);
    }
    Py_LeaveRecursiveCall();
    if (simple <= 0) {
        Py_CLEAR(items);
    }
    else if (!changed) {
        replace(&items, new_ref(op));
    }
    else if (type == &PyList_Type) {
        replace(&items, PySequence_List(items));
        simple = items == NULL ? -1 : 1;
    }
    *out = items;
    return simple;
}

/* Plain operands of a call; each call of start_call() is ended by
 * end_call(). */
enum { FEW = 8 };
typedef struct {
    PyObject *few[FEW];
    PyObject **at;              /* strong */
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
        Py_DECREF(c->at[--c->n]);
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

/* ---------------------------------------------------------------- writing */

/* Would NumPy carry a write through `a` to another array? */
static int
is_shared_view(PyObject *a)
{
    Link *l = link_of(a);

    return l->flags & IS_APART
        || (l->flags & IS_VIEW && l->seal != NULL
            && (l->seal->linked > 1 || plain_holders(l->seal) > 0
                || is_borrowed(l->seal)));
}

/* a[i] and a[start:stop:step] without NumPy. */
typedef struct {
    Py_ssize_t start, stop, step;       /* step 0: an integer */
    int found;                          /* the alias covers this part */
    int nd;
    char *data;
    npy_intp dims[MAX_DIMS], strides[MAX_DIMS];
} Part;

/* 1: `idx` is a part; 0: NumPy has to do it; -1: error.  May run Python code
 * (__index__ of what is in a slice). */
static int
parse_part(PyObject *idx, Part *p)
{
    if (PyLong_CheckExact(idx)) {
        p->step = 0;
        p->start = PyLong_AsSsize_t(idx);
        if (p->start != -1 || !PyErr_Occurred()) {
            return 1;
        }
        PyErr_Clear();
        return 0;
    }
    if (!PySlice_Check(idx)) {
        return 0;
    }
    return PySlice_Unpack(idx, &p->start, &p->stop, &p->step) < 0 ? -1 : 1;
}

/* Find the layout of the part; 0: NumPy has to do it. */
static int
lay_out(PyObject *a, Part *p)
{
    int nd = PyArray_NDIM(ARR(a)), gone = p->step == 0;
    Py_ssize_t start = p->start, stop = p->stop, n;

    p->nd = nd - gone;
    if (p->nd < 1 || nd > MAX_DIMS || p->nd >= MAX_DIMS) {
        return 0;
    }
    n = PyArray_DIM(ARR(a), 0);
    if (gone) {
        start += start < 0 ? n : 0;
        if (start < 0 || start >= n) {
            return 0;
        }
    }
    else {
        n = PySlice_AdjustIndices(n, &start, &stop, p->step);
        if (n == 0) {
            return 0;
        }
        p->dims[0] = n;
        p->strides[0] = PyArray_STRIDE(ARR(a), 0) * p->step;
    }
    for (int k = 1; k < nd; k++) {
        p->dims[k - gone] = PyArray_DIM(ARR(a), k);
        p->strides[k - gone] = PyArray_STRIDE(ARR(a), k);
    }
    p->data = PyArray_BYTES(ARR(a)) + start * PyArray_STRIDE(ARR(a), 0);
    return 1;
}

static inline Layout
layout_of_part(const Part *p)
{
    return (Layout){p->nd, p->data, p->dims, p->strides};
}

/* The index `k`, where it is an integer of Python's or NumPy's; 0: it is not. */
static inline int
read_index(PyObject *k, npy_intp *at)
{
    if (!PyLong_CheckExact(k) && !PyArray_IsScalar(k, Integer)) {
        return 0;
    }
    *at = PyNumber_AsSsize_t(k, PyExc_IndexError);
    if (*at == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        return 0;
    }
    return 1;
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
        if (!read_index(k, &at) || at < -n || at >= n) {
            return NULL;
        }
        item += (at < 0 ? at + n : at) * PyArray_STRIDE(ARR(a), i);
    }
    return item;
}

/* What is written: an element, a part, or all. */
typedef struct {
    PyObject *idx;          /* of an element, or NULL */
    Part *part;             /* or NULL */
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
next_move(PyObject *a, const Region *r, npy_intp *bytes, npy_intp *weight)
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
move_others(PyObject *a, const Region *r)
{
    PyObject *others = PyList_New(0);
    int result = others == NULL ? -1 : 0;

    for (PyObject *o = link_of(a)->next; result == 0 && o != a;
            o = link_of(o)->next) {
        /* one that is dying may still be linked: leave it alone */
        if (sees(o, r) && Py_REFCNT(o) > 0) {
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
    int who = next_move(a, &r, &bytes, &weight), result;

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
        result = move_others(a, &r);
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

    link_of(a)->flags &= ~IS_APART;     /* from now on it has been written */
    link_of(a)->writes++;
    if (guard == NULL && is_alone(a)) {
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

/* What NumPy is given for the cow array `value`, which is written into the
 * region of `a`: an operand that looks at it is given memory of its own first;
 * what it reads is what was there before the write. */
static PyObject *
unwrap_value(PyObject *value, PyObject *a, const Write *w)
{
    if (clean(value) < 0 || clean(a) < 0) {
        return NULL;
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

/* Has the plain array or number `value` no elements that are objects? */
static int
is_simple_value(PyObject *value)
{
    return is_plain(value) ? PyArray_TYPE(ARR(value)) <= NPY_HALF
        && !PyDataType_REFCHK(PyArray_DESCR(ARR(value))) : is_number(value);
}

/* A number of Python's that each type of floats can take without a word: NumPy
 * converts it before the first element is written, and a hook may run then. */
static int
is_mild(PyObject *op)
{
    const double most = 65504, least = 0x1p-14;    /* of float16 */
    double parts[2] = {0, 0};

    if (PyFloat_CheckExact(op)) {
        parts[0] = PyFloat_AsDouble(op);
    }
    else if (PyComplex_CheckExact(op)) {
        parts[0] = PyComplex_RealAsDouble(op);
        parts[1] = PyComplex_ImagAsDouble(op);
    }
    for (int i = 0; i < 2; i++) {
        double size = parts[i] < 0 ? -parts[i] : parts[i];
        if (size != 0 && (size < least || (size > most && size * 0 == 0))) {
            return 0;
        }
    }
    return 1;
}

/* Does NumPy warn, before it stores anything, that the imaginary part is lost? */
static int
loses_imaginary_part(PyObject *op, int type)
{
    return (!PyTypeNum_ISCOMPLEX(type)
            && (is_plain(op) ? PyArray_ISCOMPLEX(ARR(op))
                : PyComplex_Check(op) || PyArray_IsScalar(op, ComplexFloating)));
}

/* Are `a`'s elements floats of few bits? */
static int
has_small_floats(PyObject *a)
{
    int type = PyArray_TYPE(ARR(a));

    return type == NPY_FLOAT || type == NPY_HALF || type == NPY_CFLOAT;
}

/* May a ufunc with these operands run Python code before all of `out` is
 * written? */
static int
has_loud_operands(PyObject *const *ops, Py_ssize_t n, PyObject *out)
{
    int wild = 0, small = has_small_floats(out);

    for (Py_ssize_t i = 0; i < n; i++) {
        if (ops[i] == Py_None) {
            continue;
        }
        if (!is_simple_value(ops[i])
                || loses_imaginary_part(ops[i], PyArray_TYPE(ARR(out)))) {
            return 1;
        }
        small |= is_plain(ops[i]) && has_small_floats(ops[i]);
        wild |= !is_plain(ops[i]) && !is_mild(ops[i]);
    }
    return wild && small;
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

/* Does NumPy store `value` as elements of the dtype, in a slice or not, without
 * running Python code before the last one is stored?  It converts a scalar before
 * it stores it, and values for anything but a slice; a hook for an overflow may
 * run then. */
static int
is_ready(PyObject *value, PyArray_Descr *descr, int slice)
{
    if (PyDataType_REFCHK(descr)) {
        return PyArray_Check(value)
            ? descr->type_num == NPY_OBJECT
              || PyArray_EquivTypes(PyArray_DESCR(ARR(value)), descr)
            : (is_number(value) && !PyArray_IsScalar(value, Void))
              || PyUnicode_CheckExact(value) || PyBytes_CheckExact(value)
              || value == Py_None;
    }
    if (is_plain(value) && is_simple_value(value)) {
        return (PyArray_EquivTypes(PyArray_DESCR(ARR(value)), descr)
                || (PyArray_NDIM(ARR(value)) > 0 && slice
                    && !loses_imaginary_part(value, descr->type_num)));
    }
    return (stores_quietly(descr->type_num, value) || PyUnicode_CheckExact(value)
            || PyBytes_CheckExact(value) || value == Py_None);
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
    else if (operand != NULL && !is_ready(operand, descr, slice)) {
        replace(&operand, PyArray_FromAny(operand, descr, 0, 0,
                                          NPY_ARRAY_FORCECAST, NULL));
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
    int result;
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
    result = PyArray_Pack(descr, packed, value);
    if (result == 0) {
        result = clean(self) < 0 ? -1
            : prepare_write(self, &(Write){.idx = idx});
    }
    item = has_form(self, &form) ? element(self, idx) : NULL;
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

static int
array_ass_subscript(PyObject *self, PyObject *idx, PyObject *value)
{
    PyObject *alias, *operand, *plain_idx, *held;
    int result = -1, is_part, number;
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
                && stores_quietly(PyArray_TYPE(ARR(self)), value)) {
            link_of(self)->writes++;
            return PyArray_Pack(PyArray_DESCR(ARR(self)), item, value);
        }
        if (item != NULL) {
            return store_element(self, idx, value);
        }
    }
    note_form(self, &form);
    is_part = parse_part(idx, &part);
    w.part = is_part > 0 ? &part : NULL;
    plain_idx = is_part < 0 ? NULL
        : is_part ? new_ref(idx) : ready_index(idx, self);
    operand = plain_idx == NULL ? NULL
        : ready_value(value, self, &plain_idx, &w);
    if (operand == NULL && plain_idx != NULL && is_part == 0) {
        prefer_index_error(self, plain_idx);
    }
    held = operand == NULL ? NULL : hold_elements(self, plain_idx);
    alias = operand == NULL || PyErr_Occurred() ? NULL
        : begin_write(self, &w);
    if (!has_form(self, &form) && alias != NULL) {
        form_error();
    }
    else if (alias != NULL) {
        number = stores_quietly(PyArray_TYPE(ARR(alias)), operand);
        result = !is_part || !part.found
            ? base_ass_subscript(alias, plain_idx, operand)
            : number ? PyArray_FillWithScalar(ARR(alias), operand)
            : is_plain(operand) && PyTypeNum_ISNUMBER(PyArray_TYPE(ARR(alias)))
            ? PyArray_CopyInto(ARR(alias), ARR(operand))
            : PyArray_CopyObject(ARR(alias), operand);
    }
    Py_XDECREF(operand);
    Py_XDECREF(plain_idx);
    if (alias != NULL && end_write(self, alias, 0) < 0) {
        result = -1;
    }
    Py_XDECREF(held);
    return result;
}

/* The index behind that of sq_item, to which the length has been added. */
static PyObject *
index_of(PyObject *self, Py_ssize_t i)
{
    return PyLong_FromSsize_t(i < 0 ? i - PyArray_DIM(ARR(self), 0) : i);
}

static int
array_ass_item(PyObject *self, Py_ssize_t i, PyObject *value)
{
    PyObject *idx = index_of(self, i);
    int result = idx == NULL ? -1 : array_ass_subscript(self, idx, value);

    Py_XDECREF(idx);
    return result;
}

/* ---------------------------------------------------------------- reading */

/* A view of `self` with another layout; NULL where NumPy has to make it, with
 * an exception only if there is no memory. */
static PyObject *
quick_view(PyObject *self, const Part *p)
{
    Link *l = link_of(self);
    PyObject *view;

    int shared = l->seal->writing == 0 && !l->seal->exposed;

    if (Py_TYPE(self) != cow_class) {
        return NULL;
    }
    view = make_view(cow_class, self, layout_of_part(p), l->seal, NULL);
    if (view != NULL) {
        update_flags(view);
        link_of(view)->flags = shared ? IS_VIEW : IS_APART;
        link_of(view)->guard = new_ref(l->guard);
    }
    return view;
}

/* The transposed array. */
static PyObject *
array_transposed(PyObject *self, void *Py_UNUSED(closure))
{
    Part p = {.nd = PyArray_NDIM(ARR(self))};
    PyObject *plain, *view = NULL;

    if (clean(self) < 0) {
        return NULL;
    }
    p.data = PyArray_BYTES(ARR(self));
    if (p.nd < MAX_DIMS) {
        for (int i = 0; i < p.nd; i++) {
            p.dims[i] = PyArray_DIM(ARR(self), p.nd - 1 - i);
            p.strides[i] = PyArray_STRIDE(ARR(self), p.nd - 1 - i);
        }
        view = quick_view(self, &p);
    }
    if (view != NULL || PyErr_Occurred()) {
        return view;
    }
    plain = unwrap(self);
    if (plain != NULL) {
        view = PyArray_Transpose(ARR(plain), NULL);
        Py_DECREF(plain);
    }
    return wrap(view, Py_TYPE(self), self);
}

static PyObject *
array_subscript(PyObject *self, PyObject *idx)
{
    int type = PyArray_DESCR(ARR(self))->type_num, is_part, simple;
    PyObject *plain, *plain_idx = NULL, *res = NULL;
    char *item;
    Part part;

    if (clean(self) < 0) {
        return NULL;
    }
    item = PyTypeNum_ISNUMBER(type) ? element(self, idx) : NULL;
    if (item != NULL) {
        return PyArray_Scalar(item, PyArray_DESCR(ARR(self)), self);
    }
    is_part = parse_part(idx, &part);
    if (is_part < 0 || clean(self) < 0) {
        return NULL;
    }
    res = is_part && lay_out(self, &part) ? quick_view(self, &part) : NULL;
    if (res != NULL || PyErr_Occurred()) {
        return res;
    }
    if (type == NPY_OBJECT) {
        /* an element of an object array may be an array: not ours to wrap */
        return base_subscript(self, idx);
    }
    plain = unwrap(self);
    simple = plain == NULL ? -1 : simple_operand(idx, &plain_idx);
    if (simple >= 0) {
        res = base_subscript(plain, simple ? plain_idx : idx);
    }
    Py_XDECREF(plain_idx);
    Py_XDECREF(plain);
    return wrap(res, Py_TYPE(self), self);
}

/* A contiguous array reshaped to integers; NULL (no exception) where NumPy
 * has to do it. */
static PyObject *
quick_reshape(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    PyObject *shape = n == 1 && PyTuple_CheckExact(args[0]) ? args[0] : NULL;
    npy_intp rest = PyArray_SIZE(ARR(self)), step;
    int open = -1;
    Part p = {.data = PyArray_BYTES(ARR(self))};

    n = shape != NULL ? PyTuple_Size(shape) : n;
    if (n < 1 || n >= MAX_DIMS || rest == 0
            || !PyArray_IS_C_CONTIGUOUS(ARR(self))) {
        return NULL;
    }
    for (; p.nd < n; p.nd++) {
        PyObject *k = shape != NULL ? PyTuple_GetItem(shape, p.nd)
            : args[p.nd];
        npy_intp dim = PyLong_CheckExact(k) ? PyLong_AsSsize_t(k) : 0;
        if (dim == -1 && open < 0 && !PyErr_Occurred()) {
            open = p.nd;
            continue;
        }
        if (dim <= 0 || rest % dim != 0) {
            PyErr_Clear();
            return NULL;
        }
        p.dims[p.nd] = dim;
        rest /= dim;
    }
    if (open >= 0) {
        p.dims[open] = rest;
    }
    else if (rest != 1) {
        return NULL;
    }
    step = PyArray_ITEMSIZE(ARR(self));
    for (int i = p.nd; i-- > 0; step *= p.dims[i]) {
        p.strides[i] = step;
    }
    return quick_view(self, &p);
}

static PyObject *
array_item(PyObject *self, Py_ssize_t i)
{
    PyObject *idx, *res;
    Part part = {.start = i};

    if (clean(self) < 0) {
        return NULL;
    }
    if (PyArray_NDIM(ARR(self)) == 1 && i >= 0
            && i < PyArray_DIM(ARR(self), 0)
            && PyTypeNum_ISNUMBER(PyArray_TYPE(ARR(self)))) {
        return PyArray_Scalar(PyArray_BYTES(ARR(self))
                              + i * PyArray_STRIDE(ARR(self), 0),
                              PyArray_DESCR(ARR(self)), self);
    }
    res = i >= 0 && lay_out(self, &part) ? quick_view(self, &part) : NULL;
    if (res == NULL && !PyErr_Occurred()) {
        idx = index_of(self, i);
        res = idx == NULL ? NULL : array_subscript(self, idx);
        Py_XDECREF(idx);
    }
    return res;
}

/* A look-up in vain may come from __array_finalize__ of a foreign subclass:
 * then a view of that class exists whose base is the array object, so that
 * it is not seen among the holders of the storage. */
static PyObject *
array_getattro(PyObject *self, PyObject *name)
{
    PyObject *res, *type, *value, *trace, *cared;

    if (clean(self) < 0) {
        return NULL;
    }
    res = PyObject_GenericGetAttr(self, name);
    if (res == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Fetch(&type, &value, &trace);
        cared = PyObject_CallFunctionObjArgs(hook[ON_MISSING], self, NULL);
        if (cared != NULL) {
            PyErr_Restore(type, value, trace);
            Py_DECREF(cared);
        }
        else {          /* the view is not safe to use */
            Py_XDECREF(type);
            Py_XDECREF(value);
            Py_XDECREF(trace);
        }
    }
    return res;
}

/* Get memory of its own for `a`, that nobody else looks at. */
static int
get_alone(PyObject *a, const char *why)
{
    int result = clean(a);

    while (result == 0 && !link_of(a)->seal->exposed && !is_alone(a)) {
        result = detach(a, why, 1) < 0 ? -1 : clean(a);
    }
    return result;
}

/* Get ready for a pointer into the memory of `a` that somebody keeps who may
 * write there, at any time: the memory is its own, and never shared from then
 * on.  It does not move: what is written to `a` lands there. */
static int
expose(PyObject *a)
{
    if (get_alone(a, "a pointer is asked for") < 0) {
        return -1;
    }
    link_of(a)->seal->exposed = 1;
    return 0;
}

/* The same for one who says that he writes. */
static int
expose_to_writer(PyObject *a)
{
    const Write all = {0};

    return clean(a) < 0 || prepare_write(a, &all) < 0 ? -1 : expose(a);
}

/* Fill `view` from `plain`, whose reference it takes. */
static int
give_buffer(PyObject *plain, Py_buffer *view, int flags)
{
    int result = plain == NULL ? -1 : PyObject_GetBuffer(plain, view, flags);

    Py_XDECREF(plain);
    return result;
}

/* Consumers hold a plain view, so the storage and not the movable array. */
static int
array_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    int writes = (flags & PyBUF_WRITABLE) == PyBUF_WRITABLE;

    view->obj = NULL;
    if (clean(self) < 0
            || give_buffer(new_header(self, layout_of(self),
                                      link_of(self)->seal->storage, 0),
                           view, flags & ~PyBUF_WRITABLE) < 0) {
        return -1;              /* a layout that the consumer does not take */
    }
    if (!writes && link_of(self)->seal->writing == 0
            && !link_of(self)->seal->exposed) {
        return 0;
    }
    PyBuffer_Release(view);
    return writes && expose_to_writer(self) < 0 ? -1
        : give_buffer(writes ? new_header(self, layout_of(self),
                                          link_of(self)->seal->storage, 1)
                      : make_copy(self, NPY_KEEPORDER), view, flags);
}

/* ---------------------------------------------- operators, ufuncs, methods */

/* The operators: the ufunc that they call, and the slots of ndarray for
 * operands that NumPy must dispatch. */
typedef struct {
    const char *name;
    PyObject *ufunc;
    binaryfunc base, base_inplace;
} Operator;

/* These two have no slot of their own for `x **= y`: ndarray's calls the ufunc
 * with `out`.  Power is more than its ufunc: x ** 2 is np.square(x). */
static Operator op_power = {"power", NULL, NULL, NULL};
static Operator op_matmul = {"matmul", NULL, NULL, NULL};
static ternaryfunc base_power;

/* What a op= other gives, in memory of its own; a new array for `a`, which only
 * the caller refers to, and who takes the result for it. */
static PyObject *
inplace_apart(PyObject *self, PyObject *operand, const Operator *o)
{
    PyObject *copy = make_copy(self, NPY_KEEPORDER), *res;
    PyObject *const all[] = {copy, operand == NULL ? copy : operand, copy};

    if (copy == NULL) {
        return NULL;
    }
    res = o == &op_power
        ? PyNumber_InPlacePower(copy, all[1], Py_None)
        : vectorcall(o->ufunc, all, 3, NULL);
    Py_DECREF(copy);
    return wrap(res, cow_class, NULL);
}

/* a op= other: written through an alias; the array object stays, but where it
 * is a temporary (m[:, 0] -= 1) that would move with all that lies between its
 * elements.  A subclass may have an __array_ufunc__ of its own, which ndarray's
 * slot finds. */
static PyObject *
inplace(PyObject *self, PyObject *other, const Operator *o)
{
    PyObject *alias, *res = NULL, *operand = NULL;
    const Write all = {0};
    int simple = clean(self);

    if (simple == 0 && Py_TYPE(self) == cow_class
            && !PyDataType_REFCHK(PyArray_DESCR(ARR(self)))) {
        if (Py_TYPE(other) == cow_class && other != self
                && !PyDataType_REFCHK(PyArray_DESCR(ARR(other)))) {
            operand = unwrap_value(other, self, &all);
            simple = operand == NULL ? -1 : 1;
        }
        else if (other != self) {
            simple = simple_operand(other, &operand);
        }
        else {
            simple = 1;
        }
        if (simple > 0 && operand != NULL
                && has_loud_operands(&operand, 1, self)) {
            Py_CLEAR(operand);
            simple = 0;
        }
    }
    if (simple <= 0) {
        return simple < 0 ? NULL : o->base_inplace(self, other);
    }
    /* whoever calls this slot takes its result for `self` */
    if (is_temporary(self) && link_of(self)->guard == NULL && !is_alone(self)
            && !PyArray_ISONESEGMENT(ARR(self))
            && !link_of(self)->seal->exposed) {
        res = inplace_apart(self, operand, o);
        Py_XDECREF(operand);
        return res;
    }
    alias = begin_write(self, &all);
    if (alias != NULL) {
        PyObject *const ops[] = {alias, operand == NULL ? alias : operand,
                                 alias};
        res = o == &op_power ? PyNumber_InPlacePower(alias, ops[1], Py_None)
            : vectorcall(o->ufunc, ops, 3, NULL);
    }
    Py_XDECREF(operand);
    if (alias == NULL) {
        return NULL;
    }
    if (res == alias) {
        replace(&res, new_ref(self));
    }
    if (end_write(self, alias, 0) < 0) {
        Py_CLEAR(res);
    }
    return res;
}

static PyObject *
binary(PyObject *left, PyObject *right, const Operator *o)
{
    PyObject *const both[] = {left, right};
    int simple;
    PyObject *res = compute(o->ufunc, both, 2, &simple);

    return simple == 0 ? o->base(left, right) : res;
}

#define BINARY_OPS(X)                                                       \
    X(add, "add") X(subtract, "subtract") X(multiply, "multiply")           \
    X(true_divide, "true_divide") X(floor_divide, "floor_divide")           \
    X(remainder, "remainder") X(and, "bitwise_and") X(or, "bitwise_or")     \
    X(xor, "bitwise_xor") X(lshift, "left_shift") X(rshift, "right_shift")

#define DEFINE_BINARY(slot, name)                                           \
    static Operator op_##slot = {name, NULL, NULL, NULL};                   \
    static PyObject *nb_##slot(PyObject *l, PyObject *r)                    \
    {                                                                       \
        return binary(l, r, &op_##slot);                                    \
    }                                                                       \
    static PyObject *nb_inplace_##slot(PyObject *l, PyObject *r)            \
    {                                                                       \
        return inplace(l, r, &op_##slot);                                   \
    }

BINARY_OPS(DEFINE_BINARY)

static PyObject *
nb_matmul(PyObject *l, PyObject *r)
{
    return binary(l, r, &op_matmul);
}

static PyObject *
nb_power(PyObject *left, PyObject *right, PyObject *mod)
{
    PyObject *const both[] = {left, right};
    PyObject *res = NULL;
    int simple = 0;

    if (mod == Py_None) {
        res = compute(op_power.ufunc, both, 2, &simple);
    }
    return simple == 0 ? base_power(left, right, mod) : res;
}

typedef struct {
    PyObject *ufunc;
    unaryfunc base;
} Unary;

static PyObject *
unary(PyObject *self, const Unary *o)
{
    int simple;
    PyObject *res = compute(o->ufunc, &self, 1, &simple);

    return simple == 0 ? o->base(self) : res;
}

#define UNARY_OPS(X)                                                        \
    X(negative, "negative") X(absolute, "absolute") X(invert, "invert")

#define DEFINE_UNARY(slot, name)                                            \
    static Unary op_##slot;                                                 \
    static PyObject *nb_##slot(PyObject *self)                              \
    {                                                                       \
        return unary(self, &op_##slot);                                     \
    }

UNARY_OPS(DEFINE_UNARY)

static PyObject *
array_richcompare(PyObject *left, PyObject *right, int op)
{
    PyObject *const both[] = {left, right};
    int simple;
    PyObject *res = compute(comparison[op], both, 2, &simple);

    return simple == 0 ? base_richcompare(left, right, op) : res;
}

/* Raise where the caller's code passed a temporary view for an output: the
 * reference counts, of which cow._ufuncs knows what they mean, tell. */
static int
refuse_outputs(PyObject *self, PyObject *outs, PyObject *ufunc, int simple)
{
    Py_ssize_t n = PyTuple_CheckExact(outs) ? PyTuple_Size(outs) : 0;

    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *out = PyTuple_GetItem(outs, i), *res;
        if (!is_cow(out) || !is_shared_view(out)) {
            continue;
        }
        res = PyObject_CallFunction(hook[ON_TARGET], "OOOnnii", out, outs,
                                    ufunc, Py_REFCNT(out),
                                    Py_REFCNT(outs), out == self, simple);
        if (res == NULL) {
            return -1;
        }
        Py_DECREF(res);
    }
    return 0;
}

/* May the loop of `ufunc` run Python code before it has written all of `out`? */
static int
runs_python(PyUFuncObject *ufunc, PyObject *out)
{
    return (PyDataType_REFCHK(PyArray_DESCR(ARR(out)))
            || Py_TYPE((PyObject *)ufunc) != &PyUFunc_Type
            || ufunc->ntypes == 0 || ufunc->types == NULL
            || ufunc->types[0] == NPY_OBJECT);
}

/* __array_ufunc__(ufunc, method, *inputs, **kwargs): a call on simple
 * operands, with one output at most, and a method without one stay here;
 * everything else goes to cow._ufuncs. */
static PyObject *
array_ufunc(PyObject *self, PyObject *const *args, Py_ssize_t n,
            PyObject *names)
{
    PyObject *alias = NULL, *out = NULL, *res = NULL, *none = Py_None;
    PyObject *function;
    Py_ssize_t nkw = names == NULL ? 0 : PyTuple_Size(names), out_at = 0;
    const Write all = {0};
    /* such a ufunc may be given one array for input and output, which saves
     * it the search for an overlap */
    int elementwise = n > 2 && Py_TYPE(args[0]) == &PyUFunc_Type
        && !((PyUFuncObject *)args[0])->core_enabled;
    int simple = n > 2 && PyUnicode_Check(args[1])
        && PyUnicode_CompareWithASCIIString(args[1], "at") != 0;
    int calls = simple && PyUnicode_Compare(args[1], str_call) == 0;
    Call c;

    for (Py_ssize_t i = n; i < n + nkw; i++) {
        if (PyTuple_GetItem(names, i - n) == str_out) {
            if (refuse_outputs(self, args[i], args[0], calls) < 0) {
                return NULL;
            }
            simple = (calls && PyTuple_CheckExact(args[i])
                      && PyTuple_Size(args[i]) == 1);
            out = simple ? PyTuple_GetItem(args[i], 0) : NULL;
            simple = (simple && Py_TYPE(out) == cow_class
                      && !runs_python((PyUFuncObject *)args[0], out));
            out_at = i;
        }
        else if (PyUnicode_CompareWithASCIIString(
                     PyTuple_GetItem(names, i - n), "subok") == 0) {
            simple = 0;
        }
    }
    if (!simple) {
        return call_python(hook[ON_UFUNC], self, args, n, names);
    }
    if (start_call(&c, n - 2 + nkw) < 0) {
        return NULL;
    }
    for (Py_ssize_t i = 2; i < n + nkw && simple > 0; i++) {
        simple = take(&c, i == out_at || (elementwise && args[i] == out)
                      ? &none : &args[i], 1);
    }
    if (simple > 0 && out != NULL && has_loud_operands(c.at, c.n, out)) {
        simple = 0;
    }
    if (simple > 0 && out != NULL) {
        alias = begin_write(out, &all);
        simple = alias == NULL ? -1 : 1;
        for (Py_ssize_t i = 2; i < n + nkw && alias != NULL; i++) {
            if (i == out_at || (elementwise && args[i] == out)) {
                replace(&c.at[i - 2], new_ref(alias));
            }
        }
    }
    if (simple > 0) {
        function = calls ? new_ref(args[0])
            : PyObject_GetAttr(args[0], args[1]);
        res = function == NULL ? NULL : call(function, &c, names);
        Py_XDECREF(function);
    }
    end_call(&c);
    if (alias != NULL) {
        if (res == alias) {
            replace(&res, new_ref(out));
        }
        if (end_write(out, alias, 0) < 0) {
            Py_CLEAR(res);
        }
        return res;
    }
    return simple > 0 ? wrap(res, cow_class, NULL) : simple < 0 ? NULL
        : call_python(hook[ON_UFUNC], self, args, n, names);
}

/* How array_function calls a function: on plain operands (0), on open ones (it
 * is one of C, so no frame in a traceback keeps them), or on the array itself
 * (it calls a method of the array). */
enum { OPEN = 1, BY_METHOD };

/* (implementation, n, keywords, how): array_function may call it with n
 * positional arguments at most and these keywords.  New reference, NULL
 * without an exception for a function that Python handles. */
static PyObject *
quick_entry(PyObject *function)
{
    PyObject *entry = PyDict_GetItemWithError(quick, function);

    if (entry == NULL && !PyErr_Occurred()
            && ask(hook[ON_NEW], function, NULL) == 0) {
        entry = PyDict_GetItemWithError(quick, function);
    }
    return new_ref(entry == Py_None ? NULL : entry);
}

/* __array_function__(func, types, args, kwargs): a function that only reads
 * stays here, everything else goes to cow._functions. */
static PyObject *
array_function(PyObject *self, PyObject *const *args, Py_ssize_t n,
               PyObject *names)
{
    PyObject *entry = NULL, *keys = NULL, *key, *value, *res = NULL;
    Py_ssize_t at = 0, count = 0, nkw = 0;
    long how = 0;
    int simple = n == 4 && names == NULL && Py_TYPE(self) == cow_class
        && PyTuple_CheckExact(args[2]) && PyDict_CheckExact(args[3]);
    Call c;

    if (simple) {
        entry = quick_entry(args[0]);
        simple = entry != NULL ? 1 : PyErr_Occurred() ? -1 : 0;
    }
    if (simple > 0) {
        count = PyTuple_Size(args[2]);
        nkw = PyDict_Size(args[3]);
        simple = count <= PyLong_AsSsize_t(PyTuple_GetItem(entry, 1));
        how = PyLong_AsLong(PyTuple_GetItem(entry, 3));
    }
    while (simple > 0 && PyDict_Next(args[3], &at, &key, &value)) {
        simple = PySet_Contains(PyTuple_GetItem(entry, 2), key);
    }
    if (simple > 0 && how == BY_METHOD && count > 0
            && Py_TYPE(PyTuple_GetItem(args[2], 0)) == cow_class) {
        res = PyObject_Call(PyTuple_GetItem(entry, 0), args[2], args[3]);
        Py_DECREF(entry);
        return wrap(res, cow_class, NULL);
    }
    if (simple > 0) {
        keys = nkw > 0 ? PySequence_Tuple(args[3]) : NULL;
        simple = (nkw > 0 && keys == NULL) || start_call(&c, count + nkw) < 0
            ? -1 : 1;
    }
    if (simple > 0) {
        for (Py_ssize_t i = 0; i < count && simple > 0; i++) {
            value = PyTuple_GetItem(args[2], i);
            simple = take(&c, &value, 1);
        }
        for (Py_ssize_t i = 0; i < nkw && simple > 0; i++) {
            value = PyObject_GetItem(args[3], PyTuple_GetItem(keys, i));
            simple = value == NULL ? -1 : take(&c, &value, 1);
            Py_XDECREF(value);
        }
        if (simple > 0 && how == OPEN) {
            simple = open_operands(&c);
        }
        res = simple > 0 ? call(PyTuple_GetItem(entry, 0), &c, keys) : NULL;
        end_call(&c);
    }
    Py_XDECREF(keys);
    Py_XDECREF(entry);
    return simple > 0 ? wrap(res, cow_class, NULL) : simple < 0 ? NULL
        : call_python(hook[ON_FUNCTION], self, args, n, names);
}

/* A copy of the clean array `a`, of the class `cls`. */
static PyObject *
copy_array(PyObject *a, PyTypeObject *cls, NPY_ORDER order)
{
    PyObject *copy = wrap(make_copy(a, order), cls, a);

    if (copy != NULL) {
        replace(&link_of(copy)->guard, NULL);
    }
    return copy;
}

/* Methods that read, with the position of `out` (NO_OUT: there is none), and
 * whether NumPy copies a read-only operand (see open_operands).  The others
 * are in Python. */
enum { NO_OUT = 99 };
#define READING(X)                                                          \
    X(all, 1, 0) X(any, 1, 0) X(argmax, 1, 1) X(argmin, 1, 1)               \
    X(argsort, NO_OUT, 0) X(astype, NO_OUT, 0) X(choose, 1, 1)              \
    X(clip, 2, 0) X(conj, 0, 0) X(copy, NO_OUT, 0) X(cumsum, 2, 0)          \
    X(diagonal, NO_OUT, 0) X(dot, 1, 0) X(flatten, NO_OUT, 0) X(max, 1, 0)  \
    X(mean, 2, 0) X(min, 1, 0) X(nonzero, NO_OUT, 0) X(prod, 2, 0)          \
    X(ravel, NO_OUT, 0) X(repeat, NO_OUT, 1) X(reshape, NO_OUT, 0)          \
    X(round, 1, 0) X(searchsorted, NO_OUT, 0) X(squeeze, NO_OUT, 0)         \
    X(std, 2, 0) X(sum, 2, 0) X(swapaxes, NO_OUT, 0) X(take, 2, 1)          \
    X(trace, 4, 0) X(transpose, NO_OUT, 0) X(var, 2, 0)                     \
    X(argpartition, NO_OUT, 0) X(compress, 2, 0) X(conjugate, 0, 0)         \
    X(cumprod, 2, 0) X(getfield, NO_OUT, 0)

#define NUMBER(name, ...) READ_##name,
enum { READING(NUMBER) METHODS };
static struct {
    const char *name;
    int out_at, opens;
    PyObject *function, *fallback;      /* of ndarray; in cow._methods */
} reading[METHODS] = {
#define METHOD(name, out_at, opens) {#name, out_at, opens, NULL, NULL},
    READING(METHOD)
};

/* Is there an output among the arguments with names? */
static int
has_output(PyObject *const *args, PyObject *names)
{
    for (Py_ssize_t i = names == NULL ? 0 : PyTuple_Size(names); i-- > 0;) {
        if (PyUnicode_Compare(PyTuple_GetItem(names, i), str_out) == 0
                && args[i] != Py_None) {
            return 1;
        }
    }
    return 0;
}

/* Call method `which` of ndarray on plain arrays and wrap; what writes into
 * `out`, and everything else that is not simple, goes to cow._array. */
static PyObject *
read_method(int which, PyObject *self, PyObject *const *args, Py_ssize_t n,
            PyObject *names)
{
    Py_ssize_t rest = n + (names == NULL ? 0 : PyTuple_Size(names));
    int simple = Py_TYPE(self) == cow_class && n <= reading[which].out_at
        && !has_output(args + n, names);
    PyObject *res = NULL;
    Call c;

    if (clean(self) < 0) {
        return NULL;
    }
    if (which == READ_reshape && simple && names == NULL) {
        res = quick_reshape(self, args, n);
        if (res != NULL || PyErr_Occurred()) {
            return res;
        }
    }
    if (which == READ_copy && simple) {
        return rest == 0 ? copy_array(self, cow_class, NPY_CORDER)
            : call_python(reading[which].fallback, self, args, n, names);
    }
    if (simple) {
        if (start_call(&c, rest + 1) < 0) {
            return NULL;
        }
        simple = take(&c, &self, 1);
        if (simple > 0) {
            simple = take(&c, args, rest);
        }
        if (simple > 0 && reading[which].opens) {
            simple = open_operands(&c);
        }
        res = simple > 0 ? call(reading[which].function, &c, names) : NULL;
        end_call(&c);
    }
    if (simple == 0) {
        return call_python(reading[which].fallback, self, args, n, names);
    }
    return wrap(res, cow_class, self);
}

#define DEFINE_METHOD(name, ...)                                            \
    static PyObject *                                                       \
    method_##name(PyObject *self, PyObject *const *args, Py_ssize_t n,      \
                  PyObject *names)                                          \
    {                                                                       \
        return read_method(READ_##name, self, args, n, names);              \
    }
READING(DEFINE_METHOD)

#define FAST(f) ((PyCFunction)(void (*)(void))(f))

static PyMethodDef array_methods[] = {
#define METHOD_DEF(name, ...)                                               \
    {#name, FAST(method_##name), METH_FASTCALL | METH_KEYWORDS, NULL},
    READING(METHOD_DEF)
    {"__array_ufunc__", FAST(array_ufunc), METH_FASTCALL | METH_KEYWORDS,
     "__array_ufunc__(ufunc, method, *inputs, **kwargs)"},
    {"__array_function__", FAST(array_function),
     METH_FASTCALL | METH_KEYWORDS,
     "__array_function__(func, types, args, kwargs)"},
    {NULL, NULL, 0, NULL},
};

/* ------------------------------------- properties that change the layout
 * C code that holds the array and its old strides must stay inside.          */

static PyObject *base_dtype, *base_strides;     /* descriptors of ndarray */

static int
set_base(PyObject *descriptor, PyObject *self, PyObject *value)
{
    descrsetfunc set = (descrsetfunc)PyType_GetSlot(Py_TYPE(descriptor),
                                                    Py_tp_descr_set);

    return set(descriptor, self, value);
}

static PyObject *
get_dtype(PyObject *self, void *Py_UNUSED(closure))
{
    return new_ref((PyObject *)PyArray_DESCR(ARR(self)));
}

/* Not to elements of more bytes: an iterator of NumPy's that somebody holds would
 * read the last one beyond its end. */
static int
set_dtype(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    PyArray_Descr *descr = NULL;
    int wider;

    if (clean(self) < 0) {
        return -1;
    }
    if (value == NULL || !PyArray_DescrConverter(value, &descr)) {
        PyErr_Clear();
        return set_base(base_dtype, self, value);
    }
    wider = PyDataType_ELSIZE(descr) > PyArray_ITEMSIZE(ARR(self));
    Py_DECREF((PyObject *)descr);
    if (wider && (PyArray_NBYTES(ARR(self)) > 0 || link_of(self)->kept != NULL)) {
        PyErr_SetString(PyExc_ValueError,
                        "elements cannot get more bytes where they are: C code may "
                        "look at the last one. Write instead:  "
                        "a = a.view(dtype)");
        return -1;
    }
    return set_base(base_dtype, self, value);
}

static PyObject *
get_strides(PyObject *self, void *Py_UNUSED(closure))
{
    int nd = PyArray_NDIM(ARR(self));
    PyObject *strides = PyTuple_New(nd);

    for (int i = 0; i < nd && strides != NULL; i++) {
        PyObject *step = PyLong_FromSsize_t(PyArray_STRIDE(ARR(self), i));
        if (step == NULL) {
            Py_CLEAR(strides);
        }
        else {
            PyTuple_SetItem(strides, i, step);
        }
    }
    return strides;
}

/* Only strides with which each element has a place of its own, among those of
 * the array. */
static int
set_strides(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    npy_intp old[MOST_DIMS], size = PyArray_ITEMSIZE(ARR(self));
    int nd = PyArray_NDIM(ARR(self));
    char *low, *high, *new_low, *new_high;

    if (clean(self) < 0) {
        return -1;
    }
    extent(layout_of(self), size, &low, &high);
    for (int i = 0; i < nd; i++) {
        old[i] = PyArray_STRIDE(ARR(self), i);
    }
    if (set_base(base_strides, self, value) < 0) {
        return -1;
    }
    extent(layout_of(self), size, &new_low, &new_high);
    if (!overlaps_itself(self) && low == new_low && new_high == high) {
        return 0;
    }
    memcpy(PyArray_STRIDES(ARR(self)), old, (size_t)nd * sizeof(*old));
    update_flags(self);
    PyErr_SetString(PyExc_ValueError,
                    "with these strides elements would share memory, or lie "
                    "outside of the array. Write instead:  "
                    "b = np.lib.stride_tricks.as_strided(a, a.shape, strides)");
    return -1;
}

/* ---------------------------------------------------- life of the objects */

/* The elements of an array of objects that nobody else looks at, whose
 * references are as good as its own; *n is 0 for any other array. */
static PyObject **
own_objects(PyObject *self, npy_intp *n)
{
    Seal *seal = link_of(self)->seal;
    PyObject *s = seal == NULL ? NULL : seal->storage;

    *n = 0;
    if (s == NULL || PyArray_BASE(ARR(self)) != s || seal->linked > 1
            || seal->owner != NULL || seal->writing > 0 || seal->retired > 0
            || plain_holders(seal) > 0 || !PyArray_ISONESEGMENT(ARR(s))
            || PyArray_DESCR(ARR(s))->type_num != NPY_OBJECT) {
        return NULL;
    }
    *n = PyArray_SIZE(ARR(s));
    return (PyObject **)PyArray_DATA(ARR(s));
}

/* The same of a storage that `self` keeps and nobody else looks at. */
static PyObject **
kept_objects(PyObject *self, Py_ssize_t at, npy_intp *n)
{
    PyObject *s = link_of(self)->kept->storage[at];
    int alone = is_ours_alone(s) && PyArray_ISONESEGMENT(ARR(s))
        && PyArray_DESCR(ARR(s))->type_num == NPY_OBJECT;

    *n = alone ? PyArray_SIZE(ARR(s)) : 0;
    return (PyObject **)PyArray_DATA(ARR(s));
}

/* ndarray takes no part in garbage collection; we stand for the storages. */
static int
array_traverse(PyObject *self, visitproc visit, void *arg)
{
    npy_intp n;
    PyObject **items = own_objects(self, &n);
    Kept *kept = link_of(self)->kept;

    Py_VISIT(Py_TYPE(self));
    Py_VISIT(link_of(self)->guard);
    for (npy_intp i = 0; i < n; i++) {
        Py_VISIT(items[i]);
    }
    for (Py_ssize_t k = 0; kept != NULL && k < kept->n; k++) {
        items = kept_objects(self, k, &n);
        for (npy_intp i = 0; i < n; i++) {
            Py_VISIT(items[i]);
        }
    }
    return 0;
}

static int
array_clear(PyObject *self)
{
    npy_intp n;
    PyObject **items = own_objects(self, &n);
    PyObject *held = n > 0 ? new_ref(link_of(self)->seal->storage) : NULL;

    Py_CLEAR(link_of(self)->guard);
    for (npy_intp i = 0; i < n; i++) {
        Py_CLEAR(items[i]);         /* NULL is None for NumPy */
    }
    Py_XDECREF(held);
    for (Py_ssize_t k = 0; link_of(self)->kept != NULL
            && k < link_of(self)->kept->n; k++) {
        items = kept_objects(self, k, &n);
        held = new_ref(link_of(self)->kept->storage[k]);
        for (npy_intp i = 0; i < n; i++) {
            Py_CLEAR(items[i]);
        }
        Py_DECREF(held);
    }
    return 0;
}

static void
array_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *base;

    PyObject_GC_UnTrack(self);
    if (FIELDS(self)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    base = HAS(self, OWNDATA) ? NULL : swap_base(self, NULL);
    unlink_array(self);
    drop_kept(self);
    Py_CLEAR(link_of(self)->guard);
    Py_XDECREF(base);
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

/* ------------------------------------------- the arguments of guarded calls
 * A guarded function is lent an array that it is proven to read: a plain,
 * read-only array over the memory of the caller, with the strides of a copy.
 * Its views have it for their base, as those of a copy would.  What is still
 * held when the call is over gets the memory of a copy; see settle_loan().   */

static PyObject *kind_data, *kind_atom, *kind_absent;   /* of a check */
static PyObject *str_name, *method_class;
static PyTypeObject *wrapper_type;

/* Nothing that `op` holds can be changed, nor does it look at an array. */
static int
is_atom(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    int atoms = 1;

    if (type == &PyFloat_Type || type == &PyLong_Type || type == &PyBool_Type
            || type == &PyUnicode_Type || type == &PyComplex_Type
            || type == &PyBytes_Type || type == &PyRange_Type
            || op == Py_None || op == Py_Ellipsis || PyArray_DescrCheck(op)) {
        return 1;
    }
    if (PyArray_IsScalar(op, Generic)) {
        return (!PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)
                && !PyArray_IsScalar(op, Void));
    }
    if (type != &PyTuple_Type || Py_EnterRecursiveCall("")) {
        PyErr_Clear();
        return 0;
    }
    for (Py_ssize_t i = 0; i < PyTuple_Size(op) && atoms; i++) {
        atoms = is_atom(PyTuple_GetItem(op, i));
    }
    Py_LeaveRecursiveCall();
    return atoms;
}

/* An array of NumPy's class or ours, of numbers, texts or records of such. */
static int
is_numeric_array(PyObject *op)
{
    return ((is_plain(op) || Py_TYPE(op) == cow_class)
            && PyArray_TYPE(ARR(op)) <= NPY_HALF
            && !PyDataType_REFCHK(PyArray_DESCR(ARR(op))));
}

/* Nothing but such arrays, atoms, and a few lists and dicts of them. */
static int
is_data(PyObject *op, int *left)
{
    PyObject *items = NULL, *key, *value;
    Py_ssize_t at = 0;
    int data = --*left > 0;

    if (is_atom(op) || is_numeric_array(op)) {
        return 1;
    }
    if (PyDict_CheckExact(op)) {
        while (data && PyDict_Next(op, &at, &key, &value)) {
            data = is_atom(key) && is_data(value, left);
        }
        return data;
    }
    if (!PyList_CheckExact(op) && !PyTuple_CheckExact(op)
            && Py_TYPE(op) != &PySet_Type) {
        return 0;
    }
    items = data && PySequence_Size(op) < 0 ? NULL : PySequence_Tuple(op);
    PyErr_Clear();
    for (; data && items != NULL && at < PyTuple_Size(items); at++) {
        data = is_data(PyTuple_GetItem(items, at), left);
    }
    data = data && items != NULL;
    Py_XDECREF(items);
    return data;
}

enum { MOST_DATA = 200 };               /* things in a container */

/* The strides that a copy of `a` has; 0: not those of `a` itself. */
static int
has_strides_of_copy(PyObject *a, npy_intp *strides)
{
    int nd = PyArray_NDIM(ARR(a)), order[NPY_MAXDIMS_LEGACY_ITERS];
    npy_intp step = PyArray_ITEMSIZE(ARR(a));

    if (nd > NPY_MAXDIMS_LEGACY_ITERS || !PyArray_ISALIGNED(ARR(a))
            /* of one element a function may return the array itself */
            || nd == 0 || PyArray_SIZE(ARR(a)) == 0) {
        return 0;
    }
    for (int i = 0; i < nd; i++) {
        int k = i;
        npy_intp own = PyArray_STRIDE(ARR(a), i);
        if (PyArray_IS_C_CONTIGUOUS(ARR(a))) {
            order[i] = i;
            continue;
        }
        if (PyArray_IS_F_CONTIGUOUS(ARR(a))) {
            order[nd - 1 - i] = i;
            continue;
        }
        for (; k > 0 && PyArray_STRIDE(ARR(a), order[k - 1]) < own; k--) {
            order[k] = order[k - 1];
        }
        order[k] = i;
    }
    for (int k = nd; k-- > 0;) {
        npy_intp n = PyArray_DIM(ARR(a), order[k]);
        strides[order[k]] = step;
        if (n > 1 && PyArray_STRIDE(ARR(a), order[k]) != step) {
            return 0;
        }
        step *= n;
    }
    return 1;
}

/* `a`, an array of numbers, as a function gets it that only reads; NULL
 * without an exception where a copy has other strides. */
static PyObject *
lend(PyObject *a)
{
    npy_intp strides[NPY_MAXDIMS_LEGACY_ITERS];
    Layout at = layout_of(a);
    PyObject *owner, *lent = NULL;
    Seal *seal;

    if (!has_strides_of_copy(a, strides)) {
        return NULL;
    }
    owner = is_cow(a) ? unwrap(a) : new_ref(a);
    seal = owner == NULL ? NULL : new_seal(owner);
    if (seal != NULL) {
        at.data = PyArray_BYTES(ARR(owner));
        at.strides = strides;
        lent = reuse_header(0, owner, at, (PyObject *)seal);
        if (lent == NULL) {
            lent = new_header(owner, at, (PyObject *)seal, 0);
        }
        Py_DECREF((PyObject *)seal);
    }
    Py_XDECREF(owner);
    return lent;
}

/* A copy of `a`, as copy.deepcopy makes it; the elements are no objects. */
static PyObject *
copy_argument(PyObject *a)
{
    PyObject *plain = is_cow(a) ? unwrap(a) : new_ref(a), *copy = NULL;

    if (plain != NULL) {
        copy = PyArray_NewCopy(ARR(plain), NPY_KEEPORDER);
        Py_DECREF(plain);
    }
    return copy;
}

/* What a result refers to: for each loan how many references, and its views. */
typedef struct {
    PyObject *const *lent;      /* borrowed */
    Py_ssize_t n;
    Py_ssize_t refs[FEW];
    PyObject *views;            /* list */
    PyObject *seen;             /* set of addresses */
} Holders;

static int
find_holders(PyObject *op, Holders *h)
{
    PyObject *items, *id;
    Py_ssize_t n;
    int result = 0, known;

    if (is_plain(op)) {
        for (Py_ssize_t i = 0; i < h->n; i++) {
            h->refs[i] += op == h->lent[i];
        }
    }
    if (!PyArray_Check(op) && !PyList_Check(op) && !PyTuple_Check(op)
            && !PyDict_Check(op) && !PyAnySet_Check(op)) {
        return 0;
    }
    id = PyLong_FromVoidPtr(op);
    known = id == NULL ? -1 : PySet_Contains(h->seen, id);
    if (known == 0) {
        known = PySet_Add(h->seen, id);
        result = known;
    }
    else {
        result = known < 0 ? -1 : 1;
    }
    Py_XDECREF(id);
    if (result != 0) {
        return result < 0 ? -1 : 0;
    }
    if (PyArray_Check(op)) {
        for (Py_ssize_t i = 0; is_plain(op) && i < h->n; i++) {
            if (PyArray_BASE(ARR(op)) == h->lent[i]) {
                h->refs[i]++;
                return PyList_Append(h->views, op);
            }
        }
        if (PyArray_TYPE(ARR(op)) != NPY_OBJECT) {
            return 0;
        }
        items = PyArray_ToList(ARR(op));
        if (items != NULL && PyArray_NDIM(ARR(op)) == 0) {
            replace(&items, PyTuple_Pack(1, items));
        }
    }
    else {
        items = PyDict_Check(op) ? PyDict_Values(op) : PySequence_List(op);
    }
    n = items == NULL || Py_EnterRecursiveCall(" in nested results") ? -1
        : PySequence_Size(items);
    result = n < 0 ? -1 : 0;
    for (Py_ssize_t i = 0; i < n && result == 0; i++) {
        PyObject *item = PySequence_GetItem(items, i);
        result = item == NULL ? -1 : find_holders(item, h);
        Py_XDECREF(item);
    }
    if (n >= 0) {
        Py_LeaveRecursiveCall();
    }
    Py_XDECREF(items);
    return result;
}

/* Give the lent array and its views the memory of a copy.  `keep`: somebody
 * else looks at it, too; the memory of the caller is kept for him. */
static int
settle_loan(PyObject *lent, PyObject *views, int keep)
{
    PyObject *copy = PyArray_NewCopy(ARR(lent), NPY_KEEPORDER), *left = NULL;
    npy_intp moved;

    if (copy == NULL) {
        return -1;
    }
    moved = PyArray_BYTES(ARR(copy)) - PyArray_BYTES(ARR(lent));
    for (Py_ssize_t i = 0; i < PyList_Size(views); i++) {
        PyObject *view = PyList_GetItem(views, i);
        if (PyArray_BASE(ARR(view)) == lent) {
            FIELDS(view)->data += moved;
            PyArray_ENABLEFLAGS(ARR(view), NPY_ARRAY_WRITEABLE);
        }
    }
    FIELDS(lent)->data += moved;
    if (!keep) {
        left = swap_base(lent, NULL);
    }
    hand_over(copy, lent);
    PyArray_ENABLEFLAGS(ARR(lent), NPY_ARRAY_WRITEABLE);
    Py_XDECREF(left);
    Py_DECREF(copy);
    return 0;
}

/* Settle the loans of a call that `result` (may be NULL), or anything else,
 * still refers to; the caller holds one reference to each.  Counts are final:
 * the frames of the call are gone, or `failed`.  1: something is out of reach;
 * it keeps looking at the memory of the caller. */
static int
settle(PyObject *result, PyObject *const *lent, Py_ssize_t n, int failed)
{
    Holders h = {.lent = lent, .n = n};
    int out = 0, held = 0;

    for (Py_ssize_t i = 0; i < n; i++) {
        held |= Py_REFCNT(lent[i]) > 1;
    }
    if (!held) {
        return 0;
    }
    h.views = PyList_New(0);
    h.seen = PySet_New(NULL);
    if (h.views == NULL || h.seen == NULL
            || (result != NULL && find_holders(result, &h) < 0)) {
        out = -1;
    }
    for (Py_ssize_t i = 0; i < n && out >= 0; i++) {
        int keep = failed || Py_REFCNT(lent[i]) - 1 != h.refs[i];
        if (Py_REFCNT(lent[i]) == 1 || (keep && h.refs[i] == 0)) {
            out |= keep && Py_REFCNT(lent[i]) > 1;
            continue;
        }
        if (settle_loan(lent[i], h.views, keep) < 0) {
            out = -1;
        }
        else {
            out |= keep;
        }
    }
    Py_XDECREF(h.views);
    Py_XDECREF(h.seen);
    return out;
}

/* The plan of a guarded function: how the arguments of a call are passed. */
enum {
    PLAN_FUNC,
    PLAN_MODES,         /* bytes, a letter for each parameter; None: ask */
    PLAN_NAMES,         /* {name: index into the modes} */
    PLAN_CHECKS,        /* what must hold for the modes to be good */
    PLAN_RECEIVER,      /* class of the first argument, or None */
    PLAN_BEGIN,         /* (args, kwargs): (call, args, kwargs), by Python */
    PLAN_END,           /* (call, [result]): result */
    PLAN_RAISED,        /* (call, exception) */
    PLAN_FAILED,        /* (exception, loans), as the core began the call */
    PLAN_LEAKED,        /* (plan) */
    PLAN_POSITIONS,     /* so many letters are for positional arguments; the
                         * next ones for *args, **kwargs, and those with names */
    PLAN_GIVE,          /* (result): with cow arrays for plain ones */
    PLAN_OWN,           /* ([result], receiver): let nobody else hold it */
    PLAN_LENGTH,
};
/* An output is passed as it is, by Python where it is an array. */
enum { PASS = 'p', COPY = 'c', LEND = 'l', LEND_PLAIN = 'L', OUTPUT = 'o' };

/* obj[key] of a dict, obj.key of anything else, type(obj) for None; NULL
 * without an exception where there is none. */
static PyObject *
step_to(PyObject *obj, PyObject *key)
{
    PyObject *found;

    if (key == Py_None) {
        return new_ref((PyObject *)Py_TYPE(obj));
    }
    found = PyDict_CheckExact(obj)
        ? new_ref(PyDict_GetItemWithError(obj, key))
        : PyObject_GetAttr(obj, key);
    PyErr_Clear();
    return found;
}

/* Do all checks hold, with `first` for the first argument (or NULL)? */
static int
checks_hold(PyObject *checks, PyObject *first)
{
    int hold = 1, left;

    for (Py_ssize_t i = 0; hold && i < PyTuple_Size(checks); i++) {
        PyObject *check = PyTuple_GetItem(checks, i);
        PyObject *start = PyTuple_GetItem(check, 0);
        PyObject *key = PyTuple_GetItem(check, 1);
        PyObject *wanted = PyTuple_GetItem(check, 2), *found;
        start = start == Py_None ? first : start;
        if (start == NULL) {
            return 0;
        }
        found = PyTuple_Check(key) ? new_ref(start) : step_to(start, key);
        for (Py_ssize_t k = 0; PyTuple_Check(key) && found != NULL
                && k < PyTuple_Size(key); k++) {
            replace(&found, step_to(found, PyTuple_GetItem(key, k)));
        }
        left = MOST_DATA;
        hold = wanted == kind_absent ? found == NULL
            : found == NULL ? 0
            : wanted == kind_atom ? is_atom(found)
            : wanted == kind_data ? is_data(found, &left)
            : found == wanted;
        Py_XDECREF(found);
    }
    return hold;
}

/* The arrays and lists that a call was given, and what the function gets. */
typedef struct {
    PyObject *outer[FEW];       /* borrowed */
    PyObject *inner[FEW];       /* strong */
    PyObject *lent[FEW];        /* borrowed */
    Py_ssize_t n, loans, lists;
    int cow;
} Arrays;

static int
is_lent(const Arrays *a, PyObject *inner)
{
    for (Py_ssize_t i = 0; i < a->loans; i++) {
        if (a->lent[i] == inner) {
            return 1;
        }
    }
    return 0;
}

static int
is_list_of_atoms(PyObject *op)
{
    if (!PyList_CheckExact(op)) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < PyList_Size(op); i++) {
        if (!is_atom(PyList_GetItem(op, i))) {
            return 0;
        }
    }
    return 1;
}

/* What the function gets for `op`: 1, *out is a new reference; 0: leave the
 * call to Python. */
static int
pass_argument(PyObject *op, int mode, Arrays *a, PyObject **out)
{
    int lends = mode == LEND || mode == LEND_PLAIN;
    PyObject *inner = NULL;

    if (mode == PASS || is_atom(op)) {
        *out = new_ref(op);
        return 1;
    }
    if (mode == OUTPUT) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < a->n; i++) {
        if (a->outer[i] == op) {
            /* read as one parameter and written as another: a copy */
            if (!lends && is_lent(a, a->inner[i])) {
                return 0;
            }
            *out = new_ref(a->inner[i]);
            return 1;
        }
    }
    if (a->n == FEW) {
        return 0;
    }
    if (mode == COPY && a->loans == 0 && is_list_of_atoms(op)) {
        inner = PyList_GetSlice(op, 0, PyList_Size(op));
        a->lists += inner != NULL;
    }
    else if (!is_numeric_array(op) || (lends && a->lists > 0)) {
        return 0;               /* nothing is proven of calls with lists */
    }
    else {
        if (is_cow(op) && clean(op) < 0) {
            return -1;
        }
        if (lends && (mode == LEND || PyArray_TYPE(ARR(op)) != NPY_VOID)) {
            inner = lend(op);
            if (inner != NULL) {
                a->lent[a->loans++] = inner;
            }
        }
        if (inner == NULL && !PyErr_Occurred()) {
            inner = copy_argument(op);
        }
        a->cow |= !is_plain(op);
    }
    if (inner == NULL) {
        return -1;
    }
    a->outer[a->n] = op;
    a->inner[a->n++] = inner;
    *out = new_ref(inner);
    return 1;
}

/* Drop the arrays of a call. */
static void
drop_arrays(Arrays *a)
{
    while (a->n > 0) {
        PyObject *inner = a->inner[--a->n];
        /* the header of a loan that has not become an owner */
        if (!is_lent(a, inner) || Py_REFCNT(inner) > 1 || HAS(inner, OWNDATA)
                || !keep_header(inner, 0)) {
            Py_DECREF(inner);
        }
    }
}

static PyObject *
list_of(PyObject *const *items, Py_ssize_t n)
{
    PyObject *list = PyList_New(n);

    for (Py_ssize_t i = 0; i < n && list != NULL; i++) {
        PyList_SetItem(list, i, new_ref(items[i]));
    }
    return list;
}

/* Let Python look at the exception of a call: tell(what, exception).  It
 * stands afterwards, or the one that Python raises instead. */
static void
tell_error(PyObject *tell, PyObject *what, int first)
{
    PyObject *type, *value, *trace, *res = NULL;

    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    if (trace != NULL) {
        PyException_SetTraceback(value, trace);
    }
    if (what != NULL) {
        res = PyObject_CallFunctionObjArgs(tell, first ? what : value,
                                           first ? value : what, NULL);
    }
    if (res != NULL) {
        Py_DECREF(res);
        PyErr_Restore(type, value, trace);
        return;
    }
    Py_XDECREF(type);           /* the exception of Python stands */
    Py_XDECREF(value);
    Py_XDECREF(trace);
}

/* The same for a call with loans. */
static void
tell_failed(PyObject *plan, const Arrays *a)
{
    PyObject *type, *value, *trace, *loans;

    PyErr_Fetch(&type, &value, &trace);
    loans = list_of(a->lent, a->loans);
    if (loans != NULL) {
        PyErr_Restore(type, value, trace);
        tell_error(PyList_GetItem(plan, PLAN_FAILED), loans, 0);
        Py_DECREF(loans);
        return;
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
}

static PyObject *own_result(PyObject *, PyObject *, PyObject *);

/* The result of a call, settled and of the class that the caller has; steals
 * `res`, which may be NULL with an exception set. */
static PyObject *
end_guarded(PyObject *plan, PyObject *first, Arrays *a, PyObject *res)
{
    int out;

    if (res == NULL) {
        if (a->loans > 0) {
            tell_failed(plan, a);
        }
        drop_arrays(a);
        return NULL;
    }
    out = settle(res, a->lent, a->loans, 0);
    drop_arrays(a);
    if (out > 0) {
        out = ask(PyList_GetItem(plan, PLAN_LEAKED), plan, NULL);
    }
    if (out < 0) {
        Py_DECREF(res);
        return NULL;
    }
    res = own_result(plan, first, res);
    if (res == NULL || !a->cow || res == first) {
        return res;             /* `return self` */
    }
    if (is_plain(res)) {
        return wrap(res, cow_class, NULL);
    }
    if (!is_atom(res)) {
        replace(&res, PyObject_CallFunctionObjArgs(
                    PyList_GetItem(plan, PLAN_GIVE), res, NULL));
    }
    return res;
}

/* A guarded function, for those who call it. */
typedef struct {
    PyObject_HEAD
    PyObject *func;             /* the function */
    PyObject *plan;             /* see above; None: cow_prepare() makes it */
    PyObject *border;           /* see is_inside() */
    long long calls, lent, copied;      /* guarded calls, their arrays */
} Wrapper;

/* A call whose arguments, and result, Python looks at.  In between there is no
 * frame of ours: the function sees that of its caller. */
static PyObject *
run_slowly(PyObject *plan, PyObject *args, PyObject *kwargs)
{
    PyObject *function = new_ref(PyList_GetItem(plan, PLAN_FUNC));
    PyObject *raised = new_ref(PyList_GetItem(plan, PLAN_RAISED));
    PyObject *end = new_ref(PyList_GetItem(plan, PLAN_END));
    PyObject *call = NULL, *begun = NULL, *box = NULL, *res = NULL;

    kwargs = kwargs == NULL ? PyDict_New() : new_ref(kwargs);
    if (kwargs != NULL) {
        begun = PyObject_CallFunctionObjArgs(PyList_GetItem(plan, PLAN_BEGIN),
                                             args, kwargs, NULL);
    }
    Py_XDECREF(kwargs);
    if (begun != NULL && (!PyTuple_Check(begun) || PyTuple_Size(begun) != 3)) {
        PyErr_SetString(PyExc_TypeError, "a call begins with three things");
        Py_CLEAR(begun);
    }
    if (begun != NULL) {
        PyObject *inner = new_ref(PyTuple_GetItem(begun, 1));
        PyObject *named = new_ref(PyTuple_GetItem(begun, 2));
        call = new_ref(PyTuple_GetItem(begun, 0));
        Py_DECREF(begun);
        res = PyObject_Call(function, inner, named);
        /* counts are final from here on */
        Py_DECREF(inner);
        Py_DECREF(named);
        if (res == NULL) {
            tell_error(raised, call, 1);
        }
    }
    if (res != NULL) {
        box = PyList_New(1);
        if (box == NULL) {
            Py_CLEAR(res);
        }
        else {
            PyList_SetItem(box, 0, res);
            res = PyObject_CallFunctionObjArgs(end, call, box, NULL);
        }
    }
    Py_XDECREF(box);
    Py_XDECREF(call);
    Py_DECREF(function);
    Py_DECREF(raised);
    Py_DECREF(end);
    return res;
}

/* Call a guarded function from outside; `kwargs` may be NULL. */
static PyObject *
run_plan(Wrapper *w, PyObject *args, PyObject *kwargs)
{
    enum { MOST = 2 * FEW };
    PyObject *plan = w->plan, *modes, *names, *key, *value, *passed[MOST];
    PyObject *keys = NULL, *first, *receiver, *function, *res = NULL;
    Arrays a = {.n = 0};
    Py_ssize_t given, more, at = 0, count = 0, positions;
    int ok = 1;
    char *mode;

    given = PyTuple_Size(args);
    more = kwargs == NULL ? 0 : PyDict_Size(kwargs);
    first = given > 0 ? PyTuple_GetItem(args, 0) : NULL;
    modes = new_ref(PyList_GetItem(plan, PLAN_MODES));
    names = new_ref(PyList_GetItem(plan, PLAN_NAMES));
    function = new_ref(PyList_GetItem(plan, PLAN_FUNC));
    receiver = PyList_GetItem(plan, PLAN_RECEIVER);
    if (modes == Py_None || given + more > MOST
            || (receiver != Py_None
                && (first == NULL || ((PyObject *)Py_TYPE(first) != receiver
                                      && first != receiver)))) {
        ok = 0;
    }
    else {
        PyObject *checks = new_ref(PyList_GetItem(plan, PLAN_CHECKS));
        ok = checks_hold(checks, first);
        Py_DECREF(checks);
    }
    mode = ok ? PyBytes_AsString(modes) : NULL;
    positions = PyLong_AsSsize_t(PyList_GetItem(plan, PLAN_POSITIONS));
    for (Py_ssize_t i = 0; i < given && ok > 0; i++) {
        ok = pass_argument(PyTuple_GetItem(args, i),
                           mode[i < positions ? i : positions], &a,
                           &passed[count]);
        count += ok > 0;
    }
    if (ok > 0 && more > 0) {
        keys = PyTuple_New(more);
        ok = keys == NULL ? -1 : 1;
    }
    while (ok > 0 && more > 0 && PyDict_Next(kwargs, &at, &key, &value)) {
        PyObject *which = PyDict_GetItemWithError(names, key);
        ok = pass_argument(value, mode[which == NULL ? positions + 1
                                       : PyLong_AsSsize_t(which)],
                           &a, &passed[count]);
        if (ok > 0) {
            PyTuple_SetItem(keys, count - given, new_ref(key));
            count++;
        }
    }
    if (ok > 0) {
        w->calls++;
        w->lent += a.loans;
        w->copied += a.n - a.loans - a.lists;
        res = vectorcall(function, passed, (size_t)given, keys);
    }
    while (count > 0) {
        Py_DECREF(passed[--count]);
    }
    Py_XDECREF(keys);
    Py_DECREF(modes);
    Py_DECREF(names);
    Py_DECREF(function);
    if (ok <= 0) {
        drop_arrays(&a);
        return ok < 0 ? NULL : run_slowly(plan, args, kwargs);
    }
    return end_guarded(plan, first, &a, res);
}

/* What a border says of `key`, borrowed; it is asked once for each. */
static PyObject *
verdict_on(PyObject *border, PyObject *key, const char *ask_for, PyObject *what)
{
    PyObject *verdict = PyDict_GetItemWithError(border, key);

    if (verdict == NULL && !PyErr_Occurred()) {
        verdict = PyObject_CallMethod(border, ask_for, "O", what);
        if (verdict != NULL && PyDict_SetItem(border, key, verdict) < 0) {
            Py_CLEAR(verdict);
        }
        Py_XDECREF(verdict);    /* the border holds it */
    }
    return verdict;
}

/* What a border says of code with these globals, borrowed; NULL without an
 * exception: nothing. */
static PyObject *
verdict_on_module(PyObject *border, PyObject *globals)
{
    PyObject *module = globals == NULL || !PyDict_Check(globals) ? NULL
        : PyDict_GetItemWithError(globals, str_name);

    return module == NULL || !PyUnicode_CheckExact(module) ? NULL
        : verdict_on(border, module, "ask_module", module);
}

/* Is a function called from inside of a border, by code with these globals
 * (borrowed, may be NULL), that of the frame `back` steps from the current one?
 * A border is None, with nothing inside, True, with everything, or a dict of
 * what is known so far: {name of a module: bool, None where it depends on the
 * code, Ellipsis where it depends on who called that; address of a code: bool}. */
static int
is_inside(PyObject *border, PyObject *globals, int back)
{
    PyObject *verdict, *frame = NULL, *code, *id;

    if (!PyDict_Check(border)) {
        return border == Py_True;
    }
    verdict = verdict_on_module(border, globals);
    if (verdict == Py_None || verdict == Py_Ellipsis) {
        frame = new_ref((PyObject *)PyEval_GetFrame());
    }
    while (frame != NULL && frame != Py_None
            && (back-- > 0 || verdict == Py_Ellipsis)) {
        replace(&frame, PyObject_GetAttrString(frame, "f_back"));
        if (frame != NULL && frame != Py_None && back <= 0) {
            globals = PyObject_GetAttrString(frame, "f_globals");
            verdict = globals == NULL ? NULL
                : verdict_on_module(border, globals);
            Py_XDECREF(globals);    /* the frame holds it */
        }
    }
    if (verdict == Py_None && frame != NULL && frame != Py_None) {
        code = (PyObject *)PyFrame_GetCode((PyFrameObject *)frame);
        id = PyLong_FromVoidPtr(code);
        verdict = id == NULL ? NULL
            : verdict_on(border, id, "ask_code", code);
        Py_XDECREF(id);
        Py_DECREF(code);
    }
    Py_XDECREF(frame);
    return PyErr_Occurred() ? -1 : verdict == Py_True;
}

static PyObject *
call_wrapper(Wrapper *w, PyObject *globals, int back, PyObject *args,
             PyObject *kwargs)
{
    PyObject *res, *keep;
    int inside = is_inside(w->border, globals, back);

    if (inside != 0) {
        return inside < 0 ? NULL : PyObject_Call(w->func, args, kwargs);
    }
    if (w->plan == Py_None) {
        PyObject *plan = PyObject_CallMethod((PyObject *)w, "cow_prepare", NULL);
        if (plan == NULL) {
            return NULL;
        }
        replace(&w->plan, plan);
    }
    if (!PyList_Check(w->plan) || PyList_Size(w->plan) != PLAN_LENGTH) {
        PyErr_SetString(PyExc_TypeError, "a wrapper needs a plan");
        return NULL;
    }
    /* the call may replace the plan, or drop the last reference to us */
    keep = new_ref(w->plan);
    Py_INCREF((PyObject *)w);
    res = run_plan(w, args, kwargs);
    Py_DECREF((PyObject *)w);
    Py_DECREF(keep);
    return res;
}

static PyObject *
wrapper_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    /* there is no frame of ours: this one called */
    return call_wrapper((Wrapper *)self, PyEval_GetGlobals(), 0, args, kwargs);
}

/* As a function; what does not bind itself is not bound. */
static PyObject *
wrapper_descr_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    PyTypeObject *kind = Py_TYPE(((Wrapper *)self)->func);

    if (obj == NULL || PyType_GetSlot(kind, Py_tp_descr_get) == NULL) {
        return new_ref(self);
    }
    return PyObject_CallFunctionObjArgs(method_class, self, obj, NULL);
}

static PyObject *
wrapper_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *func, *border;
    Wrapper *w;

    if (!PyArg_ParseTuple(args, "OO:Wrapper", &func, &border)) {
        return NULL;
    }
    w = (Wrapper *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (w != NULL) {
        w->func = new_ref(func);
        w->plan = new_ref(Py_None);
        w->border = new_ref(border);
    }
    return (PyObject *)w;
}

static int
wrapper_traverse(PyObject *self, visitproc visit, void *arg)
{
    Wrapper *w = (Wrapper *)self;

    Py_VISIT((PyObject *)Py_TYPE(self));
    Py_VISIT(w->func);
    Py_VISIT(w->plan);
    Py_VISIT(w->border);
    return 0;
}

static int
wrapper_clear(PyObject *self)
{
    Wrapper *w = (Wrapper *)self;

    /* it may be called while its cycle dies */
    replace(&w->plan, new_ref(Py_None));
    replace(&w->border, new_ref(Py_True));
    replace(&w->func, new_ref(Py_None));
    return 0;
}

static void
wrapper_dealloc(PyObject *self)
{
    Wrapper *w = (Wrapper *)self;
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    Py_CLEAR(w->plan);
    Py_CLEAR(w->border);
    Py_CLEAR(w->func);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF((PyObject *)type);
}

/* The place of a field, for the two functions below. */
#define FIELD_OF(name) (void *)(npy_uintp)offsetof(Wrapper, name)

static PyObject **
wrapper_field(PyObject *self, void *offset)
{
    return (PyObject **)(void *)((char *)self + (npy_uintp)offset);
}

static PyObject *
wrapper_get(PyObject *self, void *offset)
{
    return new_ref(*wrapper_field(self, offset));
}

static int
wrapper_set(PyObject *self, PyObject *value, void *offset)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "a wrapper needs it");
        return -1;
    }
    replace(wrapper_field(self, offset), new_ref(value));
    return 0;
}

/* call_behind(wrapper, args, kwargs): call it for the caller of the function
 * that calls this. */
static PyObject *
core_call_behind(PyObject *Py_UNUSED(mod), PyObject *const *args, Py_ssize_t n)
{
    PyObject *frame = (PyObject *)PyEval_GetFrame(), *globals = NULL, *res;

    if (n != 3 || !PyObject_TypeCheck(args[0], wrapper_type)
            || !PyTuple_CheckExact(args[1]) || !PyDict_CheckExact(args[2])) {
        PyErr_SetString(PyExc_TypeError,
                        "call_behind() takes a wrapper, a tuple, a dict");
        return NULL;
    }
    frame = frame == NULL ? NULL : PyObject_GetAttrString(frame, "f_back");
    if (frame != NULL && frame != Py_None) {
        globals = PyObject_GetAttrString(frame, "f_globals");
    }
    Py_XDECREF(frame);
    res = PyErr_Occurred() ? NULL
        : call_wrapper((Wrapper *)args[0], globals, 1, args[1], args[2]);
    Py_XDECREF(globals);
    return res;
}

/* ------------------------------------------- results that nobody else holds
 * With results="own" a guarded function gives out what nobody but its caller
 * refers to, see _own.py.  Reference counts tell, read when the frames of the
 * function are gone.  They are exact on CPython 3.11 to 3.15 (with its lock).
 * What is on an interpreter's stack need not be counted from 3.14 on, if a
 * local variable has the reference (LOAD_FAST_BORROW): but RETURN_VALUE and
 * YIELD_VALUE count the one that they give out (PyStackRef_MakeHeapSafe), and
 * a frame that lives on, of a caller or of a suspended generator, still has
 * the variable that holds it.                                                */

/* Does the caller have the only reference to `op`, an array that is the only
 * one to look at its memory?  Subclasses have attributes, object arrays
 * elements: these are left to Python. */
static int
is_private(PyObject *op)
{
    while (is_plain(op) && Py_REFCNT(op) == 1
            && FIELDS(op)->weakreflist == NULL
            && !PyDataType_REFCHK(PyArray_DESCR(ARR(op)))) {
        PyObject *base = PyArray_BASE(ARR(op));
        if (base == NULL) {
            return HAS(op, OWNDATA) != 0;
        }
        op = base;              /* to which `op` has that one reference */
    }
    return 0;
}

/* Is `op`, to which the caller has the only reference, out of anybody else's
 * reach?  0: ask Python. */
static int
is_out_of_reach(PyObject *op)
{
    int alone = PyTuple_CheckExact(op) && Py_REFCNT(op) == 1;

    for (Py_ssize_t i = 0; alone && i < PyTuple_Size(op); i++) {
        PyObject *item = PyTuple_GetItem(op, i);
        alone = is_private(item) || is_atom(item);
    }
    return alone || is_private(op) || is_atom(op);
}

/* Where the elements of `a` lie: from *low to before *high. */
static void
find_extent(PyObject *a, char **low, char **high)
{
    *low = *high = PyArray_BYTES(ARR(a));
    if (PyArray_SIZE(ARR(a)) == 0) {
        return;
    }
    *high += PyArray_ITEMSIZE(ARR(a));
    for (int i = PyArray_NDIM(ARR(a)); i-- > 0;) {
        npy_intp way = (PyArray_DIM(ARR(a), i) - 1) * PyArray_STRIDE(ARR(a), i);
        *(way < 0 ? low : high) += way;
    }
}

/* `op`, to which the caller has the only reference of ours, as it may be given
 * out: itself if nobody else holds it, a copy if it is an array without
 * attributes, objects or elements that share memory.  NULL without an
 * exception: ask Python. */
static PyObject *
own_quickly(PyObject *op)
{
    PyObject *owner = op, *copy;
    char *low, *high;

    if (is_out_of_reach(op)) {
        return new_ref(op);
    }
    while (owner != NULL && PyArray_Check(owner)) {
        owner = PyArray_BASE(ARR(owner));
    }
    /* bytes never change, and a buffer may be ours alone */
    if (owner != NULL || !is_plain(op)
            || PyDataType_REFCHK(PyArray_DESCR(ARR(op)))) {
        return NULL;
    }
    find_extent(op, &low, &high);
    if (high - low < PyArray_NBYTES(ARR(op))) {
        return NULL;
    }
    copy = PyArray_NewCopy(ARR(op), NPY_KEEPORDER);
    if (copy != NULL && !HAS(op, WRITEABLE)) {
        PyArray_CLEARFLAGS(ARR(copy), NPY_ARRAY_WRITEABLE);
    }
    return copy;
}

/* The result `res` as the caller may have it; steals `res`, to which there
 * must be no other reference of ours.  May run Python code. */
static PyObject *
own_result(PyObject *plan, PyObject *first, PyObject *res)
{
    PyObject *own = PyList_GetItem(plan, PLAN_OWN), *box, *done = NULL, *now;
    int receives = PyList_GetItem(plan, PLAN_RECEIVER) != Py_None;

    if (own == Py_None || res == first) {
        return res;
    }
    now = own_quickly(res);
    if (now != NULL || PyErr_Occurred()) {
        Py_DECREF(res);
        return now;
    }
    box = PyList_New(1);
    if (box == NULL) {
        Py_DECREF(res);
        return NULL;
    }
    PyList_SetItem(box, 0, res);
    Py_INCREF(own);             /* the plan may be written anew */
    done = PyObject_CallFunctionObjArgs(own, box, receives ? first : Py_None,
                                        NULL);
    Py_DECREF(own);
    now = done == NULL ? NULL : new_ref(PyList_GetItem(box, 0));
    Py_XDECREF(done);
    Py_DECREF(box);
    return now;
}

/* own(box): see own_quickly(), of the result in the list `box`.  False: there
 * is more to it. */
static PyObject *
core_own(PyObject *Py_UNUSED(mod), PyObject *box)
{
    PyObject *now;

    if (!PyList_Check(box) || PyList_Size(box) != 1) {
        PyErr_SetString(PyExc_TypeError, "own() takes a list of one result");
        return NULL;
    }
    now = own_quickly(PyList_GetItem(box, 0));
    if (now == NULL) {
        return PyErr_Occurred() ? NULL : PyBool_FromLong(0);
    }
    PyList_SetItem(box, 0, now);
    return PyBool_FromLong(1);
}

/* extent(a): where its first element lies, the first of all bytes of its
 * elements, and where these end. */
static PyObject *
core_extent(PyObject *Py_UNUSED(mod), PyObject *a)
{
    char *low, *high;

    if (!PyArray_Check(a)) {
        PyErr_SetString(PyExc_TypeError, "extent() takes an array");
        return NULL;
    }
    find_extent(a, &low, &high);
    return Py_BuildValue("nnn", (Py_ssize_t)PyArray_BYTES(ARR(a)),
                         (Py_ssize_t)low, (Py_ssize_t)high);
}

/* references(list): how many there are to each item, without the list's. */
static PyObject *
core_references(PyObject *Py_UNUSED(mod), PyObject *items)
{
    PyObject *counts;

    if (!PyList_Check(items)) {
        PyErr_SetString(PyExc_TypeError, "references() takes a list");
        return NULL;
    }
    counts = PyList_New(PyList_Size(items));
    for (Py_ssize_t i = 0; counts != NULL && i < PyList_Size(counts); i++) {
        PyObject *item = PyList_GetItem(items, i);
        PyObject *n = PyLong_FromSsize_t(Py_REFCNT(item) - 1);
        if (n == NULL) {
            Py_CLEAR(counts);
        }
        else {
            PyList_SetItem(counts, i, n);
        }
    }
    return counts;
}

/* place(like, base, offset): an array of the class, the dtype, the
 * shape and the strides of `like`, `offset` bytes into the memory of `base`.
 * May run Python code, __array_finalize__.  The caller knows that it fits. */
static PyObject *
core_place(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *like, *base, *view;
    PyArray_Descr *descr;
    Py_ssize_t offset;

    if (!PyArg_ParseTuple(args, "O!O!n:place", &PyArray_Type, &like,
                          &PyArray_Type, &base, &offset)) {
        return NULL;
    }
    descr = PyArray_DESCR(ARR(like));
    Py_INCREF((PyObject *)descr);
    view = PyArray_NewFromDescr(
        Py_TYPE(like), descr, PyArray_NDIM(ARR(like)), PyArray_DIMS(ARR(like)),
        PyArray_STRIDES(ARR(like)), PyArray_BYTES(ARR(base)) + offset,
        PyArray_FLAGS(ARR(like)) & (NPY_ARRAY_ALIGNED | NPY_ARRAY_WRITEABLE),
        is_plain(like) ? NULL : like);
    if (view != NULL && PyArray_BASE(ARR(view)) == NULL
            && !HAS(view, OWNDATA)) {
        swap_base(view, new_ref(base));
    }
    if (view == NULL && !is_plain(like)) {
        /* __array_finalize__ has failed and may have kept the array, which
         * looks at this memory without a base: never freed */
        Py_INCREF(base);
    }
    return view;
}

/* window(a, offset, n): the n bytes that lie `offset` from the first element
 * of `a`, in its memory, as a read-only array of numbers. */
static PyObject *
core_window(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *view;
    Py_ssize_t offset, n;
    npy_intp dims[1];

    if (!PyArg_ParseTuple(args, "O!nn:window", &PyArray_Type, &a, &offset,
                          &n)) {
        return NULL;
    }
    dims[0] = n;
    view = PyArray_NewFromDescr(
        &PyArray_Type, PyArray_DescrFromType(NPY_UBYTE), 1, dims, NULL,
        PyArray_BYTES(ARR(a)) + offset, 0, NULL);
    if (view != NULL) {
        swap_base(view, new_ref(a));
    }
    return view;
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
            || !PyType_IsSubtype((PyTypeObject *)op, cow_class)) {
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
    if (seal != NULL && lies_inside(a, seal->storage, 0)) {
        Py_INCREF((PyObject *)seal);
    }
    else {
        seal = seal_borrowed(a, a);
        if (seal == NULL) {
            return NULL;
        }
    }
    view = make_view((PyTypeObject *)cls, a, layout_of(a), seal,
                     from == Py_None ? NULL : from);
    leave_seal(seal);
    return view;
}

static PyObject *
core_copy(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *cls;
    NPY_ORDER order = NPY_CORDER;

    return !PyArg_ParseTuple(args, "OO|O&:copy", &a, &cls,
                             PyArray_OrderConverter, &order)
        || need_cow(a) < 0 || need_class(cls) < 0 ? NULL
        : copy_array(a, (PyTypeObject *)cls, order);
}

static PyObject *
core_begin_write(PyObject *Py_UNUSED(mod), PyObject *a)
{
    return need_cow(a) < 0 ? NULL : begin_write(a, &(Write){0});
}

/* open(a): a writeable plain array over the memory of `a`, which is its own and
 * never shared from then on. */
static PyObject *
core_open(PyObject *Py_UNUSED(mod), PyObject *a)
{
    return need_cow(a) < 0 || expose_to_writer(a) < 0 ? NULL
        : new_header(a, layout_of(a), link_of(a)->seal->storage, 1);
}

/* writes(a): how many writes of the array itself have begun. */
static PyObject *
core_writes(PyObject *Py_UNUSED(mod), PyObject *a)
{
    return need_cow(a) < 0 ? NULL : PyLong_FromSsize_t(link_of(a)->writes);
}

/* moved_here(a): has this thread given the array the memory that it has? */
static PyObject *
core_moved_here(PyObject *Py_UNUSED(mod), PyObject *a)
{
    return need_cow(a) < 0 ? NULL
        : PyBool_FromLong(link_of(a)->mover
                          == PyThread_get_thread_ident());
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

/* exchange(a, b, old): exchange the elements of two plain arrays of one shape and
 * dtype, byte by byte: nothing dies, no code runs.  `old`, a third one or None:
 * only those that differ there from `b`. */
static PyObject *
core_exchange(PyObject *Py_UNUSED(mod), PyObject *const *args, Py_ssize_t n)
{
    int alike = n == 3 && is_plain(args[0]);

    for (Py_ssize_t i = 1; alike && i < 3 - (args[2] == Py_None); i++) {
        alike = is_plain(args[i])
            && PyArray_SAMESHAPE(ARR(args[0]), ARR(args[i]))
            && PyArray_DESCR(ARR(args[0])) == PyArray_DESCR(ARR(args[i]));
    }
    if (!alike || !PyArray_ISWRITEABLE(ARR(args[0]))
            || !PyArray_ISWRITEABLE(ARR(args[1]))) {
        PyErr_SetString(PyExc_TypeError,
                        "exchange() takes two writeable arrays that are alike");
        return NULL;
    }
    exchange(layout_of(args[0]), layout_of(args[1]),
             args[2] == Py_None ? (Layout){0} : layout_of(args[2]),
             (size_t)PyArray_ITEMSIZE(ARR(args[0])));
    return new_ref(Py_None);
}

/* Is `view` a plain array whose base is, or was, a storage? */
static int
looks_at_storage(PyObject *view)
{
    PyObject *base = is_plain(view) ? PyArray_BASE(ARR(view)) : NULL;

    return (base != NULL && is_plain(base) && PyArray_BASE(ARR(base)) != NULL
            && Py_TYPE(PyArray_BASE(ARR(base))) == seal_type);
}

/* Needs no memory to be called. */
static PyObject *
core_end_write(PyObject *Py_UNUSED(mod), PyObject *const *args, Py_ssize_t n)
{
    if (n != 2) {
        PyErr_SetString(PyExc_TypeError, "end_write() takes 2 arguments");
        return NULL;
    }
    if (need_cow(args[0]) < 0) {
        return NULL;
    }
    if (!looks_at_storage(args[1]) || !PyArray_ISWRITEABLE(ARR(args[1]))) {
        PyErr_SetString(PyExc_ValueError, "not an alias of begin_write()");
        return NULL;
    }
    return none_or_error(end_write(args[0], new_ref(args[1]), 1));
}

static PyObject *
core_detach(PyObject *Py_UNUSED(mod), PyObject *a)
{
    return none_or_error(need_cow(a) < 0 ? -1 : get_alone(a, "asked for"));
}

/* expose(a): see there. */
static PyObject *
core_expose(PyObject *Py_UNUSED(mod), PyObject *a)
{
    return none_or_error(need_cow(a) < 0 ? -1 : expose(a));
}

static PyObject *
core_become(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *source;
    int result;

    if (!PyArg_ParseTuple(args, "OO!:become", &a, &PyArray_Type, &source)
            || need_cow(a) < 0
            || (link_of(a)->guard != NULL
                && ask(link_of(a)->guard, a, NULL) < 0)
            || clean(a) < 0) {
        return NULL;
    }
    result = become(a, source);
    return result < 0 ? NULL : PyBool_FromLong(result == 0);
}

/* forget(a): give back the memory that `a` has left.  Its caller has made sure, as
 * NumPy's resize does, that nothing but one name refers to the array. */
static PyObject *
core_forget(PyObject *Py_UNUSED(mod), PyObject *a)
{
    if (need_cow(a) < 0) {
        return NULL;
    }
    drop_kept(a);
    return new_ref(Py_None);
}

/* next_write(a): who gets memory of his own at the next write to all of `a`, 0
 * nobody, 1 the others, 2 `a`; and the bytes that are copied. */
static PyObject *
core_next_write(PyObject *Py_UNUSED(mod), PyObject *a)
{
    npy_intp bytes, weight;
    Region r;
    int who;

    if (need_cow(a) < 0) {
        return NULL;
    }
    r = find_region(a, &(Write){0});
    who = next_move(a, &r, &bytes, &weight);
    return Py_BuildValue("in", who, (Py_ssize_t)bytes);
}

static PyObject *
core_sharing(PyObject *Py_UNUSED(mod), PyObject *a)
{
    Seal *seal;
    Kept *kept;
    npy_intp bytes = 0;

    if (need_cow(a) < 0) {
        return NULL;
    }
    seal = link_of(a)->seal;
    kept = link_of(a)->kept;
    for (Py_ssize_t i = 0; kept != NULL && i < kept->n; i++) {
        bytes += PyArray_NBYTES(ARR(kept->storage[i]));
    }
    return Py_BuildValue("nnOOni", seal->linked - 1, plain_holders(seal),
                         is_borrowed(seal) ? seal->owner : Py_None,
                         seal->storage, (Py_ssize_t)bytes,
                         link_of(a)->flags | (seal->exposed ? IS_EXPOSED : 0));
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
core_lend(PyObject *Py_UNUSED(mod), PyObject *a)
{
    PyObject *lent;

    if (!PyArray_Check(a)) {
        PyErr_SetString(PyExc_TypeError, "expected an array");
        return NULL;
    }
    if (is_cow(a) && clean(a) < 0) {
        return NULL;
    }
    lent = PyArray_TYPE(ARR(a)) > NPY_HALF
        || PyDataType_REFCHK(PyArray_DESCR(ARR(a))) ? NULL : lend(a);
    return lent == NULL && !PyErr_Occurred() ? new_ref(Py_None) : lent;
}

/* settle(box, loans, failed): the result is in the list `box` alone, and each
 * loan, besides, in the list `loans` alone: no local variable counts. */
static PyObject *
core_settle(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *result, *loans, *lent[FEW];
    int failed, out = 0;

    if (!PyArg_ParseTuple(args, "O!O!p:settle", &PyList_Type, &result,
                          &PyList_Type, &loans,
                          &failed)) {
        return NULL;
    }
    for (Py_ssize_t at = 0; at < PyList_Size(loans) && out >= 0; at += FEW) {
        Py_ssize_t n = PyList_Size(loans) - at;
        int here;
        n = n < FEW ? n : FEW;
        for (Py_ssize_t i = 0; i < n; i++) {
            lent[i] = PyList_GetItem(loans, at + i);
        }
        here = settle(result, lent, n, failed);
        out = here < 0 ? -1 : out | here;
    }
    return out < 0 ? NULL : PyBool_FromLong(out);
}

static PyObject *
core_is_data(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *op;
    int constant, left = MOST_DATA;

    return !PyArg_ParseTuple(args, "Op:is_data", &op, &constant) ? NULL
        : PyBool_FromLong(constant ? is_atom(op) : is_data(op, &left));
}

static PyObject *
core_holds(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *checks, *first;

    return !PyArg_ParseTuple(args, "O!O:holds", &PyTuple_Type, &checks, &first)
        ? NULL : PyBool_FromLong(checks_hold(checks, first));
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
core_mark(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a;
    int flags;

    if (!PyArg_ParseTuple(args, "Oi:mark", &a, &flags) || need_cow(a) < 0) {
        return NULL;
    }
    link_of(a)->flags |= flags;
    return new_ref(Py_None);
}

static PyObject *
core_check(PyObject *Py_UNUSED(mod), PyObject *a)
{
    const char *wrong = need_cow(a) < 0 ? NULL : find_fault(a);

    if (wrong != NULL) {
        PyErr_SetString(PyExc_AssertionError, wrong);
    }
    return PyErr_Occurred() ? NULL : new_ref(Py_None);
}

static PyObject *
core_set_ledger(PyObject *Py_UNUSED(mod), PyObject *ledger)
{
    PyObject *old = on_copy == NULL ? new_ref(Py_None) : on_copy;

    on_copy = ledger == Py_None ? NULL : new_ref(ledger);
    return old;
}

static PyObject *
core_forked(PyObject *Py_UNUSED(mod), PyObject *Py_UNUSED(args))
{
    forks++;
    return new_ref(Py_None);
}

static PyObject *
core_trim(PyObject *Py_UNUSED(mod), PyObject *most)
{
    Py_ssize_t bytes = PyLong_AsSsize_t(most);

    if (bytes == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (bytes >= 0) {
        pool.limit = (size_t)bytes;
    }
    bytes = (Py_ssize_t)pool.bytes;
    trim_pool(0);
    return PyLong_FromSsize_t(bytes);
}

static PyObject *
core_configure(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *hooks, *functions, *readers, *doc;
    Py_ssize_t unique, call_vector;

    if (!PyArg_ParseTuple(args, "O!O!O!pnn:configure", &PyTuple_Type, &hooks,
                          &PyDict_Type, &readers, &PyDict_Type, &functions,
                          &counts_locals, &unique, &call_vector)) {
        return NULL;
    }
    unique_temporary = (is_temporary_func)(npy_intp)unique;
    vectorcall = (vectorcall_func)(npy_intp)call_vector;
    for (Py_ssize_t i = 0; i < HOOKS; i++) {
        PyObject *function = PyTuple_GetItem(hooks, i);
        if (function == NULL) {
            return NULL;
        }
        replace(&hook[i], new_ref(function));
    }
    for (int i = 0; i < METHODS; i++) {
        replace(&reading[i].fallback, new_ref(
                    PyDict_GetItemString(readers, reading[i].name)));
        /* never given back: the type refers to the text */
        doc = reading[i].fallback == NULL ? NULL
            : PyObject_GetAttrString(reading[i].fallback, "__doc__");
        if (doc == NULL) {
            return NULL;
        }
        if (doc != Py_None) {           /* python -OO */
            array_methods[i].ml_doc = PyUnicode_AsUTF8AndSize(doc, NULL);
        }
    }
    replace(&quick, new_ref(functions));
    return new_ref(Py_None);
}

/* ----------------------------------------------------------------- module */

static PyGetSetDef array_getset[] = {
    {"T", array_transposed, NULL, "The transposed array, a view.", NULL},
    {"dtype", get_dtype, set_dtype, "The data type.", NULL},
    {"strides", get_strides, set_strides, "Bytes from element to element.",
     NULL},
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
    FUNCTION(expose, METH_O),
    FUNCTION(open, METH_O),
    FUNCTION(moved_here, METH_O),
    FUNCTION(writes, METH_O),
    FUNCTION(exchange, METH_FASTCALL),
    FUNCTION(next_write, METH_O),
    FUNCTION(end_write, METH_FASTCALL),
    FUNCTION(detach, METH_O),
    FUNCTION(become, METH_VARARGS),
    FUNCTION(forget, METH_O),
    FUNCTION(sharing, METH_O),
    FUNCTION(sharers, METH_O),
    FUNCTION(call_behind, METH_FASTCALL),
    FUNCTION(lend, METH_O),
    FUNCTION(settle, METH_VARARGS),
    FUNCTION(own, METH_O),
    FUNCTION(extent, METH_O),
    FUNCTION(references, METH_O),
    FUNCTION(place, METH_VARARGS),
    FUNCTION(window, METH_VARARGS),
    FUNCTION(is_data, METH_VARARGS),
    FUNCTION(holds, METH_VARARGS),
    FUNCTION(set_guard, METH_VARARGS),
    FUNCTION(guard, METH_O),
    FUNCTION(mark, METH_VARARGS),
    FUNCTION(check, METH_O),
    FUNCTION(set_ledger, METH_O),
    FUNCTION(forked, METH_NOARGS),
    FUNCTION(trim, METH_O),
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

#define SLOT_BINARY(slot, ...)                                              \
    {Py_nb_##slot, nb_##slot}, {Py_nb_inplace_##slot, nb_inplace_##slot},

#define SLOT_UNARY(slot, name) {Py_nb_##slot, nb_##slot},

static PyGetSetDef wrapper_getset[] = {
    {"cow_plan", wrapper_get, wrapper_set, NULL, FIELD_OF(plan)},
    {"cow_border", wrapper_get, wrapper_set, NULL, FIELD_OF(border)},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef wrapper_members[] = {
    {"cow_func", T_OBJECT, offsetof(Wrapper, func), READONLY, NULL},
    {"cow_calls", T_LONGLONG, offsetof(Wrapper, calls), 0, NULL},
    {"cow_lent", T_LONGLONG, offsetof(Wrapper, lent), 0, NULL},
    {"cow_copied", T_LONGLONG, offsetof(Wrapper, copied), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot wrapper_slots[] = {
    {Py_tp_new, wrapper_new},
    {Py_tp_call, wrapper_call},
    {Py_tp_descr_get, wrapper_descr_get},
    {Py_tp_traverse, wrapper_traverse},
    {Py_tp_clear, wrapper_clear},
    {Py_tp_dealloc, wrapper_dealloc},
    {Py_tp_members, wrapper_members},
    {Py_tp_getset, wrapper_getset},
    {Py_tp_doc, "Wrapper(func, border): a guarded function."},
    {0, NULL},
};

static PyType_Spec wrapper_spec = {
    .name = "cow._core.Wrapper",
    .basicsize = sizeof(Wrapper),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = wrapper_slots,
};

static PyType_Slot array_slots[] = {
    {Py_tp_dealloc, array_dealloc},
    {Py_tp_getattro, array_getattro},
    {Py_tp_traverse, array_traverse},
    {Py_tp_clear, array_clear},
    {Py_tp_free, PyObject_GC_Del},
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
    {Py_nb_matrix_multiply, nb_matmul},
    {Py_nb_power, nb_power},
    UNARY_OPS(SLOT_UNARY)
    {0, NULL},
};

static PyType_Spec array_spec = {
    .name = "cow.CowArray",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = array_slots,
};

/* The slot of ndarray; void * is what PyType_GetSlot returns. */
#define BASE_SLOT(name) PyType_GetSlot(&PyArray_Type, Py_##name)

#define READ_BINARY(slot, ...)                                              \
    op_##slot.ufunc = PyObject_GetAttrString(numpy, op_##slot.name);        \
    op_##slot.base = (binaryfunc)BASE_SLOT(nb_##slot);                      \
    op_##slot.base_inplace = (binaryfunc)BASE_SLOT(nb_inplace_##slot);

#define READ_UNARY(slot, name)                                              \
    op_##slot.ufunc = PyObject_GetAttrString(numpy, name);                  \
    op_##slot.base = (unaryfunc)BASE_SLOT(nb_##slot);

/* Read the slots and the methods that we call; the object size of
 * ndarray decides where our fields lie. */
static int
read_base(void)
{
    PyObject *ndarray = (PyObject *)&PyArray_Type;
    PyObject *size = PyObject_GetAttrString(ndarray, "__basicsize__");
    PyObject *numpy = PyImport_ImportModule("numpy");
    PyObject *operator = PyImport_ImportModule("operator");
    const char *const comparisons[] = {"less", "less_equal", "eq", "ne",
                                       "greater", "greater_equal"};

    link_offset = size == NULL ? -1 : PyLong_AsSsize_t(size);
    Py_XDECREF(size);
    if (link_offset < (Py_ssize_t)sizeof(PyArrayObject_fields)
            || link_offset % (Py_ssize_t)sizeof(void *) != 0) {
        PyErr_SetString(PyExc_ImportError,
                        "this NumPy has an unknown ndarray layout");
        return -1;
    }
    if (numpy == NULL || operator == NULL) {
        return -1;
    }
    BINARY_OPS(READ_BINARY)
    UNARY_OPS(READ_UNARY)
    op_matmul.ufunc = PyObject_GetAttrString(numpy, op_matmul.name);
    op_matmul.base = (binaryfunc)BASE_SLOT(nb_matrix_multiply);
    for (int op = Py_LT; op <= Py_GE; op++) {
        /* ndarray has more than the ufunc for == and != */
        comparison[op] = PyObject_GetAttrString(
            op == Py_EQ || op == Py_NE ? operator : numpy, comparisons[op]);
    }
    op_power.ufunc = PyObject_GetAttrString(operator, "pow");
    Py_DECREF(operator);
    Py_DECREF(numpy);
    base_dtype = PyObject_GetAttrString(ndarray, "dtype");
    base_strides = PyObject_GetAttrString(ndarray, "strides");
    base_power = (ternaryfunc)BASE_SLOT(nb_power);
    base_subscript = (binaryfunc)BASE_SLOT(mp_subscript);
    base_ass_subscript = (objobjargproc)BASE_SLOT(mp_ass_subscript);
    base_dealloc = (destructor)BASE_SLOT(tp_dealloc);
    base_richcompare = (richcmpfunc)BASE_SLOT(tp_richcompare);
    for (int i = 0; i < METHODS; i++) {
        reading[i].function = PyObject_GetAttrString(ndarray,
                                                     reading[i].name);
    }
    return PyErr_Occurred() ? -1 : 0;
}

/* An object that stands for itself. */
static int
add_kind(PyObject *mod, const char *name, PyObject **kind)
{
    *kind = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
    return *kind == NULL ? -1 : PyModule_AddObjectRef(mod, name, *kind);
}

static int
core_exec(PyObject *mod)
{
    PyObject *finalizer = NULL, *bases = NULL, *positions = NULL, *at;
    PyObject *types_module = PyImport_ImportModule("types");
    int result = -1;

    if (cow_class != NULL) {
        PyErr_SetString(PyExc_ImportError,
                        "cow can be loaded once in a process, in the main "
                        "interpreter only (as NumPy)");
        return -1;
    }
    if (PyArray_ImportNumPyAPI() < 0 || PyUFunc_ImportUFuncAPI() < 0
            || read_base() < 0) {
        return -1;
    }
    str_call = PyUnicode_InternFromString("__call__");
    str_out = PyUnicode_InternFromString("out");
    str_finalize = PyUnicode_InternFromString("__array_finalize__");
    str_name = PyUnicode_InternFromString("__name__");
    wrapper_type = (PyTypeObject *)PyType_FromSpec(&wrapper_spec);
    method_class = types_module == NULL ? NULL
        : PyObject_GetAttrString(types_module, "MethodType");
    pool_handler = make_handler();
    taken = PyThread_allocate_lock();
    capsule = PyCapsule_New((void *)(npy_uintp)finalize_array, NULL, NULL);
    seal_type = (PyTypeObject *)PyType_FromSpec(&seal_spec);
    finalizer_type = (PyTypeObject *)PyType_FromSpec(&finalizer_spec);
    bases = PyTuple_Pack(1, (PyObject *)&PyArray_Type);
    if (str_call == NULL || str_out == NULL || str_finalize == NULL
            || pool_handler == NULL || taken == NULL || capsule == NULL || seal_type == NULL
            || finalizer_type == NULL || bases == NULL || str_name == NULL
            || wrapper_type == NULL || method_class == NULL) {
        goto done;
    }
    PyThread_acquire_lock(taken, 1);
    array_spec.basicsize = (int)(link_offset + (Py_ssize_t)sizeof(Link));
    cow_class = (PyTypeObject *)PyType_FromSpecWithBases(&array_spec, bases);
    finalizer = (PyObject *)PyObject_New(PyObject, finalizer_type);
    if (cow_class == NULL || finalizer == NULL
            || PyObject_SetAttr((PyObject *)cow_class, str_finalize,
                                finalizer) < 0
            || PyModule_AddObjectRef(mod, "Array", (PyObject *)cow_class) < 0
            || PyModule_AddObjectRef(mod, "capsule", capsule) < 0
            || PyModule_AddObjectRef(mod, "Wrapper",
                                     (PyObject *)wrapper_type) < 0
            || add_kind(mod, "DATA", &kind_data) < 0
            || add_kind(mod, "ATOM", &kind_atom) < 0
            || add_kind(mod, "ABSENT", &kind_absent) < 0) {
        goto done;
    }
    positions = PyDict_New();
    result = PyModule_AddObjectRef(mod, "reading", positions);
    for (int i = 0; i < METHODS && result == 0; i++) {
        at = PyLong_FromLong(reading[i].out_at);
        result = at == NULL ? -1
            : PyDict_SetItemString(positions, reading[i].name, at);
        Py_XDECREF(at);
    }
done:
    Py_XDECREF(types_module);
    Py_XDECREF(positions);
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
