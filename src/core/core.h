/* The core of cow: one translation unit, made of the parts that module.c
 * includes.  This file has the types and what every part uses.
 *
 * What there is
 * -------------
 *
 *     a  CowArray ──────────┐            ┌── p = np.asarray(a), plain view
 *        (read-only for     │ base  base │
 *         NumPy)            ▼            ▼
 *     v  CowArray ────▶ storage: exact, read-only ndarray over the memory
 *        v = a[2:5]         │ base
 *                           ▼
 *                         seal ────▶ ring of its CowArrays: a ⇄ v
 *
 *   storage   Owns the memory.  The base of every CowArray over it and, since
 *             NumPy collapses chains of bases, of every plain view of one.
 *   seal      The base of the storage.  It exports no buffer, so that NumPy
 *             never opens a view of the storage; it knows the sharers.
 *   sharer    A CowArray in the ring of a seal.  What the core keeps for it is
 *             in its Link, behind the fields of ndarray.
 *   holder    Anything else that refers to the storage: a plain view, a
 *             memoryview.  Counted: plain_holders().
 *   alias     A writeable plain view of the storage, between begin_write() and
 *             end_write().  The only way in which memory is written.
 *   kept      What an array has left behind when it moved.  C code may still
 *             have a pointer there, so it stays as long as the array.
 *
 * What a write does
 * -----------------
 * (1) What runs code of the program runs first: indices and values are
 *     converted (store.c).  (2) prepare_write() asks next_move() who else looks
 *     at the memory: nobody; or the others are smaller and get copies; or the
 *     array itself moves: it gets memory of its own with the same layout, and
 *     keeps what it leaves.  Each copy may give up the lock or run code, so the
 *     question is asked again after each, until nothing is left to do.  (3) An
 *     alias is opened, NumPy writes, end_write() closes it.  Where a view of
 *     the alias has escaped, the array moves away from it.
 *
 * A write that must run code while it goes on (objects, conversions that call
 * hooks) works on a copy; its elements are then exchanged byte by byte.
 *
 * One thread writes a storage at a time (Seal.writing, Seal.writer): readers
 * and other writers wait, or move.  Who waits holds no write himself.
 *
 * An exposed seal (somebody was given a pointer) is alone and stays: its array
 * is written in place, never moves, and every view or copy of it copies.
 *
 * What holds, and when
 * --------------------
 * A CowArray is clean if it is read-only for NumPy, linked in the ring of
 * exactly one seal, and its base is the storage of that seal.  Every entry
 * makes it clean first (clean(): NumPy makes arrays that are not).  Between
 * entries, for each clean array a (checked by find_fault()):
 *   - its elements lie inside of its storage;
 *   - each other array in the ring lies inside of it, too;
 *   - the storage has OWNDATA cleared while a CowArray is linked (NumPy lets
 *     an owner be made writeable again); the last one that leaves gives it
 *     back, and NumPy frees the memory and what its elements refer to.
 * The layout of an array never changes by a write: shape, strides and the
 * place where they are noted stay, and so do the bytes that they reach, for C
 * code may have them in hand (np.broadcast, a flatiter).  A dtype never gets
 * wider in place, and strings of an array belong to one dtype for ever.
 *
 * Whether somebody looks is never decided by the count of an array, which does
 * not tell locals (CPython 3.14) nor C code; only by counts of storages, which
 * are ours.  docs/reference-counts.md has the decisions one by one.
 *
 * Conventions
 * -----------
 * Functions that return an object return a new reference, those that return
 * int 0 or -1 with an exception set, unless their comment says otherwise.
 * Arguments are borrowed.  "May run code": the program's, which may do
 * anything with any array; what was found before must be asked again.
 *
 * Parts, each ignorant of those after it
 * --------------------------------------
 * header.c    the only writer of the fields of an ndarray
 * pool.c      blocks of memory that are used again
 * system.c    memory files and private mappings
 * pages.c     pages that copies share
 * storage.c   seals, rings, what arrays keep
 * move.c      memory of an array's own
 * adopt.c     what NumPy has made of an array is taken in; the invariant
 * operands.c  plain arrays in, results wrapped
 * index.c     basic indices, views
 * parting.c   strict views: where a write parts from NumPy's
 * write.c     who moves before a write; aliases
 * quiet.c     what NumPy converts without running code of the program
 * store.c     a[index] = value
 * export.c    pointers and buffers
 * frame.c     the operands of the caller's operator
 * loop.c      the inner loops of ufuncs, for small arrays
 * number.c    operators
 * call.c      the road of every call: plain operands, an alias for an output
 * override.c  __array_ufunc__, __array_function__
 * methods.c   methods that read; properties that change the layout
 * object.c    attributes, garbage collection, the end of an array
 * guard.c     arguments of guarded calls
 * wrapper.c   guarded functions
 * own.c       results that nobody else holds
 * blocks.c    stretches of memory, copied and compared
 * paged.c     what Python makes and sees of pages
 * module.c    functions for Python, slots, the module
 */
#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pythread.h>
#include <fenv.h>
#include <float.h>
#include <stddef.h>
#include <structmember.h>
#include <string.h>
#include <numpy/arrayobject.h>
#include <numpy/ufuncobject.h>

#if PY_VERSION_HEX < 0x030B0000
#error "cow needs CPython 3.11 or newer"
#endif
/* Nothing here is safe without it.  There is no slot Py_mod_gil either: where
 * the module gets in all the same, CPython turns the lock on at its import. */
#ifdef Py_GIL_DISABLED
#error "cow needs the global lock of CPython: use the usual build of the same \
version (python3.14, not python3.14t)"
#endif

typedef struct Seal {
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
    struct Seal *kin, *back;    /* borrowed; a circle: see join_kin() */
    npy_intp shift;         /* added to an address: where NumPy would have it */
    int torn;               /* its elements lie otherwise than NumPy's would */
    PyObject *left;         /* strong; list of the circle, or NULL: see note_left() */
    int unwritten;          /* its pages are those of their base, see pages.c */
} Seal;

enum {
    IS_VIEW = 1,            /* NumPy would write through it into another */
    IS_LENT = 2,            /* its memory may be seen through the object */
    IS_APART = 4,           /* it would be a view of memory that is never shared */
    IS_STALE = 8,           /* it looks at such memory: NumPy has just made it */
    BEING_MADE = 16         /* its __array_finalize__ runs */
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
    ON_APART,               /* write(), where code runs in the middle */
    ON_MISSING,             /* (a): an attribute was looked for in vain */
    HOOKS
};
static PyObject *hook[HOOKS];
static PyObject *on_copy;               /* (a, nbytes, why), or NULL */
static PyObject *on_parting;            /* see check_parting(), or NULL */
static PyObject *on_made;               /* (address of a new array), or NULL */
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

/* Each decision by a reference count, here and in the other parts, has a row in
 * docs/reference-counts.md, which says why it is right on each CPython; a test
 * holds that list complete. */

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
 * counted on every Python.  Who has a weak one remembers the contents by the
 * object, as joblib, which has put them into a file. */
static inline Py_ssize_t
plain_holders(Seal *seal)
{
    return (Py_REFCNT(seal->storage) - 1 - seal->linked - seal->retired
            - seal->writing + (FIELDS(seal->storage)->weakreflist != NULL));
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

/* Copy elements of `size` bytes, which are no references, to a layout of the same
 * shape. */
static void
copy_elements(Layout to, Layout from, size_t size)
{
    if (to.nd == 0) {
        memcpy(to.data, from.data, size);
        return;
    }
    if (to.nd == 1 && to.strides[0] == (npy_intp)size
            && from.strides[0] == (npy_intp)size) {
        memcpy(to.data, from.data, (size_t)to.dims[0] * size);
        return;
    }
    for (npy_intp i = 0; i < to.dims[0]; i++) {
        copy_elements((Layout){to.nd - 1, to.data + i * to.strides[0], to.dims + 1,
                               to.strides + 1},
                      (Layout){from.nd - 1, from.data + i * from.strides[0],
                               from.dims + 1, from.strides + 1}, size);
    }
}
